import serialize from "canonicalize";

/**
 * The one byte form of a JSON value (RFC 8785): keys in UTF-16 order, no spaces, ECMAScript numbers. Members that are
 * `undefined` are left out. Throws on what JSON cannot say: NaN, infinities, lone surrogates, cycles, a bare `undefined`.
 */
export function canonicalJson(value: unknown): Buffer {
  const text = serialize(value);
  if (text === undefined) throw new TypeError("The value has no JSON form");
  return Buffer.from(text, "utf8");
}

/** Untrusted: the value, if the bytes are exactly the canonical form of what they say; otherwise `undefined`. */
export function parseCanonical(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return canonicalJson(value).equals(bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}
