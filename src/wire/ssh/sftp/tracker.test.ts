import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Writer } from "../io/writer.ts";
import type { ClosedFact, SftpFact } from "./facts.ts";
import { SftpFramer } from "./framer.ts";
import * as fxp from "./messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "./request.ts";
import { encodeStatus, parseResponse } from "./response.ts";
import { SftpTracker, type RequestVerdict, type TrackerLimits } from "./tracker.ts";

const text = (value: string): Buffer => Buffer.from(value);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const READ = fxp.SSH_FXF_READ;
const WRITE = fxp.SSH_FXF_WRITE | fxp.SSH_FXF_CREAT | fxp.SSH_FXF_TRUNC;
const refused = expect.objectContaining({ code: "protocol-error" });

function packet(type: number, id: number, body: (writer: Writer) => Writer): Buffer {
  const bytes = body(new Writer().uint32(0).byte(type).uint32(id)).toBuffer();
  bytes.writeUInt32BE(bytes.length - 4, 0);
  return bytes;
}

/** Both sides of a conversation, through framers, as a relay has them. */
class Conversation {
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

describe("a download", () => {
  const contents = Buffer.from(Array.from({ length: 100 }, (_, index) => index));

  test("in one pass: bytes, hash, complete", () => {
    const talk = new Conversation();
    talk.open(1, "/etc/app.conf", READ);
    expect(talk.facts).toMatchObject([{ kind: "opened", file: 1, mode: { read: true, write: false } }]);
    for (let block = 0; block < 10; block += 1) talk.read(10 + block, block * 10, 10);
    talk.read(20, 100, 10);
    for (let block = 0; block < 10; block += 1) talk.data(10 + block, contents.subarray(block * 10, block * 10 + 10));
    talk.status(20, fxp.SSH_FX_EOF);
    const closed = talk.close(30);
    expect(closed).toMatchObject({ bytesRead: 100, bytesWritten: 0, outcome: "complete", sha256: sha256(contents) });
    expect(closed?.path.toString()).toBe("/etc/app.conf");
    expect(talk.tracker.end()).toEqual([]);
  });

  test("answered in any order, within the bound: the same hash", () => {
    const order = fc.shuffledSubarray([...Array(10).keys()], { minLength: 10 });
    fc.assert(
      fc.property(order, (blocks) => {
        const talk = new Conversation();
        talk.open(1, "/f", READ);
        for (let block = 0; block < 10; block += 1) talk.read(10 + block, block * 10, 10);
        talk.read(20, 100, 10);
        talk.status(20, fxp.SSH_FX_EOF);
        for (const block of blocks) talk.data(10 + block, contents.subarray(block * 10, block * 10 + 10));
        expect(talk.close(30)).toMatchObject({ outcome: "complete", sha256: sha256(contents) });
      }),
    );
  });

  test("a short answer whose rest is asked for again", () => {
    const talk = new Conversation();
    talk.open(1, "/f", READ);
    talk.read(2, 0, 50);
    talk.read(3, 50, 50);
    talk.data(2, contents.subarray(0, 30));
    talk.data(3, contents.subarray(50));
    talk.read(4, 30, 20);
    talk.data(4, contents.subarray(30, 50));
    talk.read(5, 100, 50);
    talk.status(5, fxp.SSH_FX_EOF);
    expect(talk.close(9)).toMatchObject({ bytesRead: 100, outcome: "complete", sha256: sha256(contents) });
  });

  test("early blocks beyond the bound: no hash, still complete, and the bound is free again", () => {
    const talk = new Conversation({ reorderBytes: 60 });
    for (const [file, expected] of [
      [1, undefined],
      [2, sha256(contents)],
    ] as const) {
      talk.open(file * 100, `/f${file}`, READ);
      talk.read(file * 100 + 1, 0, 30);
      talk.read(file * 100 + 2, 30, 70);
      talk.read(file * 100 + 3, 100, 1);
      talk.status(file * 100 + 3, fxp.SSH_FX_EOF);
      if (file === 1) talk.data(102, contents.subarray(30));
      talk.data(file * 100 + 1, contents.subarray(0, 30));
      if (file === 2) talk.data(202, contents.subarray(30));
      expect(talk.close(file * 100 + 9)).toMatchObject({ outcome: "complete", sha256: expected });
    }
    talk.open(300, "/f3", READ);
    talk.read(301, 40, 60);
    talk.read(302, 0, 40);
    talk.data(301, contents.subarray(40));
    talk.data(302, contents.subarray(0, 40));
    expect(talk.close(309)).toMatchObject({ outcome: "partial", sha256: sha256(contents) });
  });

  test.each<[string, (talk: Conversation) => void, Partial<ClosedFact>]>([
    ["not to the end", (talk) => (talk.read(2, 0, 10), talk.data(2, contents.subarray(0, 10))), { bytesRead: 10, outcome: "partial" }],
    [
      "not from the start",
      (talk) => (talk.read(2, 10, 90), talk.data(2, contents.subarray(10)), talk.read(3, 100, 1), talk.status(3, fxp.SSH_FX_EOF)),
      { bytesRead: 90, outcome: "partial", sha256: undefined },
    ],
    [
      "the same bytes twice",
      (talk) => {
        for (const id of [2, 3]) talk.read(id, 0, 100);
        for (const id of [2, 3]) talk.data(id, contents);
        talk.read(4, 100, 1);
        talk.status(4, fxp.SSH_FX_EOF);
      },
      { bytesRead: 200, outcome: "complete", sha256: undefined },
    ],
    [
      "overlapping blocks that come early",
      (talk) => {
        talk.read(2, 50, 50);
        talk.read(3, 0, 60);
        talk.data(2, contents.subarray(50));
        talk.data(3, contents.subarray(0, 60));
      },
      { bytesRead: 110, sha256: undefined },
    ],
    ["a read that fails", (talk) => (talk.read(2, 0, 10), talk.status(2, fxp.SSH_FX_FAILURE)), { outcome: "partial", sha256: undefined }],
    [
      "an empty file, seen to be empty",
      (talk) => (talk.read(2, 0, 10), talk.status(2, fxp.SSH_FX_EOF)),
      { bytesRead: 0, outcome: "complete", sha256: sha256(Buffer.alloc(0)) },
    ],
    ["nothing at all", () => undefined, { bytesRead: 0, outcome: "partial", sha256: undefined }],
  ])("%s", (_name, work, expected) => {
    const talk = new Conversation();
    talk.open(1, "/f", READ);
    work(talk);
    expect(talk.close(99)).toMatchObject(expected);
  });

  test("to the size that a STAT told, without asking for more", () => {
    const talk = new Conversation();
    talk.ask({ id: 1, op: "stat", path: text("/f") });
    talk.answer(packet(fxp.SSH_FXP_ATTRS, 1, (writer) => fxp.writeAttributes(writer, { size: 100n })));
    talk.open(2, "/f", READ);
    talk.read(3, 0, 100);
    talk.data(3, contents);
    expect(talk.close(4)).toMatchObject({ outcome: "complete", sha256: sha256(contents) });
  });

  test("closed while an answer is still coming: the fact waits for it", () => {
    const talk = new Conversation();
    talk.open(1, "/f", READ);
    talk.read(2, 0, 100);
    expect(talk.close(3)).toBeUndefined();
    expect(talk.data(2, contents)).toMatchObject([{ kind: "closed", bytesRead: 100, sha256: sha256(contents) }]);
  });
});

describe("an upload", () => {
  const contents = Buffer.from("what is written to the file");

  test("in one pass", () => {
    const talk = new Conversation();
    talk.open(1, "/f", WRITE);
    talk.write(2, 0, contents.subarray(0, 10));
    talk.write(3, 10, contents.subarray(10));
    talk.status(2);
    talk.status(3);
    const expected = {
      bytesWritten: contents.length,
      outcome: "complete",
      sha256: sha256(contents),
      mode: { write: true, truncate: true },
    };
    expect(talk.close(4)).toMatchObject(expected);
  });

  test.each<[string, number, (talk: Conversation) => void, Partial<ClosedFact>]>([
    [
      "a write that fails",
      WRITE,
      (talk) => (talk.write(2, 0, contents), talk.status(2, fxp.SSH_FX_FAILURE)),
      { outcome: "partial", sha256: undefined },
    ],
    ["a hole", WRITE, (talk) => (talk.write(2, 5, contents), talk.status(2)), { outcome: "partial", sha256: undefined }],
    ["an append", fxp.SSH_FXF_WRITE | fxp.SSH_FXF_APPEND, (talk) => (talk.write(2, 0, contents), talk.status(2)), { sha256: undefined }],
    ["an empty file made", WRITE, () => undefined, { bytesWritten: 0, outcome: "complete", sha256: sha256(Buffer.alloc(0)) }],
    ["opened to write, left alone", fxp.SSH_FXF_WRITE, () => undefined, { outcome: "complete", sha256: undefined }],
    [
      "read and written",
      READ | fxp.SSH_FXF_WRITE,
      (talk) => (talk.write(2, 0, contents), talk.status(2), talk.read(3, 0, 4), talk.data(3, contents.subarray(0, 4))),
      { bytesRead: 4, bytesWritten: contents.length, sha256: undefined },
    ],
  ])("%s", (_name, flags, work, expected) => {
    const talk = new Conversation();
    talk.open(1, "/f", flags);
    work(talk);
    expect(talk.close(99)).toMatchObject(expected);
  });

  test("a write that is denied leaves the file partial, and its data is not counted", () => {
    const talk = new Conversation();
    talk.open(1, "/f", WRITE);
    const framer = new SftpFramer();
    const request: SftpRequest = { id: 2, op: "write", handle: text("h"), offset: 0n, length: contents.length };
    const [head, data] = framer.push(encodeRequest(request, contents));
    expect(talk.tracker.request(head!.bytes)).toMatchObject({ kind: "forward" });
    expect(parseResponse(talk.tracker.deny(2, "no"))).toMatchObject({ id: 2, code: fxp.SSH_FX_PERMISSION_DENIED, message: "no" });
    talk.tracker.data("write", data!.bytes, true);
    expect(talk.close(3)).toMatchObject({ bytesWritten: 0, outcome: "partial", sha256: undefined });
  });

  test("cut in the middle: the end tells what there was", () => {
    const talk = new Conversation();
    talk.open(1, "/f", WRITE);
    talk.open(2, "/g", READ, "g");
    talk.write(3, 0, contents);
    const ended = talk.tracker.end();
    expect(ended).toMatchObject([
      { kind: "closed", file: 1, bytesWritten: contents.length, outcome: "partial", sha256: sha256(contents) },
      { kind: "closed", file: 2, bytesRead: 0, outcome: "partial", sha256: undefined },
    ]);
    expect(talk.tracker.end()).toEqual([]);
  });
});

describe("intents, before anything is forwarded", () => {
  const [path, from, to] = [text("/p"), text("/from"), text("/to")];
  test.each<[SftpRequest, object]>([
    [
      { id: 1, op: "open", path, flags: WRITE, attributes: {} },
      { kind: "open", file: 1, path, mode: { write: true, create: true } },
    ],
    [
      { id: 1, op: "open", path, flags: fxp.SSH_FXF_APPEND, attributes: {} },
      { kind: "open", mode: { write: true, append: true } },
    ],
    [
      { id: 1, op: "opendir", path },
      { kind: "list", path },
    ],
    [
      { id: 1, op: "remove", path },
      { kind: "change", operation: "remove", path },
    ],
    [
      { id: 1, op: "rmdir", path },
      { kind: "change", operation: "rmdir", path },
    ],
    [
      { id: 1, op: "mkdir", path, attributes: { permissions: 0o700 } },
      { kind: "change", operation: "mkdir", path, attributes: {} },
    ],
    [
      { id: 1, op: "setstat", path, attributes: { size: 0n } },
      { kind: "change", operation: "setstat", path, attributes: { size: 0n } },
    ],
    [
      { id: 1, op: "lsetstat", path, attributes: {} },
      { kind: "change", operation: "setstat", path },
    ],
    [
      { id: 1, op: "rename", from, to },
      { kind: "change", operation: "rename", path: from, to },
    ],
    [
      { id: 1, op: "posix-rename", from, to },
      { kind: "change", operation: "rename", path: from, to },
    ],
    [
      { id: 1, op: "hardlink", from, to },
      { kind: "change", operation: "hardlink", path: from, to },
    ],
    [
      { id: 1, op: "symlink", target: from, link: to },
      { kind: "change", operation: "symlink", path: from, to },
    ],
    [
      { id: 1, op: "stat", path },
      { kind: "look", operation: "stat", path },
    ],
    [
      { id: 1, op: "readlink", path },
      { kind: "look", operation: "readlink", path },
    ],
    [
      { id: 1, op: "realpath", path },
      { kind: "look", operation: "realpath", path },
    ],
  ])("$op", (request, intent) => {
    const talk = new Conversation();
    const verdict = talk.ask(request);
    expect(verdict).toMatchObject({ kind: "forward", id: 1, intent });
    // The server's answer is the outcome of that very intent.
    const facts = talk.status(1, fxp.SSH_FX_NO_SUCH_FILE);
    expect(facts).toMatchObject([{ kind: "outcome", intent, status: fxp.SSH_FX_NO_SUCH_FILE, message: "message" }]);
  });

  test("requests on handles are judged by the path that was opened", () => {
    const talk = new Conversation();
    talk.open(1, "/from", READ, "a");
    talk.open(2, "/to", WRITE, "b");
    const setstat = talk.ask({ id: 3, op: "fsetstat", handle: text("b"), attributes: { permissions: 0o4755 } });
    expect(setstat).toMatchObject({ intent: { kind: "change", operation: "setstat", path: to, attributes: { permissions: 0o4755 } } });
    const copy: SftpRequest = { id: 4, op: "copy-data", handle: text("a"), offset: 0n, length: 0n, toHandle: text("b"), toOffset: 0n };
    expect(talk.ask(copy)).toMatchObject({ intent: { kind: "change", operation: "copy", path: from, to } });
    talk.status(3);
    // Closed before the copy is answered: nothing may be lost.
    expect(talk.close(5, "b")).toBeUndefined();
    expect(talk.status(4)).toMatchObject([{ kind: "outcome" }, { kind: "closed", file: 2, sha256: undefined }]);
  });

  test("what is remembered does not change with the packet's memory", () => {
    const talk = new Conversation();
    const bytes = encodeRequest({ id: 1, op: "remove", path: text("/secret") });
    talk.tracker.request(bytes);
    bytes.fill(0x78, 13);
    expect(talk.status(1)).toMatchObject([{ intent: { path: text("/secret") } }]);
  });
});

describe("refused", () => {
  test("what nobody understands, with the status that says so", () => {
    const talk = new Conversation();
    const unknown = packet(fxp.SSH_FXP_EXTENDED, 5, (writer) => writer.string("vendor@example.org"));
    const verdict = talk.tracker.request(unknown);
    expect(verdict.kind).toBe("refuse");
    expect(parseResponse((verdict as { reply: Buffer }).reply)).toMatchObject({ id: 5, code: fxp.SSH_FX_OP_UNSUPPORTED });
    expect(() => talk.status(5)).toThrow(refused);
  });

  test("handles that the server never gave, or that are closing", () => {
    const talk = new Conversation();
    expect(talk.read(1, 0, 10).kind).toBe("refuse");
    expect(talk.write(2, 0, text("x")).kind).toBe("refuse");
    talk.open(3, "/f", READ);
    expect(talk.read(4, 0, 10, "other").kind).toBe("refuse");
    talk.ask({ id: 5, op: "close", handle: text("h") });
    expect(talk.read(6, 0, 10).kind).toBe("refuse");
    expect(talk.ask({ id: 7, op: "close", handle: text("h") }).kind).toBe("refuse");
  });

  test("more requests or handles than the bound", () => {
    const talk = new Conversation({ outstanding: 3, handles: 2 });
    for (const id of [1, 2, 3]) expect(talk.ask({ id, op: "stat", path: text("/") }).kind).toBe("forward");
    expect(talk.ask({ id: 4, op: "stat", path: text("/") })).toMatchObject({ kind: "refuse", reason: "too many requests at once" });
    for (const id of [1, 2, 3]) talk.status(id);
    talk.open(5, "/a", READ, "a");
    talk.ask({ id: 6, op: "opendir", path: text("/") });
    expect(talk.ask({ id: 7, op: "open", path: text("/b"), flags: READ, attributes: {} })).toMatchObject({ reason: "too many open files" });
    talk.status(6, fxp.SSH_FX_FAILURE);
    talk.open(8, "/b", READ, "b");
    talk.close(9, "a");
    talk.open(10, "/c", READ, "a");
    expect(talk.tracker.end()).toHaveLength(2);
  });

  test("an id in use ends the conversation", () => {
    const talk = new Conversation();
    talk.ask({ id: 1, op: "stat", path: text("/") });
    expect(() => talk.ask({ id: 1, op: "stat", path: text("/") })).toThrow(refused);
  });

  test.each<[string, (talk: Conversation) => unknown]>([
    ["an answer to nothing", (talk) => talk.status(9)],
    ["an answer twice", (talk) => (talk.ask({ id: 1, op: "remove", path: text("/") }), talk.status(1), talk.status(1))],
    ["an answer of another kind", (talk) => (talk.ask({ id: 1, op: "remove", path: text("/") }), talk.data(1, text("x")))],
    ["more data than was asked for", (talk) => (talk.open(1, "/f", READ), talk.read(2, 0, 3), talk.data(2, text("four")))],
    ["an open handle given out again", (talk) => (talk.open(1, "/f", READ), talk.open(2, "/g", READ))],
    ["a second VERSION", (talk) => talk.tracker.response(packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer))],
  ])("a server that sends %s", (_name, work) => {
    expect(() => work(new Conversation())).toThrow(refused);
  });

  test("a handle given out again after its CLOSE was sent is a new file", () => {
    const talk = new Conversation();
    talk.open(1, "/f", READ);
    talk.ask({ id: 2, op: "close", handle: text("h") });
    talk.open(3, "/g", READ);
    expect(talk.status(2)).toMatchObject([{ kind: "closed", file: 1 }]);
    expect(talk.read(4, 0, 1).kind).toBe("forward");
    expect(talk.tracker.end()).toMatchObject([{ file: 2 }]);
  });
});

describe("versions", () => {
  test("version 3 passes as it came", () => {
    const tracker = new SftpTracker();
    const init = encodeInit();
    expect(tracker.request(init)).toEqual({ kind: "forward", id: undefined, bytes: init, intent: undefined });
    expect(tracker.response(packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer.string("limits@openssh.com").string("1")))).toEqual([]);
  });

  test("a client that offers a later one is lowered to 3, before the server sees it", () => {
    const verdict = new SftpTracker().request(encodeInit(6));
    expect(verdict).toMatchObject({ kind: "forward", bytes: encodeInit(3) });
  });

  test("a server that chooses a later one, or speaks first, is refused", () => {
    const version = (number: number): Buffer => packet(fxp.SSH_FXP_VERSION, number, (writer) => writer);
    expect(() => new SftpTracker().response(version(3))).toThrow(refused);
    const tracker = new SftpTracker();
    tracker.request(encodeInit());
    expect(() => tracker.response(version(4))).toThrow(refused);
    expect(() => new SftpTracker().request(encodeRequest({ id: 1, op: "stat", path: text("/") }))).toThrow(refused);
  });
});
