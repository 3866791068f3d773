/**
 * Profiles: one for each gate and person on this machine, a folder each, for its owner's eyes only.
 *
 *     $SALLYPORT_HOME | $XDG_CONFIG_HOME/sallyport | ~/.config/sallyport
 *       current                      name of the profile in use
 *       profiles/<name>/profile.json URL, user, and the token where no key store has it (login-token.ts)
 *       profiles/<name>/checkpoint   the last head of the gate's log this machine saw
 *       profiles/<name>/id_ed25519…  the key `login` made, and its certificate
 *
 * Invariant: a token is used only with the address it was issued by, and only over TLS or to this machine itself.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isName } from "../kernel/ids.ts";
import type { Environment } from "./cli.ts";
import { UsageError } from "./usage-error.ts";

const stored = z.strictObject({
  version: z.literal(1),
  url: z.string(),
  user: z.string().exactOptional(),
  token: z.string().exactOptional(),
  /** The token is in the operating system's key store of this machine. */
  keyStore: z.literal("os").exactOptional(),
  /** Why the key store has it not. */
  noKeyStore: z.string().exactOptional(),
  expiresAt: z.number().exactOptional(),
  /** PEM file of the authority that signed the gate's TLS certificate. */
  ca: z.string().exactOptional(),
  /** PEM files of a workload's certificate, which its token is bound to, and of its key. */
  clientCert: z.string().exactOptional(),
  clientKey: z.string().exactOptional(),
  /** Private key the person logs in over SSH with. */
  identity: z.string().exactOptional(),
});

export type Profile = z.output<typeof stored>;

export class Profiles {
  readonly folder: string;

  constructor(env: Environment, home: string) {
    this.folder = env["SALLYPORT_HOME"] || join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "sallyport");
  }

  folderOf(name: string): string {
    if (!isName(name)) throw new UsageError(`"${name}" is not a profile's name`, "Use letters, digits, '.', '_' and '-'");
    return join(this.folder, "profiles", name);
  }

  /** `asked` (--profile), else SALLYPORT_PROFILE, else the one in use, else `default`. */
  nameOf(asked: string | undefined, env: Environment): string {
    return asked ?? (env["SALLYPORT_PROFILE"] || this.#current()) ?? "default";
  }

  find(name: string): Profile | undefined {
    const path = join(this.folderOf(name), "profile.json");
    if (!existsSync(path)) return undefined;
    // Fails closed: a token that others could have read, or a URL that others could have changed, is not used.
    if ((statSync(path).mode & 0o077) !== 0) throw new UsageError(`"${path}" can be read or changed by others`, `Run: chmod 600 ${path}`);
    const parsed = stored.safeParse(readJson(path));
    if (!parsed.success) throw new UsageError(`"${path}" is not a profile of this version`, "Log in again with `sallyport login`");
    return parsed.data;
  }

  save(name: string, profile: Profile): void {
    writePrivate(this.folderOf(name), "profile.json", `${JSON.stringify(profile, null, 2)}\n`);
    if (this.#current() === undefined) this.use(name);
  }

  use(name: string): void {
    this.folderOf(name);
    writePrivate(this.folder, "current", `${name}\n`);
  }

  remove(name: string): void {
    rmSync(this.folderOf(name), { recursive: true, force: true });
    if (this.#current() === name) rmSync(join(this.folder, "current"), { force: true });
  }

  list(): readonly { readonly name: string; readonly profile: Profile; readonly current: boolean }[] {
    const folder = join(this.folder, "profiles");
    if (!existsSync(folder)) return [];
    const current = this.#current();
    return readdirSync(folder)
      .filter((name) => isName(name))
      .sort()
      .flatMap((name) => {
        const profile = this.find(name);
        return profile ? [{ name, profile, current: name === current }] : [];
      });
  }

  #current(): string | undefined {
    const path = join(this.folder, "current");
    const name = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
    return isName(name) ? name : undefined;
  }
}

/** Atomically, for the owner's eyes only. */
export function writePrivate(folder: string, name: string, content: string | Buffer): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const temporary = `${path}.${process.pid}.new`;
  // Made new: what somebody put at this name, a link to elsewhere too, is not written into.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

/** Tokens travel over TLS, or not beyond this machine. */
export function requireSafeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new UsageError(`"${text}" is not the address of a gate`, "Write it as https://gate.example:7700");
  }
  const loopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
  if (url.protocol === "http:" && !loopback)
    throw new UsageError(`"${text}" is not encrypted`, "Use https:// for a gate on another machine");
  return url;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
