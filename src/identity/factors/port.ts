import type { AuditEvent } from "../../audit/event.ts";
import type { FactorId, PrincipalName } from "../../kernel/ids.ts";
import type { Factor, Passkey } from "./model.ts";

/** Second factors; every change commits together with its events. */
export interface FactorStore {
  listFactors(user: PrincipalName): Promise<readonly Factor[]>;
  /** By credential id, whoever's it is. */
  findPasskey(credential: string): Promise<Passkey | undefined>;
  /** `version` is the new one: 1 is a new row (`already-exists` where the credential is anybody's), else `conflict` unless the store holds version − 1. */
  saveFactor(factor: Factor, events: readonly AuditEvent[]): Promise<void>;
  /** All of them or none: `conflict` where one is not there any more. */
  removeFactors(ids: readonly FactorId[], events: readonly AuditEvent[]): Promise<void>;
}
