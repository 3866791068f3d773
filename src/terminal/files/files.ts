/**
 * Files of hosts for browsers. What the role allows is decided behind the ssh door, request by request, as for every sftp client;
 * here is only what such a client does: list, fetch, put, remove, rename.
 *
 * Invariants: of a transfer at most AHEAD blocks are in memory, whichever side is slow; a download that is not whole throws; an
 * upload is under a name of its own until it is whole, and gone when it does not become so.
 */
import { createHash } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";
import { randomText, type Random } from "../../kernel/random.ts";
import type { Denial } from "../../kernel/result.ts";
import { denialOf, isDenial } from "../denial.ts";
import * as fxp from "../../wire/ssh/sftp/messages.ts";
import type { ListedName } from "../../wire/ssh/sftp/response.ts";
import type { Visitor } from "../visitor.ts";
import { failureOf, isStatus, requireAnswer } from "./file-status.ts";
import type { FileSessions } from "./file-sessions.ts";
import type { Asked, SftpClient } from "./sftp-client.ts";

/** What every server takes and gives in one message. */
const BLOCK_BYTES = 32_768;
/** Blocks of one transfer that are asked for and not done with. */
const AHEAD = 8;
const MAX_LISTED = 10_000;
/** Linux's NAME_MAX. */
const MAX_NAME_BYTES = 255;

export interface FilePlace {
  /** `target` or `target%grant` */
  readonly login: string;
  readonly path: Buffer;
}

export interface HostFile {
  readonly name: Buffer;
  readonly type: "file" | "directory" | "link" | "other";
  readonly size: number | undefined;
  /** Permission bits. */
  readonly mode: number | undefined;
  /** Seconds since the Unix epoch. */
  readonly modified: number | undefined;
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

export interface Listing {
  readonly path: Buffer;
  readonly files: readonly HostFile[];
  readonly isTruncated: boolean;
}

export interface Download {
  readonly name: Buffer;
  /** Where the host knows it: of what the system makes up as it is read, it does not. */
  readonly size: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface Uploaded {
  readonly path: Buffer;
  readonly size: number;
  readonly sha256: string;
}

export class Files {
  readonly #sessions: FileSessions;
  readonly #random: Random;

  constructor(sessions: FileSessions, random: Random) {
    this.#sessions = sessions;
    this.#random = random;
  }

  list(visitor: Visitor, { login, path }: FilePlace): Promise<Listing | Denial> {
    return this.#sessions.use(visitor, login, async (sftp) => {
      const real = await realPath(sftp, path);
      const { handle } = requireAnswer(await sftp.ask({ op: "opendir", path: real }), "handle", path);
      const files: ListedName[] = [];
      let isTruncated = false;
      for (;;) {
        const answer = await sftp.ask({ op: "readdir", handle });
        if (isStatus(answer, fxp.SSH_FX_EOF)) break;
        for (const each of requireAnswer(answer, "names", path).names) if (!isDots(each.name)) files.push(each);
        isTruncated = files.length > MAX_LISTED;
        if (isTruncated) break;
      }
      await sftp.ask({ op: "close", handle });
      return { path: real, files: files.slice(0, MAX_LISTED).map(hostFile), isTruncated };
    });
  }

  /** The content is to be read, or returned from: the file is open until then. */
  async download(visitor: Visitor, { login, path }: FilePlace): Promise<Download | Denial> {
    const held = await this.#sessions.hold(visitor, login);
    if (isDenial(held)) return held;
    const { sftp, release } = held;
    try {
      const { attributes } = requireAnswer(await sftp.ask({ op: "stat", path }), "attributes", path);
      // What is no file may never end, or never begin.
      if (typeOf(attributes) !== "file") throw new GateError("bad-request", "it is no regular file");
      const open = { op: "open", path, flags: fxp.SSH_FXF_READ, attributes: {} } as const;
      const { handle } = requireAnswer(await sftp.ask(open), "handle", path);
      const size = attributes.size !== undefined && attributes.size > 0n ? attributes.size : undefined;
      const content = read(sftp, handle, path, size);
      return { name: baseName(path), size: size === undefined ? undefined : Number(size), content: withEnd(content, release) };
    } catch (error) {
      release();
      return denialOf(error);
    }
  }

  upload(visitor: Visitor, { login, path }: FilePlace, content: AsyncIterable<Uint8Array>, replace: boolean): Promise<Uploaded | Denial> {
    return this.#sessions.use(visitor, login, async (sftp) => {
      const found = await sftp.ask({ op: "stat", path });
      const before = found.kind === "attributes" ? found.attributes : undefined;
      if (!before && !isStatus(found, fxp.SSH_FX_NO_SUCH_FILE)) requireAnswer(found, "attributes", path);
      if (before && typeOf(before) !== "file") throw new GateError("already-exists", "it is no file");
      if (before && !replace) throw new GateError("already-exists");
      // Through a link, as every writer goes: what it names is replaced, not the link.
      const real = before ? await realPath(sftp, path) : path;
      const part = partName(real, randomText(this.#random, 6));
      const sum = await this.#write(sftp, part, content, before);
      try {
        const rename: Asked = before ? { op: "posix-rename", from: part, to: real } : { op: "rename", from: part, to: real };
        requireAnswer(await sftp.ask(rename), "status", path);
      } catch (error) {
        await discard(sftp, part);
        throw error;
      }
      return { path: real, ...sum };
    });
  }

  remove(visitor: Visitor, { login, path }: FilePlace): Promise<undefined | Denial> {
    return this.#sessions.use(visitor, login, async (sftp) => {
      const { attributes } = requireAnswer(await sftp.ask({ op: "lstat", path }), "attributes", path);
      const op = typeOf(attributes) === "directory" ? "rmdir" : "remove";
      requireAnswer(await sftp.ask({ op, path }), "status", path);
      return undefined;
    });
  }

  rename(visitor: Visitor, { login, path }: FilePlace, to: Buffer): Promise<undefined | Denial> {
    return this.#sessions.use(visitor, login, async (sftp) => {
      if ((await sftp.ask({ op: "lstat", path: to })).kind === "attributes") throw new GateError("already-exists");
      // OpenSSH's never overwrites, whatever has happened since the look.
      requireAnswer(await sftp.ask({ op: "rename", from: path, to }), "status", path);
      return undefined;
    });
  }

  mkdir(visitor: Visitor, { login, path }: FilePlace): Promise<undefined | Denial> {
    return this.#sessions.use(visitor, login, async (sftp) => {
      if ((await sftp.ask({ op: "lstat", path })).kind === "attributes") throw new GateError("already-exists");
      requireAnswer(await sftp.ask({ op: "mkdir", path, attributes: {} }), "status", path);
      return undefined;
    });
  }

  async #write(
    sftp: SftpClient,
    part: Buffer,
    content: AsyncIterable<Uint8Array>,
    before: fxp.Attributes | undefined,
  ): Promise<{ size: number; sha256: string }> {
    const flags = fxp.SSH_FXF_WRITE | fxp.SSH_FXF_CREAT | fxp.SSH_FXF_EXCL;
    // As private as what it takes the place of.
    const attributes = before?.permissions === undefined ? {} : { permissions: before.permissions & 0o777 };
    const { handle } = requireAnswer(await sftp.ask({ op: "open", path: part, flags, attributes }), "handle", part);
    try {
      const sum = await writeAll(sftp, handle, part, content);
      requireAnswer(await sftp.ask({ op: "close", handle }), "status", part);
      return sum;
    } catch (error) {
      await sftp.ask({ op: "close", handle }).catch(() => undefined);
      await discard(sftp, part);
      throw error;
    }
  }
}

async function writeAll(
  sftp: SftpClient,
  handle: Buffer,
  path: Buffer,
  content: AsyncIterable<Uint8Array>,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  const writing: Promise<void>[] = [];
  let size = 0;
  const done = async (): Promise<void> => await writing.shift();
  try {
    for await (const chunk of whole(content)) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; at += BLOCK_BYTES) {
        const data = chunk.subarray(at, at + BLOCK_BYTES);
        const write = sftp.ask({ op: "write", handle, offset: BigInt(size), length: data.length }, data);
        writing.push(write.then((answer) => void requireAnswer(answer, "status", path)));
        writing.at(-1)?.catch(() => undefined);
        size += data.length;
        if (writing.length >= AHEAD) await done();
      }
    }
    while (writing.length > 0) await done();
  } finally {
    await Promise.allSettled(writing);
  }
  return { size, sha256: hash.digest("hex") };
}

/** What breaks off is the client's, and no fault of anybody here. */
async function* whole(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* content;
  } catch (cause) {
    throw new GateError("bad-request", "the upload broke off", { cause });
  }
}

/** From the start to the end of the file; of one whose size is known, as much as it had, and no less. */
async function* read(sftp: SftpClient, handle: Buffer, path: Buffer, size: bigint | undefined): AsyncGenerator<Uint8Array, void> {
  const asked: { readonly length: number; readonly answer: Promise<Awaited<ReturnType<SftpClient["ask"]>>> }[] = [];
  let [next, sent] = [0n, 0n];
  const askAt = (offset: bigint, length: number): Promise<Awaited<ReturnType<SftpClient["ask"]>>> => {
    const answer = sftp.ask({ op: "read", handle, offset, length });
    answer.catch(() => undefined);
    return answer;
  };
  try {
    for (let isOver = false; !isOver;) {
      while (asked.length < AHEAD) {
        asked.push({ length: BLOCK_BYTES, answer: askAt(next, BLOCK_BYTES) });
        next += BigInt(BLOCK_BYTES);
      }
      const first = asked.shift();
      if (!first) break;
      let answer = await first.answer;
      // A short block is filled up: what follows was asked for from its end on.
      for (let missing = first.length; ;) {
        if (isStatus(answer, fxp.SSH_FX_EOF)) {
          isOver = true;
          break;
        }
        const { data } = requireAnswer(answer, "data", path);
        if (data.length === 0) throw new GateError("protocol-error", "an SFTP answer holds nothing");
        const wanted = size === undefined ? data : data.subarray(0, Number(size - sent < BigInt(data.length) ? size - sent : data.length));
        missing -= data.length;
        sent += BigInt(wanted.length);
        if (wanted.length > 0) yield wanted;
        // It has grown since: what it had is there.
        isOver = wanted.length < data.length;
        if (missing === 0 || isOver) break;
        answer = await askAt(sent, missing);
      }
    }
    if (size !== undefined && sent < size) throw failureOf({ kind: "status", code: fxp.SSH_FX_EOF, message: "", refusal: undefined }, path);
  } finally {
    await Promise.allSettled(asked.map(({ answer }) => answer));
    await sftp.ask({ op: "close", handle }).catch(() => undefined);
  }
}

/** `end` runs once the content was read, or left. */
function withEnd(content: AsyncGenerator<Uint8Array, void>, end: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const result = await content.next().catch((error: unknown) => {
          end();
          throw error;
        });
        if (result.done === true) end();
        return result;
      },
      return: async () => {
        await content.return();
        end();
        return { done: true, value: undefined };
      },
    }),
  };
}

async function realPath(sftp: SftpClient, path: Buffer): Promise<Buffer> {
  const { names } = requireAnswer(await sftp.ask({ op: "realpath", path }), "names", path);
  const [first] = names;
  if (!first || names.length > 1) throw new GateError("protocol-error", "an SFTP answer holds no path");
  return first.name;
}

async function discard(sftp: SftpClient, path: Buffer): Promise<void> {
  await sftp.ask({ op: "remove", path }).catch(() => undefined);
}

function hostFile({ name, attributes }: ListedName): HostFile {
  const { size, permissions, mtime, uid, gid } = attributes;
  return {
    name,
    type: typeOf(attributes),
    // Untrusted: a number that JSON cannot hold is no size.
    size: size === undefined || size > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(size),
    mode: permissions === undefined ? undefined : permissions & 0o7777,
    modified: mtime,
    owner: uid,
    group: gid,
  };
}

function typeOf({ permissions }: fxp.Attributes): HostFile["type"] {
  if (permissions === undefined) return "other";
  const format = permissions & 0o170000;
  return format === 0o100000 ? "file" : format === 0o040000 ? "directory" : format === 0o120000 ? "link" : "other";
}

function isDots(name: Buffer): boolean {
  return name.equals(Buffer.from(".")) || name.equals(Buffer.from(".."));
}

function baseName(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf("/") + 1);
}

/** Beside it, so that the rename stays within its file system. */
function partName(path: Buffer, random: string): Buffer {
  const ending = Buffer.from(`.${random}.part`);
  const folder = path.subarray(0, path.lastIndexOf("/") + 1);
  return Buffer.concat([folder, baseName(path).subarray(0, MAX_NAME_BYTES - ending.length), ending]);
}
