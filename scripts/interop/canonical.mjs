// Canonical JSON (RFC 8785), narrowed as docs/formats.md says: keys [a-z0-9_]+, integers within
// 2^53 - 1, no other numbers.

export class Refused extends Error {}

/** The one spelling of a value. */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new Refused(`number ${value} is no integer within 2^53 - 1`);
    }
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.keys(value).map((key) => {
    if (!/^[a-z0-9_]+$/.test(key)) throw new Refused(`key ${JSON.stringify(key)} is not allowed`);
    return [key, canonical(value[key])];
  });
  // The keys are ASCII, so that the order of UTF-16 units is the order of bytes.
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `"${key}":${member}`).join(",")}}`;
}

function text(value) {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) {
    throw new Refused("half of a surrogate pair");
  }
  // JSON.stringify escapes what RFC 8785 escapes, and in the same way.
  return JSON.stringify(value);
}

/** The value of a text, refused unless it is in its one spelling. */
export function parseCanonical(source) {
  let value;
  try {
    value = JSON.parse(source);
  } catch {
    throw new Refused("not JSON");
  }
  // A key that stands twice, a number that was rounded or a blank do not come out again.
  if (canonical(value) !== source) throw new Refused("not in its canonical spelling");
  return value;
}
