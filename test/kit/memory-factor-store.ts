import type { AuditEvent } from "../../src/audit/event.ts";
import type { Factor, Passkey } from "../../src/identity/factors/model.ts";
import type { FactorStore } from "../../src/identity/factors/port.ts";
import { GateError } from "../../src/kernel/errors.ts";
import type { FactorId, PrincipalName } from "../../src/kernel/ids.ts";

/** FactorStore in memory, with the contract of the real one; events go where the log is. */
export class MemoryFactorStore implements FactorStore {
  readonly #rows = new Map<FactorId, Factor>();
  readonly #log: { append(events: readonly AuditEvent[]): Promise<unknown> };

  constructor(log: { append(events: readonly AuditEvent[]): Promise<unknown> }) {
    this.#log = log;
  }

  listFactors(user: PrincipalName): Promise<readonly Factor[]> {
    return Promise.resolve([...this.#rows.values()].filter((factor) => factor.user === user));
  }

  findPasskey(credential: string): Promise<Passkey | undefined> {
    return Promise.resolve(this.#find(credential));
  }

  async saveFactor(factor: Factor, events: readonly AuditEvent[]): Promise<void> {
    await Promise.resolve();
    if (factor.version === 1) {
      if (this.#rows.has(factor.id) || (factor.kind === "passkey" && this.#find(factor.credential))) throw new GateError("already-exists");
    } else if (this.#rows.get(factor.id)?.version !== factor.version - 1) {
      throw new GateError("conflict");
    }
    this.#rows.set(factor.id, factor);
    await this.#log.append(events);
  }

  async removeFactors(ids: readonly FactorId[], events: readonly AuditEvent[]): Promise<void> {
    await Promise.resolve();
    if (ids.some((id) => !this.#rows.has(id))) throw new GateError("conflict");
    for (const id of ids) this.#rows.delete(id);
    await this.#log.append(events);
  }

  #find(credential: string): Passkey | undefined {
    return [...this.#rows.values()].find((factor) => factor.kind === "passkey" && factor.credential === credential) as Passkey | undefined;
  }
}
