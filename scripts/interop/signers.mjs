// Public keys by id, as signers.json names them, and signatures over digests.

import { constants, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Refused } from "./canonical.mjs";

const TYPES = { ed25519: "ed25519", "rsa-sha256": "rsa" };

/** The keys of a file `{"signers":[{signer_kid, algorithm, public_key_pem, …}]}`. */
export function signersOf(file) {
  const registry = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(registry?.signers)) fail('not {"signers":[…]}');
  const signers = new Map();
  for (const { signer_kid: kid, algorithm, public_key_pem: pem } of registry.signers) {
    if (typeof kid !== "string" || signers.has(kid)) fail(`kid ${kid}`);
    if (!(algorithm in TYPES)) fail(`${kid} has algorithm ${algorithm}`);
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== TYPES[algorithm]) fail(`${kid} is of another algorithm`);
    signers.set(kid, { algorithm, key });
  }
  return signers;
}

function fail(problem) {
  console.error(`refused: signers: ${problem}`);
  process.exit(1);
}

/** The bytes of a base64 text in its one spelling. */
export function base64(source) {
  const bytes = Buffer.from(source, "base64");
  if (bytes.toString("base64") !== source) throw new Refused("base64 in another spelling");
  return bytes;
}

/**
 * Whether `signature` is one over the SHA-256 of `message`: Ed25519 signs the 32 bytes of the
 * digest, RSA is PKCS#1 v1.5 with the digest in it, hashed once.
 */
export function isSignedDigest({ algorithm, key }, message, digest, signature) {
  if (algorithm === "ed25519") return verify(null, digest, key, signature);
  return verify("sha256", message, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
}
