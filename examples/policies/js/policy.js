// Whom this policy lets post what: it decides every request of the tenant that activated it.
//
// A policy has no clock, no network and no files. What it decides depends on its configuration and
// on what it is passed, and on nothing else.

const RULES = [
  { rule: 1, name: 'unknown-operation', doc: 'the operation is not known to this policy' },
  { rule: 2, name: 'outside-hours', doc: 'postings are taken in business hours only, UTC' },
  { rule: 3, name: 'over-maximum', doc: 'a transfer is above the maximum of its asset' },
  { rule: 4, name: 'blocked-tag', doc: 'an account has a tag that may not pay or be paid' },
];
const [UNKNOWN_OPERATION, OUTSIDE_HOURS, OVER_MAXIMUM, BLOCKED_TAG] = [1, 2, 3, 4];

// What moves no money is none of this policy's business.
const OTHER_OPERATIONS = new Set([
  'hello', 'change_book', 'list_assets', 'list_books', 'create_accounts', 'change_accounts',
  'lookup_accounts', 'list_accounts', 'lookup_transfers', 'query_transfers', 'balances_as_of',
  'statement', 'totals', 'subscribe', 'erase_note', 'receipts', 'seal_status',
  'prove_consistency', 'prove_range', 'prove_statement', 'prove_ledger', 'checkpoint',
  'tlog_proof', 'audit_rows', 'keyring', 'approvals', 'request_approval', 'push_policy',
  'list_policies', 'shadow_policy', 'activate_policy',
]);

const NANOS_PER_HOUR = 3_600_000_000_000n;

// What `init` makes of the configuration.
let hours = null;
let maxima = new Map();
let blockedTags = 0n;

// Reads the configuration. Amounts are text: a JSON number above 2^53 would lose digits.
function configure(text) {
  const config = JSON.parse(text);
  const unknown = Object.keys(config).find((key) => !['hours', 'maximum', 'tags'].includes(key));
  if (unknown !== undefined) throw new Error(`unknown key \`${unknown}\``);
  hours = config.hours ?? null;
  if (hours !== null && !(isHour(hours.from) && isHour(hours.to))) {
    throw new Error('`hours` needs `from` and `to`, both from 0 to 24');
  }
  maxima = new Map();
  for (const [asset, amount] of Object.entries(config.maximum ?? {})) {
    if (!/^\d+$/.test(asset) || typeof amount !== 'string' || !/^\d+$/.test(amount)) {
      throw new Error('`maximum` needs numbers of assets, and amounts as text');
    }
    maxima.set(Number(asset), BigInt(amount));
  }
  blockedTags = 0n;
  for (const tag of config.tags ?? []) {
    if (!Number.isInteger(tag) || tag < 0 || tag > 63) throw new Error('a tag is from 0 to 63');
    blockedTags |= 1n << BigInt(tag);
  }
}

function isHour(value) {
  return Number.isInteger(value) && value >= 0 && value <= 24;
}

function isPosting(ctx) {
  return ctx.operation === 'post' || ctx.operation === 'dry_run';
}

// The rule by which the whole request is denied, or 0.
function ruleOfRequest(ctx) {
  if (!isPosting(ctx)) {
    return OTHER_OPERATIONS.has(ctx.operation) ? 0 : UNKNOWN_OPERATION;
  }
  if (hours === null) return 0;
  const hour = Number((ctx.now / NANOS_PER_HOUR) % 24n);
  return hours.from <= hour && hour < hours.to ? 0 : OUTSIDE_HOURS;
}

// Denied transfers with their rules, in order of index.
function membersDenied(ctx, accts, batch) {
  const denied = [];
  if (!isPosting(ctx)) return denied;
  for (let index = 0; index < batch.debit.length; index++) {
    const [debit, credit] = [batch.debit[index], batch.credit[index]];
    // A transfer that does not say its asset has that of its accounts.
    const maximum = maxima.get(batch.asset[index] || accts.asset[debit]);
    if (maximum !== undefined && amount(batch, index) > maximum) {
      denied.push({ index, rule: OVER_MAXIMUM });
    } else if (
      blockedTags !== 0n && ((accts.tagBits[debit] | accts.tagBits[credit]) & blockedTags) !== 0n
    ) {
      denied.push({ index, rule: BLOCKED_TAG });
    }
  }
  return denied;
}

function amount(batch, index) {
  const high = batch.amountHigh[index];
  return high === 0n ? batch.amountLow[index] : (high << 64n) | batch.amountLow[index];
}

// The interface `policy` of the contract, `wit/policy.wit`.
export const policy = {
  init(text) {
    try {
      configure(text);
    } catch (error) {
      throw { tag: 'bad-config', val: error.message };
    }
  },

  describe() {
    return {
      name: 'spending',
      configVersion: 1,
      rules: RULES,
      // Only what is named here is passed.
      needs: { accounts: true, transfers: true, time: hours !== null },
    };
  },

  evaluate(ctx, accts, batch) {
    const rule = ruleOfRequest(ctx);
    if (rule !== 0) return { tag: 'deny', val: rule };
    const denied = membersDenied(ctx, accts, batch);
    return denied.length === 0 ? { tag: 'allow' } : { tag: 'allow-except', val: denied };
  },

  explain(ctx, accts, batch) {
    const rule = ruleOfRequest(ctx);
    if (rule !== 0) return [{ rule, text: RULES[rule - 1].doc }];
    return membersDenied(ctx, accts, batch).map(({ index, rule }) => ({
      index,
      rule,
      text: `${RULES[rule - 1].doc}: ${amount(batch, index)}`,
    }));
  },
};
