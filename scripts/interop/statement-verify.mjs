// Verifies that postings are an account's, without a gap; from the format pages alone: no code is
// shared with ledgerd.

import { judgeFile, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";
import { leaf, node } from "./merkle.mjs";
import { Reader, readRecord } from "./reader.mjs";
import { checkSealedHead, readSealedHead, sealedBy } from "./sealed-head.mjs";
import { signersOf } from "./signers.mjs";

const given = options(
  "statement-verify.mjs --statement FILE --signers FILE [--alter MASK]",
  ["statement", "signers"],
  ["alter"],
);

const signers = signersOf(given.signers);

/** Where an account's number and its sequence stand, for each side of a record, by its kind. */
const SIDES = {
  2: [[18, 34]],
  3: [[80, 48], [96, 56]],
  4: [[80, 48], [96, 56]],
  5: [[34, 82], [50, 90]],
};

judgeFile(given.statement, given.alter, (bytes) => {
  const reader = new Reader(bytes);
  reader.magic("LGRSTMT1");
  const sealed = readSealedHead(reader);
  const account = reader.bytes(16);
  const count = reader.u32();
  const events = Array.from({ length: count }, () => readRecord(reader));
  const { size, root } = sealed.head;
  if (count === 0) throw new Refused("no events");
  events.reduce((last, { seq }) => {
    if (last !== undefined && seq <= last) throw new Refused(`event ${seq} after ${last}`);
    if (seq >= size) throw new Refused(`event ${seq} of ${size}`);
    return seq;
  }, undefined);
  const found = rootOf(events, 0n, size, () => reader.bytes(32));
  reader.end();
  if (!found.equals(root)) throw new Refused("the events are not in the log");
  const sequences = events.map(({ record }) => sequence(record, account));
  sequences.forEach((found, at) => {
    if (found !== sequences[0] + BigInt(at)) throw new Refused(`sequence ${found} after a gap`);
  });
  checkSealedHead(sealed, signers);
  return `${sequences[0]} to ${sequences.at(-1)} of ${sealedBy(sealed)}`;
});

/** The root of the leaves from `start` to `end`, of which `events` are known. */
function rootOf(events, start, end, next) {
  if (events.length === 0) return next();
  if (end - start === 1n) return leaf(events[0].record);
  let width = 1n;
  while (width * 2n < end - start) width *= 2n;
  const middle = start + width;
  const left = rootOf(events.filter(({ seq }) => seq < middle), start, middle, next);
  const right = rootOf(events.filter(({ seq }) => seq >= middle), middle, end, next);
  return node(left, right);
}

function sequence(record, account) {
  const isOf = (at) => record.subarray(at, at + 16).equals(account);
  if (record[0] === 1 && isOf(18)) return 0n;
  const side = (SIDES[record[0]] ?? []).find(([at]) => isOf(at));
  if (side === undefined) throw new Refused("an event of another account");
  return record.readBigUInt64LE(side[1]);
}
