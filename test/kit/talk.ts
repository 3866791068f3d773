/** A program that is talked to while it runs: wait for what it says, then answer. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

export interface Talk {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything on stdout so far. */
  text(): string;
  stderr(): string;
  /** Resolves when stdout, from where the last `seen` ended, holds this. Rejects at its end or after 20 s. */
  seen(what: string | RegExp): Promise<void>;
  say(text: string): void;
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

const WAIT_MS = 20_000;

export function talk(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Talk {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env });
  let [stdout, stderr, from] = ["", "", 0];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    stderr += text;
  });
  let isOver = false;
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      isOver = true;
      wake();
      resolve({ status, stdout, stderr });
    });
  });
  return {
    child,
    text: () => stdout,
    stderr: () => stderr,
    say: (text) => void child.stdin.write(Buffer.from(text, "latin1")),
    seen: (what) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          waiting.delete(look);
          clearTimeout(timer);
          reject(new Error(`${why} before it said ${String(what)}:\n${stdout.slice(from)}\n${stderr}`));
        };
        const timer = setTimeout(() => fail("time ran out"), WAIT_MS);
        const look = (): void => {
          const rest = stdout.slice(from);
          const at = typeof what === "string" ? rest.indexOf(what) : rest.search(what);
          if (at < 0) {
            if (isOver) fail("it ended");
            return;
          }
          from += at + (typeof what === "string" ? what.length : (what.exec(rest)?.[0].length ?? 0));
          waiting.delete(look);
          clearTimeout(timer);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    ended,
  };
}
