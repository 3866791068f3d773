/**
 * Notifications by a program of the operator's: started without a shell, the notification as one line of JSON on its
 * standard input. Success is exit status 0 within the limit.
 *
 * It gets none of the gate's environment, which may hold the master key, and its output goes nowhere.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { GateError } from "../kernel/errors.ts";
import type { Channel } from "./notification.ts";

const LIMIT_MS = 10_000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface CommandSettings {
  readonly name: string;
  /** Program and arguments, as they are. */
  readonly command: readonly string[];
  readonly limitMs?: number;
}

export function openCommandHook({ name, command, limitMs = LIMIT_MS }: CommandSettings): Channel {
  const [program, ...parameters] = command;
  if (program === undefined || program === "") throw new GateError("bad-config", `the command of hook "${name}" is empty`);
  return {
    name,
    deliver: (notification, signal) =>
      new Promise((resolve, reject) => {
        // A process group of its own, so that what it started can be ended with it.
        const child = spawn(program, parameters, {
          shell: false,
          detached: true,
          cwd: "/",
          env: { PATH, LANG: "C.UTF-8", SALLYPORT_KIND: notification.kind },
          stdio: ["pipe", "ignore", "ignore"],
        });
        let why: string | undefined;
        const end = (reason: string): void => {
          why ??= reason;
          killGroup(child);
        };
        const timer = setTimeout(end, limitMs, `it ran longer than ${limitMs} ms and was killed`);
        const stopping = (): void => end("the gate is stopping");
        signal.addEventListener("abort", stopping);
        const settle = (failure: string | undefined): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stopping);
          child.stdin?.destroy();
          if (failure === undefined) resolve();
          else reject(new GateError("internal", failure));
        };
        child.on("error", (error: NodeJS.ErrnoException) => settle(`it cannot be started (${error.code ?? "unknown"})`));
        child.on("exit", (status, killedBy) =>
          settle(why ?? (status === 0 ? undefined : `it ended with ${killedBy ?? `status ${status}`}`)),
        );
        // A program may well not read its input, or end before it is written.
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(`${JSON.stringify(notification)}\n`);
        if (signal.aborted) stopping();
      }),
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended in this moment.
  }
}
