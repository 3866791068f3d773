/** `ssh gate approve` where the role asks the approver's login for a fresh second factor: what the API asks, the console asks. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import type { PrincipalName, RequestId } from "../../src/kernel/ids.ts";
import { decodeBase32 } from "../kit/base32.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { requirePeer } from "../kit/peers.ts";
import { run, type RunResult } from "../kit/process.ts";

const ssh = requirePeer("OpenSSH client", "ssh");
const sshd = requirePeer("OpenSSH server", "sshd");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(ssh.missing || sshd.missing)(sshd.title(ssh.title("an approval at the gate's own console")), () => {
  const clock = new JumpingClock();
  let estate: Estate;
  let api: EstateApi;
  let lea: Client;

  beforeAll(async () => {
    estate = await startEstate({
      clock,
      roles: "  careful: { ssh: { account: root, exec: true }, secondFactor: { use: none, approve: 10m } }",
      rules: `  - { name: careful, who: ["group:oncall"], roles: [careful], targets: { names: [web-1.prod] }, max: 4h, approval: 1 of leads }`,
    });
    api = await openEstateApi(estate.test, clock);
    lea = await api.logIn("lea");
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  const asked = async (): Promise<RequestId> => {
    const draft = { reason: "checkout is slow", role: "careful", targets: ["web-1.prod"], durationMs: 600_000 };
    const made = await estate.test.gate.access.request({ name: "ana" as PrincipalName, groups: [] }, draft);
    if (!made.allowed) throw new Error(made.code);
    return made.request.id;
  };
  const approve = (id: RequestId, ...more: string[]): Promise<RunResult> =>
    run("ssh", [...estate.sshArgs("lea", "-o", "BatchMode=yes", ...more), "gate@127.0.0.1", "approve", id]);
  const stateOf = async (id: RequestId): Promise<string | undefined> => (await estate.test.gate.store.access.findRequest(id))?.state;

  test("by a key that has shown none it is refused, and says what it takes", async () => {
    const id = await asked();
    const { status, stdout, stderr } = await approve(id);
    expect(status).toBe(3);
    const said = stdout.toString() + stderr.toString();
    expect(said).toContain('approving role "careful" takes a second factor, shown within the last 10m');
    expect(said).toContain("[second-factor-needed]");
    expect(await stateOf(id)).toBe("pending");
  });

  test("by a certificate of a login that has, it counts, for as long as it is fresh", async () => {
    const secret = decodeBase32((await lea.call("factors.start-totp")).secret);
    await lea.call("factors.add-totp", { body: { name: "telephone", code: codeAt(secret, stepAt(clock.now())) } });
    const publicKey = (await readFile(`${estate.keys.lea}.pub`, "utf8").catch(() => keyOf())).trim();
    const { certificate } = await lea.call("certificates.login", { body: { publicKey } });
    const file = join(estate.test.dir, "lea-cert.pub");
    await writeFile(file, `${certificate}\n`);
    const [first, second] = [await asked(), await asked()];
    expect((await approve(first, "-o", `CertificateFile=${file}`)).stdout.toString()).toContain("Approved");
    expect(await stateOf(first)).toBe("approved");
    clock.jump(11 * 60_000);
    const late = await approve(second, "-o", `CertificateFile=${file}`);
    expect([late.status, late.stdout.toString() + late.stderr.toString()]).toEqual([3, expect.stringContaining("[step-up-needed]")]);
    expect(await stateOf(second)).toBe("pending");
  });

  /** As `ssh-keygen -y` prints it. */
  const keyOf = async (): Promise<string> => (await run("ssh-keygen", ["-y", "-f", estate.keys.lea])).stdout.toString();
});
