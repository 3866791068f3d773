/**
 * The master key: 32 bytes, in base64, in a file of its own or an environment variable.
 *
 * Owns: reading, checking and making it; the keys derived from it, one for each purpose (HKDF-SHA-256).
 * Never does: keeping it in the data directory (a stolen backup must not open itself) — except for a demonstration.
 */
import { createHash, hkdfSync } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { GateError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";

export const MASTER_KEY_BYTES = 32;
const TEXT_MAX_BYTES = 256;

export type KeyPurpose = "secrets" | "recordings" | "digests";

/** Untrusted: 32 bytes in base64 (either alphabet), surrounding space allowed. Throws `bad-master-key`. */
export function parseMasterKey(text: string): Secret<Buffer> {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, "base64");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed) || key.length !== MASTER_KEY_BYTES) {
    throw new GateError("bad-master-key", "it is not 32 bytes in base64");
  }
  return new Secret(key);
}

export interface KeyFileOptions {
  readonly dataDir: string;
  /** A demonstration may keep the key beside its data. */
  readonly demo?: boolean;
}

/** Throws `bad-master-key`: not there, readable by others, inside the data directory, not a key. */
export async function readMasterKeyFile(path: string, options: KeyFileOptions): Promise<Secret<Buffer>> {
  requireOutside(path, options);
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new GateError("bad-master-key", `"${path}" cannot be opened`, { cause });
  });
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0) throw new GateError("bad-master-key", `"${path}" can be read by others: chmod 600 it`);
    if (size > TEXT_MAX_BYTES) throw new GateError("bad-master-key", `"${path}" is too long for a key`);
    return parseMasterKey(await file.readFile("utf8"));
  } finally {
    await file.close();
  }
}

/** Makes a new key in a new file, synced, readable by its owner only. Throws `bad-master-key` when the file is there. */
export async function createMasterKeyFile(path: string, random: Random, options: KeyFileOptions): Promise<Secret<Buffer>> {
  requireOutside(path, options);
  const key = new Secret(random.bytes(MASTER_KEY_BYTES));
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new GateError("bad-master-key", `"${path}" cannot be created`, { cause });
  });
  try {
    await file.writeFile(`${key.reveal().toString("base64")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}

/** Names the key in everything sealed with it; says nothing about it. */
export function masterKeyId(key: Secret<Buffer>): string {
  return createHash("sha256").update(derive(key, "key id")).digest("hex").slice(0, 16);
}

export function deriveKey(key: Secret<Buffer>, purpose: KeyPurpose): Secret<Buffer> {
  return new Secret(derive(key, purpose));
}

function derive(key: Secret<Buffer>, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key.reveal(), "", `sallyport/${purpose}/v1`, MASTER_KEY_BYTES));
}

function requireOutside(path: string, { dataDir, demo = false }: KeyFileOptions): void {
  if (demo) return;
  const inside = `${real(dataDir)}${sep}`;
  if (`${real(dirname(resolve(path)))}${sep}`.startsWith(inside) || real(path).startsWith(inside)) {
    throw new GateError("bad-master-key", `"${path}" is inside the data directory`);
  }
}

/** With links followed as far as the path exists. */
function real(path: string): string {
  const full = resolve(path);
  return existsSync(full) ? realpathSync(full) : full;
}
