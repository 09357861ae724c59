"""Whom this policy lets post what: it decides every request of the tenant that activated it.

A policy has no clock, no network and no files. What it decides depends on its configuration and on
what it is passed, and on nothing else.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.policy import (
    Description,
    MemberDenial,
    Needs,
    PolicyError_BadConfig,
    Reason,
    RuleInfo,
    Verdict_Allow,
    Verdict_AllowExcept,
    Verdict_Deny,
)

RULES = [
    RuleInfo(1, "unknown-operation", "the operation is not known to this policy"),
    RuleInfo(2, "outside-hours", "postings are taken in business hours only, UTC"),
    RuleInfo(3, "over-maximum", "a transfer is above the maximum of its asset"),
    RuleInfo(4, "blocked-tag", "an account has a tag that may not pay or be paid"),
]
UNKNOWN_OPERATION, OUTSIDE_HOURS, OVER_MAXIMUM, BLOCKED_TAG = 1, 2, 3, 4

# What moves no money is none of this policy's business.
OTHER_OPERATIONS = frozenset(
    "hello change_book list_assets list_books create_accounts change_accounts lookup_accounts "
    "list_accounts lookup_transfers query_transfers balances_as_of statement totals subscribe "
    "erase_note receipts seal_status prove_consistency prove_range prove_statement prove_ledger "
    "checkpoint tlog_proof audit_rows keyring approvals request_approval push_policy "
    "list_policies shadow_policy activate_policy".split()
)

NANOS_PER_HOUR = 3_600_000_000_000


class Config:
    """What `init` makes of the configuration. Amounts are text: not every reader of JSON keeps
    the digits of a large number."""

    def __init__(self, text):
        config = json.loads(text)
        for key in config:
            if key not in ("hours", "maximum", "tags"):
                raise ValueError(f"unknown key `{key}`")
        self.hours = config.get("hours")
        if self.hours is not None and not all(map(is_hour, (self.hours["from"], self.hours["to"]))):
            raise ValueError("`hours` needs `from` and `to`, both from 0 to 24")
        self.maximum = {}
        for asset, amount in config.get("maximum", {}).items():
            if not isinstance(amount, str) or not (asset + amount).isdecimal():
                raise ValueError("`maximum` needs numbers of assets, and amounts as text")
            self.maximum[int(asset)] = int(amount)
        self.blocked_tags = 0
        for tag in config.get("tags", []):
            if tag not in range(64):
                raise ValueError("a tag is from 0 to 63")
            self.blocked_tags |= 1 << tag


def is_hour(value):
    return isinstance(value, int) and 0 <= value <= 24


config = None


def is_posting(ctx):
    return ctx.operation in ("post", "dry_run")


def rule_of_request(ctx):
    """The rule by which the whole request is denied, or 0."""
    if not is_posting(ctx):
        return 0 if ctx.operation in OTHER_OPERATIONS else UNKNOWN_OPERATION
    if config.hours is None:
        return 0
    hour = ctx.now // NANOS_PER_HOUR % 24
    return 0 if config.hours["from"] <= hour < config.hours["to"] else OUTSIDE_HOURS


def members_denied(ctx, accts, batch):
    """Denied transfers with their rules, in order of index."""
    denied = []
    if not is_posting(ctx):
        return denied
    columns = zip(batch.debit, batch.credit, batch.asset, batch.amount_low, batch.amount_high)
    for index, (debit, credit, asset, low, high) in enumerate(columns):
        # A transfer that does not say its asset has that of its accounts.
        maximum = config.maximum.get(asset or accts.asset[debit])
        if maximum is not None and high << 64 | low > maximum:
            denied.append(MemberDenial(index, OVER_MAXIMUM))
        elif (accts.tag_bits[debit] | accts.tag_bits[credit]) & config.blocked_tags:
            denied.append(MemberDenial(index, BLOCKED_TAG))
    return denied


class Policy(exports.Policy):
    """The interface `policy` of the contract, `wit/policy.wit`."""

    def init(self, text):
        global config
        try:
            config = Config(text)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Err(PolicyError_BadConfig(str(error)))

    def describe(self):
        # Only what is named here is passed.
        needs = Needs.ACCOUNTS | Needs.TRANSFERS
        if config.hours is not None:
            needs |= Needs.TIME
        return Description("spending", 1, RULES, needs)

    def evaluate(self, ctx, accts, batch):
        rule = rule_of_request(ctx)
        if rule != 0:
            return Verdict_Deny(rule)
        denied = members_denied(ctx, accts, batch)
        return Verdict_AllowExcept(denied) if denied else Verdict_Allow()

    def explain(self, ctx, accts, batch):
        rule = rule_of_request(ctx)
        if rule != 0:
            return [Reason(None, rule, RULES[rule - 1].doc)]
        reasons = []
        for denial in members_denied(ctx, accts, batch):
            amount = batch.amount_high[denial.index] << 64 | batch.amount_low[denial.index]
            text = f"{RULES[denial.rule - 1].doc}: {amount}"
            reasons.append(Reason(denial.index, denial.rule, text))
        return reasons
