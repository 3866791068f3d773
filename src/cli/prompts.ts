/** Questions to a person at a terminal; on standard error, so that standard output stays the result. Loaded when first asked. */
import type * as Clack from "@clack/prompts";
import type { Surroundings } from "./cli.ts";
import { safeLine } from "./safe-text.ts";
import { Cancelled, UsageError } from "./usage-error.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

export class Prompts {
  readonly #at: Surroundings;
  /** False: nothing may be asked, because a program reads the answer or --json was given. */
  readonly possible: boolean;

  constructor(at: Surroundings, json: boolean) {
    this.#at = at;
    this.possible = !json && at.stdin.isTTY === true && at.stderr.isTTY === true;
  }

  /** `missing` names the option that gives the answer where nothing can be asked. */
  async text(message: string, missing: string, more: { initialValue?: string; placeholder?: string } = {}): Promise<string> {
    const { text } = await this.#clack(missing);
    return await this.#answer((streams) =>
      text({ message, ...more, ...streams, validate: (value) => (value?.trim() ? undefined : "Please answer") }),
    );
  }

  async secret(message: string, missing: string): Promise<string> {
    const { password } = await this.#clack(missing);
    return await this.#answer((streams) => password({ message, ...streams, validate: (value) => (value ? undefined : "Please answer") }));
  }

  async select(message: string, missing: string, choices: readonly Choice[]): Promise<string> {
    const { select } = await this.#clack(missing);
    const options = choices.map(({ value, label, hint }) => ({
      value,
      label: safeLine(label),
      ...(hint !== undefined && { hint: safeLine(hint) }),
    }));
    return await this.#answer((streams) => select({ message, options, ...streams }));
  }

  async confirm(message: string, missing: string): Promise<boolean> {
    const { confirm } = await this.#clack(missing);
    return await this.#answer((streams) => confirm({ message: safeLine(message), initialValue: false, ...streams }));
  }

  async #clack(missing: string): Promise<typeof Clack> {
    if (!this.possible) throw new UsageError(`${missing} is needed`, "Give it on the command line: there is no terminal to ask at");
    return await import("@clack/prompts");
  }

  /** A terminal that goes away while it is asked at answers no: the question itself would wait for ever. */
  async #answer<T>(question: (streams: Streams) => Promise<T>): Promise<Exclude<T, symbol>> {
    const { stdin, stderr } = this.#at;
    const gone = new AbortController();
    const stop = (): void => gone.abort();
    stdin.once("end", stop).once("close", stop);
    try {
      const given = await question({ input: stdin, output: stderr, signal: gone.signal });
      if (typeof given === "symbol") throw new Cancelled();
      return given as Exclude<T, symbol>;
    } finally {
      stdin.off("end", stop).off("close", stop);
    }
  }
}

interface Streams {
  readonly input: Surroundings["stdin"];
  readonly output: Surroundings["stderr"];
  readonly signal: AbortSignal;
}
