/** Files over sftp: decided one by one before a byte of the request reaches the host, and told in the log as they were. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/audit/event.ts";
import { encodeChannelRequest } from "../../src/wire/ssh/connection/channel-request.ts";
import * as msg from "../../src/wire/ssh/connection/messages.ts";
import * as fxp from "../../src/wire/ssh/sftp/messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "../../src/wire/ssh/sftp/request.ts";
import { parseResponse } from "../../src/wire/ssh/sftp/response.ts";
import { estateYaml, startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startRawEstate, type RawEnd, type RawEstate } from "../kit/raw-ssh.ts";
import { packet, READ, text, WRITE } from "../kit/sftp-conversation.ts";
import { talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const [OWN, THEIRS] = [5, 9];

describe("a role that may read", () => {
  let estate: RawEstate;
  let client: RawEnd;
  let target: RawEnd;
  let session: string;
  let id = 10;

  const answer = async (): Promise<Buffer> => msg.dataOf(await client.next(msg.SSH_MSG_CHANNEL_DATA));
  const toHost = async (): Promise<Buffer> => msg.dataOf(await target.next(msg.SSH_MSG_CHANNEL_DATA));
  const reply = (bytes: Buffer): void => target.send(msg.encodeChannelData(OWN, bytes));
  const ask = (request: Buffer): void => client.send(msg.encodeChannelData(THEIRS, request));

  beforeAll(async () => {
    estate = await startRawEstate("files: read");
    ({ client, target, session } = await estate.pair());
    const window = { initialWindow: 1_000_000, maximumPacket: 32_768 };
    client.send(msg.encodeChannelOpen({ channelType: "session", senderChannel: OWN, ...window, specific: Buffer.alloc(0) }));
    await target.next(msg.SSH_MSG_CHANNEL_OPEN);
    target.send(msg.encodeChannelOpenConfirmation({ recipientChannel: OWN, senderChannel: THEIRS, ...window }));
    await client.next(msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
    client.send(encodeChannelRequest({ recipientChannel: THEIRS, wantReply: false, request: { type: "subsystem", name: "sftp" } }));
    ask(encodeInit());
    await toHost();
    reply(packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer));
    await answer();
    // A file and a folder that are open for reading.
    for (const [request, handle] of [
      [{ id: 1, op: "open", path: text("/file"), flags: READ, attributes: {} }, "f"],
      [{ id: 2, op: "opendir", path: text("/folder") }, "d"],
    ] as const) {
      ask(encodeRequest(request));
      await toHost();
      reply(packet(fxp.SSH_FXP_HANDLE, request.id, (writer) => writer.string(handle)));
      await answer();
    }
  });
  afterAll(async () => {
    client.destroy();
    target.destroy();
    await estate[Symbol.asyncDispose]();
  });

  const [path, from, to, handle] = [text("/p"), text("/from"), text("/to"), text("f")];
  type Body = SftpRequest extends infer Each ? (Each extends SftpRequest ? Omit<Each, "id"> : never) : never;
  const forbidden: Record<string, Body> = {
    "open to write": { op: "open", path, flags: WRITE, attributes: {} },
    "open to append": { op: "open", path, flags: fxp.SSH_FXF_APPEND, attributes: {} },
    "open to read, but create": { op: "open", path, flags: READ | fxp.SSH_FXF_CREAT, attributes: {} },
    "open to read, but truncate": { op: "open", path, flags: READ | fxp.SSH_FXF_TRUNC, attributes: {} },
    "open to read, but exclusively": { op: "open", path, flags: READ | fxp.SSH_FXF_EXCL, attributes: {} },
    "write by a handle opened for reading": { op: "write", handle, offset: 0n, length: 4 },
    "write by a folder's handle": { op: "write", handle: text("d"), offset: 0n, length: 4 },
    remove: { op: "remove", path },
    rmdir: { op: "rmdir", path },
    mkdir: { op: "mkdir", path, attributes: {} },
    setstat: { op: "setstat", path, attributes: { size: 0n } },
    lsetstat: { op: "lsetstat", path, attributes: { permissions: 0o777 } },
    "fsetstat, which truncates by a handle for reading": { op: "fsetstat", handle, attributes: { size: 0n } },
    rename: { op: "rename", from, to },
    "posix-rename": { op: "posix-rename", from, to },
    hardlink: { op: "hardlink", from, to },
    symlink: { op: "symlink", target: from, link: to },
    "copy-data": { op: "copy-data", handle, offset: 0n, length: 0n, toHandle: handle, toOffset: 0n },
  };
  test.each(Object.entries(forbidden))("cannot %s", async (_, body) => {
    const before = target.received.length;
    id += 1;
    ask(encodeRequest({ id, ...body }, text("evil")));
    expect(parseResponse(await answer())).toMatchObject({ id, kind: "status", code: fxp.SSH_FX_PERMISSION_DENIED });
    // What may pass, passes behind it; and nothing did before.
    id += 1;
    ask(encodeRequest({ id, op: "stat", path: text("/ok") }));
    expect((await toHost()).includes("/ok")).toBe(true);
    reply(packet(fxp.SSH_FXP_ATTRS, id, (writer) => writer.uint32(0)));
    await answer();
    expect(target.received.slice(before).filter((payload) => msg.isData(payload))).toHaveLength(1);
  });

  test("an extension that nobody knows is answered here", async () => {
    ask(packet(fxp.SSH_FXP_EXTENDED, 5000, (writer) => writer.string("overwrite@example.org").string("/p")));
    expect(parseResponse(await answer())).toMatchObject({ id: 5000, code: fxp.SSH_FX_OP_UNSUPPORTED });
  });

  test("reading is in the log before the request is at the host", async () => {
    ask(encodeRequest({ id: 6000, op: "open", path: Buffer.from("/n\xff\n", "latin1"), flags: READ, attributes: {} }));
    await toHost();
    const [last] = await estate.test.gate.store.log.query({ session, kinds: ["file.open"], order: "desc", limit: 1 });
    expect(last).toMatchObject({
      decision: "allow",
      body: { path: "/n\uFFFD\\x0a", pathBase64: Buffer.from("/n\xff\n", "latin1").toString("base64"), mode: "read", create: false },
    });
  });
});

describe.skipIf(sshd.missing)(sshd.title("files in the log"), () => {
  let estate: Estate;
  let dir: string;
  const content = randomBytes(3_000_000);
  const sha256 = createHash("sha256").update(content).digest("hex");

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sallyport-files-"));
    await writeFile(join(dir, "big"), randomBytes(60_000_000));
    await writeFile(join(dir, "a"), content);
    estate = await startEstate({ sshd: { extraConfig: ["LogLevel ERROR"] } });
    await estate.grant();
  });
  afterAll(async () => {
    await estate[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  const events = async (): Promise<readonly LoggedEvent[]> =>
    estate.test.gate.store.log.query({ kinds: ["file.open", "file.close", "file.list", "file.change", "file.outcome"], limit: 500 });
  const sftp = (batch: string) => run("sftp", [...estate.sshArgs("ana", "-b", "-"), "web-1.prod@127.0.0.1"], { input: batch, cwd: dir });

  test("each operation, in order, with what came of it and the hash of what passed", async () => {
    const done = await sftp(`put a ${dir}/b\nget ${dir}/b c\nrename ${dir}/b ${dir}/d\nchmod 4750 ${dir}/d\nrm ${dir}/d\n-rm ${dir}/no\n`);
    expect(done.status).toBe(0);
    expect(await readFile(join(dir, "c"))).toEqual(content);
    await until(async () => (await events()).some(({ kind, body }) => kind === "file.outcome" && JSON.stringify(body).includes("/no")));
    const told = (await events()).map(({ kind, body }) => Object.assign({ kind }, body));
    expect(told).toMatchObject([
      { kind: "file.open", path: `${dir}/b`, mode: "write", create: true, truncate: true },
      { kind: "file.close", path: `${dir}/b`, bytesWritten: content.length, bytesRead: 0, outcome: "complete", sha256 },
      { kind: "file.open", path: `${dir}/b`, mode: "read" },
      { kind: "file.close", path: `${dir}/b`, bytesRead: content.length, bytesWritten: 0, outcome: "complete", sha256 },
      { kind: "file.change", operation: "rename", path: `${dir}/b`, to: `${dir}/d` },
      { kind: "file.outcome", operation: "rename", status: 0 },
      { kind: "file.change", operation: "setstat", path: `${dir}/d`, attributes: { permissions: "4750" } },
      { kind: "file.outcome", operation: "setstat", status: 0 },
      { kind: "file.change", operation: "remove", path: `${dir}/d` },
      { kind: "file.outcome", operation: "remove", status: 0 },
      // OpenSSH's `rm` does not look first.
      { kind: "file.change", operation: "remove", path: `${dir}/no` },
      { kind: "file.outcome", operation: "remove", status: fxp.SSH_FX_NO_SUCH_FILE },
    ]);
  });

  test("a transfer that its client breaks off is partial, with the hash of the part that passed", async () => {
    const client = talk("scp", [...estate.sshArgs("ana"), "-l", "80000", join(dir, "big"), `web-1.prod@127.0.0.1:${dir}/broken`]);
    // Not before something has passed: of nothing there is no hash.
    await until(async () => ((await stat(join(dir, "broken")).catch(() => undefined))?.size ?? 0) > 0);
    client.child.kill("SIGKILL");
    const isClosed = ({ kind, body }: LoggedEvent): boolean => kind === "file.close" && JSON.stringify(body).includes("/broken");
    await until(async () => (await events()).some(isClosed));
    const body = (await events()).find(isClosed)?.body as unknown as { bytesWritten: number; outcome: string; sha256: string };
    expect(body.outcome).toBe("partial");
    const part = (await readFile(join(dir, "big"))).subarray(0, body.bytesWritten);
    expect(body.sha256).toBe(createHash("sha256").update(part).digest("hex"));
  });

  test("a role that is narrowed to reading cuts who is writing", async () => {
    const client = talk("scp", [...estate.sshArgs("ana"), "-l", "80000", join(dir, "big"), `web-1.prod@127.0.0.1:${dir}/narrowed`]);
    await until(async () => (await stat(join(dir, "narrowed")).catch(() => undefined))?.size !== undefined);
    await estate.reconfigure(estateYaml(estate.target, { debug: "shell: true, exec: true, files: read" }));
    const { status, stderr } = await client.ended;
    expect(status).not.toBe(0);
    expect(stderr).toContain("changing files [grant-narrowed]");
    expect(estate.test.faults).toEqual([]);
  });
});
