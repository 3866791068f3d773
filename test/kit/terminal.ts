/** A program at a terminal of its own, driven as a person would: by what is on the screen, and by keys. */
import { spawn, type ChildProcess } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

export interface TerminalOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A command for a shell, of one word each, whatever is in them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

export class Terminal implements AsyncDisposable {
  /** Everything shown so far, escapes and all. */
  shown = "";
  /** performance.now() when the program ended. */
  endedAt: number | undefined;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<number>;

  /** `command` goes to `sh -c`, exactly as it is; `script` (util-linux) makes the terminal, of 40 lines of 160 columns. */
  constructor(command: string, { env = process.env, cwd }: TerminalOptions = {}) {
    // A terminal without a size makes some programs wrap after every character.
    const sized = `stty cols 160 rows 40; ${command}`;
    this.#child = spawn("script", ["-qefc", sized, "/dev/null"], {
      env: { ...env, SHELL: "/bin/sh", TERM: "xterm" },
      cwd,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.shown += text;
      for (const listener of this.#listeners) listener();
    });
    this.#child.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", () => (this.endedAt = performance.now()));
      this.#child.once("close", (status) => {
        resolve(status ?? -1);
        for (const listener of this.#listeners) listener();
      });
    });
  }

  /** What is readable of it. */
  get text(): string {
    return stripVTControlCharacters(this.shown).replaceAll("\r", "");
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Until `words` are on the screen, after what was there when `from` was its length. Rejects when the program ends without. */
  async sees(words: string, { from = 0, timeoutMs = 20_000 }: { from?: number; timeoutMs?: number } = {}): Promise<void> {
    const found = (): boolean => this.text.indexOf(words, from) >= 0;
    if (found()) return;
    await new Promise<void>((resolve, reject) => {
      const give = (why: string): void => {
        stop();
        reject(new Error(`${why} without ${JSON.stringify(words)}; the screen:\n${this.text}`));
      };
      const timer = setTimeout(() => give(`${timeoutMs} ms passed`), timeoutMs);
      const look = (): void => {
        if (found()) {
          stop();
          resolve();
        } else if (this.endedAt !== undefined && this.#child.exitCode !== null) give("the program ended");
      };
      const stop = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
    });
  }

  /** Exit status and what was readable, once it ended; rejects when it does not. */
  async result(timeoutMs = 20_000): Promise<readonly [status: number, text: string]> {
    const late = AbortSignal.timeout(timeoutMs);
    const status = await Promise.race([
      this.ended,
      new Promise<never>((_, reject) => {
        late.addEventListener("abort", () => reject(new Error(`it did not end; the screen:\n${this.text}`)));
      }),
    ]);
    return [status, this.text];
  }

  /** The terminal is closed, as by its window; what runs in it is hung up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.ended.catch(() => undefined);
  }
}
