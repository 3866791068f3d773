/**
 * A login role of its own for each session, where a target is configured so: made before the login, dropped after the
 * end, and looked for again where that failed or a gate went down in between.
 *
 * Invariants:
 *  - A role is in the log before it is made; each connection for it is an errand in the log.
 *  - Its password exists in memory only, for as long as the login takes; the server is given a verifier.
 *  - Nothing is dropped but what carries this gate's mark and belongs to a session that is over.
 *  - A role that could not be dropped is loud: an event, and the health of the gate, until it is gone.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { EphemeralRoles, Target } from "../../../access/model.ts";
import type { AuditEvent } from "../../../audit/event.ts";
import { asGateError, GateError } from "../../../kernel/errors.ts";
import type { SessionId, TargetName } from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import type { Errand, ErrandPermit, Gatekeeper } from "../../../session/gatekeeper.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { encodeVerifier } from "../../../wire/postgres/scram.ts";
import { queryTarget } from "../postgres-query.ts";
import type { Wire } from "../wire.ts";
import { overOwnConnection } from "../own-connection.ts";
import type { Login, UpstreamDeps } from "../postgres-upstream.ts";
import * as sql from "./role-sql.ts";

const ERRAND_TIMEOUT_MS = 15_000;
const GONE_TIMEOUT_MS = 5000;
const GONE_EVERY_MS = 50;
const ITERATIONS = 4096;
/** What is not known to be left is looked for this often. */
const SWEEP_EVERY_MS = 3_600_000;

export interface SessionRolesDeps {
  /** Name and node of this gate. */
  readonly gate: string;
  readonly upstream: UpstreamDeps;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  readonly log: { append(events: readonly AuditEvent[], priority?: "ordinary" | "reserved"): Promise<unknown> };
  readonly isLive: (session: SessionId) => boolean;
  readonly targets: () => readonly Target[];
  readonly elapsed: () => number;
}

/** The login of one session. Disposed of when the session is over; never throws then. */
export interface SessionRole extends AsyncDisposable {
  readonly login: Login;
}

interface Made {
  readonly role: string;
  readonly account: string;
  readonly target: Target;
  readonly session: string;
}

export class SessionRoles {
  readonly #deps: SessionRolesDeps;
  readonly #dropping = new Map<string, Promise<void>>();
  readonly #left = new Map<string, Made & { readonly detail: string }>();
  /** Targets that could not be looked through. */
  readonly #unswept = new Map<TargetName, string>();
  readonly #sweptAt = new Map<TargetName, number>();

  constructor(deps: SessionRolesDeps) {
    this.#deps = deps;
  }

  /** A line for each role that should be gone and is not, and each target that cannot be looked through. */
  troubles(): readonly string[] {
    const left = [...this.#left.values()].map(({ role, target, detail }) => `${role} on "${target.name}": ${detail}`);
    return [...left, ...[...this.#unswept].map(([target, detail]) => `"${target}": ${detail}`)];
  }

  /** `undefined`: the target has none. Throws what a login throws, and `target-refused` for an account that nobody may have. */
  async make(session: LiveSession): Promise<SessionRole | undefined> {
    const { target, account } = session.permit.scoped;
    const ephemeral = target.postgres?.ephemeral;
    if (ephemeral === undefined) return undefined;
    const { upstream, gate, log } = this.#deps;
    const role = sql.roleName(ephemeral.prefix, session.permit.authenticated.principal.name, session.id);
    const password = new Secret(upstream.random.bytes(24).toString("base64url"));
    const verifier = await encodeVerifier(password.reveal(), upstream.random.bytes(16), ITERATIONS);
    const made: Made = { role, account, target, session: session.id };
    const mark = sql.roleMark(gate, session.id, account);
    await this.#errand("role.make", target, ephemeral, target.postgres?.database ?? "", async (wire) => {
      const dangers = await queryTarget(wire, sql.dangersOf(account));
      if (dangers.length > 0) throw new GateError("target-refused", `account "${account}": ${dangers[0]?.[0] ?? ""}`);
      await log.append([
        this.#about(made, { kind: "database.role-made", body: { role, account, database: target.postgres?.database ?? "" } }),
      ]);
      try {
        await queryTarget(wire, sql.makeRole({ role, account, until: session.grant.end, mark }));
        await queryTarget(wire, sql.openRole(role, verifier));
      } catch (error) {
        // Whether it was made is not known when an answer did not come.
        await this.#drop(made, false);
        throw error;
      }
    });
    return { login: { account: role, password }, [Symbol.asyncDispose]: () => this.#drop(made, false) };
  }

  /** Called every few seconds and at the start: what is known to be left, and now and then what is not known. */
  async tick(): Promise<void> {
    for (const left of this.#left.values()) await this.#drop(left, true);
    const now = this.#deps.elapsed();
    for (const target of this.#deps.targets()) {
      const before = this.#sweptAt.get(target.name);
      const isDue = before === undefined || now - before >= SWEEP_EVERY_MS || this.#unswept.has(target.name);
      if (!isDue || target.postgres?.ephemeral === undefined) continue;
      this.#sweptAt.set(target.name, now);
      await this.#sweep(target, target.postgres.ephemeral);
    }
  }

  /** Whether the login may do all of it, tried out in a transaction that is rolled back. Throws what stands in the way. */
  async test(permit: ErrandPermit, target: Target, account: string): Promise<void> {
    const ephemeral = target.postgres?.ephemeral;
    if (ephemeral === undefined) return;
    const role = `${ephemeral.prefix}test_${this.#deps.upstream.random.bytes(6).toString("hex")}`;
    const verifier = await encodeVerifier("of nobody", this.#deps.upstream.random.bytes(16), ITERATIONS);
    await this.#connected(permit, target, ephemeral, target.postgres?.database ?? "", async (wire) => {
      const dangers = await queryTarget(wire, sql.dangersOf(account));
      if (dangers.length > 0) throw new GateError("target-refused", dangers.map(([why]) => why).join("; "));
      for (const each of sql.tryRole({ role, account, until: 0, mark: "test" }, ephemeral.by, verifier)) await queryTarget(wire, each);
    });
  }

  async #sweep(target: Target, ephemeral: EphemeralRoles): Promise<void> {
    const { gate, isLive } = this.#deps;
    try {
      const found = await this.#errand("role.sweep", target, ephemeral, target.postgres?.database ?? "", (wire) =>
        queryTarget(wire, sql.rolesWith(ephemeral.prefix)),
      );
      this.#unswept.delete(target.name);
      for (const [role, comment] of found) {
        const mark = sql.parseMark(gate, comment ?? null);
        if (typeof role !== "string" || mark === undefined || isLive(mark.session as SessionId)) continue;
        await this.#drop({ role, target, ...mark }, true);
      }
    } catch (error) {
      this.#unswept.set(target.name, `roles of sessions that are over cannot be looked for: ${asGateError(error).message}`);
    }
  }

  /** Once at a time. Never throws: what could not be dropped is tried again. */
  #drop(made: Made, swept: boolean): Promise<void> {
    const key = `${made.target.name} ${made.role}`;
    const running = this.#dropping.get(key) ?? this.#dropNow(key, made, swept).finally(() => this.#dropping.delete(key));
    this.#dropping.set(key, running);
    return running;
  }

  async #dropNow(key: string, made: Made, swept: boolean): Promise<void> {
    const { role, account, target } = made;
    const ephemeral = target.postgres?.ephemeral;
    if (ephemeral === undefined) return;
    const database = target.postgres?.database ?? "";
    try {
      const reassigned = await this.#errand("role.drop", target, ephemeral, database, async (wire) => {
        if ((await queryTarget(wire, sql.rolesWith(role))).length === 0) return 0;
        await queryTarget(wire, sql.closeRole(role, ephemeral.by));
        await waitUntilGone(wire, role);
        const belongings = await queryTarget(wire, sql.belongingsOf(role));
        for (const [where] of belongings) {
          if (typeof where !== "string") continue;
          if (where === database) await queryTarget(wire, sql.handOver(role, account));
          else await this.#errand("role.drop", target, ephemeral, where, (other) => queryTarget(other, sql.handOver(role, account)));
        }
        await queryTarget(wire, sql.dropRole(role));
        return belongings.reduce((sum, [, owned]) => sum + Number(owned), 0);
      });
      this.#left.delete(key);
      await this.#tell(made, { kind: "database.role-dropped", body: { role, reassigned, swept } });
    } catch (error) {
      const detail = asGateError(error).message;
      // Said once, and again when the reason is another.
      const isNews = this.#left.get(key)?.detail !== detail;
      this.#left.set(key, { ...made, detail });
      if (isNews) await this.#tell(made, { kind: "database.role-left", body: { role, detail } });
    }
  }

  /** A log that cannot take it does not keep a role from being dropped. */
  async #tell(made: Made, event: AuditEvent): Promise<void> {
    await this.#deps.log.append([this.#about(made, event)], "reserved").catch(() => undefined);
  }

  #about({ target, session }: Made, event: AuditEvent): AuditEvent {
    return { principal: "gate", target: target.name, session, ...event };
  }

  async #errand<T>(errand: Errand, target: Target, by: EphemeralRoles, database: string, work: (wire: Wire) => Promise<T>): Promise<T> {
    const permit = await this.#deps.gatekeeper.authorizeErrand(errand, target.address, "gate");
    return this.#connected(permit, target, by, database, work);
  }

  async #connected<T>(
    permit: ErrandPermit,
    target: Target,
    { by }: EphemeralRoles,
    database: string,
    work: (wire: Wire) => Promise<T>,
  ): Promise<T> {
    // The path: nobody's function of the same name stands before the server's own.
    const connection = { permit, target, user: by, database, startup: { search_path: "pg_catalog" }, timeoutMs: ERRAND_TIMEOUT_MS };
    return overOwnConnection(connection, this.#deps.upstream, ({ socket }) => work(socket));
  }
}

/** A server tells nobody when a connection of somebody else's has ended: it has to be asked again. */
async function waitUntilGone(wire: Wire, role: string): Promise<void> {
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  while ((await queryTarget(wire, sql.connectionsOf(role)))[0]?.[0] !== "0") {
    if (performance.now() > deadline) throw new GateError("target-refused", "its connection does not end");
    await delay(GONE_EVERY_MS);
  }
}
