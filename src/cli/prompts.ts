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
    return answer(await text({ message, ...more, ...this.#streams(), validate: (value) => (value?.trim() ? undefined : "Please answer") }));
  }

  async secret(message: string, missing: string): Promise<string> {
    const { password } = await this.#clack(missing);
    return answer(await password({ message, ...this.#streams(), validate: (value) => (value ? undefined : "Please answer") }));
  }

  async select(message: string, missing: string, choices: readonly Choice[]): Promise<string> {
    const { select } = await this.#clack(missing);
    const options = choices.map(({ value, label, hint }) => ({
      value,
      label: safeLine(label),
      ...(hint !== undefined && { hint: safeLine(hint) }),
    }));
    return answer(await select({ message, options, ...this.#streams() }));
  }

  async confirm(message: string, missing: string): Promise<boolean> {
    const { confirm } = await this.#clack(missing);
    return answer(await confirm({ message: safeLine(message), initialValue: false, ...this.#streams() }));
  }

  async #clack(missing: string): Promise<typeof Clack> {
    if (!this.possible) throw new UsageError(`${missing} is needed`, "Give it on the command line: there is no terminal to ask at");
    return await import("@clack/prompts");
  }

  #streams(): { input: Surroundings["stdin"]; output: Surroundings["stderr"] } {
    return { input: this.#at.stdin, output: this.#at.stderr };
  }
}

function answer<T>(given: T): Exclude<T, symbol> {
  if (typeof given === "symbol") throw new Cancelled();
  return given as Exclude<T, symbol>;
}
