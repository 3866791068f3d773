import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OF_SSH = /^(ssh.*|scp|sftp|slogin|rsync)$/;

export interface ScratchPath extends Disposable {
  readonly path: string;
}

/** A PATH with everything a Debian machine has, but for programs of these names. */
export function pathWithout(names: RegExp): ScratchPath {
  const path = mkdtempSync(join(tmpdir(), "sallyport-path-"));
  const taken = new Set<string>();
  for (const place of ["/usr/local/bin", "/usr/bin", "/bin"]) {
    for (const name of readdirSync(place)) {
      if (names.test(name) || taken.has(name)) continue;
      taken.add(name);
      symlinkSync(join(place, name), join(path, name));
    }
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** But for what comes with the packages of OpenSSH. */
export function pathWithoutSsh(): ScratchPath {
  return pathWithout(OF_SSH);
}
