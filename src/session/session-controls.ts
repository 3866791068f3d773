/**
 * Who tells live sessions what: frozen, thawed, spoken to; each in the log before it is answered.
 *
 * Owns: the order of log and act, and that one change of a session is made at a time. Never: looks at permissions, which
 * are the caller's to check.
 * Invariants: nothing passes from the moment of a freeze, and the log has it before anybody is told that it worked; a
 * thaw is in the log before anything passes; nobody takes away from themself what somebody else put on them.
 */
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SessionId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { LiveSession } from "./live-session.ts";

export interface ControlDeps {
  readonly find: (id: SessionId) => LiveSession | undefined;
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Clock;
  /** What is to be seen of the session is another now. */
  readonly changed: (session: LiveSession) => void;
}

export class SessionControls {
  readonly #deps: ControlDeps;
  readonly #changing = new Set<SessionId>();

  constructor(deps: ControlDeps) {
    this.#deps = deps;
  }

  /** Nothing passes from now on. A log that cannot take it lets the session go on as before, and says so. */
  async freeze(id: SessionId, by: string, reason: string): Promise<Denial | undefined> {
    return this.#change(id, async (session) => {
      const { control } = session;
      if (control.frozen) return deny("wrong-state", { detail: `session "${id}" is frozen already, by ${control.frozen.by}` });
      control.freeze({ by, reason, at: this.#deps.clock.now() });
      try {
        mark(session, `frozen by ${by}`);
        await this.#append(session, { kind: "session.frozen", body: { by, reason } });
      } catch (error) {
        control.thaw("the gate, which could not log it");
        throw error;
      }
      return undefined;
    });
  }

  /** `behind`: the person for whom an agent says so. */
  async thaw(id: SessionId, by: string, reason: string, behind: string = by): Promise<Denial | undefined> {
    return this.#change(id, async (session) => {
      const { frozen } = session.control;
      if (!frozen) return deny("wrong-state", { detail: `session "${id}" is not frozen` });
      const { name, actsFor } = session.permit.authenticated.principal;
      const theirs = new Set<string | undefined>([name, actsFor?.name]);
      if ((theirs.has(by) || theirs.has(behind)) && frozen.by !== by)
        return deny("not-permitted", { detail: `${frozen.by} froze your session: somebody else thaws it` });
      await this.#append(session, { kind: "session.thawed", body: { by, reason } });
      mark(session, `thawed by ${by}`);
      session.control.thaw(by);
      return undefined;
    });
  }

  /** Whether somebody there reads it: nobody does without a terminal, or before there is one. */
  async message(id: SessionId, by: string, text: string): Promise<Denial | { readonly shown: boolean }> {
    const session = this.#deps.find(id);
    if (!session) return notLive(id);
    await this.#append(session, { kind: "session.messaged", body: { by, text } });
    mark(session, `message of ${by}`);
    return { shown: session.control.say(`sallyport: ${by} says: ${text}`) };
  }

  async #change(id: SessionId, work: (session: LiveSession) => Promise<Denial | undefined>): Promise<Denial | undefined> {
    const session = this.#deps.find(id);
    if (!session) return notLive(id);
    if (this.#changing.has(id)) return deny("conflict", { detail: `session "${id}" is being frozen or thawed at this moment` });
    this.#changing.add(id);
    try {
      const denial = await work(session);
      if (!denial) this.#deps.changed(session);
      return denial;
    } finally {
      this.#changing.delete(id);
    }
  }

  async #append(session: LiveSession, event: AuditEvent): Promise<void> {
    await this.#deps.log.append([session.about(event)], "reserved");
  }
}

/** Seen in the replay at its moment. A recording that has ended has said why, and ended its session. */
function mark(session: LiveSession, text: string): void {
  try {
    session.recorder.note("marker", 0, { text });
  } catch {
    // The log has it all the same.
  }
}

function notLive(id: SessionId): Denial {
  return deny("wrong-state", { detail: `session "${id}" is not live` });
}
