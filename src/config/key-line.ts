const TYPES = new Set([
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
]);

/**
 * Untrusted: `type base64 [comment]` as in `.pub` files (RFC 4253 section 6.6 in base64) → without its comment.
 * Looks at the form only: the type is known and is the one the blob begins with.
 */
export function parseKeyLine(line: string): string | undefined {
  const [type, base64] = line.trim().split(/[ \t]+/, 3);
  if (type === undefined || base64 === undefined || !TYPES.has(type) || line.length > 8192 || line.includes("\n")) return undefined;
  const blob = Buffer.from(base64, "base64");
  if (blob.toString("base64").replace(/=+$/, "") !== base64.replace(/=+$/, "") || blob.length < 4 + type.length + 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length === type.length && blob.toString("latin1", 4, 4 + length) === type ? `${type} ${base64}` : undefined;
}
