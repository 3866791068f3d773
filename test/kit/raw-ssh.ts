/**
 * Both ends of a connection through the gate, driven message by message: a client and a target that can be as hostile
 * as a test wants them.
 */
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { SshLink, type LinkEnd } from "../../src/proxy/ssh/ssh-link.ts";
import { ClientAuth } from "../../src/wire/ssh/auth/client-auth.ts";
import { ServerAuth } from "../../src/wire/ssh/auth/server-auth.ts";
import { generateEd25519, parsePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../src/wire/ssh/keys/signer.ts";
import { estateYaml } from "./estate.ts";
import { startGate, type TestGate } from "./gate.ts";

/** One end, once its user is known. */
export interface RawEnd {
  /** Every message of the connection protocol that came. */
  readonly received: Buffer[];
  /** How it ended. */
  readonly ended: Promise<LinkEnd>;
  send(...payloads: readonly Uint8Array[]): void;
  /** The next message with this number that `next` has not given yet. Rejects when the connection ends before. */
  next(number: number): Promise<Buffer>;
  destroy(): void;
}

/** From here on payloads are collected. */
function collect(link: SshLink): RawEnd {
  const received: Buffer[] = [];
  const given = new Set<Buffer>();
  const waiting = new Set<() => void>();
  let over: LinkEnd | undefined;
  const ended = new Promise<LinkEnd>((resolve) => {
    link.onEnd = (end) => {
      over = end;
      resolve(end);
      for (const look of waiting) look();
    };
  });
  link.transport.onPayload = (payload) => {
    received.push(Buffer.from(payload));
    for (const look of waiting) look();
  };
  return {
    received,
    ended,
    send: (...payloads) => {
      for (const payload of payloads) link.transport.send(payload);
    },
    next: (number) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = received.find((payload) => payload[0] === number && !given.has(payload));
          if (!found && !over) return;
          waiting.delete(look);
          if (!found) return reject(new Error(`it ended (${JSON.stringify(over)}) before message ${number} came`));
          given.add(found);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    destroy: () => link.destroy(),
  };
}

export interface RawTarget extends AsyncDisposable {
  readonly port: number;
  readonly hostKey: string;
  /** The next connection, logged in. */
  accept(): Promise<RawEnd>;
}

/** Takes any user. */
async function startRawTarget(): Promise<RawTarget> {
  const key = generateEd25519();
  const hostKeys = [signerFromPrivateKey(key)];
  const ready: RawEnd[] = [];
  const waiting: ((end: RawEnd) => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const link = new SshLink(socket, { role: "server", software: "Raw", hostKeys });
    const auth = new ServerAuth(
      link.transport,
      { publicKey: async () => ({ result: "accept" }) },
      {
        onAuthenticated: () => {
          const end = collect(link);
          const next = waiting.shift();
          if (next) next(end);
          else ready.push(end);
        },
        onFault: (error) => {
          throw error;
        },
      },
    );
    link.onEnd = () => auth.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    hostKey: encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), "raw"),
    accept: () =>
      new Promise((resolve) => {
        const end = ready.shift();
        if (end) resolve(end);
        else waiting.push(resolve);
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Logs in with a key file; trusts whatever answers. */
export async function connectRaw(port: number, user: string, keyPath: string): Promise<RawEnd> {
  const { privateKey } = parsePrivateKey(await readFile(keyPath, "utf8"));
  return new Promise((resolve, reject) => {
    const link = new SshLink(connect({ port, host: "127.0.0.1", noDelay: true }), {
      role: "client",
      software: "Raw",
      verifyHostKey: async () => true,
    });
    link.onEnd = (end) => reject(new Error(`the login ended: ${JSON.stringify(end)}`));
    link.onKeyExchange = ({ first }) => {
      if (!first) return;
      new ClientAuth(link.transport, {
        user,
        signers: [signerFromPrivateKey(privateKey)],
        onResult: ({ authenticated }) => (authenticated ? resolve(collect(link)) : reject(new Error("the login was refused"))),
      }).start();
    };
  });
}

export interface RawEstate extends AsyncDisposable {
  readonly test: TestGate;
  /** A client and a target with a session of the gate between them. */
  pair(): Promise<{ client: RawEnd; target: RawEnd; session: string }>;
}

/** A gate between a raw target and a raw client who has a grant for `ssh` permissions as given. */
export async function startRawEstate(debug?: string): Promise<RawEstate> {
  await using opened = new AsyncDisposableStack();
  const host = opened.use(await startRawTarget());
  const target = { address: `127.0.0.1:${host.port}`, hostKey: host.hostKey, account: "infra" };
  const rules = `  - { name: at-once, who: ["group:oncall"], roles: [debug], targets: { names: [web-1.prod] }, max: 1h, approval: none }`;
  const yaml = estateYaml(target, { ...(debug !== undefined && { debug }) }).replace(/^ {2}- \{ name: oncall-debugs.*$/m, rules);
  const test = opened.use(await startGate(yaml));
  const key = await test.addPerson("ana");
  const asked = await test.gate.access.request(
    { name: "ana" as never, groups: ["oncall"] },
    {
      reason: "a test",
      role: "debug",
      targets: ["web-1.prod"],
      durationMs: 3_600_000,
    },
  );
  if (!asked.allowed) throw new Error(asked.code);
  const everything = opened.move();
  return {
    test,
    pair: async () => {
      const known = new Set(test.gate.registry.list().map(({ id }) => id));
      const [client, end] = await Promise.all([connectRaw(test.gate.sshPort, "web-1.prod", key), host.accept()]);
      const session = test.gate.registry.list().find(({ id }) => !known.has(id))?.id ?? "";
      return { client, target: end, session };
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
