/**
 * Sessions that somebody else must be present at: they wait for a moderator, and stand still or end when the last one
 * leaves.
 *
 * Owns: who is present, and what follows from it. Never: how presence is shown (a stream of the API), nor what stands
 * still (session-control.ts).
 * Invariants: nothing passes before the first moderator's coming is in the log; nothing passes from the moment the last
 * one is gone; nobody moderates their own session, or their agent's, and nobody but
 * people; who may no longer moderate is not present any more. A moderator is
 * demanded where the role as it was approved or today's role demands one, and must be among those of both.
 */
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Later, Timers } from "../audit/timers.ts";
import type { Principal } from "../identity/model.ts";
import type { Clock } from "../kernel/clock.ts";
import type { PrincipalName, SessionId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Moderation as Demand } from "../policy/role.ts";
import type { LiveSession } from "./live-session.ts";

export interface ModerationDeps {
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Pick<Clock, "now">;
  readonly timers: Timers;
  readonly principalNow: (name: PrincipalName) => Promise<Principal | Denial>;
  readonly changed: (session: LiveSession) => void;
}

/** How somebody's stream ended: by themself, or by the gate, which wants to see that they are still there. */
export type Leaving = "left" | "renew";

export interface Presence {
  leave(how: Leaving): void;
}

export interface ModerationView {
  /** Who may. */
  readonly by: readonly string[];
  readonly present: readonly { readonly who: string; readonly since: number }[];
  readonly absent: "pause" | "end";
}

/** To come back within, when the gate broke the stream off; and for another one, before a session ends. */
export const MODERATOR_GRACE_MS = 10_000;

interface Moderated {
  readonly present: Map<string, { readonly since: number; streams: number; times: number }>;
  end: Later | undefined;
}

export class Moderation {
  readonly #deps: ModerationDeps;
  readonly #of = new Map<SessionId, Moderated>();

  constructor(deps: ModerationDeps) {
    this.#deps = deps;
  }

  /** Before anything of it may pass, and whenever roles or groups change. */
  async review(session: LiveSession): Promise<void> {
    const demands = demandsOf(session);
    const known = this.#of.get(session.id);
    if (demands.length === 0) {
      if (!known) return;
      this.ended(session.id);
      return session.control.stopWaiting("sallyport: no moderator is needed any more: this session goes on");
    }
    if (!known) return this.#begin(session);
    for (const who of known.present.keys()) {
      const now = await this.#deps.principalNow(who as PrincipalName).catch(() => undefined);
      if (now === undefined || "allowed" in now || !mayModerate(demands, now)) this.#gone(session, known, who);
    }
  }

  /** Called with the session's beginning, in the same turn: nothing passes before. */
  begin(session: LiveSession): void {
    if (demandsOf(session).length > 0) this.#begin(session);
  }

  #begin(session: LiveSession): void {
    this.#of.set(session.id, { present: new Map(), end: undefined });
    session.control.wait(waitingLine(session, "this session waits for a moderator"));
    this.#deps.changed(session);
  }

  viewOf(session: LiveSession): ModerationView | undefined {
    const known = this.#of.get(session.id);
    const demands = demandsOf(session);
    const [first] = demands;
    if (!known || !first) return undefined;
    return {
      by: first.who,
      present: [...known.present].map(([who, { since }]) => ({ who, since })),
      absent: absentOf(demands),
    };
  }

  /** Present from when it resolves until `leave`. */
  async join(session: LiveSession, by: Principal): Promise<Presence | Denial> {
    const { id, permit } = session;
    const known = this.#of.get(id);
    if (session.ended) return deny("wrong-state", { detail: `session "${id}" is not live` });
    if (!known) return deny("wrong-state", { detail: `session "${id}" needs no moderator: watch it instead` });
    if (by.type !== "human") return deny("not-approver", { detail: "people moderate, nobody and nothing else" });
    const { name, actsFor } = permit.authenticated.principal;
    if ([name, actsFor?.name].includes(by.name)) {
      return deny("own-request", { detail: "nobody moderates their own session, or their agent's" });
    }
    if (!mayModerate(demandsOf(session), by)) return deny("not-approver", { detail: `a moderator of it is among ${whoOf(session)}` });
    if (!known.present.has(by.name)) {
      await this.#append(session, { kind: "session.moderator-joined", body: { by: by.name } });
      if (session.ended || this.#of.get(id) !== known) return deny("wrong-state", { detail: `session "${id}" is not live` });
    }
    return this.#present(session, known, by.name);
  }

  #present(session: LiveSession, known: Moderated, who: string): Presence {
    const there = known.present.get(who) ?? { since: this.#deps.clock.now(), streams: 0, times: 0 };
    const isNew = !known.present.has(who);
    known.present.set(who, there);
    there.streams += 1;
    there.times += 1;
    known.end?.[Symbol.dispose]();
    known.end = undefined;
    if (isNew) {
      const line = `sallyport: ${who} moderates this session`;
      if (known.present.size === 1) session.control.stopWaiting(`${line}: it goes on`);
      else session.announce(line);
      this.#deps.changed(session);
    }
    let isOver = false;
    return {
      leave: (how) => {
        if (isOver) return;
        isOver = true;
        there.streams -= 1;
        const { times } = there;
        if (there.streams > 0 || known.present.get(who) !== there) return;
        if (how === "left") return this.#gone(session, known, who);
        this.#deps.timers.after(MODERATOR_GRACE_MS, () => {
          if (there.streams === 0 && there.times === times && known.present.get(who) === there) this.#gone(session, known, who);
        });
      },
    };
  }

  /** Stands still first, and is logged then: a log that fails must not keep anything passing. */
  #gone(session: LiveSession, known: Moderated, who: string): void {
    if (!known.present.delete(who) || session.ended) return;
    const isLast = known.present.size === 0;
    const ends = absentOf(demandsOf(session)) === "end";
    if (isLast) {
      const what = ends
        ? `this session ends in ${MODERATOR_GRACE_MS / 1000} s unless another one is there`
        : "nothing passes until one is there";
      session.control.wait(waitingLine(session, `the moderator ${who} left: ${what}`));
      if (ends) known.end = this.#deps.timers.after(MODERATOR_GRACE_MS, () => session.cut(deny("no-moderator", { detail: `${who} left` })));
    } else session.announce(`sallyport: the moderator ${who} left`);
    this.#append(session, { kind: "session.moderator-left", body: { by: who } }).catch(() => session.cut(deny("log-unavailable")));
    this.#deps.changed(session);
  }

  ended(id: SessionId): void {
    this.#of.get(id)?.end?.[Symbol.dispose]();
    this.#of.delete(id);
  }

  async #append(session: LiveSession, event: AuditEvent): Promise<void> {
    await this.#deps.log.append([session.about(event)], "reserved");
  }
}

function demandsOf({ grant, roleNow }: Pick<LiveSession, "grant" | "roleNow">): readonly Demand[] {
  return [grant.role.moderator, roleNow?.moderator].filter((demand) => demand !== undefined);
}

function absentOf(demands: readonly Demand[]): "pause" | "end" {
  return demands.some(({ absent }) => absent === "end") ? "end" : "pause";
}

/** Fails closed: one who is named by only one of two demands may not. */
function mayModerate(demands: readonly Demand[], { name, groups }: Principal): boolean {
  const isNamed = (each: string): boolean => each === name || (each.startsWith("group:") && groups.includes(each.slice("group:".length)));
  return demands.length > 0 && demands.every(({ who }) => who.some(isNamed));
}

function whoOf(session: LiveSession): string {
  return (demandsOf(session)[0]?.who ?? []).map((each) => each.replace(/^group:/, "")).join(", ");
}

function waitingLine(session: LiveSession, what: string): string {
  return `sallyport: ${what} (${whoOf(session)})`;
}
