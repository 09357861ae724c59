// Trees of RFC 6962, from the RFCs alone.

import { createHash } from "node:crypto";
import { Refused } from "./canonical.mjs";

export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export const leaf = (record) => sha256(Buffer.from([0]), record);
export const node = (left, right) => sha256(Buffer.from([1]), left, right);

/** How many hashes lead from a leaf to the root (RFC 6962 §2.1.1), sizes as BigInt. */
export function pathLength(index, size) {
  let length = 0;
  for (let last = size - 1n; last > 0n; index >>= 1n, last >>= 1n) {
    // The last node of a level stands alone unless its number is odd.
    if (index !== last || index & 1n) length += 1;
  }
  return length;
}

/** The root that a leaf and its path give (RFC 9162 §2.1.3.2). */
export function rootFromPath(hash, index, size, path) {
  if (index >= size) throw new Refused(`leaf ${index} of ${size}`);
  let [fn, sn] = [index, size - 1n];
  for (const step of path) {
    if (sn === 0n) throw new Refused("the path is too long");
    if (fn & 1n || fn === sn) {
      hash = node(step, hash);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = node(hash, step);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new Refused("the path is too short");
  return hash;
}

/** Refuses unless the later tree begins with the earlier one (RFC 9162 §2.1.4.2). */
export function checkConsistency(first, second, firstRoot, secondRoot, path) {
  if (first > second) throw new Refused(`size ${second} comes before ${first}`);
  if (first === second || first === 0n) {
    if (path.length > 0) throw new Refused("the path is too long");
    const isSame = first === 0n || firstRoot.equals(secondRoot);
    if (!isSame) throw new Refused("two roots of one size");
    return;
  }
  // A first tree that is a perfect one is its own first step.
  const isPerfect = (first & (first - 1n)) === 0n;
  const steps = isPerfect ? [firstRoot, ...path] : [...path];
  if (steps.length === 0) throw new Refused("the path is too short");
  let [fn, sn] = [first - 1n, second - 1n];
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let fr = steps[0];
  let sr = steps[0];
  for (const step of steps.slice(1)) {
    if (sn === 0n) throw new Refused("the path is too long");
    if (fn & 1n || fn === sn) {
      fr = node(step, fr);
      sr = node(step, sr);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = node(sr, step);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new Refused("the path is too short");
  if (!fr.equals(firstRoot)) throw new Refused("the path does not give the first root");
  if (!sr.equals(secondRoot)) throw new Refused("the path does not give the second root");
}

/** Perfect subtrees side by side, of which the first leaf of each is a multiple of its width. */
export class Stack {
  #size = 0n;
  #hashes = [];

  append(width, hash) {
    let carry = width;
    while (this.#size & carry) {
      hash = node(this.#hashes.pop(), hash);
      carry *= 2n;
    }
    this.#hashes.push(hash);
    this.#size += width;
  }

  root() {
    if (this.#hashes.length === 0) return sha256();
    return this.#hashes.reduceRight((root, hash) => node(hash, root));
  }
}

/** Widths of the perfect subtrees of the leaves from `start` to `end`, left to right. */
export function perfect(start, end) {
  const widths = [];
  while (start < end) {
    let width = 1n;
    while (start % (width * 2n) === 0n && width * 2n <= end - start) width *= 2n;
    widths.push(width);
    start += width;
  }
  return widths;
}
