/**
 * Follows one SFTP conversation: which answer belongs to which request, which handle to which file, and what passed.
 *
 * Owns: outstanding requests, open handles, byte counts, hashes. Never: sends anything, decides on policy, holds contents
 * beyond a bounded reordering.
 *
 * How a relay uses it, with an SftpFramer for each direction:
 *   client → request(head or packet): `refuse` → answer with its reply, drop the packet; `forward` → decide and record its
 *            intent, then forward, or deny(id, …) → answer with that, drop the packet. WRITE's data → data("write", …).
 *   server → response(head or packet): record the facts, forward. DATA's data → data("read", …), which may end a file too.
 *   the end → end(): facts of all that was still open.
 *
 * Invariants:
 *  - A request is forwarded only if it is understood and its handle was given by the server for a path the client named.
 *  - Every answer forwarded belongs to exactly one outstanding request and is of a kind that this request can have.
 *  - Views handed in are not kept; what is remembered is copied, and bounded for whoever asks no more while it `isFull`.
 * Untrusted: both sides. A broken rule throws GateError("protocol-error"), and the conversation must end.
 */
import { GateError } from "../../../kernel/errors.ts";
import { intentOf, openMode, type SftpFact, type SftpIntent } from "./facts.ts";
import * as fxp from "./messages.ts";
import { OpenFile } from "./open-file.ts";
import { encodeInit, parseInit, parseRequest, type SftpRequest } from "./request.ts";
import { encodeStatus, parseResponse, parseVersion, type SftpResponse } from "./response.ts";
import { ReorderBudget } from "./transfer.ts";

export interface TrackerLimits {
  /** Requests without an answer, from which on it `isFull`. */
  readonly outstanding: number;
  readonly handles: number;
  /** Bytes of early blocks that may wait to be hashed in order, over all files. */
  readonly reorderBytes: number;
}

const DEFAULT_LIMITS: TrackerLimits = { outstanding: 1024, handles: 256, reorderBytes: 524_288 };

export type RequestVerdict =
  /** Forward `bytes` (the packet itself, unless the version had to be lowered). `intent`: decide and record it first. */
  | { readonly kind: "forward"; readonly id: number | undefined; readonly bytes: Buffer; readonly intent: SftpIntent | undefined }
  /** Not forwarded; `reply` goes to the client. */
  | { readonly kind: "refuse"; readonly id: number; readonly reply: Buffer; readonly reason: string };

interface Outstanding {
  readonly request: SftpRequest;
  readonly intent: SftpIntent | undefined;
  readonly file: OpenFile | undefined;
  /** Of copy-data: the file written. */
  readonly into: OpenFile | undefined;
}

/** The kinds of answer besides STATUS that a request can have. */
const ANSWERS: Partial<Record<SftpRequest["op"], SftpResponse["kind"]>> = {
  open: "handle",
  opendir: "handle",
  read: "data",
  readdir: "name",
  realpath: "name",
  readlink: "name",
  "expand-path": "name",
  "home-directory": "name",
  stat: "attrs",
  lstat: "attrs",
  fstat: "attrs",
  statvfs: "extended-reply",
  fstatvfs: "extended-reply",
  limits: "extended-reply",
  "users-groups-by-id": "extended-reply",
};

/** Sizes learnt by STAT that are remembered for a following OPEN. */
const MAX_KNOWN_SIZES = 64;

export class SftpTracker {
  readonly #limits: TrackerLimits;
  readonly #budget: ReorderBudget;
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #files = new Map<string, OpenFile>();
  readonly #knownSizes = new Map<string, bigint>();
  /** OPENs and OPENDIRs among the outstanding. */
  #opening = 0;
  #state: "init" | "version" | "open" = "init";
  #fileCount = 0;
  /** Files whose contents are passing now, in each direction. */
  #writing: OpenFile | undefined;
  #reading: Outstanding | undefined;

  constructor(limits: Partial<TrackerLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#budget = new ReorderBudget(this.#limits.reorderBytes);
  }

  /** As many requests are not answered as should be; refusing more would break off what a direct connection carries. */
  get isFull(): boolean {
    return this.#outstanding.size >= this.#limits.outstanding;
  }

  /** A packet of the client, or the head of a WRITE. */
  request(bytes: Buffer): RequestVerdict {
    this.#writing = undefined;
    if (this.#state === "init") {
      this.#state = "version";
      // Later versions have other layouts: the server must not be asked for one.
      return { kind: "forward", id: undefined, bytes: parseInit(bytes) === fxp.SFTP_VERSION ? bytes : encodeInit(), intent: undefined };
    }
    const request = parseRequest(bytes);
    const { id } = request;
    if (this.#outstanding.has(id)) throw new GateError("protocol-error", "an SFTP request has the id of one not answered yet");
    if (request.op === "unknown") return refuse(id, `"${request.name}" is not supported`, fxp.SSH_FX_OP_UNSUPPORTED);
    if (opens(request) && this.#files.size + this.#opening >= this.#limits.handles) return refuse(id, "too many open files");

    const file = "handle" in request ? this.#files.get(keyOf(request.handle)) : undefined;
    const into = request.op === "copy-data" ? this.#files.get(keyOf(request.toHandle)) : undefined;
    const isMissing = ("handle" in request && file === undefined) || (request.op === "copy-data" && into === undefined);
    if (isMissing || file?.isClosing === true || into?.isClosing === true) return refuse(id, "the handle is not open");
    // A server would refuse these too, but what was decided must not hang on that.
    const isReadOnly = (request.op === "write" && file?.mode.write !== true) || (request.op === "copy-data" && into?.mode.write !== true);
    if (isReadOnly) return refuse(id, "the file is not open for writing", fxp.SSH_FX_PERMISSION_DENIED);
    if (request.op === "open" && (request.flags & ~fxp.KNOWN_OPEN_FLAGS) !== 0) {
      return refuse(id, "an open flag is not supported", fxp.SSH_FX_OP_UNSUPPORTED);
    }
    const own = owned(request);
    return this.#accept({ request: own, intent: this.#intentOf(own, file, into), file, into }, bytes);
  }

  #accept(entry: Outstanding, bytes: Buffer): RequestVerdict {
    const { request, file } = entry;
    this.#outstanding.set(request.id, entry);
    if (opens(request)) this.#opening += 1;
    file?.begin(request);
    entry.into?.begin(request);
    if (request.op === "write") this.#writing = file;
    return { kind: "forward", id: request.id, bytes, intent: entry.intent };
  }

  #intentOf(request: SftpRequest, file: OpenFile | undefined, into: OpenFile | undefined): SftpIntent | undefined {
    if (request.op === "open") {
      this.#fileCount += 1;
      return { kind: "open", file: this.#fileCount, path: request.path, mode: openMode(request.flags) };
    }
    if (request.op === "fsetstat" && file !== undefined) {
      return { kind: "change", operation: "setstat", path: file.path, attributes: request.attributes };
    }
    if (request.op === "copy-data" && file !== undefined && into !== undefined) {
      return { kind: "change", operation: "copy", path: file.path, to: into.path };
    }
    return intentOf(request);
  }

  /** A request accepted by `request` is not forwarded after all. Returns the answer for the client; `message` is shown to the user. */
  deny(id: number, message: string): Buffer {
    const entry = this.#outstanding.get(id);
    if (entry === undefined) throw new GateError("protocol-error", "an SFTP server answered what was not asked yet");
    this.#answered(entry);
    entry.file?.cancel(entry.request);
    entry.into?.cancel(entry.request);
    if (entry.request.op === "write") this.#writing = undefined;
    return encodeStatus(id, fxp.SSH_FX_PERMISSION_DENIED, message);
  }

  /** Contents passing: those of the WRITE just forwarded, or of the DATA just answered. */
  data(direction: "write" | "read", bytes: Buffer, isLast: boolean): SftpFact[] {
    if (direction === "write") {
      this.#writing?.pass("write", bytes, isLast);
      if (isLast) this.#writing = undefined;
      return [];
    }
    const entry = this.#reading;
    entry?.file?.pass("read", bytes, isLast);
    if (!isLast || entry === undefined) return [];
    this.#reading = undefined;
    return this.#settle(entry, fxp.SSH_FX_OK, "");
  }

  /** A packet of the server, or the head of a DATA, before it is forwarded. */
  response(bytes: Buffer): SftpFact[] {
    if (this.#state !== "open") {
      if (this.#state === "init") throw new GateError("protocol-error", "an SFTP server spoke before it was asked");
      if (parseVersion(bytes) > fxp.SFTP_VERSION) throw new GateError("protocol-error", "an SFTP server chose a version nobody asked for");
      this.#state = "open";
      return [];
    }
    const response = parseResponse(bytes);
    const entry = this.#outstanding.get(response.id);
    if (entry === undefined) throw new GateError("protocol-error", "an SFTP server answered what was not asked");
    if (response.kind !== "status" && ANSWERS[entry.request.op] !== response.kind) {
      throw new GateError("protocol-error", `an SFTP server answered "${entry.request.op}" with "${response.kind}"`);
    }
    this.#answered(entry);
    if (response.kind === "handle") return this.#opened(entry, response.handle);
    if (response.kind === "data") return this.#startRead(entry, response.length);
    if (response.kind === "attrs") this.#learnSize(entry, response.attributes.size);
    return response.kind === "status" ? this.#settle(entry, response.code, response.message) : this.#settle(entry, fxp.SSH_FX_OK, "");
  }

  /** The request is answered when its last byte has passed. */
  #startRead(entry: Outstanding, length: number): SftpFact[] {
    const { request, file } = entry;
    if (request.op !== "read" || length > request.length) {
      throw new GateError("protocol-error", "an SFTP server answered with more than was asked");
    }
    file?.startRead(request.offset);
    this.#reading = entry;
    return [];
  }

  #settle({ request, intent, file, into }: Outstanding, status: number, message: string): SftpFact[] {
    const facts: SftpFact[] = intent === undefined ? [] : [{ kind: "outcome", intent, status, message }];
    for (const one of [file, into]) {
      const closed = one?.settle(request, status);
      if (one === undefined || closed === undefined) continue;
      this.#forget(one);
      if (!one.isDirectory) facts.push(closed);
    }
    return facts;
  }

  #opened({ request, intent }: Outstanding, handle: Buffer): SftpFact[] {
    const key = keyOf(handle);
    const isTaken = this.#files.get(key)?.isClosing === false;
    if (isTaken || intent === undefined) throw new GateError("protocol-error", "an SFTP server gave out an open handle again");
    const isDirectory = intent.kind !== "open";
    const number = isDirectory ? 0 : intent.file;
    const mode = request.op === "open" ? openMode(request.flags) : openMode(0);
    const size = isDirectory ? undefined : this.#knownSizes.get(keyOf(intent.path));
    this.#files.set(key, new OpenFile({ number, path: intent.path, mode, isDirectory, size }, this.#budget));
    if (isDirectory) return [{ kind: "outcome", intent, status: fxp.SSH_FX_OK, message: "" }];
    return [{ kind: "opened", file: number, path: intent.path, mode }];
  }

  #learnSize({ request, file }: Outstanding, size: bigint | undefined): void {
    if (size === undefined) return;
    if (file !== undefined) file.size = size;
    if (!("path" in request)) return;
    const key = keyOf(request.path);
    this.#knownSizes.delete(key);
    this.#knownSizes.set(key, size);
    const [oldest] = this.#knownSizes.keys();
    if (this.#knownSizes.size > MAX_KNOWN_SIZES && oldest !== undefined) this.#knownSizes.delete(oldest);
  }

  #forget(file: OpenFile): void {
    for (const [key, other] of this.#files) if (other === file) this.#files.delete(key);
  }

  #answered({ request }: Outstanding): void {
    this.#outstanding.delete(request.id);
    if (opens(request)) this.#opening -= 1;
  }

  /** The channel is over: what was still open ends here, unfinished. */
  end(): SftpFact[] {
    const files = [...this.#files.values()].filter((file) => !file.isDirectory);
    this.#files.clear();
    this.#outstanding.clear();
    this.#writing = undefined;
    this.#reading = undefined;
    return files.map((file) => file.finish(false));
  }
}

function opens({ op }: SftpRequest): boolean {
  return op === "open" || op === "opendir";
}

function refuse(id: number, reason: string, code: number = fxp.SSH_FX_FAILURE): RequestVerdict {
  return { kind: "refuse", id, reason, reply: encodeStatus(id, code, reason) };
}

function keyOf(bytes: Buffer): string {
  return bytes.toString("latin1");
}

const NO_HANDLE = Buffer.alloc(0);

/** The request with its own copies of paths: they outlive the packet. Handles have been looked up and are not kept. */
function owned(request: SftpRequest): SftpRequest {
  // The hot path: nothing but numbers is needed later.
  if (request.op === "read" || request.op === "write") return { ...request, handle: NO_HANDLE };
  const copy: Record<string, unknown> = { ...request };
  for (const [name, value] of Object.entries(copy)) if (Buffer.isBuffer(value)) copy[name] = Buffer.from(value);
  return copy as unknown as SftpRequest;
}
