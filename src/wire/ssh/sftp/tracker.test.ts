import { describe, expect, test } from "vitest";
import { Conversation, packet, READ, text, WRITE } from "../../../../test/kit/sftp-conversation.ts";
import * as fxp from "./messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { SftpTracker } from "./tracker.ts";

const refused = expect.objectContaining({ code: "protocol-error" });

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

  test("writing to a file that was not opened for it, whatever the server would say", () => {
    const talk = new Conversation();
    talk.open(1, "/f", READ, "r");
    talk.open(2, "/g", WRITE, "w");
    expect(talk.write(3, 0, text("x"), "r")).toMatchObject({ kind: "refuse", reason: "the file is not open for writing" });
    const copy = { op: "copy-data", offset: 0n, length: 0n, toOffset: 0n } as const;
    expect(talk.ask({ id: 4, ...copy, handle: text("w"), toHandle: text("r") }).kind).toBe("refuse");
    expect(talk.ask({ id: 5, ...copy, handle: text("r"), toHandle: text("w") }).kind).toBe("forward");
  });

  test("an open flag that nobody defined", () => {
    const talk = new Conversation();
    expect(talk.ask({ id: 1, op: "open", path: text("/f"), flags: READ | 0x40, attributes: {} }).kind).toBe("refuse");
  });

  test("more requests or handles than the bound", () => {
    const talk = new Conversation({ outstanding: 3, handles: 2 });
    for (const id of [1, 2, 3]) expect(talk.ask({ id, op: "stat", path: text("/") }).kind).toBe("forward");
    expect(talk.tracker.isFull).toBe(true);
    // Full is no refusal: a client that asked far ahead would lose what it asked for.
    expect(talk.ask({ id: 4, op: "stat", path: text("/") }).kind).toBe("forward");
    for (const id of [1, 2, 3, 4]) talk.status(id);
    expect(talk.tracker.isFull).toBe(false);
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
