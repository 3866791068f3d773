/** Both sides of an SFTP conversation, through framers, as a relay has them. */
import type { ClosedFact, SftpFact } from "../../src/wire/ssh/sftp/facts.ts";
import { SftpFramer } from "../../src/wire/ssh/sftp/framer.ts";
import * as fxp from "../../src/wire/ssh/sftp/messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "../../src/wire/ssh/sftp/request.ts";
import { encodeStatus } from "../../src/wire/ssh/sftp/response.ts";
import { SftpTracker, type RequestVerdict, type TrackerLimits } from "../../src/wire/ssh/sftp/tracker.ts";
import { Writer } from "../../src/wire/ssh/io/writer.ts";

export const text = (value: string): Buffer => Buffer.from(value);
export const READ = fxp.SSH_FXF_READ;
export const WRITE = fxp.SSH_FXF_WRITE | fxp.SSH_FXF_CREAT | fxp.SSH_FXF_TRUNC;

export function packet(type: number, id: number, body: (writer: Writer) => Writer): Buffer {
  const bytes = body(new Writer().uint32(0).byte(type).uint32(id)).toBuffer();
  bytes.writeUInt32BE(bytes.length - 4, 0);
  return bytes;
}

export class Conversation {
  readonly tracker: SftpTracker;
  readonly facts: SftpFact[] = [];
  readonly #client = new SftpFramer();
  readonly #server = new SftpFramer();

  constructor(limits: Partial<TrackerLimits> = {}) {
    this.tracker = new SftpTracker(limits);
    this.tracker.request(encodeInit());
    this.tracker.response(packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer));
  }

  ask(request: SftpRequest, data: Uint8Array = Buffer.alloc(0)): RequestVerdict {
    let verdict: RequestVerdict | undefined;
    for (const piece of this.#client.push(encodeRequest(request, data))) {
      if (piece.kind === "data") this.facts.push(...this.tracker.data("write", piece.bytes, piece.isLast));
      else verdict = this.tracker.request(piece.bytes);
    }
    if (verdict === undefined) throw new Error("a request gave no verdict");
    return verdict;
  }

  answer(bytes: Buffer): SftpFact[] {
    const facts: SftpFact[] = [];
    for (const piece of this.#server.push(bytes)) {
      if (piece.kind === "data") facts.push(...this.tracker.data("read", piece.bytes, piece.isLast));
      else facts.push(...this.tracker.response(piece.bytes));
    }
    this.facts.push(...facts);
    return facts;
  }

  status(id: number, code: number = fxp.SSH_FX_OK): SftpFact[] {
    return this.answer(encodeStatus(id, code, "message"));
  }

  data(id: number, bytes: Uint8Array): SftpFact[] {
    return this.answer(packet(fxp.SSH_FXP_DATA, id, (writer) => writer.string(bytes)));
  }

  open(id: number, path: string, flags: number, handle = "h"): void {
    this.ask({ id, op: "open", path: text(path), flags, attributes: {} });
    this.answer(packet(fxp.SSH_FXP_HANDLE, id, (writer) => writer.string(handle)));
  }

  read(id: number, offset: number, length: number, handle = "h"): RequestVerdict {
    return this.ask({ id, op: "read", handle: text(handle), offset: BigInt(offset), length });
  }

  write(id: number, offset: number, data: Uint8Array, handle = "h"): RequestVerdict {
    return this.ask({ id, op: "write", handle: text(handle), offset: BigInt(offset), length: data.length }, data);
  }

  close(id: number, handle = "h"): ClosedFact | undefined {
    this.ask({ id, op: "close", handle: text(handle) });
    return this.status(id).find((fact) => fact.kind === "closed");
  }
}
