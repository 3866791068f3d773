/** Our SSH transport and authentication against OpenSSH's: its client logs in to us, and we log in to its server. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemRandom } from "../../src/kernel/random.ts";
import { ClientAuth, type ClientAuthResult } from "../../src/wire/ssh/auth/client-auth.ts";
import { ServerAuth, type ServerAuthPolicy } from "../../src/wire/ssh/auth/server-auth.ts";
import { DEFAULT_ALGORITHMS, type AlgorithmPreferences } from "../../src/wire/ssh/algorithms/preferences.ts";
import type { PresentedKey } from "../../src/wire/ssh/algorithms/presented-key.ts";
import { issueCertificate } from "../../src/wire/ssh/keys/certificate.ts";
import { encodePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, parseAuthorizedKey } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../../src/wire/ssh/keys/signer.ts";
import type { KeyExchangeDone, RekeyLimits } from "../../src/wire/ssh/transport/options.ts";
import { findOpenSsh10 } from "../kit/openssh10.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { overSocket, runCat, serveExec } from "../kit/ssh-socket.ts";
import { startSshd, type Sshd } from "../kit/sshd.ts";

const client = requirePeer("openssh-client", "ssh");
const server = requirePeer("openssh-server", "sshd");
const ourServer = client.title("OpenSSH's client logs in to us");
const ourClient = server.title("we log in to OpenSSH's server");

const userKey = generateKeyPairSync("ed25519").privateKey;
const userSigner = signerFromPrivateKey(userKey);
const newHostKey = (): KeySigner => signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey);
const hostKeysOfEveryType = [
  newHostKey(),
  ...["P-256", "P-384", "P-521"].map((namedCurve) => signerFromPrivateKey(generateKeyPairSync("ec", { namedCurve }).privateKey)),
  signerFromPrivateKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey),
];

function certify(key: KeySigner, type: "user" | "host", principals: string[], ca: KeySigner): Promise<Buffer> {
  const now = Math.floor(Date.now() / 1000);
  const validity = { validAfter: now - 60, validBefore: now + 600 };
  return issueCertificate({ publicKey: key.blob, type, principals, ca, keyId: "test", serial: 1n, random: systemRandom, ...validity });
}

async function startServer(policy: ServerAuthPolicy, hostKeys: readonly KeySigner[] = [newHostKey()], rekey: Partial<RekeyLimits> = {}) {
  const users: string[] = [];
  const done: KeyExchangeDone[] = [];
  const ends: Promise<string>[] = [];
  const server = createServer((socket) => {
    const { transport, ended } = overSocket(socket, { role: "server", hostKeys, rekey }, (keys) => done.push(keys));
    ends.push(ended);
    const auth = new ServerAuth(transport, policy, {
      onAuthenticated: (user, method) => {
        users.push(`${user} ${method}`);
        transport.onPayload = serveExec(transport);
      },
      onFault: (error) => {
        throw error;
      },
    });
    socket.on("close", () => auth.close());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, users, done, ends, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

interface SshOptions {
  readonly args?: readonly string[];
  readonly command?: string;
  readonly input?: Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly knownHosts?: string;
  readonly program?: string;
}

async function ssh(port: number, { args = [], command = "greet", input, env, knownHosts, program = "ssh" }: SshOptions = {}) {
  await using scratch = await openScratch();
  const { dir } = scratch;
  const file = join(dir, "id");
  await writeFile(file, encodePrivateKey(userKey, "test", systemRandom), { mode: 0o600 });
  await writeFile(join(dir, "known_hosts"), knownHosts ?? "");
  const options = [
    ...args,
    `StrictHostKeyChecking=${knownHosts === undefined ? "no" : "yes"}`,
    `UserKnownHostsFile=${join(dir, "known_hosts")}`,
    "IdentitiesOnly=yes",
    ...(env === undefined ? ["BatchMode=yes"] : []),
  ];
  const words = ["-F", "none", "-p", String(port), "-i", file, ...options.flatMap((option) => ["-o", option]), "alice@127.0.0.1", command];
  const result = await run(program, words, { ...(input && { input }), ...(env && { env }) });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr.toString() };
}

async function openScratch() {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-ssh-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

const hello = { status: 7, stdout: Buffer.from("hello") };
const acceptKey: ServerAuthPolicy = {
  publicKey: (_user, offer) => Promise.resolve({ result: offer.key.blob.equals(userSigner.blob) ? "accept" : "reject" }),
};
const ciphers = DEFAULT_ALGORITHMS.cipher.flatMap((cipher) =>
  cipher.includes("gcm") ? [[cipher, ""] as const] : DEFAULT_ALGORITHMS.mac.map((mac) => [cipher, mac] as const),
);
const withoutPostQuantum = DEFAULT_ALGORITHMS.keyExchange.filter((name) => !name.startsWith("mlkem"));
const plainHostKeys = DEFAULT_ALGORITHMS.hostKey.filter((name) => !name.includes("-cert-"));

describe.skipIf(client.missing)(`transport: ${ourServer}`, () => {
  test.each(ciphers)("with %s %s", async (cipher, mac) => {
    await using server = await startServer(acceptKey);
    expect(await ssh(server.port, { args: [`Ciphers=${cipher}`, ...(mac ? [`MACs=${mac}`] : [])] })).toMatchObject(hello);
    expect(server.done[0]).toMatchObject({ cipherToServer: cipher, cipherToClient: cipher, macToServer: mac, strict: true });
    expect(server.users).toEqual(["alice publickey"]);
  });

  test.each(withoutPostQuantum)("with %s", async (name) => {
    await using server = await startServer(acceptKey);
    expect(await ssh(server.port, { args: [`KexAlgorithms=${name}`] })).toMatchObject(hello);
    expect(server.done[0]).toMatchObject({ keyExchange: name });
  });

  test.each(plainHostKeys)("when our host key is %s", async (name) => {
    await using server = await startServer(acceptKey, hostKeysOfEveryType);
    expect(await ssh(server.port, { args: [`HostKeyAlgorithms=${name}`] })).toMatchObject(hello);
    expect(server.done[0]).toMatchObject({ hostKey: name });
  });

  test("when it knows us by the authority that certified our host key", async () => {
    const [ca, hostKey] = [newHostKey(), generateKeyPairSync("ed25519").privateKey];
    const certified = await certify(signerFromPrivateKey(hostKey), "host", ["127.0.0.1"], ca);
    await using server = await startServer(acceptKey, [signerFromPrivateKey(hostKey, certified)]);
    const knownHosts = `@cert-authority * ${encodePublicKeyLine(ca.blob)}\n`;
    expect(await ssh(server.port, { knownHosts })).toMatchObject(hello);
    expect(server.done[0]).toMatchObject({ hostKey: "ssh-ed25519-cert-v01@openssh.com" });
    const stranger = `@cert-authority * ${encodePublicKeyLine(newHostKey().blob)}\n`;
    expect(await ssh(server.port, { knownHosts: stranger })).toMatchObject({ status: 255 });
  });

  test("and is refused with another key, in words it knows", async () => {
    await using server = await startServer({ publicKey: () => Promise.resolve({ result: "reject" }) });
    const result = await ssh(server.port);
    expect(result.status).toBe(255);
    expect(result.stderr).toContain("Permission denied (publickey).");
    expect(server.users).toEqual([]);
  });

  test("by answering questions, after its key and with a banner", async () => {
    await using scratch = await openScratch();
    const askpass = join(scratch.dir, "askpass");
    await writeFile(askpass, '#!/bin/sh\nprintf "%s" "$1" >> "$ASKED"\necho tomorrow\n', { mode: 0o700 });
    const asked = join(scratch.dir, "asked");
    const answers: string[] = [];
    await using server = await startServer({
      publicKey: () => Promise.resolve({ result: "partial", methods: ["keyboard-interactive"] }),
      keyboardInteractive: async (_user, ask, context) => {
        context.banner("Access to web-1 needs a reason\n");
        for (const text of ["Reason: ", "Until when: "]) {
          answers.push(...(await ask({ name: "", instruction: "", prompts: [{ text, echo: true }] })).map((answer) => answer.reveal()));
        }
        return { result: "accept" };
      },
    });
    const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", ASKED: asked };
    const result = await ssh(server.port, { env });
    expect(result).toMatchObject(hello);
    expect(result.stderr).toContain("Access to web-1 needs a reason");
    expect(answers).toEqual(["tomorrow", "tomorrow"]);
    expect(await readFile(asked, "utf8")).toMatch(/Reason: .*Until when: /s);
  });

  test.each(["aes128-gcm@openssh.com", "aes128-ctr"])("and changes keys in mid-stream, asked by either side: %s", async (cipher) => {
    const data = randomBytes(24 << 20);
    await using server = await startServer(acceptKey, [newHostKey()], { bytes: 3 << 20 });
    const args = [`Ciphers=${cipher}`, "RekeyLimit=2M"];
    const result = await ssh(server.port, { args, command: "echo", input: data });
    expect([result.status, result.stdout.equals(data)]).toEqual([7, true]);
    expect(server.done.length).toBeGreaterThan(8);
  });
});

interface Login {
  readonly result: ClientAuthResult | string;
  readonly done: readonly KeyExchangeDone[];
  readonly back: Buffer | undefined;
}

interface LoginOptions {
  readonly signers?: readonly KeySigner[];
  readonly algorithms?: AlgorithmPreferences;
  readonly verifyHostKey?: (key: PresentedKey) => Promise<boolean>;
  /** Sent through `cat` there. */
  readonly data?: Buffer;
  readonly rekey?: Partial<RekeyLimits>;
}

async function login({ port, user, hostKeys }: Sshd, options: LoginOptions = {}): Promise<Login> {
  const done: KeyExchangeDone[] = [];
  const socket = connect(port, "127.0.0.1");
  const known = ({ blob }: PresentedKey): Promise<boolean> => Promise.resolve(hostKeys.includes(encodePublicKeyLine(blob)));
  const { algorithms = DEFAULT_ALGORITHMS, verifyHostKey = known, signers = [userSigner], data, rekey = {} } = options;
  const { transport, ended } = overSocket(socket, { role: "client", verifyHostKey, algorithms, rekey }, (keys) => {
    done.push(keys);
    if (keys.first) auth.start();
  });
  let back: Promise<Buffer> | undefined;
  let finish: (result: ClientAuthResult) => void = () => {};
  const result = new Promise<ClientAuthResult>((resolve) => {
    finish = resolve;
  });
  const onResult = (value: ClientAuthResult): void => {
    if (value.authenticated && data !== undefined) back = runCat(transport, data);
    finish(value);
  };
  const auth = new ClientAuth(transport, { user, signers, onResult });
  const first = await Promise.race([result, ended]);
  const received = await Promise.race([back, ended.then(() => undefined)]);
  transport.disconnect(11, "done");
  socket.end();
  return { result: first, done, back: received };
}

describe.skipIf(server.missing)(`transport: ${ourClient}`, () => {
  const authorizedKeys = [encodePublicKeyLine(userSigner.blob)];
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ authorizedKeys });
  });
  afterAll(() => sshd[Symbol.asyncDispose]());
  const only = (part: Partial<AlgorithmPreferences>): LoginOptions => ({ algorithms: { ...DEFAULT_ALGORITHMS, ...part } });

  test.each(ciphers)("with %s %s", async (cipher, mac) => {
    const { result, done } = await login(sshd, only({ cipher: [cipher], mac: mac ? [mac] : DEFAULT_ALGORITHMS.mac }));
    expect(result).toEqual({ authenticated: true });
    expect(done).toMatchObject([{ cipherToServer: cipher, macToClient: mac, strict: true }]);
  });

  test.each(withoutPostQuantum)("with %s", async (name) => {
    const { result, done } = await login(sshd, only({ keyExchange: [name] }));
    expect(result).toEqual({ authenticated: true });
    expect(done).toMatchObject([{ keyExchange: name }]);
  });

  test.each(["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"])("when its host key is %s", async (name) => {
    const { result, done } = await login(sshd, only({ hostKey: [name] }));
    expect(result).toEqual({ authenticated: true });
    expect(done).toMatchObject([{ hostKey: name }]);
  });

  test("and not when its host key is another", async () => {
    const { result } = await login(sshd, { verifyHostKey: () => Promise.resolve(false) });
    expect(result).toMatch(/did not prove to be the one on record/);
  });

  test("and are told what it takes when our key is not the one", async () => {
    const { result } = await login(sshd, { signers: hostKeysOfEveryType.slice(0, 3) });
    expect(result).toEqual({ authenticated: false, methods: ["publickey"], partial: false });
  });

  test("with an access certificate of the authority it trusts, to a host certified by ours", async () => {
    const [userCa, hostCa] = [newHostKey(), newHostKey()];
    const hostCertificate = async (line: string): Promise<string> => {
      const key = parseAuthorizedKey(line).key;
      return encodePublicKeyLine(await certify({ ...newHostKey(), blob: key.blob }, "host", ["127.0.0.1"], hostCa));
    };
    await using trusting = await startSshd({ trustedUserCaKey: encodePublicKeyLine(userCa.blob), hostCertificate });
    const verifyHostKey = ({ certificate }: PresentedKey): Promise<boolean> =>
      Promise.resolve(certificate?.principals.includes("127.0.0.1") ?? false);
    for (const privateKey of [userKey, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey]) {
      const plain = signerFromPrivateKey(privateKey);
      const [good, stranger] = [
        await certify(plain, "user", [trusting.user], userCa),
        await certify(plain, "user", [trusting.user], newHostKey()),
      ].map((blob) => signerFromPrivateKey(privateKey, blob));
      if (good === undefined || stranger === undefined) throw new Error("no certificates");
      expect((await login(trusting, { verifyHostKey, signers: [plain] })).result).toMatchObject({ authenticated: false });
      expect((await login(trusting, { verifyHostKey, signers: [stranger] })).result).toMatchObject({ authenticated: false });
      const { result, done } = await login(trusting, { verifyHostKey, signers: [good] });
      expect(result).toEqual({ authenticated: true });
      expect(done).toMatchObject([{ hostKey: "ssh-ed25519-cert-v01@openssh.com" }]);
    }
  });

  test.each(["aes128-gcm@openssh.com", "aes128-ctr"])("and change keys in mid-stream, asked by either side: %s", async (cipher) => {
    await using eager = await startSshd({ authorizedKeys, extraConfig: ["RekeyLimit 2M"] });
    const data = randomBytes(24 << 20);
    const { back, done } = await login(eager, { ...only({ cipher: [cipher] }), data, rekey: { bytes: 3 << 20 } });
    expect(back?.equals(data)).toBe(true);
    expect(done.length).toBeGreaterThan(8);
  });
});

const openSsh10 = findOpenSsh10();
describe.skipIf(openSsh10.missing)(`transport: ${openSsh10.title("OpenSSH 10, its post-quantum key exchange by default")}`, () => {
  const hybrid = { keyExchange: "mlkem768x25519-sha256", strict: true };
  const data = randomBytes(8 << 20);

  test("its client logs in to us, and changes keys on the way", async () => {
    await using server = await startServer(acceptKey);
    const options = { program: openSsh10.ssh, args: ["RekeyLimit=1M"], command: "echo", input: data };
    const result = await ssh(server.port, options);
    expect([result.status, result.stdout.equals(data)]).toEqual([7, true]);
    expect(server.done.length).toBeGreaterThan(3);
    expect(server.done.every((done) => done.keyExchange === hybrid.keyExchange)).toBe(true);
  });

  test("we log in to its server, and change keys on the way", async () => {
    const authorizedKeys = [encodePublicKeyLine(userSigner.blob)];
    await using sshd = await startSshd({ authorizedKeys, program: openSsh10.sshd, extraConfig: ["RekeyLimit 1M"] });
    const { result, done, back } = await login(sshd, { data, rekey: { bytes: 3 << 20 } });
    expect([result, back?.equals(data)]).toEqual([{ authenticated: true }, true]);
    expect(done.length).toBeGreaterThan(3);
    expect(done[0]).toMatchObject(hybrid);
  });
});
