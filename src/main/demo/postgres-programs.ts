/** PostgreSQL's programs as the demo runs them: as an account that is not root, with nothing of anybody's own settings. */
import { spawn } from "node:child_process";
import { basename } from "node:path";

/** Who the server runs as; empty: who runs the demo. */
export type Identity = { readonly uid?: number; readonly gid?: number };

/** None of libpq's settings, and a language in which it is understood. */
export function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], LC_ALL: "C" };
}

interface RunOptions {
  readonly identity: Identity;
  readonly cwd: string;
  readonly input: string;
}

/** What it printed. Rejects with its last words. */
export function runProgram(path: string, args: readonly string[], { identity, cwd, input }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { ...identity, cwd, env: environment(), stdio: ["pipe", "pipe", "pipe"] });
    let [printed, errors] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.once("error", (error) => reject(error));
    child.once("close", (status) => {
      if (status === 0) resolve(printed);
      else reject(new Error(lastWords(errors) ?? `${basename(path)} ended with status ${status}`));
    });
    // It may end without having read everything; its status tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function lastWords(errors: string): string | undefined {
  return errors
    .trim()
    .split("\n")
    .findLast((line) => /error|fatal/i.test(line));
}
