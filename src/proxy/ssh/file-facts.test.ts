import { describe, expect, test } from "vitest";
import { openMode, type SftpIntent } from "../../wire/ssh/sftp/facts.ts";
import * as fxp from "../../wire/ssh/sftp/messages.ts";
import { fileActions, fileEvent, fileNote, outcomeEvent } from "./file-facts.ts";

const path = Buffer.from("/p");
const opening = (flags: number): SftpIntent => ({ kind: "open", file: 1, path, mode: openMode(flags) });

describe("fileActions", () => {
  test.each([
    ["read", fxp.SSH_FXF_READ, false],
    ["nothing at all", 0, false],
    ["write", fxp.SSH_FXF_WRITE, true],
    ["append", fxp.SSH_FXF_APPEND, true],
    ["read and create", fxp.SSH_FXF_READ | fxp.SSH_FXF_CREAT, true],
    ["read and truncate", fxp.SSH_FXF_READ | fxp.SSH_FXF_TRUNC, true],
    ["read, exclusively", fxp.SSH_FXF_READ | fxp.SSH_FXF_EXCL, true],
  ])("opening to %s", (_, flags, write) => {
    expect(fileActions(opening(flags))).toEqual([{ kind: "file.open", path: "/p", write }]);
  });

  test("both names of a change count", () => {
    const intent: SftpIntent = { kind: "change", operation: "rename", path, to: Buffer.from("/q") };
    expect(fileActions(intent)).toEqual([
      { kind: "file.change", operation: "rename", path: "/p" },
      { kind: "file.change", operation: "rename", path: "/q" },
    ]);
  });
});

describe("events", () => {
  test("a path that cannot be shown exactly is there as bytes too", () => {
    const odd = Buffer.from([0x2f, 0xff, 0x0a]);
    expect(fileEvent(3, { kind: "list", path: odd })).toEqual({
      kind: "file.list",
      body: { channel: 3, path: "/\uFFFD\\x0a", pathBase64: odd.toString("base64") },
    });
  });

  test("an outcome is told of changes, and of what failed", () => {
    const change: SftpIntent = { kind: "change", operation: "remove", path };
    const list: SftpIntent = { kind: "list", path };
    const outcome = (intent: SftpIntent, status: number) => outcomeEvent(3, { kind: "outcome", intent, status, message: "m\u001B" });
    expect(outcome(change, 0)).toMatchObject({ kind: "file.outcome", body: { operation: "remove", status: 0, message: "m\\x1b" } });
    expect(outcome(list, 0)).toBeUndefined();
    expect(outcome(list, 3)).toMatchObject({ body: { operation: "list", status: 3 } });
    expect(outcome({ kind: "look", operation: "stat", path }, 3)).toBeUndefined();
  });

  test("a replay tells which way a file went", () => {
    const fact = { kind: "closed", file: 1, path, outcome: "complete", sha256: undefined } as const;
    expect(fileNote({ ...fact, mode: openMode(fxp.SSH_FXF_READ), bytesRead: 5, bytesWritten: 0 })).toMatchObject({
      direction: "down",
      bytes: 5,
    });
    expect(fileNote({ ...fact, mode: openMode(fxp.SSH_FXF_WRITE), bytesRead: 0, bytesWritten: 0 })).toMatchObject({
      direction: "up",
      bytes: 0,
    });
  });
});
