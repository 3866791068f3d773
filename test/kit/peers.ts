/** Programs that tests drive but that a machine may lack: such tests are skipped by a name that says so, and fail in CI (scripts/test.ts). */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** How the reporter knows a test that was skipped for want of a program. */
export const PEER_MISSING = "needs a program that is not here:";

export interface Peer {
  /** Absolute path; empty when missing. */
  readonly path: string;
  readonly missing: boolean;
  /** Title for `describe`: as given, or with the reason it is skipped. */
  title(title: string): string;
}

/** sshd and others live where an ordinary user's PATH does not look. */
const MORE_PLACES = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/**
 * `const sshd = requirePeer("OpenSSH server", "sshd"); describe.skipIf(sshd.missing)(sshd.title("scp"), () => …)`.
 * `name` is what a person would install; `found` where it lives, if that is no place that others look.
 */
export function requirePeer(name: string, command: string, found = findProgram(command)): Peer {
  const path = found ?? "";
  const missing = path === "";
  return { path, missing, title: (title) => (missing ? `${title} [${PEER_MISSING} ${name} (\`${command}\`)]` : title) };
}

/** Programs of which a test needs each; where several are missing, the title names the first. */
export function requireAll(...peers: readonly Peer[]): Pick<Peer, "missing" | "title"> {
  const absent = peers.find(({ missing }) => missing);
  return { missing: absent !== undefined, title: (title) => absent?.title(title) ?? title };
}

/** Absolute path of an executable of this name in PATH or the system directories. */
export function findProgram(command: string): string | undefined {
  const places = (process.env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  return [...places, ...MORE_PLACES].map((place) => join(place, command)).find((path) => isExecutable(path));
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
