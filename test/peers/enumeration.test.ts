/**
 * Who exists is told to nobody who does not know already: at every door the same words, the same round trips and the same work for
 * somebody who is there, who is disabled, who has no password, who is no person, and for nobody at all. And what exists: a target
 * that one may not ask for is as one that is not there. Times are printed, as a ratio; what is asserted is the work.
 */
import { createPublicKey } from "node:crypto";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ProblemError } from "../../src/contract/problem.ts";
import { HashQueue } from "../../src/identity/hash-queue.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { SshLink } from "../../src/proxy/ssh/ssh-link.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { encodeSaslInitialResponse, encodeSaslResponse } from "../../src/wire/postgres/frontend.ts";
import { readMessage } from "../../src/wire/postgres/read.ts";
import { newNonce, SCRAM, ScramClient } from "../../src/wire/postgres/scram.ts";
import { encodeStartup } from "../../src/wire/postgres/startup.ts";
import * as msg from "../../src/wire/ssh/auth/messages.ts";
import { Writer } from "../../src/wire/ssh/io/writer.ts";
import { generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import { publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../src/wire/ssh/keys/signer.ts";
import { openTerminal } from "../kit/browser-terminal.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { OWNER, startGate, type TestGate } from "../kit/gate.ts";
import { connectPostgres, connectRaw } from "../kit/postgres-client.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const YAML = `
groups: { owners: [olga], oncall: [ana], leads: [lea] }
roles:
  owner: { gate: ["*"] }
  debug: { ssh: { account: infra, shell: true } }
  read: { postgres: { account: app, allow: [read] } }
holders: [{ role: owner, who: ["group:owners"] }]
rules:
  - { name: all, who: ["group:oncall"], roles: [debug, read], targets: { labels: { service: shop } }, max: 1h, approval: none }
  - { name: other, who: ["group:leads"], roles: [debug, read], targets: { labels: { service: other } }, max: 1h, approval: none }
targets:
  web-1: { kind: ssh, address: "127.0.0.1:1", labels: { service: shop }, hostKeys: ["${KEY}"] }
  web-2: { kind: ssh, address: "127.0.0.1:1", labels: { service: other }, hostKeys: ["${KEY}"] }
  shop-db: { kind: postgres, address: "127.0.0.1:1", database: shop, tls: off, labels: { service: shop }, logins: { app: env:TEST_APP_PASSWORD } }
  other-db: { kind: postgres, address: "127.0.0.1:1", database: other, tls: off, labels: { service: other }, logins: { app: env:TEST_APP_PASSWORD } }
`;
const WRONG = "not the password of anybody";
const NOBODY = "nobody-at-all";

let world: TestGate;
let api: EstateApi;
beforeAll(async () => {
  process.env["TEST_APP_PASSWORD"] = "what no client ever sees";
  world = await startGate(YAML, { postgres: true });
  const { identity } = world.gate;
  for (const person of ["ana", "dora", "lea"]) await world.addPerson(person);
  api = await openEstateApi(world);
  for (const person of ["ana", "dora", "lea"]) await api.logIn(person);
  const owner = { name: OWNER as PrincipalName };
  const done = [
    await identity.disableUser(owner, "dora" as PrincipalName, "left"),
    await identity.createUser(owner, { name: "newcomer", type: "human" }),
    await identity.createUser(owner, { name: "by-provider", type: "human" }),
    await identity.providers.link(owner, "by-provider" as PrincipalName, { provider: "corp", subject: "42" }),
    await identity.createUser(owner, { name: "deployer", type: "service" }),
    await identity.createUser(owner, { name: "bot", type: "agent" }),
  ];
  for (const each of done) if ("allowed" in each) throw new Error(`${each.code} ${each.detail ?? ""}`);
}, 60_000);
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

/** With a password, disabled, without one yet, by an identity provider only, and no people. */
const SOMEBODY = ["ana", "dora", "newcomer", "by-provider", "deployer", "bot"] as const;

/** Without what is of this one answer alone. */
async function said(path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${api.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "sallyport-console": "1" },
    body: JSON.stringify(body),
  });
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== "request-id" && name !== "date"));
  const { instance: _id, ...problem } = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers, problem };
}

describe("a login by a password that is wrong", () => {
  const ways: [string, (user: string) => [string, object]][] = [
    ["at the command line", (user) => ["/v1/login", { user, password: WRONG }]],
    ["in the console", (user) => ["/v1/login/console", { user, password: WRONG }]],
    ["with the secret of a reset", (user) => ["/v1/password/reset", { user, secret: "reset-0000", password: WRONG }]],
  ];
  test.each(ways)("%s is answered alike, and takes the same work, whoever it names", async (name, call) => {
    const hashing = vi.spyOn(HashQueue.prototype, "run");
    const took = new Map<string, number>();
    const work = async (user: string) => {
      hashing.mockClear();
      const begun = performance.now();
      const answer = await said(...call(user));
      took.set(user, performance.now() - begun);
      return { answer, hashed: hashing.mock.calls.length };
    };
    const nobody = await work(NOBODY);
    expect(nobody.answer).toMatchObject({ status: 401, problem: { code: "not-authenticated" } });
    for (const user of SOMEBODY) expect({ user, ...(await work(user)) }).toEqual({ user, ...nobody });
    // Printed, not judged: what else the machine does is in it.
    const ratio = (took.get("ana") ?? 0) / (took.get(NOBODY) ?? 1);
    console.log(`enumeration: a wrong password ${name} takes ${ratio.toFixed(2)} times as long for somebody as for nobody`);
  });
});

test("who logs in by passkey names nobody, and is told of nobody", async () => {
  const { challenge: one, ...first } = await api.nobody.call("login.start-passkey");
  const { challenge: other, ...second } = await api.nobody.call("login.start-passkey");
  expect(first).toEqual(second);
  expect(first).toMatchObject({ allowCredentials: [] });
  expect(one).not.toBe(other);
});

test("a machine that asks is told of codes that are none what it is told of old ones", async () => {
  const { userCode } = await api.nobody.call("device.begin");
  for (const deviceCode of ["guessed", userCode, "x".repeat(43)]) {
    expect(await api.nobody.call("device.poll", { body: { deviceCode } })).toEqual({ state: "expired" });
  }
});

describe("at the ssh door", () => {
  /** Everything the gate says to this user: to a question for methods, a key that is asked about, one that signs, and a password. */
  async function conversation(user: string, { blob, signer }: ReturnType<typeof strangerKey>): Promise<string[]> {
    const socket = connect({ port: world.gate.sshPort, host: "127.0.0.1", noDelay: true });
    const link = new SshLink(socket, { role: "client", software: "Raw", verifyHostKey: async () => true });
    const heard: Buffer[] = [];
    const waiting: (() => void)[] = [];
    const next = async (): Promise<Buffer> => {
      if (heard.length === 0 && !isOver) await new Promise<void>((resolve) => waiting.push(resolve));
      const payload = heard.shift();
      if (payload === undefined) throw new Error("the connection ended");
      return payload;
    };
    let isOver = false;
    link.onEnd = () => {
      isOver = true;
      for (const resume of waiting.splice(0)) resume();
    };
    await new Promise<void>((resolve) => (link.onKeyExchange = ({ first }) => first && resolve()));
    link.transport.onPayload = (payload) => {
      heard.push(Buffer.from(payload));
      waiting.shift()?.();
    };
    const { transport } = link;
    const [name = ""] = user.split("+");
    // With the name that was typed, and so of its length.
    const text = `Password for ${name}: `;
    const PROMPT = `${String.fromCodePoint(0, 0, 0, text.length)}${text}`;
    const lines: string[] = [];
    const ask = async (payload: Buffer): Promise<Buffer> => {
      transport.send(payload);
      const answer = await next();
      lines.push(answer.toString("latin1").replace(PROMPT, "<prompt>"));
      return answer;
    };
    await ask(msg.encodeServiceRequest(msg.USERAUTH_SERVICE));
    await ask(msg.startUserauthRequest(user, "none").toBuffer());
    const algorithm = "ssh-ed25519";
    await ask(msg.startUserauthRequest(user, "publickey").boolean(false).string(algorithm).string(blob).toBuffer());
    const signature = await signer.sign(msg.encodeSignedRequest(transport.sessionId, user, algorithm, blob), algorithm);
    await ask(msg.startUserauthRequest(user, "publickey").boolean(true).string(algorithm).string(blob).string(signature).toBuffer());
    const prompt = await ask(msg.startUserauthRequest(user, "keyboard-interactive").string("").string("").toBuffer());
    expect(prompt[0]).toBe(msg.SSH_MSG_USERAUTH_INFO_REQUEST);
    await ask(new Writer(256).byte(msg.SSH_MSG_USERAUTH_INFO_RESPONSE).uint32(1).string(WRONG).toBuffer());
    await ask(msg.startUserauthRequest(user, "password").boolean(false).string(WRONG).toBuffer());
    link.destroy();
    return lines;
  }
  function strangerKey() {
    const key = generateEd25519();
    return { blob: publicKeyBlob(createPublicKey(key)), signer: signerFromPrivateKey(key) };
  }

  test.each(["web-1", "not-a-target"])("every question is answered alike, whoever says they come, to %s", async (target) => {
    const hashing = vi.spyOn(HashQueue.prototype, "run");
    const key = strangerKey();
    const about = async (name: string) => {
      hashing.mockClear();
      const lines = await conversation(`${name}+${target}`, key);
      return { lines, hashed: hashing.mock.calls.length };
    };
    const nobody = await about(NOBODY);
    expect(nobody.lines.length).toBe(7);
    expect(nobody.hashed).toBe(1);
    for (const name of SOMEBODY) expect({ name, ...(await about(name)) }).toEqual({ name, ...nobody });
  });

  test("a key is asked about for its own person alone: under another name, there or not, it is as unknown as a stranger's", async () => {
    const known = async (name: string | undefined, blob: Buffer) => world.gate.identity.knowsKey(name, blob);
    const stranger = strangerKey().blob;
    const [key] = await world.gate.identity.listKeys("ana" as PrincipalName);
    const anas = Buffer.from(key?.publicKey.split(" ")[1] ?? "", "base64");
    expect(await known("ana", anas)).toBe(true);
    for (const name of ["lea", "dora", "deployer", NOBODY]) {
      expect([await known(name, anas), await known(name, stranger)]).toEqual([false, false]);
    }
  });
});

describe("at the database door", () => {
  /** What the gate says until it refuses: with the nonce and the salt taken out, which are returned beside it. */
  async function conversation(user: string, database = "shop-db") {
    const socket = await connectRaw(world.gate.postgres?.port ?? 0);
    socket.write(encodeStartup({ user, database }));
    const lines: string[] = [];
    const read = async (): Promise<Buffer> => {
      const bytes = await readMessage(socket, 65_536);
      lines.push(bytes.toString("latin1"));
      return bytes;
    };
    await read();
    const scram = new ScramClient(WRONG, newNonce(systemRandom));
    socket.write(encodeSaslInitialResponse(SCRAM, scram.first()));
    const challenge = backend.parseAuthentication(await read());
    if (challenge.kind !== "sasl-continue") throw new Error("no challenge");
    const [, nonce = "", salt = ""] = /^r=([^,]*),s=([^,]*),/.exec(challenge.data.toString()) ?? [];
    socket.write(encodeSaslResponse(await scram.final(challenge.data)));
    const refusal = await read();
    socket.destroy();
    const text = lines.map((line) => line.replaceAll(nonce, "<nonce>").replaceAll(salt, "<salt>").replaceAll(user, "<name>"));
    return { lines: text, salt, refusal: backend.parseErrorResponse(refusal) };
  }

  test("somebody with a password that lives, somebody without, and nobody hear the same, and each has a salt that stays", async () => {
    const ana = await api.logIn("ana");
    const { grant } = await ana.call("requests.create", {
      body: { reason: "r", role: "read", targets: ["shop-db"], durationMs: 600_000 },
    });
    await ana.call("grants.password", { params: { id: grant?.id ?? "" }, body: { target: "shop-db" } });
    const nobody = await conversation(NOBODY);
    expect(nobody.refusal).toMatchObject({ severity: "FATAL", code: "28P01" });
    expect(Buffer.from(nobody.salt, "base64")).toHaveLength(16);
    const salts = new Set([nobody.salt]);
    for (const user of SOMEBODY) {
      const { lines, salt } = await conversation(user);
      expect({ user, lines }).toEqual({ user, lines: nobody.lines });
      expect((await conversation(user)).salt).toBe(salt);
      salts.add(salt);
    }
    expect((await conversation(NOBODY)).salt).toBe(nobody.salt);
    expect(salts.size).toBe(SOMEBODY.length + 1);
  });
});

test("a password for a database is for its person, its grant and its target, and for nothing else that they hold", async () => {
  const ana = await api.logIn("ana");
  const make = async () =>
    (await ana.call("requests.create", { body: { reason: "r", role: "read", targets: ["shop-db"], durationMs: 600_000 } })).grant?.id ?? "";
  const [first, second] = [await make(), await make()];
  const { password } = await ana.call("grants.password", { params: { id: first }, body: { target: "shop-db" } });
  const port = world.gate.postgres?.port ?? 0;
  const refused = (user: string, database: string) =>
    connectPostgres(port, password, { user, database }).catch((error: Error) => error.message);
  expect(await refused("ana", "other-db")).toContain("[no-grant]");
  expect(await refused("ana", `shop-db%${second}`)).toContain("[no-grant]");
  expect(await refused("lea", "shop-db")).toContain("[not-authenticated]");
  // Its own place goes further: to a server that is not there.
  expect(await refused("ana", `shop-db%${first}`)).toContain("[target-unreachable]");
  await expect(
    (await api.logIn("lea")).call("grants.password", { params: { id: first }, body: { target: "shop-db" } }),
  ).rejects.toMatchObject({
    code: "not-found",
  });
});

describe("a target that one may not ask for is as one that is not there", () => {
  /** What is refused, with the name that was asked for taken out. */
  const refusal = async (name: string, call: () => Promise<unknown>): Promise<unknown> => {
    const thrown = await call().then(
      () => "not refused",
      (error: unknown) => error,
    );
    if (!(thrown instanceof ProblemError)) throw new Error(`it was not refused: ${String(thrown)}`);
    const { instance: _id, ...problem } = thrown.problem;
    return JSON.parse(JSON.stringify(problem).replaceAll(name, "<name>"));
  };

  test.each([
    ["hosts", "debug", "web-2", "web-9"],
    ["databases", "read", "other-db", "other-dx"],
  ])("to the API: %s", async (_, role, there, nowhere) => {
    const ana = await api.logIn("ana");
    const body = (target: string) => ({ role, targets: [target], durationMs: 60_000 });
    const path = "/etc";
    const calls: ((target: string) => Promise<unknown>)[] = [
      (target) => ana.call("requests.create", { body: { ...body(target), reason: "r" } }),
      (target) => ana.call("requests.preview", { body: { ...body(target), reason: "r" } }),
      (target) => ana.call("requests.create", { body: { ...body(target), reason: "r", breakGlass: true } }),
      (target) => ana.call("targets.show", { params: { name: target } }),
      (target) => ana.call("targets.test", { params: { name: target } }),
      (target) => ana.call("files.list", { params: { name: target }, query: { path } }),
    ];
    for (const call of calls) expect(await refusal(there, () => call(there))).toEqual(await refusal(nowhere, () => call(nowhere)));
    expect((await ana.call("targets.list")).targets.map(({ name }) => name)).toEqual(["web-1", "shop-db"]);
  });

  test("to a terminal in the browser", async () => {
    const token = await api.token("ana");
    const problem = async (target: string): Promise<unknown> => {
      const terminal = await openTerminal({ url: api.url, token }, { target });
      await terminal.until(terminal.closed);
      const { instance: _id, ...rest } = terminal.problem() ?? {};
      return JSON.parse(JSON.stringify({ ...rest, closed: terminal.closed() }).replaceAll(target, "<name>"));
    };
    const there = await problem("web-2");
    expect(there).toMatchObject({ code: expect.any(String) as string });
    expect(there).toEqual(await problem("web-9"));
  });

  test("to who asks why", async () => {
    const ana = await api.logIn("ana");
    const answer = async (target: string): Promise<unknown> =>
      JSON.parse(
        JSON.stringify(
          await ana.call("why.show", { query: { role: "debug", target } }).catch((error: unknown) => (error as ProblemError).problem),
        )
          .replaceAll(target, "<name>")
          .replaceAll(/urn:sallyport:request:\w+/g, "<id>"),
      );
    expect(await answer("web-2")).toEqual(await answer("web-9"));
  });
});

test("nothing went wrong inside the gate meanwhile", () => {
  expect(world.faults).toEqual([]);
});
