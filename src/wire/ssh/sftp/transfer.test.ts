import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Conversation, packet, READ, text, WRITE } from "../../../../test/kit/sftp-conversation.ts";
import type { ClosedFact } from "./facts.ts";
import { SftpFramer } from "./framer.ts";
import * as fxp from "./messages.ts";
import { encodeRequest, type SftpRequest } from "./request.ts";
import { parseResponse } from "./response.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

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

  test("early blocks in more parts than are worth keeping: no hash, still complete", () => {
    const talk = new Conversation();
    talk.open(1, "/f", READ);
    for (let at = 0; at <= 5000; at += 1) talk.read(10 + at, at, 1);
    for (let at = 1; at < 5000; at += 1) talk.data(10 + at, Buffer.of(0));
    talk.data(10, Buffer.of(0));
    talk.status(5010, fxp.SSH_FX_EOF);
    expect(talk.close(2)).toMatchObject({ bytesRead: 5000, outcome: "complete", sha256: undefined });
  });

  test("more holes than a transfer has: what waits for them is freed at once", () => {
    const talk = new Conversation({ reorderBytes: 100 });
    talk.open(1, "/holes", READ, "holes");
    for (let hole = 0; hole <= 65; hole += 1)
      talk.ask({ id: 10 + hole, op: "read", handle: text("holes"), offset: BigInt(2 * hole + 1), length: 1 });
    for (let hole = 0; hole <= 65; hole += 1) talk.data(10 + hole, Buffer.of(0));
    talk.open(2, "/f", READ);
    talk.read(3, 0, 30);
    talk.read(4, 30, 70);
    talk.data(4, contents.subarray(30));
    talk.data(3, contents.subarray(0, 30));
    expect(talk.close(5)).toMatchObject({ bytesRead: 100, sha256: sha256(contents) });
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
