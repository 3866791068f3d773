import type { AuditEvent } from "../audit/event.ts";
import type { Priority } from "../audit/port.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import type { KeyId, PrincipalName, TokenId } from "../kernel/ids.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Principal, Token, User, UserKey } from "./model.ts";

/** Users and their credentials; every change commits together with its events. */
export interface IdentityStore {
  findUser(name: PrincipalName): Promise<User | undefined>;
  findUserByIdentity(provider: string, subject: string): Promise<User | undefined>;
  listUsers(): Promise<readonly User[]>;
  /** `version` is the new one; `conflict` unless the store holds version − 1 (0: a new row, else `already-exists`); `already-exists` also for an identity that is another user's. */
  saveUser(user: User, events: readonly AuditEvent[], priority?: Priority): Promise<void>;
  findKey(fingerprint: string): Promise<UserKey | undefined>;
  listKeys(user: PrincipalName): Promise<readonly UserKey[]>;
  addKey(key: UserKey, events: readonly AuditEvent[]): Promise<void>;
  removeKey(id: KeyId, events: readonly AuditEvent[]): Promise<void>;
  findToken(id: TokenId): Promise<Token | undefined>;
  /** Those made at `since` or later, latest first. Each connection to a database has one: who looks for those that live says how long one can. */
  listTokens(user: PrincipalName, since?: number): Promise<readonly Token[]>;
  saveToken(token: Token, events: readonly AuditEvent[], priority?: Priority): Promise<void>;
}

/** Secrets at rest, encrypted under the master key: authorities' private keys, set-up secret, webhook secrets the gate made itself. */
export interface SecretStore {
  find(name: string): Promise<Secret<Buffer> | undefined>;
  /** Creates or replaces; `events` commit with it. */
  put(name: string, value: Secret<Buffer>, events: readonly AuditEvent[]): Promise<void>;
  remove(name: string, events: readonly AuditEvent[]): Promise<void>;
}

/** Group membership: by the configuration, and by what identity providers say. */
export interface Directory {
  groupsOf(principal: PrincipalName): readonly string[];
  /** Of an agent: for whom it acts. */
  actsForOf(principal: PrincipalName): ActsFor | undefined;
  principal(user: User): Principal;
}
