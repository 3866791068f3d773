/**
 * An ssh client inside the gate, for one person: logged in at the gate's own door with a key that exists only here and a
 * certificate of a minute. What may be done on the connection is decided where it is for every client, behind the door.
 *
 * Never: knows a grant, a role, a target's address. Invariant: whatever ends it, `ended` settles once, with the reason.
 */
import { createPublicKey } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Authenticated } from "../identity/model.ts";
import type { BufferPool } from "../kernel/buffer-pool.ts";
import { withDeadline } from "../kernel/deadline.ts";
import { GateError } from "../kernel/errors.ts";
import type { SessionId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Inside } from "../session/inside.ts";
import type { From } from "../session/listener.ts";
import { ClientAuth } from "../wire/ssh/auth/client-auth.ts";
import { ClientConnection } from "../wire/ssh/connection/client.ts";
import { generateEd25519 } from "../wire/ssh/keys/private-key.ts";
import { publicKeyBlob } from "../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../wire/ssh/keys/signer.ts";
import { Transport } from "../wire/ssh/transport/transport.ts";
import { denialOf } from "./denial.ts";
import { memoryPair } from "./memory-pair.ts";

/** The gate's own deadlines for the target and its login are shorter. */
const LOGIN_TIMEOUT_MS = 60_000;
export const CERTIFICATE_TTL_MS = 60_000;
/** SSH_DISCONNECT_BY_APPLICATION */
const BY_APPLICATION = 11;

/** The gate's door for ssh, from within. */
export interface InnerDoor {
  /** False: there is no place left. */
  admit(socket: Duplex, from: From, inside: Inside): boolean;
  /** A blob of one of the gate's host keys, or of its certificate. */
  isHostKey(blob: Buffer): boolean;
  /** A certificate of this person's login for a key, as a blob; its event is durable when this resolves. */
  certify(authenticated: Authenticated, publicKey: Buffer, ttlMs: number): Promise<Buffer | Denial>;
  readonly pool: BufferPool;
}

export interface InnerConnection {
  readonly session: SessionId;
  readonly ssh: ClientConnection;
  /** Why the gate or the target ended it; `undefined` where this side did. */
  readonly ended: Promise<Denial | undefined>;
  /** What the gate refused or cut, so far. */
  refusal(): Denial | undefined;
  close(): void;
}

export interface Wanted {
  readonly authenticated: Authenticated;
  /** `target` or `target%grant` */
  readonly login: string;
  /** Of the person's browser. */
  readonly remote: { readonly address: string; readonly port: number };
  readonly client: string;
  /** Of an sftp channel on it. */
  readonly onFileRefused?: Inside["onFileRefused"];
}

/** Refusals come back as the door said them. */
export async function openInner(
  { authenticated, login, remote, client, onFileRefused }: Wanted,
  door: InnerDoor,
): Promise<InnerConnection | Denial> {
  const key = generateEd25519();
  const certificate = await door.certify(authenticated, publicKeyBlob(createPublicKey(key)), CERTIFICATE_TTL_MS);
  if ("allowed" in certificate) return certificate;
  const heard: { refusal?: Denial; session?: SessionId } = {};
  const [ours, theirs] = memoryPair();
  const inside: Inside = {
    client,
    onRefused: (denial) => (heard.refusal ??= denial),
    onFileRefused: (request, denial) => onFileRefused?.(request, denial),
    onSession: (session) => (heard.session = session),
  };
  const link = new InnerLink(ours, door);
  // A person's places are their own: behind one proxy all come from one address.
  if (!door.admit(theirs, { ...remote, holder: `console of ${authenticated.principal.name}` }, inside)) return deny("too-many-connections");
  const user = `${authenticated.principal.name}+${login}`;
  try {
    const loggedIn = logIn(link, user, signerFromPrivateKey(key, certificate));
    const ssh = await withDeadline(loggedIn, LOGIN_TIMEOUT_MS, "the gate did not finish the login");
    if (heard.session === undefined) throw new GateError("not-supported", "a terminal on the gate itself");
    const ended = link.ended.then((goodbye) => {
      ssh.end();
      return heard.refusal ?? goodbye;
    });
    return { session: heard.session, ssh, ended, refusal: () => heard.refusal, close: () => link.close() };
  } catch (error) {
    link.close();
    return heard.refusal ?? denialOf(error);
  }
}

function logIn(link: InnerLink, user: string, signer: KeySigner): Promise<ClientConnection> {
  return new Promise((resolve, reject) => {
    void link.ended.then(() => reject(new GateError("target-unreachable", "the connection ended during the login")));
    link.onKeys = () => {
      new ClientAuth(link.transport, {
        user,
        signers: [signer],
        onResult: ({ authenticated }) => {
          if (!authenticated) return reject(new GateError("not-authenticated"));
          const ssh = new ClientConnection(link);
          link.transport.onPayload = (payload) => {
            if (!ssh.receive(payload)) link.transport.replyUnimplemented();
          };
          resolve(ssh);
        },
      }).start();
    };
  });
}

/** The transport on its end of the pair. */
class InnerLink {
  readonly transport: Transport;
  /** With what the gate said of the target; nothing, where this side closed it. */
  readonly ended: Promise<Denial | undefined>;
  onKeys: () => void = () => undefined;
  readonly #socket: Duplex;
  readonly #resolve: (goodbye: undefined) => void;
  #onDrain: () => void = () => undefined;

  constructor(socket: Duplex, { isHostKey, pool }: Pick<InnerDoor, "isHostKey" | "pool">) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<Denial | undefined>();
    this.ended = promise;
    const end = (goodbye: Denial): void => {
      resolve(goodbye);
      socket.destroy();
    };
    this.#resolve = resolve;
    this.transport = new Transport({
      role: "client",
      software: "Sallyport",
      pool,
      verifyHostKey: async ({ blob }) => isHostKey(blob),
      output: { write: (bytes, release) => this.#write(bytes, release) },
      events: {
        onError: ({ code, detail }) => end(deny(code, detail === undefined ? {} : { detail })),
        onDisconnect: (_reason, description) => end(lost(description.replace(/^sallyport: /, ""))),
        onKeyExchange: ({ first }) => {
          if (first) this.onKeys();
        },
        onDrain: () => this.#onDrain(),
        onWantInput: () => socket.resume(),
      },
    });
    socket.on("data", (chunk: Buffer) => {
      if (!this.transport.receive(chunk)) socket.pause();
    });
    socket.on("end", () => end(lost("the connection was lost")));
    socket.on("close", () => end(lost("the connection was lost")));
  }

  send(payload: Uint8Array): void {
    this.transport.send(payload);
  }

  queuedBytes(): number {
    return this.#socket.writableLength + this.transport.queuedBytes;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  close(): void {
    this.#resolve(undefined);
    this.transport.disconnect(BY_APPLICATION, "");
    // What was written leaves before the end of it does; the other end answers with its own.
    this.#socket.end();
  }

  #write(bytes: Buffer, release: () => void): void {
    if (this.#socket.destroyed) return release();
    this.#socket.write(bytes, () => {
      release();
      this.#onDrain();
    });
  }
}

function lost(detail: string): Denial {
  return deny("target-unreachable", { detail });
}
