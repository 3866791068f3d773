/** The SFTP codec against OpenSSH's own `sftp-server` and `sftp`. */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SftpFact } from "../../src/wire/ssh/sftp/facts.ts";
import { SftpFramer, type SftpPiece } from "../../src/wire/ssh/sftp/framer.ts";
import * as fxp from "../../src/wire/ssh/sftp/messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "../../src/wire/ssh/sftp/request.ts";
import { parseResponse, type SftpResponse } from "../../src/wire/ssh/sftp/response.ts";
import { SftpTracker } from "../../src/wire/ssh/sftp/tracker.ts";
import { PEER_MISSING, requirePeer } from "../kit/peers.ts";

const sftp = requirePeer("OpenSSH client", "sftp");
// Not in anybody's PATH: sshd starts it.
const SERVER = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"].find(existsSync);
const isMissing = sftp.missing || SERVER === undefined;
const title = (text: string): string =>
  SERVER === undefined ? `${text} [${PEER_MISSING} OpenSSH SFTP server (\`sftp-server\`)]` : sftp.title(text);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const text = (value: string): Buffer => Buffer.from(value);

type Draft = SftpRequest extends infer Request ? (Request extends SftpRequest ? Omit<Request, "id"> : never) : never;
interface Reply {
  response: SftpResponse;
  data: Buffer;
  facts: SftpFact[];
}

/** A real sftp-server, asked by our encoder and followed by our tracker. */
class Server {
  readonly tracker = new SftpTracker();
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #framer = new SftpFramer();
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #nextId = 1;
  #current: Reply | undefined;

  constructor(program: string, cwd: string) {
    this.#process = spawn(program, [], { cwd });
    this.tracker.request(encodeInit());
    this.#process.stdin.write(encodeInit());
    this.#process.stdout.on("data", (chunk: Buffer) => {
      for (const piece of this.#framer.push(chunk)) this.#take(piece);
    });
  }

  #take(piece: SftpPiece): void {
    if (piece.kind === "data") {
      const facts = this.tracker.data("read", piece.bytes, piece.isLast);
      if (this.#current === undefined) return;
      this.#current.data = Buffer.concat([this.#current.data, piece.bytes]);
      this.#current.facts.push(...facts);
      if (piece.isLast) this.#finish(this.#current);
      return;
    }
    const facts = this.tracker.response(piece.bytes);
    if (piece.bytes[4] === fxp.SSH_FXP_VERSION) return;
    const reply = { response: parseResponse(piece.bytes), data: Buffer.alloc(0), facts };
    if (piece.kind === "head") this.#current = reply;
    else this.#finish(reply);
  }

  #finish(reply: Reply): void {
    this.#current = undefined;
    this.#waiting.get(reply.response.id)?.(reply);
  }

  async ask(draft: Draft, data: Uint8Array = Buffer.alloc(0)): Promise<Reply> {
    const request = { ...draft, id: this.#nextId } as SftpRequest;
    this.#nextId += 1;
    const packet = encodeRequest(request, data);
    for (const piece of new SftpFramer().push(packet)) {
      if (piece.kind === "data") this.tracker.data("write", piece.bytes, piece.isLast);
      else if (this.tracker.request(piece.bytes).kind !== "forward") throw new Error(`the tracker refused ${draft.op}`);
    }
    return await new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      this.#process.stdin.write(packet);
    });
  }

  async handle(draft: Draft): Promise<Buffer> {
    const { response } = await this.ask(draft);
    if (response.kind !== "handle") throw new Error(`no handle: ${JSON.stringify(response)}`);
    return response.handle;
  }

  async end(): Promise<void> {
    const closed = once(this.#process, "close");
    this.#process.stdin.end();
    await closed;
  }
}

describe.skipIf(isMissing)(`SFTP: ${title("sftp-server")}`, () => {
  let dir = "";
  let server: Server;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-sftp-"));
    server = new Server(SERVER ?? "", dir);
  });
  afterEach(async () => {
    await server.end();
    rmSync(dir, { recursive: true, force: true });
  });
  const path = (name: string): Buffer => text(join(dir, name));
  const OK = { kind: "status", code: fxp.SSH_FX_OK };

  test("writes and reads back 1 MiB, with the hash of both", async () => {
    const contents = randomBytes(1_048_576);
    const flags = fxp.SSH_FXF_WRITE | fxp.SSH_FXF_CREAT | fxp.SSH_FXF_TRUNC;
    const out = await server.handle({ op: "open", path: path("file"), flags, attributes: { permissions: 0o640 } });
    const offsets = Array.from({ length: 32 }, (_, index) => index * 32_768);
    const answers = await Promise.all(
      offsets.map((at) => server.ask({ op: "write", handle: out, offset: BigInt(at), length: 32_768 }, contents.subarray(at, at + 32_768))),
    );
    expect(answers.every(({ response }) => response.kind === "status" && response.code === 0)).toBe(true);
    const written = await server.ask({ op: "close", handle: out });
    expect(written.facts).toMatchObject([{ kind: "closed", bytesWritten: 1_048_576, outcome: "complete", sha256: sha256(contents) }]);
    expect(readFileSync(join(dir, "file"))).toEqual(contents);
    expect(statSync(join(dir, "file")).mode & 0o777).toBe(0o640);

    const input = await server.handle({ op: "open", path: path("file"), flags: fxp.SSH_FXF_READ, attributes: {} });
    const blocks = await Promise.all(offsets.map((at) => server.ask({ op: "read", handle: input, offset: BigInt(at), length: 32_768 })));
    expect(sha256(Buffer.concat(blocks.map(({ data }) => data)))).toBe(sha256(contents));
    const atEnd = await server.ask({ op: "read", handle: input, offset: 1_048_576n, length: 32_768 });
    expect(atEnd.response).toMatchObject({ kind: "status", code: fxp.SSH_FX_EOF });
    const read = await server.ask({ op: "close", handle: input });
    expect(read.facts).toMatchObject([{ kind: "closed", bytesRead: 1_048_576, outcome: "complete", sha256: sha256(contents) }]);
  });

  test("does every operation we can encode, and answers what we can parse", async () => {
    writeFileSync(join(dir, "a"), "contents");
    const [a, b, link] = [path("a"), path("b"), path("link")];
    expect((await server.ask({ op: "mkdir", path: path("d"), attributes: { permissions: 0o700 } })).response).toMatchObject(OK);
    expect((await server.ask({ op: "rename", from: a, to: b })).response).toMatchObject(OK);
    expect((await server.ask({ op: "posix-rename", from: b, to: a })).response).toMatchObject(OK);
    expect((await server.ask({ op: "hardlink", from: a, to: b })).response).toMatchObject(OK);
    expect((await server.ask({ op: "symlink", target: text("a"), link })).response).toMatchObject(OK);
    expect((await server.ask({ op: "readlink", path: link })).response).toMatchObject({ kind: "name", count: 1, first: text("a") });
    expect((await server.ask({ op: "realpath", path: text(".") })).response).toMatchObject({ kind: "name", first: text(dir) });
    expect((await server.ask({ op: "expand-path", path: text("~/x") })).response).toMatchObject({ kind: "name", count: 1 });
    expect((await server.ask({ op: "stat", path: link })).response).toMatchObject({ kind: "attrs", attributes: { size: 8n } });
    expect((await server.ask({ op: "lstat", path: link })).response).toMatchObject({ kind: "attrs", attributes: { size: 1n } });
    expect((await server.ask({ op: "statvfs", path: a })).response).toMatchObject({ kind: "extended-reply" });
    expect((await server.ask({ op: "limits" })).response).toMatchObject({ kind: "extended-reply" });
    expect((await server.ask({ op: "setstat", path: a, attributes: { atime: 1000, mtime: 2000 } })).response).toMatchObject(OK);
    expect(statSync(join(dir, "a")).mtimeMs).toBe(2_000_000);
    expect((await server.ask({ op: "lsetstat", path: link, attributes: { atime: 1, mtime: 3000 } })).response).toMatchObject(OK);
    expect(statSync(join(dir, "a")).mtimeMs).toBe(2_000_000);

    const flags = fxp.SSH_FXF_READ | fxp.SSH_FXF_WRITE;
    const [from, to] = [await server.handle({ op: "open", path: a, flags, attributes: {} }), await server.handle(openNew(path("copy")))];
    expect((await server.ask({ op: "fstat", handle: from })).response).toMatchObject({ kind: "attrs", attributes: { mtime: 2000 } });
    expect((await server.ask({ op: "fsetstat", handle: from, attributes: { permissions: 0o600 } })).response).toMatchObject(OK);
    expect((await server.ask({ op: "fsync", handle: from })).response).toMatchObject(OK);
    expect((await server.ask({ op: "fstatvfs", handle: from })).response).toMatchObject({ kind: "extended-reply" });
    const copied = await server.ask({ op: "copy-data", handle: from, offset: 0n, length: 0n, toHandle: to, toOffset: 0n });
    expect(copied.response).toMatchObject(OK);
    expect(copied.facts).toMatchObject([{ kind: "outcome", intent: { kind: "change", operation: "copy", path: a, to: path("copy") } }]);
    expect(readFileSync(join(dir, "copy"), "utf8")).toBe("contents");
    for (const handle of [from, to]) expect((await server.ask({ op: "close", handle })).response).toMatchObject(OK);

    const listing = await server.handle({ op: "opendir", path: text(dir) });
    expect((await server.ask({ op: "readdir", handle: listing })).response).toMatchObject({ kind: "name", count: 7 });
    expect((await server.ask({ op: "readdir", handle: listing })).response).toMatchObject({ kind: "status", code: fxp.SSH_FX_EOF });
    await server.ask({ op: "close", handle: listing });
    for (const name of ["a", "b", "link", "copy"])
      expect((await server.ask({ op: "remove", path: path(name) })).response).toMatchObject(OK);
    expect((await server.ask({ op: "rmdir", path: path("d") })).response).toMatchObject(OK);
    const gone = await server.ask({ op: "remove", path: a });
    expect(gone.facts).toMatchObject([{ kind: "outcome", status: fxp.SSH_FX_NO_SUCH_FILE, message: "No such file" }]);
    expect(server.tracker.end()).toEqual([]);
  });
});

const openNew = (path: Buffer): Draft => ({
  op: "open",
  path,
  flags: fxp.SSH_FXF_WRITE | fxp.SSH_FXF_CREAT,
  attributes: {},
});

describe.skipIf(isMissing)(`SFTP: ${title("the sftp client through a tap")}`, () => {
  let dir = "";
  const contents = randomBytes(5_000_001);
  let seen: Record<string, unknown>[] = [];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-sftp-"));
    writeFileSync(join(dir, "local"), contents);
    writeFileSync(join(dir, "empty"), "");
    const batch = [
      `put ${dir}/local ${dir}/remote`,
      `get ${dir}/remote ${dir}/back`,
      `get ${dir}/empty ${dir}/empty-back`,
      `-get ${dir}/missing ${dir}/missing-back`,
      `-put ${dir}/local ${dir}/forbidden`,
      `-get ${dir}/forbidden ${dir}/forbidden-back`,
      `mkdir ${dir}/made`,
      `rename ${dir}/remote ${dir}/renamed`,
      `ls ${dir}`,
      `-rm ${dir}/not-forbidden`,
      `rm ${dir}/renamed`,
    ];
    writeFileSync(join(dir, "batch"), batch.join("\n"));
    const tap = join(import.meta.dirname, "..", "kit", "sftp-tap.ts");
    // `sftp -D` splits its argument at spaces.
    const command = [process.execPath, tap, join(dir, "facts"), SERVER].join(" ");
    execFileSync(sftp.path, ["-b", join(dir, "batch"), "-D", command], { stdio: "pipe" });
    seen = JSON.parse(readFileSync(join(dir, "facts"), "utf8")) as Record<string, unknown>[];
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const closed = (name: string): unknown => seen.find((fact) => fact["kind"] === "closed" && fact["path"] === join(dir, name));

  test("files arrive whole, both ways", () => {
    expect(readFileSync(join(dir, "back")).equals(contents)).toBe(true);
    expect(readFileSync(join(dir, "empty-back"))).toHaveLength(0);
  });

  test("each transfer has its bytes, its hash and its outcome", () => {
    const facts = seen.filter((fact) => fact["kind"] === "closed");
    const hash = sha256(contents);
    expect(facts).toMatchObject([
      { path: join(dir, "remote"), bytesWritten: 5_000_001, bytesRead: 0, outcome: "complete", sha256: hash },
      { path: join(dir, "remote"), bytesRead: 5_000_001, bytesWritten: 0, outcome: "complete", sha256: hash },
      { path: join(dir, "empty"), bytesRead: 0, outcome: "complete", sha256: sha256(Buffer.alloc(0)) },
    ]);
  });

  test("what is denied is never done, and the client is told", () => {
    expect(closed("forbidden")).toBeUndefined();
    expect(existsSync(join(dir, "forbidden"))).toBe(false);
    const intents = seen.filter((fact) => fact["path"] === join(dir, "forbidden")).map((fact) => fact["kind"]);
    expect(intents).toContain("open");
    expect(intents).not.toContain("opened");
  });

  test("changes and listings are seen before, their outcome after", () => {
    const changes = seen.filter((fact) => fact["kind"] === "change").map((fact) => fact["operation"]);
    expect(changes).toEqual(expect.arrayContaining(["mkdir", "rename", "remove"]));
    expect(seen).toContainEqual({ kind: "list", path: `${dir}/` });
    const outcomes = seen.filter((fact) => fact["kind"] === "outcome") as {
      intent: { kind: string; operation?: string };
      status: number;
    }[];
    const done = outcomes.filter(({ status }) => status === 0).map(({ intent }) => intent.operation ?? intent.kind);
    expect(done).toEqual(expect.arrayContaining(["mkdir", "rename", "remove", "list"]));
  });
});
