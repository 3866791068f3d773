import { GateError } from "../../../kernel/errors.ts";

/** Why a side is not read: the session is halted. */
export const HALTED = "halted";
/** What decisions that were under way can still bring; neither side is read meanwhile. */
const MAX_KEPT = 80 * 1024 * 1024;

/** What was on its way when a session was halted: kept in order, and passed on when it goes on. */
export class HaltedRelay {
  #kept: { readonly to: "target" | "client"; readonly bytes: Buffer }[] = [];
  #keptBytes = 0;
  #cancel: string | undefined;

  keep(to: "target" | "client", bytes: Uint8Array): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > MAX_KEPT) throw new GateError("protocol-error", "too much was on its way when the session was halted");
    this.#kept.push({ to, bytes: Buffer.from(bytes) });
  }

  /** Ctrl-C: asked once or often, it is done once. */
  keepCancel(remote: string): void {
    this.#cancel = remote;
  }

  /** Who asked for a cancel meanwhile. */
  release(toTarget: (bytes: Buffer) => void, toClient: (bytes: Buffer) => void): string | undefined {
    const [kept, cancel] = [this.#kept, this.#cancel];
    [this.#kept, this.#keptBytes, this.#cancel] = [[], 0, undefined];
    for (const { to, bytes } of kept) (to === "target" ? toTarget : toClient)(bytes);
    return cancel;
  }
}
