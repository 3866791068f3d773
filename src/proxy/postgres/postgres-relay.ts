/**
 * Between two connections that are logged in: statements decided and durable before they are forwarded, answers passed
 * as they come. Original bytes go through; nothing is encoded anew but refusals and warnings.
 *
 *   postgres-statements   what a client's texts mean          pipeline          whose answer each message of the target is
 *   target-messages       what the target says, passed on     gate-questions    what the gate asks in between
 *   relay-end             left, cut, cleaned up               target-cancels    what runs is ended
 *
 * A refusal has to look as if the target had given it: in its place among the answers of a pipeline, and with a
 * transaction that is failed afterwards. So the target is sent something that it must refuse in place of the statement,
 * and its refusal is replaced by the gate's own. The statement itself never reaches it.
 *
 * Invariants:
 *  - While a statement waits to be decided and logged, nothing behind it passes from the client (order is kept).
 *  - Untrusted, both ways: unknown messages, malformed ones and answers to nothing end the session.
 */
import type { KeyedDigest } from "../../audit/keyed-digest.ts";
import type { BufferPool } from "../../kernel/buffer-pool.ts";
import { asGateError } from "../../kernel/errors.ts";
import { deny } from "../../kernel/result.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { Holds } from "../../session/holds.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { limitsInForce } from "../../session/sql-limits.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { Framer } from "../../wire/postgres/framer.ts";
import { FRONTEND } from "../../wire/postgres/frontend.ts";
import type { CancelKeys } from "./cancel-keys.ts";
import { ClientWarnings } from "./relay/client-warnings.ts";
import { GateQuestions } from "./relay/gate-questions.ts";
import { Pipeline, type Ending } from "./relay/pipeline.ts";
import { PostgresHolding, type HoldingDeps } from "./preview/postgres-hold.ts";
import { LimitsGuard, type TurnedAway } from "./relay/postgres-limits.ts";
import { HALTED, HaltedRelay } from "./relay/halted-relay.ts";
import { PEER_IS_FULL, PostgresLink } from "./relay/postgres-link.ts";
import { PostgresRecord } from "./postgres-facts.ts";
import { PostgresStatements } from "./statements/postgres-statements.ts";
import type { Running } from "./statements/running-statement.ts";
import { cleanUp } from "./postgres-cleanup.ts";
import type { Upstream, UpstreamDeps } from "./postgres-upstream.ts";
import { RelayEnd } from "./relay/relay-end.ts";
import type { SessionMasking } from "./masking/session-masking.ts";
import type { StatementPlaces } from "./statements/statement-places.ts";
import { TargetCancels } from "./relay/target-cancels.ts";
import { TargetMessages } from "./relay/target-messages.ts";
import type { Wire } from "./wire.ts";

/** A statement with its values: PostgreSQL itself takes a gigabyte, our reading of it ends far below. */
const MAX_CLIENT_MESSAGE = 64 * 1024 * 1024;
/** Descriptions of results and errors; rows and copies pass without being gathered. */
const MAX_TARGET_MESSAGE = 16 * 1024 * 1024;
/** Of what a client sends while its statement waits for an approval. */
const MAX_AHEAD = 64 * 1024;
const PASSING: ReadonlySet<number> = new Set([backend.BACKEND.dataRow, backend.BACKEND.copyData, backend.BACKEND.functionResult]);

export interface RelayOptions {
  readonly client: Wire;
  readonly upstream: Upstream;
  readonly session: LiveSession;
  readonly masking: SessionMasking;
  readonly holds: Holds;
  readonly preview: HoldingDeps["preview"];
  readonly digest: KeyedDigest;
  /** AuthenticationOk is sent already. */
  readonly isGreeted: boolean;
  readonly cancelKeys: CancelKeys;
  readonly dial: UpstreamDeps;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  readonly places: StatementPlaces;
  readonly buffers: BufferPool;
  readonly onFault: (error: unknown) => void;
}

export class PostgresRelay {
  readonly #options: RelayOptions;
  readonly #client: PostgresLink;
  readonly #target: PostgresLink;
  readonly #pipeline: Pipeline<Running>;
  readonly #statements: PostgresStatements;
  readonly #limits: LimitsGuard;
  readonly #fromClient: Framer;
  readonly #fromTarget: Framer;
  readonly #key: ReturnType<CancelKeys["add"]>;
  readonly #holding: PostgresHolding;
  readonly #questions: GateQuestions;
  readonly #cancels: TargetCancels;
  readonly #warnings: ClientWarnings;
  readonly #messages: TargetMessages;
  readonly #end: RelayEnd;
  #isDeciding = false;
  readonly #halted = new HaltedRelay();

  constructor(options: RelayOptions) {
    const { session, upstream, masking, digest, dial, gatekeeper } = options;
    this.#options = options;
    this.#client = new PostgresLink(options.client, options.buffers);
    this.#target = new PostgresLink(upstream.socket, options.buffers, upstream.plain);
    this.#pipeline = new Pipeline((running, how) => this.#ended(running, how));
    const limits = limitsInForce(session);
    const isAtBoundary = (): boolean => this.#fromTarget.isAtBoundary;
    const toTarget = (bytes: Uint8Array): void => this.#toTarget(bytes);
    const record = new PostgresRecord(session, digest);
    const { preview, holds } = options;
    this.#cancels = new TargetCancels(options);
    this.#warnings = new ClientWarnings(isAtBoundary, (bytes) => this.#client.write(bytes));
    this.#holding = new PostgresHolding({
      session,
      holds,
      preview,
      say: (text, more) => this.#warnings.say(text, more),
      stop: (key) => this.#cancels.cancelByErrand(key),
      statementMs: () => limits().statementMs,
    });
    this.#questions = new GateQuestions({
      pipeline: this.#pipeline,
      status: () => this.#statements.status,
      uncancelled: () => this.#cancels.last,
      isOver: () => this.#end.isOver,
      toTarget,
    });
    this.#statements = new PostgresStatements({
      session,
      masking,
      record,
      pipeline: this.#pipeline,
      line: {
        holding: this.#holding,
        limit: () => limits().limit,
        forward: toTarget,
        began: () => this.#limits.step(),
        listen: () => this.#client.resume("deciding"),
        own: () => this.#questions.own(),
        replay: (messages, status) => this.#replay(messages, status),
      },
    });
    const places = `${session.grant.id} ${session.permit.scoped.target.name}`;
    this.#limits = new LimitsGuard({
      inForce: limits,
      pipeline: this.#pipeline,
      cancel: () => this.#cancels.cancel(),
      toTarget,
      cut: (denial) => session.cut(denial),
      note: (event) => void session.note(event),
      places: {
        take: (most) => options.places.take(places, most),
        wait: (signal) => options.places.wait(places, signal),
      },
    });
    this.#key = options.cancelKeys.add((remote) => this.#cancel(remote));
    this.#end = new RelayEnd({
      client: this.#client,
      target: this.#target,
      session,
      isIdle: () => this.#pipeline.isIdle,
      isAsking: () => this.#questions.isAsking,
      isAtBoundary,
      release: () => this.#release(),
      cleanUp: () => cleanUp({ permit: session.permit, database: preview.place.database, upstream, dial, gatekeeper }),
    });
    this.#messages = new TargetMessages({
      pipeline: this.#pipeline,
      masking,
      limits: this.#limits,
      statements: this.#statements,
      toClient: (bytes) => this.#toClient(bytes),
      idle: () => {
        this.#questions.idle();
        return this.#end.idle();
      },
    });
    this.#fromClient = new Framer({
      maxWholeBytes: MAX_CLIENT_MESSAGE,
      take: (type) => (type === FRONTEND.copyData ? "pass" : "whole"),
      onMessage: (_type, message) => this.#clientSays(message),
      onPass: (bytes) => this.#toTarget(bytes),
    });
    this.#fromTarget = new Framer({
      maxWholeBytes: MAX_TARGET_MESSAGE,
      take: (type, length) => {
        if (this.#questions.isAsking || !PASSING.has(type)) return "whole";
        if (this.#end.hasLeft) this.#end.unread(length);
        if (!this.#limits.isShown(length)) return "drop";
        return type === backend.BACKEND.dataRow && this.#masksRows() ? "whole" : "pass";
      },
      onMessage: (_type, message) => this.#targetSays(message),
      onPass: (bytes) => {
        if (this.#end.isOver) return;
        this.#pipeline.head?.statement?.results?.bytes(bytes);
        this.#toClient(bytes);
      },
    });
  }

  /** Takes both connections over. Resolves when both are done with; never rejects. */
  run(): Promise<void> {
    const { session, upstream } = this.#options;
    const [client, target] = [this.#client, this.#target];
    client.onData = (chunk) =>
      this.#passing(client, target, () => {
        session.spend("in", chunk.length);
        if (!this.#end.isOver) this.#fromClient.push(chunk);
        // While somebody decides about a statement: what is sent meanwhile is kept, and is little.
        if (this.#fromClient.waitingBytes > MAX_AHEAD) client.pause(this.#isDeciding ? "deciding" : HALTED);
      });
    target.onData = (chunk) =>
      this.#passing(target, client, () => {
        session.spend("out", chunk.length);
        if (!this.#end.isOver) this.#fromTarget.push(chunk);
        this.#warnings.flush();
      });
    client.onDrain = () => target.resume(PEER_IS_FULL);
    target.onDrain = () => client.resume(PEER_IS_FULL);
    client.onEnd = () => {
      this.#end.leave();
      // Nobody is shown anything any more: what was begun may end.
      target.resume(HALTED);
    };
    target.onEnd = () => this.#end.finish(this.#end.hasLeft ? undefined : "the target closed the connection");
    session.onPause((paused) => (paused ? target.pause("recording is late") : target.resume("recording is late")));
    session.onWarning((text) => this.#warnings.warn(text));
    session.control.onMessage((line) => {
      this.#warnings.notice(line);
      return true;
    });
    session.onCut((denial) => this.#end.cut(denial));
    if (this.#end.isOver) return this.#end.done;
    const { processId, secret } = this.#key;
    const greeting = this.#options.isGreeted ? [] : [backend.encodeAuthenticationOk()];
    client.write(Buffer.concat([...greeting, ...upstream.parameters, backend.encodeBackendKeyData(processId, secret)]));
    // A notice has its place behind AuthenticationOk, and is read by every client before ReadyForQuery.
    session.control.onHalt((isHalted, line) => (isHalted ? this.#halt(line) : this.#thaw(line)));
    client.write(READY);
    client.start();
    target.start();
    return this.#end.done;
  }

  /** What one chunk brings leaves for the other side in one write; a side that is not read by its peer is waited for. */
  #passing(from: PostgresLink, to: PostgresLink, work: () => void): void {
    to.cork();
    try {
      work();
    } catch (error) {
      this.#fault(error);
    } finally {
      to.uncork();
    }
    if (to.isFull && !this.#end.isDeaf) from.pause(PEER_IS_FULL);
  }

  #clientSays(message: Buffer): void {
    if (this.#end.isDeaf) return;
    if (message[0] === FRONTEND.terminate) return this.#end.leave();
    const waits = this.#limits.admit(message[0] ?? 0);
    const pending = waits === undefined ? this.#statements.take(message) : this.#inTurn(Buffer.from(message), waits);
    if (!pending) return this.#limits.step();
    this.#fromClient.hold();
    this.#client.pause("deciding");
    this.#isDeciding = true;
    pending
      .then(() => {
        this.#isDeciding = false;
        if (this.#end.isDeaf) return;
        this.#limits.step();
        this.#client.resume("deciding");
        this.#readOn();
      })
      .catch((error: unknown) => this.#fault(error));
  }

  /** What the client sent meanwhile is taken up, unless something else still stands before it. */
  #readOn(): void {
    if (this.#isDeciding || this.#end.isDeaf || this.#options.session.control.isHalted) return;
    this.#passing(this.#client, this.#target, () => this.#fromClient.resume());
  }

  /** The client is still heard, a little, so that it is noticed when it leaves. */
  #halt(line: string): void {
    this.#fromClient.hold();
    this.#target.pause(HALTED);
    this.#warnings.warn(line);
  }

  #thaw(line: string): void {
    if (this.#end.isOver) return;
    this.#warnings.warn(line);
    const asked = this.#halted.release(
      (bytes) => this.#toTarget(bytes),
      (bytes) => this.#toClient(bytes),
    );
    if (asked !== undefined) void this.#cancel(asked);
    this.#target.resume(HALTED);
    this.#client.resume(HALTED);
    this.#readOn();
  }

  async #inTurn(message: Buffer, waits: Promise<TurnedAway | undefined>): Promise<void> {
    const turnedAway = await waits;
    if (this.#end.isOver) return;
    await (turnedAway ? this.#statements.turnAway(message, turnedAway) : this.#statements.take(message));
  }

  #targetSays(message: Buffer): void {
    if (this.#end.isOver) return;
    if (!this.#questions.take(message)) this.#messages.take(message);
  }

  #masksRows(): boolean {
    return this.#pipeline.head?.statement?.masks?.masksRows === true;
  }

  #replay(messages: readonly Buffer[], status?: backend.TransactionStatus): void {
    for (const message of messages) this.#targetSays(message);
    if (status !== undefined) this.#targetSays(Buffer.from([backend.BACKEND.ready, 0, 0, 0, 5, status.charCodeAt(0)]));
  }

  #toTarget(bytes: Uint8Array): void {
    if (this.#end.isDeaf) return;
    if (this.#options.session.control.isHalted) return this.#halted.keep("target", bytes);
    this.#target.write(bytes);
  }

  #toClient(bytes: Uint8Array): void {
    if (this.#end.isDeaf) return;
    if (this.#options.session.control.isHalted) return this.#halted.keep("client", bytes);
    const running = this.#pipeline.head?.statement;
    if (running) running.bytes += bytes.length;
    this.#client.write(bytes);
  }

  #ended(running: Running, how: Ending): void {
    void this.#options.session.note(running.outcome(how));
  }

  /** Ctrl-C: on a connection of its own, as the protocol has it; the session's permit covers it. */
  async #cancel(remote: string): Promise<void> {
    if (this.#end.isOver) return;
    if (this.#options.session.control.isHalted) return this.#halted.keepCancel(remote);
    await this.#options.session.note({ kind: "sql.cancel-asked", body: { remote } });
    if (this.#end.isOver) return;
    const isGivenUp = this.#holding.giveUp() || this.#limits.giveUpWaiting();
    // What is tried out over this connection runs there, whoever waits for it.
    if (!isGivenUp || this.#questions.isAsking) await this.#cancels.cancel();
  }

  /** Whoever broke the protocol, or whatever broke here: the session is cut, and says so. */
  #fault(error: unknown): void {
    const { code, detail } = asGateError(error);
    if (code === "internal") this.#options.onFault(error);
    this.#options.session.cut(deny(code, detail === undefined ? {} : { detail }));
  }

  #release(): void {
    this.#holding.giveUp();
    this.#questions.giveUp();
    this.#key[Symbol.dispose]();
    this.#limits[Symbol.dispose]();
    this.#pipeline.close();
  }
}

const READY = Buffer.from([backend.BACKEND.ready, 0, 0, 0, 5, "I".charCodeAt(0)]);
