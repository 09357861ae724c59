// Verifies rows of the audit chain, from docs/formats/proofs.md alone: no code is shared with ledgerd.
//
// Rows are lines of JSON, in any order, as the table has them: the newest `--limit` of them by
// `created_at` are read. What stands before the first of these is taken from its `prev_hash`.

import { createHash } from "node:crypto";
import { judgeFile, options } from "./arguments.mjs";
import { Refused, canonical, parseCanonical } from "./canonical.mjs";
import { base64, isSignedDigest, signersOf } from "./signers.mjs";

const given = options(
  "audit-verify.mjs --rows FILE --signers FILE [--limit 200] [--head DIGEST] [--alter MASK]",
  ["rows", "signers"],
  ["limit", "head", "alter"],
);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const HEX = /^[0-9a-f]{64}$/;

const COLUMNS =
  "created_at,event_type,hash,id,payload,prev_hash,seq,signature,signer_kid";

const EVENT_TYPES = {
  seal: "ledger.seal",
  key_added: "ledger.key",
  key_promoted: "ledger.key",
  key_retiring: "ledger.key",
  key_retired: "ledger.key",
  key_revoked: "ledger.key",
  signer_emergency: "ledger.key",
  approval_signed: "ledger.approval",
  recovery: "ledger.recovery",
  operator: "ledger.operator",
  policy_activated: "ledger.policy",
  policy_rolled_back: "ledger.policy",
  policy_breaker: "ledger.policy",
};

const limit = Number(given.limit ?? 200);
const signers = signersOf(given.signers);

judgeFile(given.rows, given.alter, (bytes) => {
  const rows = newest(linesOf(bytes.toString("utf8")).map(rowOf), limit);
  let before = null;
  for (const row of rows) {
    check(row, before);
    before = row;
  }
  if (given.head !== undefined && before.hash !== given.head) {
    throw new Refused(`the head is ${before.hash}, not ${given.head}`);
  }
  const since = rows[0].prev_hash === null ? "from its beginning" : `since ${rows[0].prev_hash}`;
  return `${rows.length} rows verified ${since}, head ${before.seq} ${before.hash}`;
});

function linesOf(text) {
  if (!text.endsWith("\n")) throw new Refused("the last line has no end");
  return text.slice(0, -1).split("\n");
}

function rowOf(line) {
  const row = parseCanonical(line);
  if (String(Object.keys(row ?? 0).sort()) !== COLUMNS) throw new Refused("a line is no row");
  const { payload } = row;
  const isRow =
    typeof payload?.origin?.deployment === "string" &&
    [row.hash, row.id, row.signature].every((column) => typeof column === "string");
  if (!isRow) throw new Refused(`row ${row.seq}: not as rows are`);
  return row;
}

/** The newest rows, oldest first. Two rows of one time have no order. */
function newest(rows, limit) {
  for (const row of rows) {
    if (!TIME.test(row.created_at)) throw new Refused(`created_at ${row.created_at}`);
  }
  rows.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  rows.forEach((row, at) => {
    if (at > 0 && row.created_at === rows[at - 1].created_at) {
      throw new Refused(`two rows of ${row.created_at}`);
    }
  });
  return rows.slice(-limit);
}

function check(row, before) {
  const refuse = (why) => {
    throw new Refused(`row ${row.seq}: ${why}`);
  };
  const { payload } = row;
  const columns = {
    created_at: "ts",
    prev_hash: "prev",
    seq: "seq",
    signer_kid: "signer_kid",
  };
  for (const [column, member] of Object.entries(columns)) {
    if (row[column] !== payload[member]) refuse(`${column} is not what the payload says`);
  }
  if (row.event_type !== EVENT_TYPES[payload.kind]) refuse(`event_type of a ${payload.kind}`);
  if (row.prev_hash !== null && !HEX.test(row.prev_hash)) refuse("prev_hash is no digest");
  if ((row.seq === 1) !== (row.prev_hash === null)) refuse("only row 1 has nothing before it");
  if (before !== null) {
    if (row.prev_hash !== before.hash) refuse("does not follow the row before");
    if (row.seq !== before.seq + 1) refuse(`follows row ${before.seq}`);
    for (const part of ["deployment", "environment"]) {
      const [here, there] = [payload.origin[part], before.payload.origin[part]];
      if (here !== there) refuse(`is of ${part} ${here}, the row before of ${there}`);
    }
    if (payload.lease < before.payload.lease) refuse("was made under an older lease");
    const isLater = payload.origin.epoch > before.payload.origin.epoch;
    const isSame = payload.origin.epoch === before.payload.origin.epoch;
    const isRecovery = payload.kind === "recovery";
    if (isRecovery ? !isLater : !isSame) refuse(`has epoch ${payload.origin.epoch}`);
  }
  const message = Buffer.concat([
    Buffer.from(canonical(payload), "utf8"),
    Buffer.from(row.prev_hash ?? "", "hex"),
  ]);
  const digest = createHash("sha256").update(message).digest();
  if (digest.toString("hex") !== row.hash) refuse("hash is not that of the payload");
  if (uuidOf(digest) !== row.id) refuse("id does not follow from the hash");
  const signer = signers.get(row.signer_kid) ?? refuse(`unknown signer ${row.signer_kid}`);
  if (payload.alg !== signer.algorithm) refuse(`alg ${payload.alg} is not that of the signer`);
  if (!isSignedDigest(signer, message, digest, base64(row.signature))) refuse("bad signature");
}

/** UUID version 8: the first 16 bytes of the digest, with the bits of version and variant set. */
function uuidOf(digest) {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
