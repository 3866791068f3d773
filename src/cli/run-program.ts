/** Other programs the command line runs: the person's own `ssh`, and `ssh-keygen`. Never through a shell. */
import { spawn } from "node:child_process";
import { accessSync, constants as fsConstants } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import type { Environment } from "./cli.ts";
import { UsageError } from "./usage-error.ts";

const MISSING = { ssh: "openssh-client", "ssh-keygen": "openssh-client", psql: "postgresql-client" } as const;
export type Program = keyof typeof MISSING;

/** What a person without it is told. */
export function installLine(program: Program): string {
  return `On Debian: sudo apt-get install ${MISSING[program]}`;
}

export function isInstalled(program: Program, env: Environment): boolean {
  const places = (env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  return places.some((place) => {
    try {
      accessSync(join(place, program), fsConstants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** In the person's terminal, as if they had typed it, with `env` besides. The exit status; 128 + n for signal n, as shells say it. */
export async function runInForeground(program: Program, args: readonly string[], env: Environment = {}): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
  // The terminal sends Ctrl-C to the whole group: the program decides what it means, this process only waits.
  const ignore = (): void => undefined;
  const forward = (): boolean => child.kill("SIGTERM");
  process.on("SIGINT", ignore).on("SIGQUIT", ignore).on("SIGTERM", forward).on("SIGHUP", forward);
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", (error) => reject(missing(program, error)));
      child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    process.off("SIGINT", ignore).off("SIGQUIT", ignore).off("SIGTERM", forward).off("SIGHUP", forward);
  }
}

/** With `input` on its standard input and everything it says collected; its errors go to the person. */
export async function runQuietly(
  program: Program,
  args: readonly string[],
  input = "",
): Promise<{ readonly status: number; readonly output: string }> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return await new Promise((resolve, reject) => {
    child.on("error", (error) => reject(missing(program, error)));
    child.on("close", (code) => resolve({ status: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

function missing(program: Program, error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  return new UsageError(`\`${program}\` is not installed here`, installLine(program));
}
