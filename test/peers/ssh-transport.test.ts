/** Our SSH transport and authentication against OpenSSH's: its client logs in to us, and we log in to its server. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../src/kernel/random.ts";
import { ClientAuth, type ClientAuthResult } from "../../src/wire/ssh/auth/client-auth.ts";
import { ServerAuth, type ServerAuthPolicy } from "../../src/wire/ssh/auth/server-auth.ts";
import { DEFAULT_ALGORITHMS, type AlgorithmPreferences } from "../../src/wire/ssh/algorithms/preferences.ts";
import { Reader } from "../../src/wire/ssh/io/reader.ts";
import { Writer } from "../../src/wire/ssh/io/writer.ts";
import { encodePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../../src/wire/ssh/keys/signer.ts";
import type { KeyExchangeDone, TransportOptions } from "../../src/wire/ssh/transport/options.ts";
import { Transport } from "../../src/wire/ssh/transport/transport.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startSshd } from "../kit/sshd.ts";

const client = requirePeer("openssh-client", "ssh");
const server = requirePeer("openssh-server", "sshd");

const userKey = generateKeyPairSync("ed25519").privateKey;
const userSigner = signerFromPrivateKey(userKey);

type Part<T> = T extends unknown ? Omit<T, "output" | "events" | "software"> : never;

/** A transport over a socket; `failed` resolves with what ended it. */
function overSocket(socket: Socket, options: Part<TransportOptions>, onKeys?: (done: KeyExchangeDone) => void) {
  socket.setNoDelay(true);
  let end: (error: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const transport = new Transport({
    ...options,
    software: "Sallyport",
    output: { write: (bytes, release) => void socket.write(bytes, release) },
    events: {
      onError: (error) => {
        end(error.message);
        socket.end();
      },
      onDisconnect: (reason, description) => {
        end(`${reason} ${description}`);
        socket.end();
      },
      onWantInput: () => void socket.resume(),
      ...(onKeys && { onKeyExchange: onKeys }),
    },
  });
  socket.on("data", (chunk) => {
    if (!transport.receive(chunk)) socket.pause();
  });
  socket.on("error", () => end("socket"));
  socket.on("close", () => {
    transport.close();
    end("closed");
  });
  return { transport, ended };
}

/** Enough of RFC 4254 for `ssh host command`: answers the exec request with "hello" and exit status 7. */
function serveExec(transport: Transport): (payload: Buffer) => void {
  return (payload) => {
    const reader = new Reader(payload.subarray(1));
    if (payload[0] === 90) {
      reader.readString();
      const peer = reader.readUint32();
      transport.send(
        new Writer()
          .byte(91)
          .uint32(peer)
          .uint32(0)
          .uint32(1 << 20)
          .uint32(32_768)
          .toBuffer(),
      );
    }
    if (payload[0] === 98) {
      reader.readUint32();
      if (reader.readUtf8() !== "exec") return;
      transport.send(new Writer().byte(99).uint32(0).toBuffer());
      transport.send(new Writer().byte(94).uint32(0).string("hello").toBuffer());
      transport.send(new Writer().byte(98).uint32(0).string("exit-status").boolean(false).uint32(7).toBuffer());
      transport.send(new Writer().byte(97).uint32(0).toBuffer());
    }
  };
}

async function startServer(
  policy: ServerAuthPolicy,
  hostKeys: readonly KeySigner[],
  algorithms: AlgorithmPreferences = DEFAULT_ALGORITHMS,
) {
  const users: string[] = [];
  const done: KeyExchangeDone[] = [];
  const ends: Promise<string>[] = [];
  const server = createServer((socket) => {
    const { transport, ended } = overSocket(socket, { role: "server", hostKeys, algorithms }, (keys) => done.push(keys));
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

async function ssh(port: number, args: readonly string[] = []) {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-ssh-"));
  const file = join(dir, "id");
  await writeFile(file, encodePrivateKey(userKey, "test", systemRandom), { mode: 0o600 });
  const options = ["StrictHostKeyChecking=no", `UserKnownHostsFile=${join(dir, "known_hosts")}`, "IdentitiesOnly=yes", "BatchMode=yes"];
  const result = await run("ssh", [
    "-F",
    "none",
    "-p",
    String(port),
    "-i",
    file,
    ...options.flatMap((option) => ["-o", option]),
    ...args,
    "alice@127.0.0.1",
    "greet",
  ]);
  await rm(dir, { recursive: true });
  return { status: result.status, stdout: result.stdout.toString(), stderr: result.stderr.toString() };
}

const acceptKey: ServerAuthPolicy = {
  publicKey: (_user, offer) => Promise.resolve({ result: offer.blob.equals(userSigner.blob) ? "accept" : "reject" }),
};

describe.skipIf(client.missing)(client.title("OpenSSH's client logs in to us"), () => {
  test("with a key", async () => {
    await using server = await startServer(acceptKey, [signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey)]);
    const result = await ssh(server.port);
    expect(result).toMatchObject({ status: 7, stdout: "hello" });
    expect(server.users).toEqual(["alice publickey"]);
    expect(server.done[0]).toMatchObject({ first: true, strict: true, hostKey: "ssh-ed25519", keyExchange: "curve25519-sha256" });
  });

  test.each(
    DEFAULT_ALGORITHMS.cipher.flatMap((cipher) =>
      cipher.includes("gcm") ? [[cipher, ""]] : DEFAULT_ALGORITHMS.mac.map((mac) => [cipher, mac]),
    ),
  )("with %s %s", async (cipher, mac) => {
    await using server = await startServer(acceptKey, [signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey)]);
    const result = await ssh(server.port, ["-c", cipher ?? "", ...(mac ? ["-m", mac] : [])]);
    expect(result).toMatchObject({ status: 7, stdout: "hello" });
    expect(server.done[0]).toMatchObject({ cipherToServer: cipher, cipherToClient: cipher, macToServer: mac });
  });

  test.each(DEFAULT_ALGORITHMS.keyExchange.filter((name) => !name.startsWith("mlkem")))("with %s", async (name) => {
    await using server = await startServer(acceptKey, [signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey)]);
    const result = await ssh(server.port, ["-o", `KexAlgorithms=${name}`]);
    expect(result).toMatchObject({ status: 7, stdout: "hello" });
    expect(server.done[0]).toMatchObject({ keyExchange: name });
  });
});

async function login(
  port: number,
  user: string,
  hostKeys: readonly string[],
  signers: readonly KeySigner[],
  algorithms = DEFAULT_ALGORITHMS,
) {
  const socket = connect(port, "127.0.0.1");
  let done: KeyExchangeDone | undefined;
  let finish: (result: ClientAuthResult) => void = () => {};
  const result = new Promise<ClientAuthResult>((resolve) => {
    finish = resolve;
  });
  const verifyHostKey = ({ blob }: { blob: Buffer }): Promise<boolean> =>
    Promise.resolve(hostKeys.some((line) => line.startsWith(encodePublicKeyLine(blob))));
  const { transport, ended } = overSocket(socket, { role: "client", verifyHostKey, algorithms }, (keys) => {
    done = keys;
    if (keys.first) auth.start();
  });
  const auth = new ClientAuth(transport, {
    user,
    signers,
    onResult: (value) => {
      finish(value);
      transport.disconnect(11, "done");
      socket.end();
    },
  });
  return { result: await Promise.race([result, ended]), done };
}

describe.skipIf(server.missing)(server.title("we log in to OpenSSH's server"), () => {
  test("with a key", async () => {
    await using sshd = await startSshd({ authorizedKeys: [encodePublicKeyLine(userSigner.blob)] });
    const { result, done } = await login(sshd.port, sshd.user, sshd.hostKeys, [userSigner]);
    expect(result).toEqual({ authenticated: true });
    expect(done).toMatchObject({ first: true, strict: true, hostKey: "ssh-ed25519" });
  });
});
