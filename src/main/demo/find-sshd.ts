/** Whether this machine's sshd can serve the demo, before anything is promised: there is one, and this account can log in. */
import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { findProgram } from "./programs.ts";

export type SshdFound = { readonly sshd: string; readonly account: string } | { readonly why: string };

/** The reason that an installation cures. */
export const NO_SSHD = "there is no sshd here";
/** What a role can name as an account. */
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;
const STATUS = 42;

export function findSshd(path: string): SshdFound {
  const sshd = findProgram("sshd", { path, sbin: true });
  if (sshd === undefined) return { why: NO_SSHD };
  const user = tryUserInfo();
  if (!user || !ACCOUNT.test(user.username)) return { why: "you have no account that sshd could log in to" };
  // sshd runs everything through it; accounts of services have one that refuses.
  const shell = user.shell || "/bin/sh";
  const { status } = spawnSync(shell, ["-c", `exit ${STATUS}`], { stdio: "ignore", timeout: 5000 });
  if (status !== STATUS) return { why: `your account's shell, ${shell}, runs no commands` };
  return { sshd, account: user.username };
}

/** A user id without an entry in passwd has none. */
function tryUserInfo(): { readonly username: string; readonly shell: string | null } | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}
