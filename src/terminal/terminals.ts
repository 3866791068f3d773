/**
 * Terminals in browsers. Each is an ssh session as every other, by a client inside the gate (inner-connection.ts): who may,
 * what is recorded and what ends it is decided behind the ssh door, nowhere else.
 *
 *   terminals   which there are, whose, how many          terminal   one of them: bytes, windows, coming back
 *   inner-connection   the ssh client in the gate         memory-pair   what it has in place of a socket
 *
 * Invariants: a terminal is its login's alone (another login of the same person does not get at it); a login that no longer
 * holds has none, whether somebody looks or not; their number is bounded.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Conversation, Hearing, Peer } from "../contract/socket.ts";
import { TERMINAL_RESUME_MS, TERMINAL_WINDOW_BYTES, type TerminalReceived, type TerminalSent } from "../contract/terminals.ts";
import { asGateError } from "../kernel/errors.ts";
import type { SessionId } from "../kernel/ids.ts";
import { randomText, type Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { openInner, type InnerConnection, type InnerDoor } from "./inner-connection.ts";
import { Terminal, type Line, type Size } from "./terminal.ts";
import type { Visitor } from "./visitor.ts";

/** Of one person, those that nobody looks at for the moment among them. */
const PER_PERSON = 16;
const IN_ALL = 512;
const CLIENT = "console";
/** What a frame counts for besides its bytes, while it is kept. */
const FRAME_BYTES = 256;

export type TerminalConversation = Conversation<TerminalSent, TerminalReceived>;

export interface TerminalDraft extends Size {
  readonly target: string;
  readonly grant?: string;
  readonly command?: string;
}

export interface TerminalsDeps {
  readonly door: InnerDoor;
  readonly random: Random;
  /** On record that its person takes a terminal up again, from there; or why it is not theirs to take up there. */
  readonly resuming: (session: SessionId, visitor: Visitor) => Promise<Denial | undefined>;
  /** Faults of the gate itself. */
  readonly onFault: (error: unknown) => void;
}

interface Held {
  readonly terminal: Terminal;
  readonly visitor: Visitor;
  secretHash: Buffer | undefined;
}

export class Terminals implements AsyncDisposable {
  readonly #deps: TerminalsDeps;
  readonly #held = new Map<string, Held>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: TerminalsDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#held.size;
  }

  open(visitor: Visitor, draft: TerminalDraft): TerminalConversation {
    return (screen) => {
      const { name } = visitor.authenticated.principal;
      const theirs = [...this.#held.values()].filter((each) => each.visitor.authenticated.principal.name === name);
      if (theirs.length >= PER_PERSON || this.#held.size >= IN_ALL)
        return refused(screen, deny("too-many-connections", { detail: "terminals" }));
      const id = `term-${randomText(this.#deps.random, 10)}`;
      const terminal = new Terminal({ id, newSecret: () => this.#newSecret(id), onGone: () => void this.#held.delete(id) });
      this.#held.set(id, { terminal, visitor, secretHash: undefined });
      const running = this.#run(terminal, visitor, draft);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
      return terminal.attach(screen, 0) ?? refused(screen, deny("internal"));
    };
  }

  /** The secret is in the client's first frame. */
  resume(visitor: Visitor, id: string): TerminalConversation {
    return (screen) => {
      let hearing: Hearing<TerminalReceived> | undefined;
      let isOver = false;
      /** What comes while the log takes it that the terminal is taken up. */
      let early: { readonly hear: (to: Hearing<TerminalReceived>) => void; readonly bytes: number }[] | undefined;
      const late = setTimeout(() => refuse(deny("timeout", { detail: "the secret of the terminal did not come" })), TERMINAL_RESUME_MS);
      const refuse = (denial: Denial): void => {
        isOver = true;
        clearTimeout(late);
        screen.refuse(denial);
      };
      const keep = (bytes: number, hear: (to: Hearing<TerminalReceived>) => void): void => {
        if (!early) return refuse(deny("protocol-error", { detail: "the first frame is the secret" }));
        early.push({ hear, bytes: bytes + FRAME_BYTES });
        const kept = early.reduce((sum, each) => sum + each.bytes, 0);
        if (kept > TERMINAL_WINDOW_BYTES) refuse(deny("protocol-error", { detail: "more was sent than may be on its way" }));
      };
      const takeUp = async (secret: string, received: number): Promise<void> => {
        const terminal = await this.#takeUp(visitor, id, secret, () => isOver);
        if (isOver) return;
        if ("allowed" in terminal) return refuse(terminal);
        hearing = terminal.attach(screen, received);
        if (!hearing) return refuse(notThere(id));
        for (const { hear } of early ?? []) hear(hearing);
      };
      return {
        bytes: (bytes) => {
          if (hearing) hearing.bytes(bytes);
          else if (!isOver) keep(bytes.length, (to) => to.bytes(bytes));
        },
        frame: (frame) => {
          if (hearing) return hearing.frame(frame);
          if (isOver) return;
          if (early || frame.type !== "resume") return keep(0, (to) => to.frame(frame));
          clearTimeout(late);
          early = [];
          takeUp(frame.secret, frame.received).catch((error: unknown) => {
            const { code, detail } = asGateError(error);
            if (code === "internal") this.#deps.onFault(error);
            refuse(deny(code, detail === undefined ? {} : { detail }));
          });
        },
        closed: (onPurpose) => {
          isOver = true;
          clearTimeout(late);
          hearing?.closed(onPurpose);
        },
      };
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { terminal } of this.#held.values()) terminal.end(deny("gate-stopping"));
    await Promise.allSettled(this.#running);
    this.#held.clear();
  }

  #newSecret(id: string): string {
    const secret = randomText(this.#deps.random, 32);
    const held = this.#held.get(id);
    if (held) held.secretHash = hash(secret);
    return secret;
  }

  /** Whoever may not have it does not hear that there is one. A secret is good once. */
  #find({ authenticated }: Visitor, id: string, secret: string): Held | undefined {
    const held = this.#held.get(id);
    const { principal, credential } = held?.visitor.authenticated ?? {};
    const isTheirs = principal?.name === authenticated.principal.name && credential === authenticated.credential;
    if (!held?.secretHash || !isTheirs || !timingSafeEqual(held.secretHash, hash(secret))) return undefined;
    held.secretHash = undefined;
    return held;
  }

  /** On record before anything of it is shown. What comes to nothing leaves the secret good. */
  async #takeUp(visitor: Visitor, id: string, secret: string, isOver: () => boolean): Promise<Terminal | Denial> {
    const held = this.#find(visitor, id, secret);
    const session = held?.terminal.session;
    if (!held || session === undefined) return notThere(id);
    let isTaken = false;
    try {
      const denial = await this.#deps.resuming(session, visitor);
      if (denial) return denial;
      isTaken = !isOver();
      return held.terminal;
    } finally {
      if (!isTaken) held.secretHash ??= hash(secret);
    }
  }

  async #run(terminal: Terminal, visitor: Visitor, draft: TerminalDraft): Promise<void> {
    const { authenticated, remote } = visitor;
    const login = draft.grant === undefined ? draft.target : `${draft.target}%${draft.grant}`;
    try {
      const inner = await openInner({ authenticated, login, remote, client: CLIENT }, this.#deps.door);
      if ("allowed" in inner) return terminal.end(inner);
      if (terminal.ended) return inner.close();
      await converse(terminal, inner, draft);
    } catch (error) {
      const { code, detail } = asGateError(error);
      if (code === "internal") this.#deps.onFault(error);
      terminal.end(deny(code, detail === undefined ? {} : { detail }));
    }
  }

  /** Every second, and whenever somebody's credentials change. */
  async recheckAll(): Promise<void> {
    await Promise.all(
      [...this.#held.values()].map(async ({ terminal, visitor }) => {
        if (terminal.ended) return;
        // Fails closed: who cannot be checked has no terminal.
        const denial = await visitor.recheck().catch(() => deny("store-unavailable"));
        if (denial) terminal.end(denial);
      }),
    );
  }
}

/** From the connection to the end of what runs on it. */
async function converse(terminal: Terminal, inner: InnerConnection, { cols, rows, command }: TerminalDraft): Promise<void> {
  const exit: { status?: number; signal?: string } = {};
  try {
    const channel = await inner.ssh.openSession();
    channel.creditsOnly = true;
    channel.onData = (bytes) => terminal.output(bytes);
    channel.onRequest = (message) => {
      const { request } = message;
      if (request.type === "exit-status") exit.status = request.status;
      if (request.type === "exit-signal") exit.signal = request.signal.slice(0, 32);
      channel.reply(message, false);
    };
    const size = { columns: cols, rows, widthPixels: 0, heightPixels: 0 };
    await channel.request({ type: "pty-req", term: "xterm-256color", modes: Buffer.of(0), ...size });
    const start = command === undefined ? ({ type: "shell" } as const) : ({ type: "exec", command: Buffer.from(command) } as const);
    const isStarted = await channel.request(start);
    const line: Line = { session: inner.session, channel, close: () => inner.close() };
    terminal.opened(line);
    if (isStarted) await channel.closed;
  } finally {
    inner.close();
  }
  const lost = await inner.ended;
  const saidHow = exit.status !== undefined || exit.signal !== undefined;
  const denial = inner.refusal() ?? (saidHow ? undefined : lost);
  terminal.end(denial ?? { type: "exit", ...exit });
}

function refused(screen: Peer<TerminalSent>, denial: Denial): Hearing<TerminalReceived> {
  screen.refuse(denial);
  return { bytes: () => undefined, frame: () => undefined, closed: () => undefined };
}

function notThere(id: string): Denial {
  return deny("not-found", { detail: `terminal "${id}"` });
}

function hash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
