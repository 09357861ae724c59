// The head of a book and the row that seals it, from docs/formats/checkpoints.md alone.

import { Refused, parseCanonical } from "./canonical.mjs";
import { leaf, pathLength, rootFromPath, sha256 } from "./merkle.mjs";
import { Reader } from "./reader.mjs";
import { isSignedDigest } from "./signers.mjs";

const HEAD_BYTES = 102;

/** Reads a sealed head from the front of what is left. */
export function readSealedHead(reader) {
  const bytes = reader.bytes(HEAD_BYTES);
  const position = BigInt(reader.u32());
  const canonical = reader.bytes(reader.u16());
  const signature = reader.bytes(reader.u16());
  const payload = parseCanonical(canonical.toString("utf8"));
  if (payload?.kind !== "seal") throw new Refused(`a row of kind ${payload.kind} seals nothing`);
  if (!Number.isSafeInteger(payload.books)) throw new Refused(`books ${payload.books}`);
  const books = BigInt(payload.books);
  if (position >= books) throw new Refused(`position ${position} of ${books}`);
  const path = reader.digests(pathLength(position, books));
  return { head: headOf(bytes), bytes, position, books, path, canonical, payload, signature };
}

function headOf(bytes) {
  const reader = new Reader(bytes);
  if (reader.u8() !== 0x48 || reader.u8() !== 1) throw new Refused("no head");
  reader.bytes(16);
  const [book, size, height] = [reader.u32(), reader.u64(), reader.u64()];
  return { book, size, height, root: reader.bytes(32) };
}

/** Refuses unless the head stands in the tree that is sealed, by one of the signers. */
export function checkSealedHead(sealed, signers) {
  const { bytes, position, books, path, canonical, payload, signature } = sealed;
  const root = rootFromPath(leaf(bytes), position, books, path);
  if (root.toString("hex") !== payload.heads_root) throw new Refused("not the sealed heads");
  const prev = payload.prev ?? "";
  if (!/^([0-9a-f]{64})?$/.test(prev)) throw new Refused(`prev ${prev}`);
  const message = Buffer.concat([canonical, Buffer.from(prev, "hex")]);
  const signer = signers.get(payload.signer_kid);
  if (!signer) throw new Refused(`unknown signer ${payload.signer_kid}`);
  if (payload.alg !== signer.algorithm) throw new Refused(`alg ${payload.alg}`);
  if (!isSignedDigest(signer, message, sha256(message), signature)) {
    throw new Refused("bad signature");
  }
}

/** Where a head was sealed, for people. */
export function sealedBy({ head, payload }) {
  return `book ${head.book} at ${head.size}, sealed by ${payload.signer_kid} in row ${payload.seq}`;
}
