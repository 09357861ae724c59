// Verifies a checkpoint, and the inclusion proof of a record in its log, with @sigstore/verify from
// npm.

import { readFileSync } from "node:fs";
import { judge, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";
import { proofText, sigstore, verifiedCheckpoint, verifyInclusion } from "./sigstore.mjs";

const given = options(
  "note-verify.mjs --modules FOLDER --key PEM (--note FILE | --proof FILE --record FILE)",
  ["modules", "key"],
  ["note", "proof", "record"],
);
const library = sigstore(given.modules);

judge(() => {
  const pem = readFileSync(given.key);
  if (given.note) {
    const { origin, size } = verifiedCheckpoint(library, readFileSync(given.note, "utf8"), pem);
    return `checkpoint of ${origin} at ${size} verified`;
  }
  const { lines, note } = proofText(readFileSync(given.proof, "utf8"));
  const [header, position, ...path] = lines;
  if (header !== "c2sp.org/tlog-proof@v1") throw new Refused(`header ${header}`);
  const [, index] = /^index (\d+)$/.exec(position) ?? [];
  if (index === undefined) throw new Refused(`line ${position}`);
  const hashes = path.map((hash) => Buffer.from(hash, "base64"));
  const checkpoint = verifiedCheckpoint(library, note, pem);
  verifyInclusion(library, checkpoint, index, hashes, readFileSync(given.record));
  return `leaf ${index} of ${checkpoint.origin} at ${checkpoint.size} verified`;
});
