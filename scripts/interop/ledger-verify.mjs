// Verifies what a book posted between two times, with its file of rows; from the format pages alone:
// no code is shared with ledgerd. The checkpoint's signature is checked by @sigstore/verify.

import { readFileSync } from "node:fs";
import { judge, options } from "./arguments.mjs";
import { Refused, canonical, parseCanonical } from "./canonical.mjs";
import { Stack, leaf, perfect, sha256 } from "./merkle.mjs";
import { Reader, readRecord } from "./reader.mjs";
import { base64, isSignedDigest, signersOf } from "./signers.mjs";
import { sigstore, verifiedCheckpoint } from "./sigstore.mjs";

const given = options(
  "ledger-verify.mjs --modules FOLDER --key PEM --signers FILE --proof FILE --rows FILE",
  ["modules", "key", "signers", "proof", "rows"],
);

judge(() => {
  const text = readFileSync(given.proof, "utf8");
  if (!text.endsWith("\n")) throw new Refused("the proof does not end with a line feed");
  const proof = parseCanonical(text.slice(0, -1));
  const members =
    "after alg before checkpoint hash kind num_rows path proof_id proof_signature range " +
    "signature signer_kid ts v";
  if (Object.keys(proof).join(" ") !== members) throw new Refused("other members");
  if (proof.kind !== "ledger_proof" || proof.v !== 1) throw new Refused("another kind");
  checkSignatures(proof);
  const log = verifiedCheckpoint(
    sigstore(given.modules),
    proof.checkpoint,
    readFileSync(given.key),
  );
  checkEvents(proof, log, readFileSync(given.rows));
  return `${proof.num_rows} events of ${log.origin} at ${log.size}`;
});

function checkSignatures({ proof_signature, ...proof }) {
  const signer = signersOf(given.signers).get(proof.signer_kid);
  if (signer?.algorithm !== proof.alg) throw new Refused(`unknown signer ${proof.signer_kid}`);
  const rows = readFileSync(given.rows);
  const message = Buffer.from(canonical(proof));
  if (sha256(rows).toString("hex") !== proof.hash) throw new Refused("other rows");
  for (const [of, signature] of [
    [rows, proof.signature],
    [message, proof_signature],
  ]) {
    const isSigned = isSignedDigest(signer, of, sha256(of), base64(signature));
    if (!isSigned) throw new Refused("bad signature");
  }
}

function checkEvents({ before, after, path, range, num_rows }, log, rows) {
  const events = rows.toString("utf8").split("\n").slice(0, -1).map(rowEvent);
  const [first, last] = [before, after].map((text) => text && event(base64(text)));
  const lo = first ? first.seq + 1n : 0n;
  const hi = lo + BigInt(num_rows);
  const size = BigInt(log.size);
  if (events.length !== num_rows) throw new Refused(`${events.length} rows`);
  const ends = num_rows > 0 ? [Number(lo), Number(hi) - 1] : [null, null];
  if (range.first !== ends[0] || range.last !== ends[1]) throw new Refused("other ends");
  if (last ? last.seq !== hi : size !== hi) throw new Refused("the log goes on after the rows");
  const [from, to] = [nanos(range.from_ts), nanos(range.to_ts)];
  if (first && first.at >= from) throw new Refused("the event before is within the times");
  if (last && last.at < to) throw new Refused("the event after is within the times");
  const isWithin = ({ seq, at }, number) => seq === lo + BigInt(number) && from <= at && at < to;
  if (!events.every(isWithin)) throw new Refused("a row is out of place");

  const leaves = new Stack();
  const stack = new Stack();
  const hashes = (of, start, end) => {
    const widths = perfect(start, end);
    if (of.length !== widths.length) throw new Refused(`${of.length} hashes`);
    widths.forEach((width, at) => stack.append(width, Buffer.from(of[at], "hex")));
  };
  const append = (...those) => those.forEach(({ record }) => leaves.append(1n, leaf(record)));
  hashes(path.left, 0n, first ? first.seq : lo);
  // The same on the side, with the leaves of the rows instead of the hashes that stand for them.
  perfect(0n, first ? first.seq : lo).forEach((width, at) => {
    leaves.append(width, Buffer.from(path.left[at], "hex"));
  });
  if (first) stack.append(1n, leaf(first.record)), append(first);
  hashes(path.inner, lo, hi);
  append(...events);
  if (!leaves.root().equals(stack.root())) throw new Refused("the rows are other events");
  if (last) stack.append(1n, leaf(last.record));
  hashes(path.right, last ? hi + 1n : hi, size);
  if (!stack.root().equals(log.root)) throw new Refused("not what the log holds there");
}

/** The event of a row, which says the same as its record where this script knows the place. */
function rowEvent(line) {
  const row = parseCanonical(line);
  const found = event(base64(row.record));
  const says = BigInt(row.seq) === found.seq && nanos(row.posted_at) === found.at;
  if (!says) throw new Refused(`row ${row.seq} says something else than its record`);
  return found;
}

function event(bytes) {
  const reader = new Reader(bytes);
  const { record, seq } = readRecord(reader);
  reader.end();
  return { record, seq, at: record.readBigUInt64LE([3, 4].includes(record[0]) ? 24 : 10) };
}

/** Nanoseconds of a time with six or nine digits after the point. */
function nanos(text) {
  const [, seconds, digits] = /^(.*T.*)\.(\d{6}|\d{9})Z$/.exec(text) ?? [];
  if (seconds === undefined) throw new Refused(`time ${text}`);
  return BigInt(Date.parse(`${seconds}Z`)) * 1000000n + BigInt(digits.padEnd(9, "0"));
}
