/** Runs one program to its end, or to a deadline. */
import { spawn } from "node:child_process";

export interface RunResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** Its input does not end before the program does. */
  readonly keepsInput?: boolean;
  /** Replaces the whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** As somebody else than who runs the tests. */
  readonly uid?: number;
  readonly gid?: number;
  /** After this the program is killed, with SIGKILL, and the result shows the signal. Default 30 000. */
  readonly timeoutMs?: number;
}

/** Rejects only when the program cannot be started. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: options.env ?? process.env,
      cwd: options.cwd,
      uid: options.uid,
      gid: options.gid,
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 30_000);
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("exit", () => child.stdin.destroy());
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
    // A program that ends without reading its input is no error here: its status tells.
    child.stdin.on("error", () => {});
    child.stdin.write(options.input ?? "");
    if (options.keepsInput !== true) child.stdin.end();
  });
}
