/**
 * DER (X.690 §10), written and never read: what comes from others is read by OpenSSL. Each function gives one element,
 * tag, length and content.
 */

export function sequence(...items: readonly Buffer[]): Buffer {
  return element(0x30, ...items);
}

/** Of one item; of several, DER wants an order that nothing here needs. */
export function setOf(item: Buffer): Buffer {
  return element(0x31, item);
}

/** `bytes`: unsigned, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(first));
  // The highest bit is the sign.
  return element(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), digits);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.of(value ? 0xff : 0));
}

/** `unused`: bits at its end that mean nothing. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.of(unused), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return element(0x04, bytes);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, "utf8"));
}

/** `dotted`: as in "2.5.4.3". */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/**
 * RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from then on.
 * `seconds`: since 1970, whole, before the year 10000.
 */
export function time(seconds: number): Buffer {
  const digits = new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, "");
  return digits < "2050" ? element(0x17, Buffer.from(`${digits.slice(2)}Z`)) : element(0x18, Buffer.from(`${digits}Z`));
}

/** `[number]`, around a whole element or, with `primitive`, in place of its own tag. */
export function tagged(number: number, content: Uint8Array, kind: "explicit" | "primitive" = "explicit"): Buffer {
  return element((kind === "explicit" ? 0xa0 : 0x80) | number, content);
}

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
}

/** Seven bits a byte, the highest bit set in all but the last. */
function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
