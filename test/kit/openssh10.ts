/** OpenSSH 10 beside the system's own, as `scripts/fetch-openssh10.sh` unpacks it: a peer that speaks mlkem768x25519-sha256. */
import { homedir } from "node:os";
import { join } from "node:path";
import { isExecutable, PEER_MISSING } from "./peers.ts";
import type { SshdOptions } from "./sshd.ts";

export interface OpenSsh10 {
  readonly missing: boolean;
  /** Absolute paths of wrappers. */
  readonly ssh: string;
  readonly scp: string;
  readonly sftp: string;
  /** For `startSshd`. */
  readonly sshd: NonNullable<SshdOptions["program"]>;
  title(title: string): string;
}

export function findOpenSsh10(): OpenSsh10 {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const program = (name: string): string => join(cache, "sallyport/openssh10/bin", name);
  const missing = !["ssh", "sshd", "sshd-session", "sshd-auth"].every((name) => isExecutable(program(name)));
  // sshd looks for its own parts where the package would have installed them.
  const parts = [`SshdSessionPath=${program("sshd-session")}`, `SshdAuthPath=${program("sshd-auth")}`];
  return {
    missing,
    ssh: program("ssh"),
    scp: program("scp"),
    sftp: program("sftp"),
    sshd: { sshd: program("sshd"), args: parts.flatMap((option) => ["-o", option]) },
    title: (title) => (missing ? `${title} [${PEER_MISSING} OpenSSH 10 (\`scripts/fetch-openssh10.sh\`)]` : title),
  };
}
