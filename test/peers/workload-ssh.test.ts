/** A service in a job: `sallyport ssh` to a real host, by a login that its platform's token made, and what cuts it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePublicKeyLine } from "../../src/wire/ssh/keys/public-key.ts";
import { startIssuer, type IssuerStandIn } from "../kit/issuer-stand-in.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startSshd, type Sshd } from "../kit/sshd.ts";
import { until } from "../kit/until.ts";
import { startWorkloadGate, type WorkloadGate } from "../kit/workload-gate.ts";

const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;
const sshd = requirePeer("OpenSSH server", "sshd");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("a job with a shell on a host"), () => {
  let ci: IssuerStandIn;
  let world: WorkloadGate;
  let host: Sshd;
  let home: string;
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    ci = await startIssuer();
    home = await mkdtemp(join(tmpdir(), "sallyport-job-"));
    world = await startWorkloadGate({
      workloads: () => `  deploy: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop" } }`,
    });
    const authority = encodePublicKeyLine(world.gate.authorities.publicKey("access"), "access");
    host = await startSshd({ trustedUserCaKey: authority, hostKeyTypes: ["ed25519"] });
    await world.reconfigure((text) =>
      text
        .replace("account: infra", `account: ${host.user}`)
        .replace("127.0.0.1:1", `127.0.0.1:${host.port}`)
        .replace(/hostKeys: \[.*\]/, `hostKeys: ["${host.hostKeys[0] ?? ""}"]`),
    );
    await world.add("deploy", "service");
  }, 60_000);
  afterAll(async () => {
    for (const child of children) child.kill();
    for (const each of [world, host, ci]) await each?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const env = () => ({ PATH: process.env["PATH"] ?? "", HOME: home, SALLYPORT_HOME: join(home, "job"), SALLYPORT_URL: world.url });
  const sallyport = (...args: string[]) => run(process.execPath, [CLI, ...args], { cwd: home, env: env() });
  const logIn = async (): Promise<void> => {
    const file = join(home, "token");
    await writeFile(file, await ci.sign({ aud: world.url, sub: "repo:acme/shop" }));
    const { status, stderr } = await sallyport("login", "deploy", "--workload-token-file", file);
    if (status !== 0) throw new Error(stderr.toString());
  };
  const live = (): number => world.gate.registry.list().length;

  test("asks, runs its command, and is on record as the service", async () => {
    await logIn();
    const { status, stdout, stderr } = await sallyport("ssh", "--reason", "roll out", "web-1", "echo", "rolled", "out");
    expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toMatchObject({ status: 0, stdout: "rolled out\n" });
    const [started] = await world.gate.store.log.query({ kinds: ["session.started"], limit: 1 });
    expect(started).toMatchObject({ principal: "deploy", target: "web-1" });
  });

  test("is cut in its session when its mapping changes", async () => {
    await logIn();
    const child = spawn(process.execPath, [CLI, "ssh", "--reason", "roll out", "web-1", "sleep", "600"], { cwd: home, env: env() });
    children.add(child);
    const ended = once(child, "exit") as Promise<[number | null]>;
    await until(() => live() === 1);
    await world.reconfigure((text) => text.replace("repo:acme/shop", "repo:acme/other"));
    const [status] = await ended;
    expect(status).not.toBe(0);
    expect(live()).toBe(0);
    expect((await sallyport("ssh", "--reason", "again", "web-1", "true")).status).not.toBe(0);
    expect(world.faults).toEqual([]);
  });
});
