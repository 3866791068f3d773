/**
 * What a thief of certificates gets: an access certificate with its key works until its seconds are over and from the
 * gate's own address; a login certificate opens the gate, and no host.
 */
import { createPublicKey } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Authorities } from "../../src/identity/authority.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { parseCertificate } from "../../src/wire/ssh/keys/certificate.ts";
import { encodePrivateKey, generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { run, type RunResult } from "../kit/process.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
type Draft = Parameters<Authorities["issueAccess"]>[0];

describe.skipIf(sshd.missing)(sshd.title("captured certificates"), () => {
  let estate: Estate;
  /** As the gate itself asked for it in a real session. */
  let draft: Draft;

  beforeAll(async () => {
    estate = await startEstate({ sshd: { extraConfig: ["LogLevel VERBOSE"] } });
    const { authorities } = estate.test.gate;
    const issue = authorities.issueAccess.bind(authorities);
    const drafts: Draft[] = [];
    authorities.issueAccess = (each) => {
      drafts.push(each);
      return issue(each);
    };
    await estate.grant();
    await estate.ssh(["true"]);
    authorities.issueAccess = issue;
    const [first] = drafts;
    if (!first || drafts.length !== 1) throw new Error(`${drafts.length} certificates for one session`);
    draft = first;
  });
  afterAll(() => estate[Symbol.asyncDispose]());

  /** A key of the thief's, and the options to log in with it and a certificate. */
  const stolen = async (
    name: string,
    certify: (publicKey: Buffer) => Promise<Buffer>,
  ): Promise<{ args: string[]; certificate: Buffer }> => {
    const key = generateEd25519();
    const path = join(estate.test.dir, name);
    await writeFile(path, encodePrivateKey(key, name, systemRandom), { mode: 0o600 });
    const certificate = await certify(publicKeyBlob(createPublicKey(key)));
    await writeFile(`${path}-cert.pub`, `${encodePublicKeyLine(certificate, name)}\n`);
    const options = ["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
    return { args: ["-F", "none", "-i", path, ...options.flatMap((option) => ["-o", option])], certificate };
  };
  const toHost = (args: string[], ...more: string[]): Promise<RunResult> =>
    run("ssh", [...args, ...more, "-p", `${estate.sshd.port}`, `${estate.sshd.user}@127.0.0.1`, "echo in"]);

  test("an access certificate as the gate mints it: seconds to live, one account, the gate's address", async () => {
    const { certificate } = await stolen("as-minted", async (publicKey) => {
      return (await estate.test.gate.authorities.issueAccess({ ...draft, publicKey })).certificate;
    });
    const { validBefore, principals, criticalOptions, extensions } = parseCertificate(certificate);
    expect(Number(validBefore) - Date.now() / 1000).toBeLessThanOrEqual(60);
    expect(principals).toEqual([estate.sshd.user]);
    expect(criticalOptions).toEqual(new Map([["source-address", "127.0.0.1"]]));
    expect([...extensions.keys()]).toEqual(["permit-pty"]);
  });

  test("it works from the gate's address until it ends, and never from another", async () => {
    const ttlMs = 6000;
    const { args, certificate } = await stolen("short", async (publicKey) => {
      return (await estate.test.gate.authorities.issueAccess({ ...draft, publicKey, ttlMs })).certificate;
    });
    const elsewhere = await toHost(args, "-o", "BindAddress=127.0.0.2");
    const here = await toHost(args);
    expect(Date.now() / 1000).toBeLessThan(Number(parseCertificate(certificate).validBefore));
    expect({ status: here.status, stdout: here.stdout.toString() }).toEqual({ status: 0, stdout: "in\n" });
    expect(elsewhere.status).toBe(255);
    expect(elsewhere.stderr.toString()).toContain("Permission denied");
    await until(() => Date.now() / 1000 > Number(parseCertificate(certificate).validBefore));
    const after = await toHost(args);
    expect(after.status).toBe(255);
    expect(after.stderr.toString()).toContain("Permission denied");
    expect(estate.sshd.log()).toMatch(/expired/i);
  });

  test("a login certificate opens the gate, and no host", async () => {
    const { authorities } = estate.test.gate;
    // Even one that names the host's account, which the gate would not issue.
    for (const person of ["ana", estate.sshd.user]) {
      const { args } = await stolen(`login-${person}`, async (publicKey) => {
        return (await authorities.issueLogin({ publicKey, person, ttlMs: 600_000 })).certificate;
      });
      const host = await toHost(args);
      expect({ person, status: host.status }).toEqual({ person, status: 255 });
      expect(host.stderr.toString()).toContain("Permission denied");
      const gate = await run("ssh", [...args, "-p", `${estate.test.gate.sshPort}`, "web-1.prod@127.0.0.1", "echo in"]);
      expect({ person, status: gate.status }).toEqual({ person, status: person === "ana" ? 0 : 255 });
    }
  });
});
