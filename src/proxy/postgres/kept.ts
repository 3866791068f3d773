import { GateError } from "../../kernel/errors.ts";

/** What the gate has to remember of one connection under names that its client chooses: bounded in number and in bytes. */
export class Kept<Value> {
  readonly #limits: { readonly entries: number; readonly bytes: number };
  readonly #entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  #bytes = 0;

  constructor(limits: { readonly entries: number; readonly bytes: number }) {
    this.#limits = limits;
  }

  find(name: string): Value | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Throws `too-large`: the connection has more open than anybody needs. */
  keep(name: string, value: Value, bytes: number): void {
    this.forget(name);
    if (this.#entries.size >= this.#limits.entries || this.#bytes + bytes > this.#limits.bytes) {
      throw new GateError("too-large", "more statements and portals are open on one connection than the gate remembers");
    }
    this.#entries.set(name, { value, bytes });
    this.#bytes += bytes;
  }

  forget(name: string): void {
    this.#bytes -= this.#entries.get(name)?.bytes ?? 0;
    this.#entries.delete(name);
  }
}
