/** RFC 4648 §6, as an authenticator app reads the secret that it is given. */
export function decodeBase32(text: string): Buffer {
  const bits = Array.from(text, (each) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(each).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
