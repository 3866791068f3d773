/**
 * One sftp channel (draft-ietf-secsh-filexfer-02): every request that policy has a say in is decided and in the log
 * before its bytes reach the target; what is refused is answered here and never gets there.
 *
 * Never: passes a byte that was not understood; holds or copies the contents of files.
 *
 * Invariants:
 *  - Requests reach the target in the order they came; while one is decided, nothing behind it passes.
 *  - Clients may ask far ahead (paramiko does, for a whole file): what is more than the tracker follows waits as bytes, bounded.
 *  - An answer of the gate stands between two packets of the target, never inside one.
 *  - Windows stay true: what the target never got is credited to the client; what the gate adds is in ClientWindow's book.
 */
import { deny, type Denial } from "../../kernel/result.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import type { ClosedFact, SftpFact, SftpIntent } from "../../wire/ssh/sftp/facts.ts";
import { joinAdjacent, SftpFramer, type SftpPiece } from "../../wire/ssh/sftp/framer.ts";
import { SftpTracker } from "../../wire/ssh/sftp/tracker.ts";
import { Backlog, BLOCK_BYTES } from "./backlog.ts";
import type { RelayChannel } from "./channel-table.ts";
import { closeEvent, fileActions, fileEvent, fileNote, fileRefusedEvent, outcomeEvent } from "./file-facts.ts";
import type { RelayPair } from "./relay-pair.ts";
import { refusalLine, refusalText } from "./ssh-refuse.ts";

/** Refusals that are also written to stderr: OpenSSH's sftp does not show the text of an answer. */
const MAX_SAID = 8;
/** When the target may send less than this and a packet is not whole yet, it is lent some more. */
const LOW_WINDOW_BYTES = 1024;
const LOAN_BYTES = 65_536;

type Asked = { readonly id: number; readonly bytes: Buffer; readonly intent: SftpIntent };

export class FileChannel {
  readonly #pair: RelayPair;
  readonly #channel: RelayChannel;
  readonly #onFault: (error: unknown) => void;
  readonly #asks = new SftpFramer();
  readonly #answers = new SftpFramer();
  readonly #tracker = new SftpTracker();
  /** What the client sent ahead, while more is asked than the tracker follows. */
  readonly #ahead = new Backlog();
  #isWorking = false;
  /** The client's end of file, behind what waits. */
  #eof: Buffer | undefined;
  /** The contents of a WRITE that was refused are passing. */
  #dropping = false;
  /** The target is within a packet whose beginning the client has. */
  #inAnswer = false;
  /** The gate's own answers, until there is a place for them. */
  readonly #own: Buffer[] = [];
  /** Bytes that the client sent and the target will not get, not yet credited. */
  #credit = 0;
  readonly #said = new Set<string>();
  /** Keys of what stands open for writing, by the number of the file. */
  readonly #standing = new Map<number, number>();

  /** `onFault`: what went wrong after the calls here returned. */
  constructor(pair: RelayPair, channel: RelayChannel, onFault: (error: unknown) => void) {
    this.#pair = pair;
    this.#channel = channel;
    this.#onFault = onFault;
  }

  /** Nothing goes to the target any more. */
  get #isOver(): boolean {
    return this.#pair.over || this.#channel.closedByClient;
  }

  // ── From the client ───────────────────────────────────────────────────────────────────────────────────────────────

  /** `data` is what `payload` carries. A promise: nothing behind it may pass before. Throws GateError("protocol-error"). */
  fromClient(payload: Buffer, data: Buffer): Promise<void> | undefined {
    if (!this.#isWorking && this.#ahead.bytes === 0 && !this.#tracker.isFull && data.length <= BLOCK_BYTES)
      return this.#pass(data, payload);
    this.#ahead.push(data);
    this.#work();
    return undefined;
  }

  /** The client sends no more. True: it is passed on when what waits has been. */
  keepsEof(payload: Buffer): boolean {
    const keeps = this.#isWorking || this.#ahead.bytes > 0;
    if (keeps) this.#eof = Buffer.from(payload);
    return keeps;
  }

  /** Asks what waits, as far as the tracker follows. Other channels do not wait for it, nor does the client's room for answers. */
  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#workOff().catch(this.#onFault);
  }

  async #workOff(): Promise<void> {
    try {
      while (!this.#isOver && !this.#tracker.isFull) {
        const data = this.#ahead.take();
        if (data === undefined) break;
        const pending = this.#pass(data);
        if (pending) await pending;
      }
    } finally {
      this.#isWorking = false;
    }
    if (this.#eof === undefined || this.#ahead.bytes > 0 || this.#isOver) return;
    this.#pair.toTarget(this.#eof);
    this.#eof = undefined;
  }

  /** `payload`: the message that carries `data` and nothing else. */
  #pass(data: Buffer, payload?: Buffer): Promise<void> | undefined {
    const pieces = this.#asks.push(data);
    const passing: Buffer[] = [];
    for (const [index, piece] of pieces.entries()) {
      const asked = this.#ask(piece, passing);
      if (!asked) continue;
      this.#forward(passing);
      // The packet's buffer is the transport's again while the log is written.
      return this.#decideRest(owned(asked), pieces.slice(index + 1).map(ownedPiece));
    }
    const joined = joinAdjacent(passing);
    // Nearly always: nothing was dropped, nothing is left over from before. Then the message passes as it came.
    if (payload && joined.length === 1 && isSame(joined[0], data)) this.#pair.toTarget(payload);
    else this.#forward(joined);
    this.#settleCredit();
    return undefined;
  }

  /** What is to be decided before it may go on; else its bytes are in `passing`, or it is answered. */
  #ask(piece: SftpPiece, passing: Buffer[]): Asked | undefined {
    if (piece.kind === "data") {
      if (this.#dropping) {
        this.#credit += piece.bytes.length;
        return undefined;
      }
      this.#tracker.data("write", piece.bytes, piece.isLast);
      passing.push(piece.bytes);
      return undefined;
    }
    const verdict = this.#tracker.request(piece.bytes);
    this.#dropping = verdict.kind === "refuse";
    if (verdict.kind === "refuse") {
      this.#credit += piece.bytes.length;
      this.#reply(verdict.reply);
      return undefined;
    }
    const { id, bytes, intent } = verdict;
    this.#credit += piece.bytes.length - bytes.length;
    // Looking is part of every role that has files at all: without it no client finds its way.
    if (id !== undefined && intent !== undefined && intent.kind !== "look") return { id, bytes, intent };
    passing.push(bytes);
    return undefined;
  }

  async #decideRest(first: Asked, rest: readonly SftpPiece[]): Promise<void> {
    const passing: Buffer[] = [];
    await this.#decide(first, passing);
    for (const piece of rest) {
      if (this.#isOver) return;
      const asked = this.#ask(piece, passing);
      if (!asked) continue;
      this.#forward(passing.splice(0));
      await this.#decide(asked, passing);
    }
    if (this.#isOver) return;
    this.#forward(passing);
    this.#settleCredit();
  }

  async #decide({ id, bytes, intent }: Asked, passing: Buffer[]): Promise<void> {
    const { session } = this.#pair;
    const actions = fileActions(intent);
    // Of a rename both names count: the one that is denied is the one to decide on.
    const action = actions.find((each) => session.decide(each).allowed !== true) ?? actions[0];
    const denial = action
      ? await session.act(
          action,
          () => fileEvent(this.#channel.client, intent),
          (refused) => fileRefusedEvent(this.#channel.client, intent, refused),
        )
      : deny("not-supported");
    if (this.#isOver) return;
    if (!denial) {
      if (intent.kind === "open" && action?.kind === "file.open" && action.write) this.#stand(intent.file, action);
      passing.push(bytes);
      return;
    }
    this.#credit += bytes.length;
    this.#pair.inside?.onFileRefused(id, denial);
    this.#reply(this.#tracker.deny(id, refusalLine(denial)));
    this.#say(denial);
  }

  /** A file open for writing is held against the role again when that changes. */
  #stand(file: number, action: Parameters<RelayPair["session"]["stand"]>[1]): void {
    const key = this.#pair.nextStanding();
    this.#standing.set(file, key);
    this.#pair.session.stand(key, action);
  }

  #unstand(file: number): void {
    const key = this.#standing.get(file);
    if (key !== undefined) this.#pair.session.unstand(key);
    this.#standing.delete(file);
  }

  #say(denial: Denial): void {
    const text = refusalText(denial);
    if (this.#said.size >= MAX_SAID || this.#said.has(text)) return;
    this.#said.add(text);
    this.#pair.say(this.#channel, text);
  }

  #forward(views: readonly Buffer[]): void {
    const { target, targetMaxPacket } = this.#channel;
    if (target === undefined) return;
    const step = Math.max(1, targetMaxPacket);
    for (const view of joinAdjacent(views)) {
      for (let at = 0; at < view.length; at += step) this.#pair.toTarget(msg.encodeChannelData(target, view.subarray(at, at + step)));
    }
  }

  #settleCredit(): void {
    if (this.#credit === 0 || this.#channel.closedByTarget) return;
    this.#pair.toClient(msg.encodeChannelWindowAdjust(this.#channel.client, this.#credit));
    this.#credit = 0;
  }

  #reply(answer: Buffer): void {
    this.#own.push(answer);
    if (!this.#inAnswer) this.#placeOwn();
  }

  // ── From the target ───────────────────────────────────────────────────────────────────────────────────────────────

  /** `data` is what `payload` carries. Throws GateError("protocol-error"). */
  fromTarget(payload: Buffer, data: Buffer): void {
    const { window } = this.#channel;
    let passing: Buffer[] = [];
    for (const piece of this.#answers.push(data)) {
      this.#note(piece.kind === "data" ? this.#tracker.data("read", piece.bytes, piece.isLast) : this.#tracker.response(piece.bytes));
      passing.push(piece.bytes);
      this.#inAnswer = piece.kind === "head" || (piece.kind === "data" && !piece.isLast);
      if (this.#inAnswer || this.#own.length === 0) continue;
      for (const view of joinAdjacent(passing)) window.add(view);
      passing = [];
      this.#placeOwn();
    }
    const joined = joinAdjacent(passing);
    if (joined.length === 1 && isSame(joined[0], data)) window.pass(payload, data.length);
    else for (const view of joined) window.add(view);
    this.#lend();
    if (this.#ahead.bytes > 0) this.#work();
  }

  #placeOwn(): void {
    for (const answer of this.#own.splice(0)) this.#channel.window.add(answer);
  }

  /** A packet that the gate must see whole may be larger than what the client has room for. */
  #lend(): void {
    const { window, target } = this.#channel;
    if (target === undefined || !this.#answers.isInPacket || window.promised >= LOW_WINDOW_BYTES) return;
    const lent = window.lend(LOAN_BYTES);
    if (lent > 0) this.#pair.toTarget(msg.encodeChannelWindowAdjust(target, lent));
  }

  // ── What came of it ───────────────────────────────────────────────────────────────────────────────────────────────

  #note(facts: readonly SftpFact[]): void {
    for (const fact of facts) {
      if (fact.kind === "closed") this.#closed(fact);
      else if (fact.kind === "outcome") {
        if (fact.intent.kind === "open") this.#unstand(fact.intent.file);
        const event = outcomeEvent(this.#channel.client, fact);
        if (event) void this.#pair.session.note(event);
      }
    }
  }

  #closed(fact: ClosedFact): void {
    this.#unstand(fact.file);
    this.#pair.noteLast("file", this.#channel, fileNote(fact));
    void this.#pair.session.note(closeEvent(this.#channel.client, fact));
  }

  /** The channel is over; what was still open was not finished. */
  end(): void {
    this.#ahead.clear();
    this.#note(this.#tracker.end());
    for (const file of this.#standing.keys()) this.#unstand(file);
  }
}

function isSame(view: Buffer | undefined, data: Buffer): boolean {
  return view !== undefined && view.buffer === data.buffer && view.byteOffset === data.byteOffset && view.length === data.length;
}

function owned({ id, bytes, intent }: Asked): Asked {
  return { id, intent, bytes: Buffer.from(bytes) };
}

function ownedPiece(piece: SftpPiece): SftpPiece {
  return { ...piece, bytes: Buffer.from(piece.bytes) };
}
