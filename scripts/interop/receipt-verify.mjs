// Verifies a receipt, from the format pages alone: no code is shared with ledgerd.

import { judgeFile, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";
import { leaf, pathLength, rootFromPath } from "./merkle.mjs";
import { Reader, readRecord } from "./reader.mjs";
import { checkSealedHead, readSealedHead, sealedBy } from "./sealed-head.mjs";
import { signersOf } from "./signers.mjs";

const given = options(
  "receipt-verify.mjs --receipt FILE --signers FILE [--alter MASK]",
  ["receipt", "signers"],
  ["alter"],
);

const signers = signersOf(given.signers);

judgeFile(given.receipt, given.alter, (bytes) => {
  const reader = new Reader(bytes);
  reader.magic("LGRRCPT1");
  const sealed = readSealedHead(reader);
  const seq = reader.u64();
  const { record, seq: said } = readRecord(reader);
  const { size, root } = sealed.head;
  if (seq >= size) throw new Refused(`event ${seq} of ${size}`);
  const path = reader.digests(pathLength(seq, size));
  reader.end();
  if (said !== seq) throw new Refused(`the event says position ${said} and stands at ${seq}`);
  if (!rootFromPath(leaf(record), seq, size, path).equals(root)) {
    throw new Refused("the event does not stand in the log of the head");
  }
  checkSealedHead(sealed, signers);
  return `event ${seq} of ${sealedBy(sealed)}`;
});
