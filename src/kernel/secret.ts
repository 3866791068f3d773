import { timingSafeEqual, createHash } from "node:crypto";
import { inspect } from "node:util";

const HIDDEN = "[secret]";

/** A value that prints as `[secret]` wherever it ends up: strings, JSON, console, loggers. */
export class Secret<T extends string | Uint8Array = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Every call site is a place a security reviewer looks at. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** Constant-time comparison of two secrets of any length (both are hashed first, so the length does not show). */
export function secretsEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
