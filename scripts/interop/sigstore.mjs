// Signed notes and paths, checked by @sigstore/verify from npm. Only what that library leaves to its
// caller is done here: finding the key by its number in the note.

import { createHash, createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import { Refused } from "./canonical.mjs";

/** The library's own checks, from the folder of packages. */
export function sigstore(modules) {
  const require = createRequire(`${modules}/package.json`);
  return {
    ...require("@sigstore/verify/dist/timestamp/checkpoint.js"),
    ...require("@sigstore/verify/dist/timestamp/merkle.js"),
  };
}

/** The origin, size and root of a checkpoint, once its signature by the key of `pem` verifies. */
export function verifiedCheckpoint({ verifyCheckpoint }, note, pem) {
  const [origin, size, root] = note.split("\n");
  if (!note.includes(`\n\u2014 ${origin} `)) throw new Refused("no signature bears the origin");
  const key = createPublicKey(pem);
  const rootHash = Buffer.from(root, "base64");
  const inclusionProof = { checkpoint: { envelope: note }, rootHash };
  const validFor = { start: new Date(0), end: new Date(8.64e15) };
  const log = { logID: keyNumber(origin, key), publicKey: key, baseURL: origin, validFor };
  verifyCheckpoint({ integratedTime: "1", inclusionProof }, [log]);
  return { origin, size, root: rootHash };
}

/** Refuses unless the log holds the record at `index`. */
export function verifyInclusion({ verifyMerkleInclusion }, checkpoint, index, hashes, record) {
  const inclusionProof = {
    logIndex: index,
    treeSize: checkpoint.size,
    rootHash: checkpoint.root,
    hashes,
  };
  verifyMerkleInclusion({ inclusionProof, canonicalizedBody: record });
}

/** A first line, hashes in base64, an empty line, and the checkpoint. */
export function proofText(text) {
  const [head, ...note] = text.split("\n\n");
  const [...lines] = head.split("\n");
  return { lines, note: note.join("\n\n") };
}

/** Four bytes of SHA-256(name, line feed, type, key). */
function keyNumber(name, key) {
  const spki = key.export({ type: "spki", format: "der" });
  const isEd25519 = key.asymmetricKeyType === "ed25519";
  const typed = isEd25519
    ? [Buffer.from([0x01]), spki.subarray(-32)]
    : [Buffer.from("\xffPKIX-RSA-PKCS#1v1.5", "latin1"), spki];
  const parts = [Buffer.from(`${name}\n`), ...typed];
  return createHash("sha256").update(Buffer.concat(parts)).digest().subarray(0, 4);
}
