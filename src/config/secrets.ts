import { constants, open } from "node:fs/promises";
import { GateError } from "../kernel/errors.ts";
import { Secret } from "../kernel/secret.ts";
import type { SecretRef } from "./model.ts";

const MAX_BYTES = 64 * 1024;

/**
 * The value a reference names: an environment variable, or a file without its last line end. Throws `bad-config` when it
 * is absent or empty, and when others than the file's owner may read or change it.
 */
export async function resolveSecret(
  ref: SecretRef,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Secret> {
  if (ref.from === "file")
    return new Secret(
      (await resolveSecretFile(ref.name))
        .reveal()
        .toString("utf8")
        .replace(/\r?\n$/, ""),
    );
  const value = environment[ref.name];
  if (value === undefined || value === "") throw new GateError("bad-config", `environment variable "${ref.name}" is not set`);
  return new Secret(value);
}

/** The bytes of a secret file as they are. */
export async function resolveSecretFile(path: string): Promise<Secret<Buffer>> {
  try {
    // One handle for the check and the reading: the file that is read is the one whose mode was looked at.
    // Without waiting: a pipe would otherwise hold the start up until somebody writes into it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, size, uid } = await file.stat();
    if ((mode & 0o170_000) !== 0o100_000) throw new GateError("bad-config", `"${path}" is not a file`);
    if ((mode & 0o077) !== 0) {
      throw new GateError("bad-config", `"${path}" may be read or changed by others (mode ${(mode & 0o777).toString(8)}): run chmod 600`);
    }
    const self = process.getuid?.();
    if (self !== undefined && uid !== self && uid !== 0)
      throw new GateError("bad-config", `"${path}" belongs to somebody else (uid ${uid})`);
    if (size === 0 || size > MAX_BYTES) throw new GateError("bad-config", `"${path}" holds ${size} bytes; a secret has 1 to ${MAX_BYTES}`);
    return new Secret(await file.readFile());
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new GateError("bad-config", `"${path}" cannot be read (${code})`, { cause });
  }
}
