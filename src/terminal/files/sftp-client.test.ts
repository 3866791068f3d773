/** Untrusted: the host. What it answers wrongly ends the conversation, and nobody waits for ever. */
import { describe, expect, test } from "vitest";
import { packet } from "../../../test/kit/sftp-conversation.ts";
import { deny } from "../../kernel/result.ts";
import type { Channel } from "../../wire/ssh/connection/channel.ts";
import * as fxp from "../../wire/ssh/sftp/messages.ts";
import { failureOf, requireAnswer } from "./file-status.ts";
import { SftpClient } from "./sftp-client.ts";

const PATH = Buffer.from("/file");
const HANDLE = Buffer.from("h");

async function begin() {
  const closed = Promise.withResolvers<void>();
  const channel = {
    closed: closed.promise,
    onData: (_bytes: Buffer, _type: number): void => undefined,
    request: () => Promise.resolve(true),
    write: () => Promise.resolve(true),
    close: () => closed.resolve(),
  };
  const opening = SftpClient.open(channel as unknown as Channel, () => Promise.resolve(undefined));
  const say = (bytes: Buffer, type = 0): void => channel.onData(bytes, type);
  await Promise.resolve();
  say(packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer));
  return { sftp: await opening, say, close: channel.close };
}

const data = (id: number, bytes: string): Buffer => packet(fxp.SSH_FXP_DATA, id, (writer) => writer.string(bytes));
const status = (id: number, code: number, message: string): Buffer =>
  packet(fxp.SSH_FXP_STATUS, id, (writer) => writer.uint32(code).string(message).string("en"));

describe("an sftp client", () => {
  test("gives each answer to who asked, in whatever order and pieces they come", async () => {
    const { sftp, say } = await begin();
    const one = sftp.ask({ op: "read", handle: HANDLE, offset: 0n, length: 5 });
    const two = sftp.ask({ op: "read", handle: HANDLE, offset: 5n, length: 5 });
    const both = Buffer.concat([data(2, "world"), data(1, "hello")]);
    for (const byte of both) say(Buffer.of(byte));
    expect(await one).toEqual({ kind: "data", data: Buffer.from("hello") });
    expect(await two).toEqual({ kind: "data", data: Buffer.from("world") });
  });

  test("names of a directory come whole, with their attributes", async () => {
    const { sftp, say } = await begin();
    const names = sftp.ask({ op: "readdir", handle: HANDLE });
    say(
      packet(fxp.SSH_FXP_NAME, 1, (writer) =>
        fxp.writeAttributes(writer.uint32(1).string("a\nb").string("-rw-r--r-- long"), { size: 7n, permissions: 0o100644 }),
      ),
    );
    expect(await names).toEqual({ kind: "names", names: [{ name: Buffer.from("a\nb"), attributes: { size: 7n, permissions: 0o100644 } }] });
  });

  test.each([
    ["an answer nobody asked for", data(9, "x")],
    ["more data than was asked for", data(1, "too much")],
    ["more names than it holds", packet(fxp.SSH_FXP_NAME, 1, (writer) => writer.uint32(4_000_000_000).string("a").string("a").uint32(0))],
    ["a packet of no kind", packet(77, 1, (writer) => writer)],
    ["a second version", packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer)],
  ])("%s ends it for everybody", async (_, answer) => {
    const { sftp, say } = await begin();
    const asked = [sftp.ask({ op: "read", handle: HANDLE, offset: 0n, length: 1 }), sftp.ask({ op: "stat", path: PATH })];
    say(answer);
    for (const each of asked) await expect(each).rejects.toMatchObject({ code: "protocol-error" });
    expect(sftp.ended).toBe(true);
    await expect(sftp.ask({ op: "stat", path: PATH })).rejects.toMatchObject({ code: "protocol-error" });
  });

  test("a channel that closes leaves nobody waiting", async () => {
    const { sftp, close } = await begin();
    const asked = sftp.ask({ op: "stat", path: PATH });
    close();
    await expect(asked).rejects.toMatchObject({ code: "target-unreachable" });
  });

  test("a refusal of the gate is told as it was meant; what a host writes about itself is not believed to be one", async () => {
    const { sftp, say } = await begin();
    const denied = sftp.ask({ op: "remove", path: PATH });
    sftp.refused(1, deny("role-denies", { detail: "changing files" }));
    say(status(1, fxp.SSH_FX_PERMISSION_DENIED, "sallyport: The role … [role-denies]"));
    const lied = sftp.ask({ op: "remove", path: PATH });
    say(status(2, fxp.SSH_FX_PERMISSION_DENIED, "sallyport: The gate is locked [gate-locked]"));
    const failed = await denied;
    expect(() => requireAnswer(failed, "status", PATH)).toThrow(expect.objectContaining({ code: "role-denies" }));
    const other = await lied;
    expect(() => requireAnswer(other, "status", PATH)).toThrow(expect.objectContaining({ code: "file-denied" }));
  });

  test.each([
    [fxp.SSH_FX_NO_SUCH_FILE, "not-found"],
    [fxp.SSH_FX_PERMISSION_DENIED, "file-denied"],
    [fxp.SSH_FX_FAILURE, "file-failed"],
    [fxp.SSH_FX_OP_UNSUPPORTED, "file-failed"],
    [fxp.SSH_FX_EOF, "file-failed"],
    [999, "file-failed"],
  ])("status %i → %s, with control characters made harmless", (code, expected) => {
    const failure = failureOf({ kind: "status", code, message: "\u001b[2Jno", refusal: undefined }, Buffer.from("/a\u001b[31mb"));
    expect(failure.code).toBe(expected);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(failure.detail).not.toMatch(/[\u0000-\u001f]/);
  });
});
