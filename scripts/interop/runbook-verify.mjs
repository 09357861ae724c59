// Checks a ledger proof as a tool does that knows a file and a key and nothing else: `signature` is
// over the rows, or over `hash` where there are no rows.

import { constants, createPublicKey, publicDecrypt, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { judge, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";

const given = options(
  "runbook-verify.mjs --proof FILE --public-key PEM [--rows FILE]",
  ["proof", "public-key"],
  ["rows"],
);

/** What stands before the digest in a PKCS#1 v1.5 signature with SHA-256. */
const DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

judge(() => {
  const proof = JSON.parse(readFileSync(given.proof, "utf8"));
  const key = createPublicKey(readFileSync(given["public-key"]));
  const signature = Buffer.from(proof.signature, "base64");
  if ("canonical_message" in proof) throw new Refused("a message besides the hash");
  const hash = Buffer.from(proof.hash, "hex");
  const isSigned = () => {
    if (proof.alg === "ed25519") return verify(null, hash, key, signature);
    if (proof.alg !== "rsa-sha256") throw new Refused(`algorithm ${proof.alg}`);
    if (given.rows) return verify("sha256", readFileSync(given.rows), key, signature);
    const padding = constants.RSA_PKCS1_PADDING;
    const decrypted = publicDecrypt({ key, padding }, signature);
    return decrypted.equals(Buffer.concat([DIGEST_INFO, hash]));
  };
  let accepted = false;
  try {
    accepted = isSigned();
  } catch (error) {
    // A signature without its padding is no signature.
    throw new Refused(error.message);
  }
  if (!accepted) throw new Refused("the signature does not verify");
  return `signature by ${proof.signer_kid} over ${proof.num_rows} rows`;
});
