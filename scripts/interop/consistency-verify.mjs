// Verifies that the log of a checkpoint begins with an earlier one, given the earlier one's root: the
// body of a request `add-checkpoint` to a witness. The signature is checked by @sigstore/verify, the
// path as in RFC 9162.

import { readFileSync } from "node:fs";
import { judge, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";
import { checkConsistency } from "./merkle.mjs";
import { base64 } from "./signers.mjs";
import { proofText, sigstore, verifiedCheckpoint } from "./sigstore.mjs";

const given = options(
  "consistency-verify.mjs --modules FOLDER --key PEM --root HEX --proof FILE",
  ["modules", "key", "root", "proof"],
);

judge(() => {
  const { lines, note } = proofText(readFileSync(given.proof, "utf8"));
  const [first, ...path] = lines;
  const [, old] = /^old (\d+)$/.exec(first) ?? [];
  if (old === undefined) throw new Refused(`line ${first}`);
  const { origin, size, root } = verifiedCheckpoint(
    sigstore(given.modules),
    note,
    readFileSync(given.key),
  );
  const oldRoot = Buffer.from(given.root, "hex");
  checkConsistency(BigInt(old), BigInt(size), oldRoot, root, path.map(base64));
  return `${origin} at ${size} begins with the log of ${old}`;
});
