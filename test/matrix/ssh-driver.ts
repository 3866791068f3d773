/** SSH in the contract suite: Debian's ssh as the client, our own server end as the target. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { ClientAuth } from "../../src/wire/ssh/auth/client-auth.ts";
import { ServerAuth } from "../../src/wire/ssh/auth/server-auth.ts";
import { ConnectionEndpoint } from "../../src/wire/ssh/connection/endpoint.ts";
import { generateEd25519, parsePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../src/wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../../src/wire/ssh/keys/verify-certificate.ts";
import { estateYaml } from "../kit/estate.ts";
import { OWNER_PASSWORD, startGate } from "../kit/gate.ts";
import { overSocket } from "../kit/ssh-socket.ts";
import { until } from "../kit/until.ts";
import type { ProtocolDriver, Rig, Shown } from "./driver.ts";

const ACCOUNT = "infra";

export const sshDriver: ProtocolDriver = {
  start: async () => {
    await using opened = new AsyncDisposableStack();
    const hostKey = signerFromPrivateKey(generateEd25519());
    const sockets = new Set<Socket>();
    const target: Rig["target"] & { connections: number; open: number; actions: string[] } = {
      connections: 0,
      open: 0,
      actions: [],
      onAction: undefined,
    };
    let trusted: Buffer = Buffer.alloc(0);
    const server = createServer((socket) => {
      target.connections += 1;
      target.open += 1;
      sockets.add(socket);
      socket.on("close", () => (target.open -= 1));
      serveTarget(socket, hostKey, () => trusted, target);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    opened.defer(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const address = { address: `127.0.0.1:${port}`, hostKey: encodePublicKeyLine(hostKey.blob, ""), account: ACCOUNT };
    const test = opened.use(await startGate(estateYaml(address)));
    const { gate, dir } = test;
    trusted = gate.authorities.publicKey("access");
    const key = await test.addPerson("ana");
    await test.addPerson("lea");
    const options = ["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=no", `UserKnownHostsFile=${dir}/known`];
    const args = ["-F", "none", "-i", key, "-p", String(gate.sshPort), ...options.flatMap((each) => ["-o", each]), "web-1.prod@127.0.0.1"];
    const ssh = (command: string): { done: Promise<Shown> } => {
      const child = spawn("ssh", [...args, command], { stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
      return { done: once(child, "close").then(([status]) => ({ ok: status === 0, text })) };
    };
    const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
    const everything = opened.move();
    return {
      gate,
      target,
      faults: test.faults,
      secrets: [OWNER_PASSWORD, ...(await readFile(key, "utf8")).split("\n").filter((line) => line.length > 40)],
      grant: async () => {
        const asked = await gate.access.request(ana, {
          reason: "checkout is slow",
          role: "debug",
          targets: ["web-1.prod"],
          durationMs: 60_000,
        });
        if (!asked.allowed) throw new Error(asked.code);
        const approved = await gate.access.approve(asked.request.id, { name: "lea" as PrincipalName, groups: ["leads"] });
        if (!approved.allowed || !approved.grant) throw new Error("not approved");
        return approved.grant;
      },
      act: (marker) => ssh(`run ${marker}`).done,
      hold: async () => {
        const { done } = ssh("hold");
        await until(() => target.actions.includes("hold"));
        return { ended: done };
      },
      sendUnknown: async () => sendUnknown(gate.sshPort, await readFile(key, "utf8")),
      [Symbol.asyncDispose]: () => everything.disposeAsync(),
    };
  },
};

type Target = { actions: string[]; onAction: ((action: string) => void) | undefined };

/** A host that takes certificates of the access authority and runs nothing: it writes down what it was told to. */
function serveTarget(socket: Socket, hostKey: ReturnType<typeof signerFromPrivateKey>, trusted: () => Buffer, target: Target): void {
  const { transport } = overSocket(socket, { role: "server", hostKeys: [hostKey], random: systemRandom });
  const auth = new ServerAuth(
    transport,
    {
      publicKey: async (user, { certificate }) => {
        const expected = {
          trustedCas: [trusted()],
          type: "user",
          principal: ACCOUNT,
          now: Date.now() / 1000,
          sourceAddress: "127.0.0.1",
        } as const;
        const ok = user === ACCOUNT && certificate !== undefined && verifyCertificate(certificate, expected).ok;
        return { result: ok ? "accept" : "reject" };
      },
    },
    {
      onFault: () => undefined,
      onAuthenticated: () => {
        const endpoint = new ConnectionEndpoint({
          link: { send: (payload) => void transport.send(payload), queuedBytes: () => 0, onDrain: () => undefined },
          openSession: () => ({
            accept: (request) => {
              if (request.type !== "exec") return false;
              const action = request.command.toString();
              target.actions.push(action);
              target.onAction?.(action);
              return true;
            },
            run: async (request, channel) => {
              if (request.type === "exec" && request.command.toString() === "hold") return channel.closed;
              await channel.write("done\n");
              channel.exit(0);
            },
          }),
        });
        transport.onPayload = (payload) => void endpoint.receive(payload);
      },
    },
  );
  socket.on("close", () => auth.close());
}

/** Message 101: in the range of the connection protocol (RFC 4250 §4.1.2), and nobody has given it a meaning. */
function sendUnknown(port: number, privateKey: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const { transport, ended } = overSocket(
    socket,
    { role: "client", verifyHostKey: async () => true, random: systemRandom },
    ({ first }) => {
      if (!first) return;
      new ClientAuth(transport, {
        user: "web-1.prod",
        signers: [signerFromPrivateKey(parsePrivateKey(privateKey).privateKey)],
        onResult: () => {
          transport.onPayload = () => undefined;
          transport.send(Buffer.from([101, 0, 0, 0, 0]));
        },
      }).start();
    },
  );
  return ended;
}
