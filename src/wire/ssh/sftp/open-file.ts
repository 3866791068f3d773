import { GateError } from "../../../kernel/errors.ts";
import type { ClosedFact, OpenMode } from "./facts.ts";
import { SSH_FX_EOF, SSH_FX_OK } from "./messages.ts";
import type { SftpRequest } from "./request.ts";
import { Transfer, type ReorderBudget } from "./transfer.ts";

export interface OpenFileFacts {
  readonly number: number;
  readonly path: Buffer;
  readonly mode: OpenMode;
  readonly isDirectory: boolean;
  /** Where a STAT told it before. */
  readonly size: bigint | undefined;
}

/** What is known of one handle of an SFTP server. */
export class OpenFile {
  readonly path: Buffer;
  readonly mode: OpenMode;
  readonly isDirectory: boolean;
  readonly #facts: OpenFileFacts;
  readonly #read: Transfer;
  readonly #written: Transfer;
  /** As last told by the server. */
  size: bigint | undefined;
  /** CLOSE was forwarded: nothing else may be asked. */
  isClosing = false;
  #closeStatus: number | undefined;
  /** Requests on this handle that are not answered. */
  #pending = 0;
  #failed = false;
  /** Where the server said that the file ends; the smallest such offset. */
  #endOfFile: bigint | undefined;

  constructor(facts: OpenFileFacts, budget: ReorderBudget) {
    this.#facts = facts;
    this.path = facts.path;
    this.mode = facts.mode;
    this.isDirectory = facts.isDirectory;
    this.size = facts.size;
    this.#read = new Transfer(budget);
    this.#written = new Transfer(budget);
    // Where an append lands only the server knows.
    if (facts.mode.append) this.#written.dropHash();
  }

  /** A request on it is forwarded. */
  begin(request: SftpRequest): void {
    this.#pending += 1;
    if (request.op === "close") this.isClosing = true;
    if (request.op === "write") this.#written.startBlock(request.offset);
  }

  /** A request begun is not forwarded after all. */
  cancel(request: SftpRequest): void {
    this.#pending -= 1;
    if (request.op === "close") this.isClosing = false;
    if (request.op === "write" || request.op === "read") this.#failed = true;
  }

  /** A DATA of the server begins. */
  startRead(offset: bigint): void {
    this.#read.startBlock(offset);
  }

  pass(direction: "write" | "read", bytes: Buffer, isLast: boolean): void {
    const transfer = direction === "write" ? this.#written : this.#read;
    transfer.push(bytes);
    if (isLast) transfer.endBlock();
  }

  /** The answer to a request came. The closing fact once it is closed and nothing is pending. */
  settle(request: SftpRequest, status: number): ClosedFact | undefined {
    this.#pending -= 1;
    if (this.#pending < 0) throw new GateError("internal", "an SFTP file has more answers than requests");
    if (request.op === "close") this.#closeStatus = status;
    if (request.op === "read" && status === SSH_FX_EOF) this.#noteEnd(request.offset);
    const isTransfer = request.op === "write" || request.op === "read";
    if (isTransfer && status !== SSH_FX_OK && status !== SSH_FX_EOF) this.#failed = true;
    // Bytes that did not arrive are in the hash already; bytes copied within the server never passed here.
    if ((request.op === "write" && status !== SSH_FX_OK) || request.op === "copy-data") this.#written.dropHash();
    return this.#closeStatus !== undefined && this.#pending === 0 ? this.finish(this.#closeStatus === SSH_FX_OK) : undefined;
  }

  #noteEnd(offset: bigint): void {
    if (this.#endOfFile === undefined || offset < this.#endOfFile) this.#endOfFile = offset;
  }

  /** Ends it. `closed`: by a CLOSE that the server confirmed. */
  finish(closed: boolean): ClosedFact {
    const { number, path, mode } = this.#facts;
    const [bytesRead, bytesWritten] = [this.#read.bytes, this.#written.bytes];
    const isComplete = closed && !this.#failed && this.#readToEnd() && this.#written.wholeBytes !== undefined;
    const [readHash, writeHash] = [this.#read.finish(), this.#written.finish()];
    let sha256: string | undefined;
    if (bytesRead > 0 && bytesWritten === 0) sha256 = readHash;
    else if (bytesRead === 0 && bytesWritten > 0) sha256 = writeHash;
    else if (isComplete && (this.#endOfFile === 0n || mode.truncate)) sha256 = writeHash; // an empty file, seen or made
    return { kind: "closed", file: number, path, mode, bytesRead, bytesWritten, outcome: isComplete ? "complete" : "partial", sha256 };
  }

  #readToEnd(): boolean {
    // A file that was opened for writing too need not be read at all.
    if (!this.#facts.mode.read || (this.#facts.mode.write && this.#read.bytes === 0)) return true;
    const whole = this.#read.wholeBytes;
    if (whole === undefined) return false;
    const reachedEnd = this.#endOfFile !== undefined && this.#endOfFile <= whole;
    return reachedEnd || (this.size !== undefined && this.size <= whole);
  }
}
