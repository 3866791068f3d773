/** IdentityStore, SecretStore and the appending half of the log, in memory, with the contract of the real ones. */
import type { AuditEvent } from "../../src/audit/event.ts";
import type { LogPosition } from "../../src/audit/port.ts";
import type { Token, User, UserKey } from "../../src/identity/model.ts";
import type { IdentityStore, SecretStore } from "../../src/identity/port.ts";
import { GateError } from "../../src/kernel/errors.ts";
import type { KeyId, PrincipalName, TokenId } from "../../src/kernel/ids.ts";
import { Secret } from "../../src/kernel/secret.ts";

export class MemoryIdentityStore implements IdentityStore {
  readonly events: AuditEvent[] = [];
  readonly #users = new Map<PrincipalName, User>();
  readonly #keys = new Map<string, UserKey>();
  readonly #tokens = new Map<TokenId, Token>();
  /** When true every write fails as a full disk does, and changes nothing. */
  failing = false;

  /** Serves as the log too: events of changes and appended ones in one order. */
  append(events: readonly AuditEvent[]): Promise<readonly LogPosition[]> {
    return this.#commit(events, () => events.map((_, index) => ({ seq: this.events.length + index, time: 0 })));
  }

  findUser(name: PrincipalName): Promise<User | undefined> {
    return Promise.resolve(this.#users.get(name));
  }

  findUserByIdentity(provider: string, subject: string): Promise<User | undefined> {
    return Promise.resolve(this.#owner(provider, subject));
  }

  listUsers(): Promise<readonly User[]> {
    return Promise.resolve([...this.#users.values()]);
  }

  saveUser(user: User, events: readonly AuditEvent[]): Promise<void> {
    return this.#commit(events, () => {
      const held = this.#users.get(user.name)?.version ?? 0;
      if (user.version !== held + 1) throw new GateError(user.version === 1 ? "already-exists" : "conflict");
      for (const { provider, subject } of user.identities ?? []) {
        const owner = this.#owner(provider, subject);
        if (owner !== undefined && owner.name !== user.name) throw new GateError("already-exists");
      }
      this.#users.set(user.name, user);
    });
  }

  #owner(provider: string, subject: string): User | undefined {
    return [...this.#users.values()].find((user) =>
      user.identities?.some((each) => each.provider === provider && each.subject === subject),
    );
  }

  findKey(fingerprint: string): Promise<UserKey | undefined> {
    return Promise.resolve(this.#keys.get(fingerprint));
  }

  listKeys(user: PrincipalName): Promise<readonly UserKey[]> {
    return Promise.resolve([...this.#keys.values()].filter((key) => key.user === user));
  }

  addKey(key: UserKey, events: readonly AuditEvent[]): Promise<void> {
    return this.#commit(events, () => {
      if (this.#keys.has(key.fingerprint)) throw new GateError("already-exists");
      this.#keys.set(key.fingerprint, key);
    });
  }

  removeKey(id: KeyId, events: readonly AuditEvent[]): Promise<void> {
    return this.#commit(events, () => {
      const key = [...this.#keys.values()].find((key) => key.id === id);
      if (key === undefined) throw new GateError("not-found");
      this.#keys.delete(key.fingerprint);
    });
  }

  findToken(id: TokenId): Promise<Token | undefined> {
    return Promise.resolve(this.#tokens.get(id));
  }

  listTokens(user: PrincipalName, since = 0): Promise<readonly Token[]> {
    return Promise.resolve([...this.#tokens.values()].filter((token) => token.user === user && token.createdAt >= since));
  }

  saveToken(token: Token, events: readonly AuditEvent[]): Promise<void> {
    return this.#commit(events, () => void this.#tokens.set(token.id, token));
  }

  async #commit<T>(events: readonly AuditEvent[], change: () => T): Promise<T> {
    await Promise.resolve();
    if (this.failing) throw new GateError("log-unavailable");
    const result = change();
    this.events.push(...events);
    return result;
  }
}

export class MemorySecretStore implements SecretStore {
  readonly #secrets = new Map<string, Buffer>();

  find(name: string): Promise<Secret<Buffer> | undefined> {
    const value = this.#secrets.get(name);
    return Promise.resolve(value && new Secret(Buffer.from(value)));
  }

  put(name: string, value: Secret<Buffer>): Promise<void> {
    this.#secrets.set(name, Buffer.from(value.reveal()));
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.#secrets.delete(name);
    return Promise.resolve();
  }

  /** Everything at rest, for tests that look for what must not be there. */
  contents(): ReadonlyMap<string, Buffer> {
    return this.#secrets;
  }
}
