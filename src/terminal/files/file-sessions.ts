/**
 * Sftp sessions by which browsers get at files: one for a login, address, target and grant, kept for a moment after its last use, so that
 * looking around is one session in the log and not a hundred.
 *
 * Invariants: a session is its login's alone; one whose login no longer holds is closed; their number is bounded.
 */
import { deny, type Denial } from "../../kernel/result.ts";
import { denialOf, isDenial } from "../denial.ts";
import { openInner, type InnerConnection, type InnerDoor } from "../inner-connection.ts";
import type { Visitor } from "../visitor.ts";
import { SftpClient } from "./sftp-client.ts";

const IDLE_MS = 30_000;
const IN_ALL = 256;
const PER_PERSON = 16;
const CLIENT = "console";

interface FileSession {
  readonly visitor: Visitor;
  readonly opening: Promise<{ readonly inner: InnerConnection; readonly sftp: SftpClient } | Denial>;
  uses: number;
  idle: NodeJS.Timeout | undefined;
  close: () => void;
}

export class FileSessions {
  readonly #door: InnerDoor;
  readonly #sessions = new Map<string, FileSession>();

  constructor(door: InnerDoor) {
    this.#door = door;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Resolves when `work` has: it may go on for as long as a transfer takes. */
  async use<T>(visitor: Visitor, login: string, work: (sftp: SftpClient) => Promise<T>): Promise<T | Denial> {
    const held = await this.hold(visitor, login);
    if (isDenial(held)) return held;
    try {
      return await work(held.sftp);
    } catch (error) {
      return denialOf(error);
    } finally {
      held.release();
    }
  }

  /** For work that outlasts the call. `release` may be called more than once. */
  async hold(visitor: Visitor, login: string): Promise<{ readonly sftp: SftpClient; readonly release: () => void } | Denial> {
    const { principal, credential } = visitor.authenticated;
    // From another address it is another session: whether it may be there is asked where it opens.
    const key = JSON.stringify([principal.name, credential, visitor.remote.address, login]);
    const session = this.#sessions.get(key) ?? this.#begin(key, visitor, login);
    if (!session) return deny("too-many-connections", { detail: "file sessions" });
    session.uses += 1;
    clearTimeout(session.idle);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      session.uses -= 1;
      if (session.uses === 0) session.idle = setTimeout(() => session.close(), IDLE_MS).unref();
    };
    try {
      const opened = await session.opening;
      if ("allowed" in opened) {
        release();
        return opened;
      }
      return { sftp: opened.sftp, release };
    } catch (error) {
      release();
      return denialOf(error);
    }
  }

  /** Those whose login no longer holds are closed. */
  async recheckAll(): Promise<void> {
    await Promise.all(
      [...this.#sessions.values()].map(async (session) => {
        // Fails closed: who cannot be checked has no session.
        if (await session.visitor.recheck().catch(() => true)) session.close();
      }),
    );
  }

  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    for (const session of all) session.close();
    await Promise.allSettled(all.map(({ opening }) => opening));
  }

  #begin(key: string, visitor: Visitor, login: string): FileSession | undefined {
    const { name } = visitor.authenticated.principal;
    const theirs = [...this.#sessions.values()].filter((each) => each.visitor.authenticated.principal.name === name);
    if (theirs.length >= PER_PERSON || this.#sessions.size >= IN_ALL) return undefined;
    let inner: InnerConnection | undefined;
    let isClosed = false;
    const close = (): void => {
      isClosed = true;
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      inner?.close();
    };
    const open = async (): Promise<{ inner: InnerConnection; sftp: SftpClient } | Denial> => {
      let sftp: SftpClient | undefined;
      const opened = await openInner(
        {
          authenticated: visitor.authenticated,
          remote: visitor.remote,
          login,
          client: CLIENT,
          onFileRefused: (request, denial) => sftp?.refused(request, denial),
        },
        this.#door,
      );
      if ("allowed" in opened) return opened;
      inner = opened;
      if (isClosed) inner.close();
      void opened.ended.then(close);
      const why = async (): Promise<Denial | undefined> => {
        opened.close();
        const ended = await opened.ended;
        return opened.refusal() ?? ended;
      };
      sftp = await SftpClient.open(await opened.ssh.openSession(), why);
      return { inner, sftp };
    };
    const opening = open();
    const session: FileSession = { visitor, opening, uses: 0, idle: undefined, close };
    this.#sessions.set(key, session);
    opening.then((opened) => "allowed" in opened && close(), close);
    return session;
  }
}
