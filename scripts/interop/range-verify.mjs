// Verifies that the events between two positions are all there is, with the records beside if they
// are given; from the format pages alone: no code is shared with ledgerd.

import { readFileSync } from "node:fs";
import { judgeFile, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";
import { Stack, leaf, perfect } from "./merkle.mjs";
import { Reader, readRecord } from "./reader.mjs";
import { checkSealedHead, readSealedHead, sealedBy } from "./sealed-head.mjs";
import { signersOf } from "./signers.mjs";

const given = options(
  "range-verify.mjs --range FILE --signers FILE [--records FILE] [--alter MASK]",
  ["range", "signers"],
  ["records", "alter"],
);

const signers = signersOf(given.signers);

judgeFile(given.range, given.alter, (bytes) => {
  const reader = new Reader(bytes);
  reader.magic("LGRRANG1");
  const sealed = readSealedHead(reader);
  const [lo, hi] = [reader.u64(), reader.u64()];
  const { size, root } = sealed.head;
  if (!(lo <= hi && hi <= size)) throw new Refused(`range ${lo} to ${hi} of ${size}`);
  const stated = reader.digests(2);
  const left = perfect(0n, lo);
  const inner = perfect(lo, hi);
  const right = perfect(hi, size);
  const hashes = [left, inner, right].map((widths) => reader.digests(widths.length));
  reader.end();
  const stack = new Stack();
  const roots = [left, inner, right].map((widths, part) => {
    widths.forEach((width, at) => stack.append(width, hashes[part][at]));
    return stack.root();
  });
  [...stated, root].forEach((expected, part) => {
    if (!roots[part].equals(expected)) throw new Refused("the hashes do not give the roots");
  });
  checkSealedHead(sealed, signers);
  if (given.records) checkRecords(new Reader(readFileSync(given.records)), lo, inner, hashes[1]);
  return `events ${lo} to ${hi} of ${sealedBy(sealed)}`;
});

function checkRecords(reader, lo, widths, hashes) {
  let next = lo;
  widths.forEach((width, at) => {
    const stack = new Stack();
    for (let left = width; left > 0n; left -= 1n, next += 1n) {
      const { record, seq } = readRecord(reader);
      if (seq !== next) throw new Refused(`event ${seq} stands at ${next}`);
      stack.append(1n, leaf(record));
    }
    if (!stack.root().equals(hashes[at])) throw new Refused(`the events before ${next} are others`);
  });
  reader.end();
}
