import { createHash, X509Certificate } from "node:crypto";
import { constants, open } from "node:fs/promises";
import serialize from "canonicalize";
import type { Config, WorkloadSettings as Configured } from "../config/model.ts";
import type { WorkloadSettings } from "../identity/workload/workload.ts";
import { GateError } from "../kernel/errors.ts";

const MAX_BYTES = 256 * 1024;
const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** How services and agents prove themselves by the configuration in force. */
export function workloadSettings(config: () => Config): () => ReadonlyMap<string, WorkloadSettings> {
  let made: { readonly of: Config["workloads"]; readonly settings: ReadonlyMap<string, WorkloadSettings> } | undefined;
  return () => {
    const of = config().workloads;
    if (made?.of !== of) made = { of, settings: new Map([...of].map(([name, each]) => [name, settingsOf(each)])) };
    return made.settings;
  };
}

function settingsOf(configured: Configured): WorkloadSettings {
  const mapping = createHash("sha256")
    .update(serialize(configured) ?? "")
    .digest("hex");
  if ("issuer" in configured) return { mapping, kind: "id-token", ...configured };
  const { authority, name } = configured;
  return { mapping, kind: "certificate", name, authorities: async () => parseAuthorities(await readAuthorityFile(authority.name)) };
}

/** What TLS may believe of clients' certificates: PEM, of all mappings together. A file that cannot be had is a fault, and believed nothing of. */
export async function clientAuthorities(config: Config, onFault: (error: unknown) => void): Promise<readonly string[]> {
  const files = new Set([...config.workloads.values()].flatMap((each) => ("authority" in each ? [each.authority.name] : [])));
  const read = [...files].map(async (file) => {
    try {
      return parseAuthorities(await readAuthorityFile(file)).map(String);
    } catch (error) {
      onFault(error);
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}

/** No secret; but who could change it could make themselves any workload. */
async function readAuthorityFile(path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, size, uid } = await file.stat();
    if ((mode & 0o170_000) !== 0o100_000) throw new GateError("bad-config", `"${path}" is not a file`);
    if ((mode & 0o022) !== 0) throw new GateError("bad-config", `"${path}" may be changed by others: run chmod go-w`);
    const self = process.getuid?.();
    if (self !== undefined && uid !== self && uid !== 0)
      throw new GateError("bad-config", `"${path}" belongs to somebody else (uid ${uid})`);
    if (size > MAX_BYTES) throw new GateError("bad-config", `"${path}" holds more than ${MAX_BYTES / 1024} KiB`);
    return await file.readFile("utf8");
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new GateError("bad-config", `"${path}" cannot be read (${code})`, { cause });
  }
}

function parseAuthorities(pem: string): readonly X509Certificate[] {
  const found = pem.match(ONE) ?? [];
  if (found.length === 0) throw new GateError("bad-config", "a file of authorities holds no certificate in PEM");
  return found.map((each) => {
    try {
      return new X509Certificate(each);
    } catch (cause) {
      throw new GateError("bad-config", "a file of authorities holds what is no certificate", { cause });
    }
  });
}
