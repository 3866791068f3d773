/** Our own channel ends against OpenSSH's: its client talks to our endpoint, and our client runs commands on its server. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemRandom } from "../../src/kernel/random.ts";
import { ClientAuth } from "../../src/wire/ssh/auth/client-auth.ts";
import { ServerAuth } from "../../src/wire/ssh/auth/server-auth.ts";
import type { Channel } from "../../src/wire/ssh/connection/channel.ts";
import { ClientConnection } from "../../src/wire/ssh/connection/client.ts";
import { ConnectionEndpoint, type SessionHandler } from "../../src/wire/ssh/connection/endpoint.ts";
import type { PacketLink } from "../../src/wire/ssh/connection/packet-link.ts";
import { parseTerminalModes, TERMINAL_MODES } from "../../src/wire/ssh/connection/terminal-modes.ts";
import { encodePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../src/wire/ssh/keys/signer.ts";
import type { TransportOptions } from "../../src/wire/ssh/transport/options.ts";
import { Transport } from "../../src/wire/ssh/transport/transport.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startSshd, type Sshd } from "../kit/sshd.ts";

const sshClient = requirePeer("openssh-client", "ssh");
const sshServer = requirePeer("openssh-server", "sshd");
const userKey = generateKeyPairSync("ed25519").privateKey;
const userSigner = signerFromPrivateKey(userKey);
const hostSigner = signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey);

type Part<T> = T extends unknown ? Omit<T, "output" | "events"> : never;

/** A transport on a socket, and the link that channels want. */
function overSocket(socket: Socket, options: Part<TransportOptions>, onKeys: () => void, onEnd: () => void) {
  socket.setNoDelay(true);
  let drained = (): void => undefined;
  const transport = new Transport({
    ...options,
    output: { write: (bytes, release) => void socket.write(bytes, release) },
    events: {
      onError: () => void socket.end(),
      onDisconnect: () => void socket.end(),
      onKeyExchange: ({ first }) => (first ? onKeys() : undefined),
      onDrain: () => drained(),
      onWantInput: () => void socket.resume(),
    },
  });
  socket.on("data", (chunk: Buffer) => (transport.receive(chunk) ? undefined : socket.pause()));
  socket.on("drain", () => drained());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => (transport.close(), onEnd()));
  const link: PacketLink = {
    send: (payload) => void transport.send(payload),
    queuedBytes: () => transport.queuedBytes + socket.writableLength,
    onDrain: (listener) => {
      drained = listener;
    },
  };
  return { transport, link };
}

const DATA = randomBytes(6_000_000);
/** What "hold" waits for. */
const held = Promise.withResolvers<void>();

/** A few commands, and what was asked for before them. */
function openSession(channel: Channel): SessionHandler {
  const setup: string[] = [];
  return {
    accept: (request) => {
      if (request.type === "env") setup.push(`${request.name}=${request.value.toString()}`);
      if (request.type === "pty-req") {
        const modes = parseTerminalModes(request.modes);
        setup.push(`${request.term} ${request.columns}x${request.rows} echo=${modes.get(TERMINAL_MODES.ECHO)}`);
      }
      return request.type !== "subsystem" || request.name === "greet";
    },
    run: async (request) => {
      const command = request.type === "exec" ? request.command.toString("latin1") : request.type;
      switch (command) {
        case "both":
          await Promise.all([channel.write(DATA), channel.writeError(DATA)]);
          return channel.exit(0);
        case "cat":
          for await (const chunk of channel.input) await channel.write(chunk);
          return channel.exit(0);
        case "setup":
          await channel.write(`${setup.join("\n")}\n`);
          return channel.exit(0);
        case "die":
          return channel.exitSignal("TERM", "ended");
        case "hold":
          await held.promise;
          await channel.write("held");
          return channel.exit(0);
        case "shell":
        case "subsystem":
          await channel.write(`a ${command}\n`);
          return channel.exit(5);
        default:
          await channel.write(Buffer.from(command, "latin1"));
          return channel.exit(command.length);
      }
    },
  };
}

describe.skipIf(sshClient.missing)(`channels: ${sshClient.title("OpenSSH's client on our endpoint")}`, () => {
  let [dir, port] = ["", 0];
  const server = createServer((socket) => {
    let endpoint: ConnectionEndpoint | undefined;
    const options = { role: "server", hostKeys: [hostSigner], software: "Sallyport" } as const;
    const { transport, link } = overSocket(
      socket,
      options,
      () => undefined,
      () => endpoint?.end(),
    );
    const policy = { publicKey: () => Promise.resolve({ result: "accept" } as const) };
    const auth = new ServerAuth(transport, policy, {
      onAuthenticated: () => {
        const made = new ConnectionEndpoint({ link, openSession });
        endpoint = made;
        transport.onPayload = (payload) => (made.receive(payload) ? undefined : transport.replyUnimplemented());
      },
      onFault: (error) => {
        throw error;
      },
    });
    socket.on("close", () => auth.close());
  });
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sallyport-channels-"));
    await writeFile(join(dir, "id"), encodePrivateKey(userKey, "test", systemRandom), { mode: 0o600 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  });
  const ssh = async (args: readonly string[], input: Uint8Array | string = "", env = process.env, logLevel = "ERROR") => {
    const fixed = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=no",
      `UserKnownHostsFile=${join(dir, "known")}`,
      `LogLevel=${logLevel}`,
    ];
    const options = fixed.flatMap((option) => ["-o", option]);
    return await run(sshClient.path, ["-F", "none", "-p", String(port), "-i", join(dir, "id"), ...options, ...args], { input, env });
  };
  const HOST = "ann@127.0.0.1";

  test("6 MB on stdout and stderr at once", async () => {
    const result = await ssh([HOST, "both"]);
    expect([result.status, result.stdout.equals(DATA), result.stderr.equals(DATA)]).toEqual([0, true, true]);
  });

  test("6 MB in and back, half-closed", async () => {
    const result = await ssh([HOST, "cat"], DATA);
    expect([result.status, result.stdout.equals(DATA)]).toEqual([0, true]);
  });

  test("a command with bytes that are no UTF-8, and its status", async () => {
    const command = Buffer.from([0xff, 0xfe, 0x41]);
    await writeFile(join(dir, "command"), Buffer.concat([Buffer.from('exec ssh "$@" \''), command, Buffer.from("'")]));
    const options = ["-F", "none", "-p", String(port), "-i", join(dir, "id"), "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"];
    const known = ["-o", `UserKnownHostsFile=${join(dir, "known")}`];
    const result = await run("sh", [join(dir, "command"), ...options, ...known, HOST]);
    expect([result.status, result.stdout]).toEqual([3, command]);
  });

  test("terminal, its modes and variables", async () => {
    const result = await ssh(["-tt", "-o", "SendEnv=TOPIC", HOST, "setup"], "", { ...process.env, TERM: "vt220", TOPIC: "a b" });
    expect(result.stdout.toString()).toMatch(/^TOPIC=a b\nvt220 0x0 echo=\d|^vt220 \d+x\d+.*\nTOPIC=a b\n/);
  });

  test("shell, subsystem, a refused subsystem, a signal", async () => {
    expect(await ssh([HOST])).toMatchObject({ status: 5, stdout: Buffer.from("a shell\n") });
    expect(await ssh(["-s", HOST, "greet"])).toMatchObject({ status: 5, stdout: Buffer.from("a subsystem\n") });
    const refused = await ssh(["-s", HOST, "sftp"]);
    expect([refused.status, refused.stderr.toString()]).toEqual([255, expect.stringContaining("subsystem request failed")]);
    expect(await ssh([HOST, "die"])).toMatchObject({ status: 255 });
  });

  test("forwarding is refused and the command still runs", async () => {
    const result = await ssh(["-R", "0:127.0.0.1:9", HOST, "hello"], "", process.env, "INFO");
    expect([result.status, result.stdout.toString()]).toEqual([5, "hello"]);
    expect(result.stderr.toString()).toContain("remote port forwarding failed");
    const tunnel = await ssh(["-W", "127.0.0.1:9", HOST], "", process.env, "INFO");
    expect([tunnel.status, tunnel.stderr.toString()]).toEqual([255, expect.stringContaining("Only sessions can be opened here")]);
  });

  test("five sessions at once on one connection, both streams each, beside a sixth that goes on", async () => {
    const socket = join(dir, "mux");
    const first = ssh(["-M", "-S", socket, HOST, "hold"]);
    // Sessions that could not share the connection would fail: they have no way to make one.
    const share = ["-S", socket, "-o", "ProxyCommand=false", HOST];
    while ((await ssh([...share, "hello"])).status !== 5);
    const results = await Promise.all(Array.from({ length: 5 }, async () => await ssh([...share, "both"])));
    held.resolve();
    expect(results.every(({ stdout, stderr }) => stdout.equals(DATA) && stderr.equals(DATA))).toBe(true);
    expect((await first).stdout.toString()).toBe("held");
  });
});

describe.skipIf(sshServer.missing)(`channels: ${sshServer.title("our client on OpenSSH's server")}`, () => {
  let sshd: Sshd;
  let socket: Socket;
  let client: ClientConnection;
  beforeAll(async () => {
    sshd = await startSshd({ authorizedKeys: [encodePublicKeyLine(userSigner.blob)], extraConfig: ["LogLevel INFO"] });
    client = await new Promise((resolve, reject) => {
      socket = connect(sshd.port, "127.0.0.1");
      const verifyHostKey = (): Promise<boolean> => Promise.resolve(true);
      const options = { role: "client", verifyHostKey, software: "Sallyport" } as const;
      let made: ClientConnection | undefined;
      const { transport, link } = overSocket(
        socket,
        options,
        () => auth.start(),
        () => made?.end(),
      );
      const auth = new ClientAuth(transport, {
        user: sshd.user,
        signers: [userSigner],
        onResult: ({ authenticated }) => {
          if (!authenticated) return reject(new Error("not logged in"));
          const connection = new ClientConnection(link);
          made = connection;
          transport.onPayload = (payload) => (connection.receive(payload) ? undefined : transport.replyUnimplemented());
          return resolve(connection);
        },
      });
    });
  });
  afterAll(async () => {
    socket.destroy();
    await sshd[Symbol.asyncDispose]();
  });

  test("commands, several at once: output, status, signal", async () => {
    const [plain, failing, killed] = await Promise.all([
      client.exec("echo out; echo err >&2"),
      client.exec("exit 3"),
      client.exec("kill -TERM $$"),
    ]);
    expect(plain).toEqual({
      stdout: Buffer.from("out\n"),
      stderr: Buffer.from("err\n"),
      exitStatus: 0,
      exitSignal: undefined,
      isTruncated: false,
    });
    expect(failing).toMatchObject({ exitStatus: 3, exitSignal: undefined });
    expect(killed).toMatchObject({ exitStatus: undefined, exitSignal: "TERM" });
  });

  test("6 MB in and back", async () => {
    const result = await client.exec("cat", { stdin: DATA, maxStdoutBytes: 7_000_000 });
    expect([result.exitStatus, result.stdout.equals(DATA)]).toEqual([0, true]);
  });

  test("a command that never stops writing is given up at the limit", async () => {
    const result = await client.exec("yes", { maxStdoutBytes: 100_000 });
    expect([result.isTruncated, result.stdout.length]).toEqual([true, 100_000]);
    expect((await client.exec("echo still here")).stdout.toString()).toBe("still here\n");
  });
});
