/** The door before a session: a client that falls silent, a target that does, and what ends in the middle of a login. */
import { readFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { signerFromPrivateKey } from "../../src/wire/ssh/keys/signer.ts";
import { ClientAuth, type ClientAuthResult } from "../../src/wire/ssh/auth/client-auth.ts";
import { encodeChannelRequest } from "../../src/wire/ssh/connection/channel-request.ts";
import { encodeChannelData, encodeChannelOpen, SSH_MSG_CHANNEL_OPEN_CONFIRMATION } from "../../src/wire/ssh/connection/messages.ts";
import type { Transport } from "../../src/wire/ssh/transport/transport.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { estateYaml, startEstate, type Estate } from "../kit/estate.ts";
import { run } from "../kit/process.ts";
import { overSocket } from "../kit/ssh-socket.ts";
import { until } from "../kit/until.ts";

const HANDSHAKE_MS = 1000;
/** Promise 1. */
const WITHIN_MS = 1000;
let estate: Estate;
/** A target that accepts connections and says nothing. */
const silent = createServer({ pauseOnConnect: true }, (socket) => {
  silentSockets.push(socket);
  socket.on("error", () => undefined).resume();
});
const silentSockets: Socket[] = [];

beforeAll(async () => {
  estate = await startEstate({ limits: `  limits: { handshake: ${HANDSHAKE_MS / 1000}s }` });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  await estate.reconfigure(estateYaml({ ...estate.target, address: `127.0.0.1:${port}` }));
}, 30_000);

afterAll(async () => {
  await estate[Symbol.asyncDispose]();
  for (const socket of silentSockets) socket.destroy();
  silent.close();
});

interface Caller {
  readonly socket: Socket;
  /** Why it ended. */
  readonly ended: Promise<string>;
  readonly result: Promise<ClientAuthResult>;
  readonly transport: Transport;
}

/** Logs in with ana's key, and says nothing more. */
async function call(login: string): Promise<Caller> {
  const socket = connect(estate.test.gate.sshPort, "127.0.0.1");
  const keys = Promise.withResolvers<void>();
  const { transport, ended } = overSocket(socket, { role: "client", verifyHostKey: () => Promise.resolve(true) }, () => keys.resolve());
  await keys.promise;
  const key = signerFromPrivateKey(parsePrivateKey(await readFile(estate.keys.ana, "utf8")).privateKey);
  const result = new Promise<ClientAuthResult>((onResult) => {
    new ClientAuth(transport, { user: login, signers: [key], onResult }).start();
  });
  return { socket, ended, result, transport };
}

const live = (): number => estate.test.gate.registry.list().length;

it("a client that is known and then says nothing is not waited for for ever", async () => {
  const { ended, result } = await call("web-1.prod");
  expect(await result).toMatchObject({ authenticated: false, partial: true });
  const since = performance.now();
  expect(await ended).toBe("closed");
  expect(performance.now() - since).toBeLessThan(HANDSHAKE_MS + 1000);
});

describe("while the target does not answer", () => {
  const ways: Record<string, () => Promise<unknown>> = {
    "a revoked grant": async () => {
      const { gate } = estate.test;
      const [session] = gate.registry.list();
      if (session) await gate.access.revoke(session.grant.id, { name: "olga" as PrincipalName, groups: ["owners"] }, "over");
    },
    "a kill": async () => {
      const [session] = estate.test.gate.registry.list();
      if (session) await estate.test.gate.registry.kill(session.id, "olga", "over");
    },
    "a lock": async () => {
      const { gate } = estate.test;
      const owner = { name: "olga" as PrincipalName, groups: ["owners"] };
      const lock = await gate.locks.lock(owner, { kind: "principal", name: "ana" }, "over");
      if ("id" in lock) after.push(async () => void (await gate.locks.lift(owner, lock.id, "done")));
    },
  };
  const after: (() => Promise<void>)[] = [];

  for (const [what, end] of Object.entries(ways)) {
    it(`${what} ends the login at once, and what was open to the target`, async () => {
      await estate.grant();
      const before = silentSockets.length;
      const { ended } = await call("web-1.prod");
      await until(() => live() === 1 && silentSockets.length === before + 1);
      const since = performance.now();
      await end();
      expect(await ended).toMatch(/sallyport: .*\[(grant-revoked|session-killed|locked)\]/);
      await until(() => live() === 0 && silentSockets.slice(before).every(({ destroyed }) => destroyed));
      expect(performance.now() - since).toBeLessThan(WITHIN_MS);
      for (const undo of after.splice(0)) await undo();
      await giveBack();
    });
  }

  it("a client that goes away leaves nothing behind", async () => {
    await estate.grant();
    const before = silentSockets.length;
    const { socket } = await call("web-1.prod");
    await until(() => live() === 1 && silentSockets.length === before + 1);
    const since = performance.now();
    socket.destroy();
    await until(() => live() === 0 && silentSockets.slice(before).every(({ destroyed }) => destroyed));
    expect(performance.now() - since).toBeLessThan(WITHIN_MS);
    const { sessions } = estate.test.gate.store;
    await until(async () => (await sessions.list({ live: true, limit: 10 })).length === 0);
    await giveBack();
  });
});

async function giveBack(): Promise<void> {
  const { gate } = estate.test;
  for (const { id, principal } of await gate.store.access.listGrants({ state: "active", limit: 10 })) {
    await gate.access.revoke(id, { name: principal, groups: [] }, "done");
  }
}

it("the console outlives somebody who types and does not read", async () => {
  const { transport, result, ended } = await call("gate");
  const opened = Promise.withResolvers<void>();
  // What the console shows has room for the greeting, and for nothing after it.
  const open = { channelType: "session", senderChannel: 0, initialWindow: 200, maximumPacket: 32_768, specific: Buffer.alloc(0) };
  expect(await result).toMatchObject({ authenticated: true });
  transport.onPayload = (payload) => {
    if (payload[0] === SSH_MSG_CHANNEL_OPEN_CONFIRMATION) opened.resolve();
  };
  transport.send(encodeChannelOpen(open));
  await opened.promise;
  const pty = { type: "pty-req", term: "xterm", columns: 80, rows: 24, widthPixels: 0, heightPixels: 0, modes: Buffer.of(0) } as const;
  for (const request of [pty, { type: "shell" } as const]) {
    transport.send(encodeChannelRequest({ recipientChannel: 0, wantReply: true, request }));
  }
  for (let line = 0; line < 200; line += 1) transport.send(encodeChannelData(0, Buffer.from("aaaaaaaaaa\r\r\r")));
  // Answered behind all that: the gate has taken it.
  transport.send(encodeChannelRequest({ recipientChannel: 0, wantReply: true, request: { type: "shell" } }));
  await until(() => estate.test.faults.length > 0 || transport.ping());
  transport.disconnect(11, "done");
  await ended;
  const { status, stdout } = await run("ssh", [...estate.sshArgs("ana", "-o", "BatchMode=yes"), "gate@127.0.0.1", "whoami"]);
  expect({ status, stdout: stdout.toString() }).toMatchObject({ status: 0, stdout: expect.stringContaining("ana") as string });
});

it("reports no fault of its own", () => {
  expect(estate.test.faults).toEqual([]);
});
