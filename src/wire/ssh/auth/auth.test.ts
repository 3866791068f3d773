import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { securityKey } from "../../../../test/kit/software-security-key.ts";
import { connectPair, type Pair } from "../../../../test/kit/ssh-pair.ts";
import { systemRandom } from "../../../kernel/random.ts";
import { Writer } from "../io/writer.ts";
import { issueCertificate } from "../keys/certificate.ts";
import { signerFromPrivateKey, type KeySigner } from "../keys/signer.ts";
import { ClientAuth, type ClientAuthResult } from "./client-auth.ts";
import * as msg from "./messages.ts";
import { ServerAuth, type AuthDecision, type ServerAuthPolicy } from "./server-auth.ts";

const ed25519 = generateKeyPairSync("ed25519").privateKey;
const signer = signerFromPrivateKey(ed25519);
const other = signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey);
const accept: AuthDecision = { result: "accept" };
const reject: AuthDecision = { result: "reject" };

interface Gate extends Pair {
  readonly auth: ServerAuth;
  readonly users: string[];
  readonly faults: unknown[];
}

async function openGate(policy: ServerAuthPolicy): Promise<Gate> {
  const pair = connectPair();
  const users: string[] = [];
  const faults: unknown[] = [];
  const auth = new ServerAuth(pair.server.transport, policy, {
    onAuthenticated: (user, method) => void users.push(`${user} ${method}`),
    onFault: (error) => void faults.push(error),
  });
  await pair.settle();
  return { ...pair, auth, users, faults };
}

async function login(
  gate: Gate,
  signers: readonly KeySigner[],
  user = "alice",
): Promise<{ results: ClientAuthResult[]; banners: string[] }> {
  const results: ClientAuthResult[] = [];
  const banners: string[] = [];
  const auth = new ClientAuth(gate.client.transport, {
    user,
    signers: signers.map((key) => gate.tracked(key)),
    onBanner: (text) => void banners.push(text),
    onResult: (result) => void results.push(result),
  });
  auth.start();
  await gate.settle();
  return { results, banners };
}

/** Sends raw authentication messages and gives the numbers of the answers. */
async function say(gate: Gate, ...messages: Buffer[]): Promise<(number | undefined)[]> {
  const before = gate.client.payloads.length;
  for (const message of messages) gate.client.transport.send(message);
  await gate.settle();
  return gate.client.payloads.slice(before).map((payload) => payload[0]);
}

const service = msg.encodeServiceRequest("ssh-userauth");
const none = (user = "alice"): Buffer => msg.startUserauthRequest(user, "none").toBuffer();
const probe = (key: KeySigner, algorithm = "ssh-ed25519"): Buffer =>
  msg.startUserauthRequest("alice", "publickey").boolean(false).string(algorithm).string(key.blob).toBuffer();
const interactive = (): Buffer => msg.startUserauthRequest("alice", "keyboard-interactive").string("").string("").toBuffer();
const answer = (...texts: string[]): Buffer => {
  const writer = new Writer().byte(61).uint32(texts.length);
  for (const text of texts) writer.string(text);
  return writer.toBuffer();
};

async function signed(gate: Gate, key: KeySigner, part: { user?: string; sessionId?: Buffer; by?: KeySigner } = {}): Promise<Buffer> {
  const { user = "alice", sessionId = gate.client.transport.sessionId, by = key } = part;
  const data = msg.encodeSignedRequest(sessionId, user, "ssh-ed25519", key.blob);
  const request = msg.startUserauthRequest("alice", "publickey").boolean(true).string("ssh-ed25519").string(key.blob);
  return request.string(await by.sign(data, "ssh-ed25519")).toBuffer();
}

describe("our client and our server", () => {
  const keys: [string, KeySigner, string][] = [
    ["Ed25519", signer, "ssh-ed25519"],
    ["ECDSA", signerFromPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey), "ecdsa-sha2-nistp384"],
    ["RSA", signerFromPrivateKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey), "rsa-sha2-512"],
  ];
  test.each(keys)("a key of type %s", async (_name, key, algorithm) => {
    const publicKey = vi.fn<NonNullable<ServerAuthPolicy["publicKey"]>>().mockResolvedValue(accept);
    const gate = await openGate({ publicKey });
    expect((await login(gate, [key])).results).toEqual([{ authenticated: true }]);
    expect(gate.users).toEqual(["alice publickey"]);
    expect(publicKey).toHaveBeenCalledTimes(1);
    expect(publicKey.mock.calls[0]?.slice(0, 3)).toMatchObject(["alice", { algorithm, blob: key.blob }, "signed"]);
  });

  test("a certificate reaches the policy parsed, with the proof of its key", async () => {
    const ca = signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey);
    const names = { type: "user", keyId: "k1", principals: ["infra"], serial: 7n, random: systemRandom } as const;
    const blob = await issueCertificate({ publicKey: signer.blob, ca, validAfter: 0, validBefore: 100, ...names });
    const publicKey = vi.fn<NonNullable<ServerAuthPolicy["publicKey"]>>().mockResolvedValue(accept);
    const gate = await openGate({ publicKey });
    const result = await login(gate, [signerFromPrivateKey(ed25519, blob)]);
    expect(result.results).toEqual([{ authenticated: true }]);
    expect(publicKey.mock.calls[0]?.[1]).toMatchObject({
      algorithm: "ssh-ed25519-cert-v01@openssh.com",
      blob,
      certificate: { keyId: "k1" },
    });
  });

  test("the next key is tried when one is refused; then it is over", async () => {
    const gate = await openGate({
      publicKey: (_user, { blob }) => Promise.resolve(blob.equals(signer.blob) ? accept : reject),
    });
    expect((await login(gate, [other, signer])).results).toEqual([{ authenticated: true }]);
    const closed = await openGate({ publicKey: () => Promise.resolve(reject) });
    const failed: ClientAuthResult = { authenticated: false, methods: ["publickey"], partial: false };
    expect((await login(closed, [other, signer])).results).toEqual([failed]);
    expect(closed.users).toEqual([]);
  });

  test("banners and keepalive pass while a decision is awaited", async () => {
    let decide: (decision: AuthDecision) => void = () => {};
    const gate = await openGate({
      publicKey: (_user, _offer, _phase, context) => {
        context.banner("Waiting for approval\n");
        return new Promise((resolve) => (decide = resolve));
      },
    });
    const { results, banners } = await login(gate, [signer]);
    gate.auth.banner("still waiting\n");
    gate.server.transport.sendIgnore();
    gate.client.transport.ping(Buffer.from("x"));
    await gate.settle();
    expect([results, banners]).toEqual([[], ["Waiting for approval\r\n", "still waiting\r\n"]]);
    expect(gate.client.events).toContain("pong x");
    decide(accept);
    await gate.settle();
    expect(results).toEqual([{ authenticated: true }]);
  });

  test("a SUCCESS that comes before anything was asked is refused", async () => {
    const gate = await openGate({ publicKey: () => Promise.resolve(accept) });
    const results: ClientAuthResult[] = [];
    const { transport } = gate.client;
    const early = new ClientAuth(transport, { user: "alice", signers: [signer], onResult: (result) => void results.push(result) });
    expect(early).toBeDefined();
    gate.server.transport.send(Buffer.of(52));
    await gate.settle();
    expect(results).toEqual([]);
    expect(gate.client.errors).toMatchObject([{ code: "protocol-error" }]);
  });
});

describe("a signature that is not right never reaches the policy as signed", () => {
  const cases: [string, (gate: Gate) => Promise<Buffer>][] = [
    ["of another key", (gate) => signed(gate, signer, { by: other })],
    ["of another connection", (gate) => signed(gate, signer, { sessionId: Buffer.alloc(32) })],
    ["of another user", (gate) => signed(gate, signer, { user: "bob" })],
  ];
  test.each(cases)("%s", async (_name, make) => {
    const publicKey = vi.fn<NonNullable<ServerAuthPolicy["publicKey"]>>().mockResolvedValue(accept);
    const gate = await openGate({ publicKey });
    expect(await say(gate, service, await make(gate))).toEqual([6, 51]);
    expect(publicKey).not.toHaveBeenCalled();
    expect(gate.users).toEqual([]);
  });

  test("any bit of the request changed", async () => {
    const gate = await openGate({ publicKey: () => Promise.resolve(accept) });
    const good = await signed(gate, signer);
    const signedFlagAt = msg.startUserauthRequest("alice", "publickey").toBuffer().length;
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        // Any non-zero byte is TRUE (RFC 4251 §5): such a request says the same.
        fc.pre(bit >> 3 !== signedFlagAt || bit % 8 === 0);
        const fresh = await openGate({ publicKey: (_user, { blob }) => Promise.resolve(blob.equals(signer.blob) ? accept : reject) });
        const request = await signed(fresh, signer);
        request[bit >> 3] = (request[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await say(fresh, service, request);
        expect(fresh.users).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("order and limits", () => {
  const gateOf = (policy: ServerAuthPolicy = { publicKey: () => Promise.resolve(reject) }): Promise<Gate> => openGate(policy);

  test("none lists the methods, in one shape for every user", async () => {
    for (const user of ["alice", "nobody", "root"]) {
      const gate = await gateOf();
      expect(await say(gate, service, none(user))).toEqual([6, 51]);
      expect(msg.parseFailure(gate.client.payloads[1] ?? Buffer.alloc(0))).toEqual({ methods: ["publickey"], partial: false });
    }
  });

  test("a probe is answered with the key, a refused or unknown one with a failure", async () => {
    const gate = await gateOf({ publicKey: (_user, { blob }) => Promise.resolve(blob.equals(signer.blob) ? accept : reject) });
    expect(await say(gate, service, probe(signer), probe(other), probe(signer, "ssh-rsa"), probe(signer, "rsa-sha2-256"))).toEqual([
      6, 60, 51, 51, 51,
    ]);
    expect(gate.users).toEqual([]);
  });

  test("six failures end it", async () => {
    const gate = await gateOf();
    const request = await signed(gate, signer);
    expect(await say(gate, service, ...Array.from({ length: 5 }, () => request))).toEqual([6, 51, 51, 51, 51, 51]);
    await say(gate, request);
    expect(gate.server.errors).toMatchObject([{ code: "too-many-attempts" }]);
    expect(gate.client.disconnects).toMatchObject([{ reason: 14 }]);
  });

  test("twenty probes end it", async () => {
    const gate = await gateOf();
    await say(gate, service);
    for (let i = 0; i < 20; i += 1) expect(await say(gate, i % 2 === 0 ? none() : probe(signer))).toEqual([51]);
    await say(gate, probe(signer));
    expect(gate.server.errors).toMatchObject([{ code: "too-many-attempts" }]);
  });

  test.each<[string, Buffer[]]>([
    ["another user on the way", [service, none("alice"), none("bob")]],
    ["another service", [service, new Writer().byte(50).string("alice").string("ssh-other").string("none").toBuffer()]],
    ["a request before the service", [none()]],
    ["a service that there is not", [msg.encodeServiceRequest("ssh-connection")]],
    ["a channel before the user", [service, Buffer.of(90)]],
    ["answers without a question", [service, answer("x")]],
    ["a request that is cut short", [service, none().subarray(0, -3)]],
    ["a user name without end", [service, none("x".repeat(2000))]],
  ])("refused: %s", async (_name, messages) => {
    const gate = await gateOf();
    await say(gate, ...messages);
    expect(gate.server.errors).toMatchObject([{ code: "protocol-error" }]);
    expect(gate.users).toEqual([]);
  });

  test("requests sent ahead are decided one after the other, and not without bound", async () => {
    let running = 0;
    let most = 0;
    const gate = await gateOf({
      publicKey: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return reject;
      },
    });
    expect(await say(gate, service, probe(signer), probe(other), probe(signer))).toEqual([6, 51, 51, 51]);
    expect(most).toBe(1);
    const stuck = await gateOf({ publicKey: () => new Promise<never>(() => {}) });
    await say(stuck, service, ...Array.from({ length: 12 }, () => probe(signer)));
    expect(stuck.server.errors).toEqual([{ code: "protocol-error", detail: "too many requests at once" }]);
  });

  test("a policy that throws is a refusal", async () => {
    const fault = new Error("no store");
    const gate = await gateOf({ publicKey: () => Promise.reject(fault) });
    expect(await say(gate, service, await signed(gate, signer))).toEqual([6, 51]);
    expect([gate.faults, gate.users]).toEqual([[fault], []]);
  });

  test("a decision that comes after the end lets nobody in", async () => {
    let decide: (decision: AuthDecision) => void = () => {};
    let signal: AbortSignal | undefined;
    const gate = await gateOf({
      publicKey: (_user, _offer, _phase, context) => {
        signal = context.signal;
        return new Promise((resolve) => (decide = resolve));
      },
    });
    await say(gate, service, await signed(gate, signer));
    gate.auth.close();
    expect(signal?.aborted).toBe(true);
    decide(accept);
    await gate.settle();
    expect(gate.users).toEqual([]);
    expect(gate.client.payloads.map((payload) => payload[0])).toEqual([6]);
  });

  test("requests after SUCCESS are ignored, anything else then is refused", async () => {
    const gate = await gateOf({ publicKey: () => Promise.resolve(accept) });
    expect(await say(gate, service, await signed(gate, signer))).toEqual([6, 52]);
    expect(await say(gate, none())).toEqual([]);
    expect(gate.server.errors).toEqual([]);
    await say(gate, Buffer.of(90));
    expect(gate.server.errors).toMatchObject([{ code: "protocol-error" }]);
  });

  test("any bytes after the service end cleanly", async () => {
    const gate = await gateOf();
    expect(gate.users).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(50, 60, 61, 80), fc.uint8Array({ maxLength: 200 }), async (type, bytes) => {
        const fresh = await gateOf({ publicKey: () => Promise.resolve(accept), password: () => Promise.resolve(accept) });
        await say(fresh, service, Buffer.concat([Buffer.of(type), bytes]));
        expect(fresh.users).toEqual([]);
        expect(fresh.server.errors.every(({ code }) => code === "protocol-error")).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe("several steps", () => {
  test("a key, then answers: partial success in between", async () => {
    const gate = await openGate({
      publicKey: () => Promise.resolve({ result: "partial", methods: ["keyboard-interactive"] }),
      keyboardInteractive: async (_user, ask) => {
        const [first] = await ask({ name: "", instruction: "", prompts: [{ text: "Code: ", echo: false }] });
        if (first?.reveal() !== "123") return reject;
        const two = { name: "n", instruction: "i", prompts: ["Reason: ", "Hours: "].map((text) => ({ text, echo: true })) };
        const answers = await ask(two);
        await ask({ name: "", instruction: "filed", prompts: [] });
        return answers.map((text) => text.reveal()).join() === "broken,2" ? accept : reject;
      },
    });
    // Before its turn the second method would do, too: who must come first is for the policy to say.
    expect(await say(gate, service, await signed(gate, signer))).toEqual([6, 51]);
    expect(msg.parseFailure(gate.client.payloads.at(-1) ?? Buffer.alloc(0))).toEqual({ methods: ["keyboard-interactive"], partial: true });
    expect(await say(gate, probe(signer))).toEqual([51]);
    expect(await say(gate, interactive())).toEqual([60]);
    expect(await say(gate, answer("123"))).toEqual([60]);
    expect(await say(gate, answer("broken", "2"))).toEqual([60]);
    expect(await say(gate, answer())).toEqual([52]);
    expect(gate.users).toEqual(["alice keyboard-interactive"]);
  });

  test("a new request abandons a question without an answer", async () => {
    const faults: unknown[] = [];
    const gate = await openGate({
      publicKey: () => Promise.resolve(accept),
      keyboardInteractive: async (_user, ask) => {
        await ask({ name: "", instruction: "", prompts: [{ text: "?", echo: false }] }).catch((error: unknown) => {
          faults.push(error);
          throw error;
        });
        return accept;
      },
    });
    expect(await say(gate, service, interactive())).toEqual([6, 60]);
    expect(await say(gate, await signed(gate, signer))).toEqual([52]);
    expect(gate.users).toEqual(["alice publickey"]);
    expect([faults.length, gate.faults.length]).toEqual([1, 0]);
  });

  test("answers that do not fit the questions end it", async () => {
    const gate = await openGate({
      keyboardInteractive: async (_user, ask) => {
        await ask({ name: "", instruction: "", prompts: [{ text: "?", echo: false }] });
        return accept;
      },
    });
    await say(gate, service, interactive(), answer("a", "b"));
    expect(gate.server.errors).toMatchObject([{ code: "protocol-error" }]);
    expect(gate.users).toEqual([]);
  });

  test("a password is a secret on its way, and not offered unless wanted", async () => {
    const request = msg.startUserauthRequest("alice", "password").boolean(false).string("hunter2").toBuffer();
    const closed = await openGate({ publicKey: () => Promise.resolve(accept) });
    expect(await say(closed, service, request)).toEqual([6, 51]);
    const seen: string[] = [];
    const gate = await openGate({
      password: (_user, password) => {
        seen.push(String(password), password.reveal());
        return Promise.resolve(accept);
      },
    });
    expect(await say(gate, service, request)).toEqual([6, 52]);
    expect(seen).toEqual(["[secret]", "hunter2"]);
  });
});

describe("a security key", () => {
  test.each([
    [0, "refused", []],
    [1, "present", ["signed, not verified"]],
    [5, "present and verified", ["signed, verified"]],
    [4, "verified and not present: refused", []],
  ])("flags %i: %s", async (flags, _, expected) => {
    const seen: string[] = [];
    const gate = await openGate({
      publicKey: async (_user, { userVerified }, phase) => {
        if (phase === "signed") seen.push(`signed, ${userVerified === true ? "verified" : "not verified"}`);
        return accept;
      },
    });
    await login(gate, [securityKey(flags)]);
    expect(seen).toEqual(expected);
    expect(gate.users).toHaveLength(expected.length);
  });
});
