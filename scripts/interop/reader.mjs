// Fields of binary records, little-endian, one after the other.

import { Refused } from "./canonical.mjs";

export class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  bytes(length) {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Refused("cut short");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  u8 = () => this.bytes(1).readUInt8();
  u16 = () => this.bytes(2).readUInt16LE();
  u32 = () => this.bytes(4).readUInt32LE();
  u64 = () => this.bytes(8).readBigUInt64LE();
  digests = (count) => Array.from({ length: count }, () => this.bytes(32));

  magic(expected) {
    const found = this.bytes(expected.length).toString("latin1");
    if (found !== expected) throw new Refused(`begins with ${found}, not with ${expected}`);
  }

  end() {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new Refused(`${left} bytes are left over`);
  }
}

/** Bytes of an event's record by its kind. */
const RECORD_BYTES = [0, 130, 124, 176, 240, 98, 0, 29, 54, 35, 59, 26];

const TRANSFERS = [3, 4];

/** Reads a record of a book's log, and the position that it says. */
export function readRecord(reader) {
  const kind = reader.bytes(1);
  const length = RECORD_BYTES[kind[0]] || 0;
  if (length === 0) throw new Refused(`no record of kind ${kind[0]}`);
  const record = Buffer.concat([kind, reader.bytes(length - 1)]);
  if (record[1] !== 1) throw new Refused(`record of version ${record[1]}`);
  return { record, seq: record.readBigUInt64LE(TRANSFERS.includes(kind[0]) ? 16 : 2) };
}
