/**
 * Between two connections that are logged in: statements decided and durable before they are forwarded, answers passed
 * as they come. Original bytes go through; nothing is encoded anew but refusals and warnings.
 *
 *   pipeline    whose answer each message of the target is        postgres-statements   what a client's texts mean
 *
 * A refusal has to look as if the target had given it: in its place among the answers of a pipeline, and with a
 * transaction that is failed afterwards. So the target is sent something that it must refuse in place of the statement,
 * and its refusal is replaced by the gate's own. The statement itself never reaches it.
 *
 * Invariants:
 *  - While a statement waits to be decided and logged, nothing behind it passes from the client (order is kept).
 *  - Untrusted, both ways: unknown messages, malformed ones and answers to nothing end the session.
 *  - After a cut nothing passes in either direction, nor does what the target had not taken yet; what runs there is ended.
 *  - A session does not end before what it was given at the target: a client that goes away leaves nothing that could
 *    not be seen, and cut, any more.
 */
import type { KeyedDigest } from "../../audit/keyed-digest.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { Holds } from "../../session/holds.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { limitsInForce } from "../../session/sql-limits.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { Framer } from "../../wire/postgres/framer.ts";
import { encodeTerminate, FRONTEND } from "../../wire/postgres/frontend.ts";
import type { CancelKeys } from "./cancel-keys.ts";
import { Pipeline, type Ending } from "./pipeline.ts";
import { Answer } from "./postgres-answer.ts";
import { PostgresHolding, type HoldingDeps, type OwnLine } from "./postgres-hold.ts";
import { LimitsGuard, type TurnedAway } from "./postgres-limits.ts";
import { PostgresLink } from "./postgres-link.ts";
import { encodeRefusal } from "./postgres-refuse.ts";
import { PostgresRecord } from "./postgres-facts.ts";
import { PostgresStatements } from "./postgres-statements.ts";
import type { Running } from "./running-statement.ts";
import { cleanUp } from "./postgres-cleanup.ts";
import { cancelTarget, requirePinned, type Upstream, type UpstreamDeps } from "./postgres-upstream.ts";
import { withhold, withoutPayload, type Said } from "./postgres-withheld.ts";
import type { SessionMasking } from "./session-masking.ts";
import type { StatementPlaces } from "./statement-places.ts";
import type { Wire } from "./postgres-reader.ts";

/** A statement with its values: PostgreSQL itself takes a gigabyte, our reading of it ends far below. */
const MAX_CLIENT_MESSAGE = 64 * 1024 * 1024;
/** Descriptions of results and errors; rows and copies pass without being gathered. */
const MAX_TARGET_MESSAGE = 16 * 1024 * 1024;
/** Of what a client sends while its statement waits for an approval. */
const MAX_AHEAD = 64 * 1024;
/** Of results that come when their client has gone. */
const MAX_UNREAD = 64 * 1024;
/** For answers that were under way when the gate wants to ask. */
const IDLE_MS = 10_000;
/** What a server says whenever it likes. */
const BY_ITSELF: ReadonlySet<number> = new Set([backend.BACKEND.notification, backend.BACKEND.parameterStatus]);
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
  readonly onFault: (error: unknown) => void;
}

interface Asking {
  readonly answer: Answer;
  readonly done: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
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
  readonly #done = Promise.withResolvers<void>();
  readonly #key: ReturnType<CancelKeys["add"]>;
  readonly #holding: PostgresHolding;
  /** What the gate asks by itself, over the session's own connection. */
  #asking: Asking | undefined;
  #whenIdle: (() => void) | undefined;
  #stopping: Promise<unknown> | undefined;
  #status: backend.TransactionStatus = "I";
  #warnings: Buffer[] = [];
  /** The client is gone, and what it had sent runs on. */
  #left = false;
  #unreadBytes = 0;
  #over = false;

  constructor(options: RelayOptions) {
    const { session, upstream, masking, digest } = options;
    this.#options = options;
    this.#client = new PostgresLink(options.client);
    this.#target = new PostgresLink(upstream.socket, upstream.plain);
    this.#pipeline = new Pipeline((running, how) => this.#ended(running, how));
    const limits = limitsInForce(session);
    const toTarget = (bytes: Uint8Array): void => this.#toTarget(bytes);
    const record = new PostgresRecord(session, digest);
    const { preview, holds } = options;
    this.#holding = new PostgresHolding({
      session,
      holds,
      preview,
      say: (text) => this.#say(text),
      stop: (key) => this.#stopByErrand(key),
      statementMs: () => limits().statementMs,
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
        own: () => this.#own(),
        replay: (messages, status) => this.#replay(messages, status),
      },
    });
    const places = `${session.grant.id} ${session.permit.scoped.target.name}`;
    this.#limits = new LimitsGuard({
      inForce: limits,
      pipeline: this.#pipeline,
      cancel: () => this.#stop(),
      toTarget,
      cut: (denial) => session.cut(denial),
      note: (event) => void session.note(event),
      places: {
        take: (most) => options.places.take(places, most),
        wait: (signal) => options.places.wait(places, signal),
      },
    });
    this.#key = options.cancelKeys.add((remote) => this.#cancel(remote));
    this.#fromClient = new Framer({
      maxWholeBytes: MAX_CLIENT_MESSAGE,
      take: (type) => (type === FRONTEND.copyData ? "pass" : "whole"),
      onMessage: (_type, message) => this.#clientSays(message),
      onPass: (bytes) => this.#toTarget(bytes),
    });
    this.#fromTarget = new Framer({
      maxWholeBytes: MAX_TARGET_MESSAGE,
      take: (type, length) => {
        if (this.#asking !== undefined || !PASSING.has(type)) return "whole";
        if (this.#left) this.#unread(length);
        if (!this.#limits.isShown(length)) return "drop";
        return type === backend.BACKEND.dataRow && this.#masksRows() ? "whole" : "pass";
      },
      onMessage: (_type, message) => this.#targetSays(message),
      onPass: (bytes) => {
        if (this.#over) return;
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
      this.#guarded(target, () => {
        session.spend("in", chunk.length);
        if (!this.#over) this.#fromClient.push(chunk);
        // While somebody decides about a statement: what is sent meanwhile is kept, and is little.
        if (this.#fromClient.waitingBytes > MAX_AHEAD) client.pause("deciding");
      });
    target.onData = (chunk) =>
      this.#guarded(client, () => {
        session.spend("out", chunk.length);
        if (!this.#over) this.#fromTarget.push(chunk);
        this.#sayWarnings();
      });
    client.onDrain = () => target.resume("client is full");
    target.onDrain = () => client.resume("target is full");
    client.onEnd = () => this.#leave();
    target.onEnd = () => this.#finish(this.#left ? undefined : "the target closed the connection");
    session.onPause((paused) => (paused ? target.pause("recording is late") : target.resume("recording is late")));
    session.onWarning((text) => this.#warn(text));
    session.onCut((denial) => this.#cut(denial));
    if (this.#over) return this.#done.promise;
    const { processId, secret } = this.#key;
    const greeting = this.#options.isGreeted ? [] : [backend.encodeAuthenticationOk()];
    client.write(Buffer.concat([...greeting, ...upstream.parameters, backend.encodeBackendKeyData(processId, secret), READY]));
    client.start();
    target.start();
    return this.#done.promise;
  }

  /** What one chunk brings leaves for the other side in one write. */
  #guarded(other: PostgresLink, work: () => void): void {
    other.cork();
    try {
      work();
    } catch (error) {
      this.#fault(error);
    } finally {
      other.uncork();
    }
  }

  #clientSays(message: Buffer): void {
    if (this.#over || this.#left) return;
    if (message[0] === FRONTEND.terminate) return this.#leave();
    const waits = this.#limits.admit(message[0] ?? 0);
    const pending = waits === undefined ? this.#statements.take(message) : this.#inTurn(Buffer.from(message), waits);
    if (!pending) return this.#limits.step();
    this.#fromClient.hold();
    this.#client.pause("deciding");
    pending
      .then(() => {
        if (this.#over || this.#left) return;
        this.#limits.step();
        this.#client.resume("deciding");
        this.#guarded(this.#target, () => this.#fromClient.resume());
      })
      .catch((error: unknown) => this.#fault(error));
  }

  async #inTurn(message: Buffer, waits: Promise<TurnedAway | undefined>): Promise<void> {
    const turnedAway = await waits;
    if (this.#over) return;
    await (turnedAway ? this.#statements.turnAway(message, turnedAway) : this.#statements.take(message));
  }

  #targetSays(message: Buffer): void {
    if (this.#over) return;
    if (this.#asking && !BY_ITSELF.has(message[0] ?? 0)) return this.#answers(this.#asking, message);
    const pipeline = this.#pipeline;
    pipeline.head?.statement?.results?.message(message);
    let said = message;
    switch (message[0]) {
      case backend.BACKEND.parseComplete:
        pipeline.completed("parse");
        break;
      case backend.BACKEND.bindComplete:
        pipeline.completed("bind");
        break;
      case backend.BACKEND.closeComplete:
        pipeline.completed("close");
        break;
      case backend.BACKEND.rowDescription: {
        const { head } = pipeline;
        if (head?.onDescribed) head.onDescribed(message);
        else head?.statement?.masks?.described(message);
        said = head?.describedAs ?? message;
        pipeline.described();
        break;
      }
      case backend.BACKEND.noData:
        pipeline.described();
        break;
      case backend.BACKEND.dataRow: {
        const running = pipeline.head?.statement;
        const row = running?.masks?.row(message) ?? message;
        running?.results?.bytes(row);
        return this.#toClient(row);
      }
      case backend.BACKEND.commandComplete: {
        const running = pipeline.head?.statement;
        const ended = backend.parseCommandComplete(message);
        running?.completed(ended);
        pipeline.commandEnded();
        if (running?.isCutAt === ended.rows) this.#toClient(encodeCutNotice(ended.rows));
        break;
      }
      case backend.BACKEND.emptyQuery:
      case backend.BACKEND.portalSuspended:
        pipeline.commandEnded();
        break;
      case backend.BACKEND.error: {
        const { head } = pipeline;
        const fields = this.#withheld(backend.parseErrorResponse(message));
        head?.statement?.failed(fields.said);
        const refusal = pipeline.failed();
        if (refusal !== undefined) {
          this.#toClient(head?.refusalMessage ?? encodeRefusal(refusal, "ERROR"));
          return this.#limits.step();
        }
        if (fields.isWithheld) said = backend.encodeErrorResponse(fields.said);
        break;
      }
      case backend.BACKEND.ready:
        this.#status = backend.parseReadyForQuery(message);
        pipeline.ready();
        this.#statements.ready(this.#status);
        if (pipeline.isIdle) this.#whenIdle?.();
        if (pipeline.isIdle && this.#left) return this.#finish(undefined);
        break;
      case backend.BACKEND.parameterStatus:
        requirePinned(backend.parseParameterStatus(message));
        break;
      case backend.BACKEND.notice: {
        const { said, isWithheld } = this.#withheld(backend.parseErrorResponse(message));
        if (isWithheld) return this.#toClient(backend.encodeNoticeResponse(said));
        break;
      }
      case backend.BACKEND.notification:
        if (this.#options.masking.masks) return this.#toClient(withoutPayload(message));
        break;
      case backend.BACKEND.parameterDescription:
      case backend.BACKEND.copyIn:
        pipeline.copying();
        break;
      case backend.BACKEND.copyOut:
      case backend.BACKEND.copyDone:
        break;
      default:
        throw new GateError("protocol-error", `the target sent message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))}`);
    }
    const shown = this.#limits.show(said);
    if (shown !== undefined) this.#toClient(shown);
    this.#limits.step();
  }

  #masksRows(): boolean {
    return this.#pipeline.head?.statement?.masks?.masksRows === true;
  }

  #withheld(fields: backend.ErrorFields): Said {
    if (!this.#options.masking.masks) return { said: fields, isWithheld: false };
    return withhold(fields, this.#pipeline.head?.statement?.masks);
  }

  /** What the client has sent before is answered first. */
  async #own(): Promise<OwnLine> {
    if (!this.#pipeline.isIdle) {
      const idle = new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
      await withDeadline(idle, IDLE_MS, "what was sent before does not end");
      this.#whenIdle = undefined;
    }
    return { exchange: (bytes) => this.#ask(bytes), status: this.#status };
  }

  async #ask(bytes: Buffer): Promise<Answer> {
    // A cancel that is on its way would hit what is asked next.
    await this.#stopping;
    if (this.#over) throw new GateError("grant-ended");
    return await new Promise((resolve, reject) => {
      this.#asking = { answer: new Answer(), done: resolve, fail: reject };
      this.#toTarget(bytes);
    });
  }

  #answers(asking: Asking, message: Buffer): void {
    if (!asking.answer.add(message)) return;
    this.#asking = undefined;
    asking.done(asking.answer);
  }

  #replay(messages: readonly Buffer[], status?: backend.TransactionStatus): void {
    for (const message of messages) this.#targetSays(message);
    if (status !== undefined) this.#targetSays(Buffer.from([backend.BACKEND.ready, 0, 0, 0, 5, status.charCodeAt(0)]));
  }

  #toTarget(bytes: Uint8Array): void {
    if (this.#over || this.#left) return;
    this.#target.write(bytes);
    if (this.#target.isFull) this.#client.pause("target is full");
  }

  #toClient(bytes: Uint8Array): void {
    if (this.#over || this.#left) return;
    const running = this.#pipeline.head?.statement;
    if (running) running.bytes += bytes.length;
    this.#client.write(bytes);
    if (this.#client.isFull) this.#target.pause("client is full");
  }

  #ended(running: Running, how: Ending): void {
    void this.#options.session.note(running.outcome(how));
  }

  #warn(text: string): void {
    this.#warnings.push(backend.encodeNoticeResponse({ severity: "WARNING", code: "01000", message: text.trim() }));
    this.#sayWarnings();
  }

  #say(text: string): void {
    this.#warnings.push(backend.encodeNoticeResponse({ severity: "NOTICE", code: "00000", message: `sallyport: ${text}` }));
    this.#sayWarnings();
  }

  /** Only between two messages. */
  #sayWarnings(): void {
    if (!this.#fromTarget.isAtBoundary) return;
    for (const warning of this.#warnings.splice(0)) this.#client.write(warning);
  }

  /** Ctrl-C: on a connection of its own, as the protocol has it; the session's permit covers it. */
  async #cancel(remote: string): Promise<void> {
    if (this.#over) return;
    await this.#options.session.note({ kind: "sql.cancel-asked", body: { remote } });
    if (this.#over) return;
    const isGivenUp = this.#holding.giveUp() || this.#limits.giveUpWaiting();
    // What is tried out over this connection runs there, whoever waits for it.
    if (!isGivenUp || this.#asking) await this.#stop();
  }

  /** `true` once the target has taken the wish. */
  #stop(): Promise<boolean> {
    const { session, upstream, dial } = this.#options;
    const stopping = cancelTarget(session.permit, session.permit.scoped.target, upstream.cancelKey, dial);
    this.#stopping = stopping;
    return stopping;
  }

  /** Whoever broke the protocol, or whatever broke here: the session is cut, and says so. */
  #fault(error: unknown): void {
    const { code, detail } = asGateError(error);
    if (code === "internal") this.#options.onFault(error);
    this.#options.session.cut(deny(code, detail === undefined ? {} : { detail }));
  }

  #cut(denial: Denial): void {
    if (this.#over) return;
    const runs = this.#runs;
    const atBoundary = this.#fromTarget.isAtBoundary;
    this.#end();
    // In the middle of a row there is no place for words: the connection ends.
    this.#client.close(atBoundary ? encodeRefusal(denial, "FATAL") : undefined);
    void this.#letGo(runs).then(this.#done.resolve, this.#done.resolve);
  }

  /** As with a server, what it was given runs on when its client has gone: in a session that can be seen, and cut. */
  #leave(): void {
    if (this.#over || this.#left) return;
    if (this.#pipeline.isIdle) return this.#finish(undefined);
    this.#left = true;
    this.#client.close();
    this.#target.resume("client is full");
    this.#target.leave(encodeTerminate());
  }

  /** As a server that cannot send what it has ends the statement: a buffer of a connection is gone by then. */
  #unread(length: number): void {
    this.#unreadBytes += length;
    if (this.#unreadBytes > MAX_UNREAD) this.#finish(undefined);
  }

  #finish(detail: string | undefined): void {
    if (this.#over) return;
    const runs = this.#runs && !this.#target.ended;
    this.#end();
    this.#client.close();
    const done = Promise.all([this.#letGo(runs), this.#options.session.close(detail)]);
    void done.then(() => this.#done.resolve(), this.#done.resolve);
  }

  /** Whether the target does something, for the client or for the gate. */
  get #runs(): boolean {
    return !this.#pipeline.isIdle || this.#asking !== undefined;
  }

  /** What runs over another connection of the gate's. The gate's own errand: the grant may have ended. */
  async #stopByErrand(key: Upstream["cancelKey"]): Promise<void> {
    const { gatekeeper, session, dial } = this.#options;
    const { target } = session.permit.scoped;
    const permit = await gatekeeper.authorizeErrand("session.cleanup", target.address, "gate");
    await cancelTarget(permit, target, key, dial);
  }

  /** A server does not notice before the end of a statement that nobody waits for it. */
  async #letGo(runs: boolean): Promise<void> {
    if (!runs) return this.#target.close(encodeTerminate());
    this.#target.reset();
    const { gatekeeper, session, upstream, dial, preview } = this.#options;
    await cleanUp({ permit: session.permit, database: preview.place.database, upstream, dial, gatekeeper });
  }

  #end(): void {
    this.#over = true;
    this.#holding.giveUp();
    this.#asking?.fail(new GateError("grant-ended"));
    this.#key[Symbol.dispose]();
    this.#limits[Symbol.dispose]();
    this.#pipeline.close();
  }
}

function encodeCutNotice(rows: number): Buffer {
  const message = `sallyport: LIMIT ${rows} was added to this statement; there may be more rows`;
  return backend.encodeNoticeResponse({ severity: "WARNING", code: "01000", message, hint: "A LIMIT of your own is left as it is" });
}

const READY = Buffer.from([backend.BACKEND.ready, 0, 0, 0, 5, "I".charCodeAt(0)]);
