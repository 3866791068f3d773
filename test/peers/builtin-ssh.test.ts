/** The client that stands in where no ssh is, through a gate to a real host. */
import { randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { connectThroughGate } from "../../src/main/ssh-client.ts";
import { encodePublicKeyLine, parseAuthorizedKey } from "../../src/wire/ssh/keys/public-key.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");

async function connect(
  { test: { gate } }: Estate,
  {
    command,
    input = "",
    hostAuthority = gate.authorities.publicLine("host"),
  }: { command: string; input?: string | Buffer; hostAuthority?: string },
): Promise<{ readonly status: number; readonly stdout: Buffer; readonly stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, errors]: [Buffer[], Buffer[]] = [[], []];
  stdout.on("data", (chunk: Buffer) => out.push(chunk));
  stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const status = await connectThroughGate({
    host: "127.0.0.1",
    port: gate.sshPort,
    hostAuthority,
    login: "web-1.prod",
    certify: async (line) => {
      const publicKey = parseAuthorizedKey(line).key.blob;
      const { certificate } = await gate.authorities.issueLogin({ publicKey, person: "ana", ttlMs: 60_000 });
      return encodePublicKeyLine(certificate, "ana");
    },
    command,
    terminal: false,
    at: { stdin: Readable.from([Buffer.from(input)]), stdout, stderr, env: {} },
  });
  await Promise.all([stdout, stderr].map((stream) => finished(stream.end())));
  return { status, stdout: Buffer.concat(out), stderr: Buffer.concat(errors).toString() };
}

describe.skipIf(sshd.missing)(sshd.title("the built-in client"), () => {
  test("carries bytes, both outputs and the exit status; a cut and a refusal say why; another gate is not trusted", async () => {
    await using estate = await startEstate({ sshd: { extraConfig: ["LogLevel ERROR"] } });
    await expect(connect(estate, { command: "true" })).rejects.toThrow("No active grant covers this target");

    const grant = await estate.grant();
    const input = randomBytes(3_000_000);
    const copied = await connect(estate, { command: "cat; echo gone wrong >&2; exit 7", input });
    expect([copied.status, copied.stderr, copied.stdout.equals(input)]).toEqual([7, "gone wrong\n", true]);
    expect((await connect(estate, { command: "kill -TERM $$" })).status).toBe(143);

    const otherAuthority = estate.test.gate.authorities.publicLine("login");
    await expect(connect(estate, { command: "true", hostAuthority: otherAuthority })).resolves.toMatchObject({
      status: 255,
      stderr: "The gate's host key is not signed by its host authority\n",
    });

    const { registry } = estate.test.gate;
    await until(() => registry.list().length === 0);
    const running = connect(estate, { command: "sleep 60" });
    await until(() => registry.list().length === 1);
    const lea = { name: "lea", groups: ["leads"] } as unknown as Parameters<typeof estate.test.gate.access.revoke>[1];
    await estate.test.gate.access.revoke(grant.id, lea, "enough");
    expect(await running).toMatchObject({ status: 255, stderr: expect.stringContaining("enough [grant-revoked]") });
  });
});
