/**
 * Other people's SSH through the gate: OpenSSH 10 on both hops with its post-quantum key exchange, PuTTY's plink, and
 * Dropbear's dbclient. What they do with an ordinary host they do here.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startEstate, type Estate } from "../kit/estate.ts";
import { findOpenSsh10 } from "../kit/openssh10.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";

const POST_QUANTUM = "mlkem768x25519-sha256";
const modern = findOpenSsh10();
const plink = requirePeer("PuTTY's command", "plink");
const puttygen = requirePeer("PuTTY's key generator", "puttygen");
const dbclient = requirePeer("Dropbear's client", "dbclient");
const dropbearconvert = requirePeer("Dropbear's converter", "dropbearconvert");
const sshd = requirePeer("OpenSSH server", "sshd");

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe.skipIf(modern.missing)(modern.title("OpenSSH 10 on both hops"), () => {
  test("the key exchange is post-quantum on both, and everything works", async () => {
    await using estate = await startEstate({ sshd: { program: modern.sshd } });
    await estate.grant();
    const args = estate.sshArgs("ana", "-o", "BatchMode=yes", "-o", `KexAlgorithms=${POST_QUANTUM}`);
    const done = await run(modern.ssh, [...args, "-v", "web-1.prod@127.0.0.1", "echo out; echo err >&2; exit 7"]);
    expect(done).toMatchObject({ status: 7, stdout: Buffer.from("out\n") });
    expect(done.stderr.toString()).toContain(`kex: algorithm: ${POST_QUANTUM}`);
    expect(estate.sshd.log()).toContain(`kex: algorithm: ${POST_QUANTUM}`);

    const content = randomBytes(3_000_000);
    const [local, remote, back] = ["up", "there", "back"].map((name) => join(estate.test.dir, name));
    await writeFile(local ?? "", content, { mode: 0o640 });
    const scpArgs = ["-S", modern.ssh];
    for (const protocol of [[], ["-O"]]) {
      const copied = await run(modern.scp, [...scpArgs, ...protocol, "-p", ...args, local ?? "", `web-1.prod@127.0.0.1:${remote}`]);
      expect(copied).toMatchObject({ status: 0 });
      expect(await run(modern.scp, [...scpArgs, ...protocol, "-p", ...args, `web-1.prod@127.0.0.1:${remote}`, back ?? ""])).toMatchObject({
        status: 0,
      });
      expect(sha256(await readFile(back ?? ""))).toBe(sha256(content));
      expect((await stat(back ?? "")).mode & 0o777).toBe(0o640);
    }
    const rekeyed = await run(modern.ssh, [...args, "-o", "RekeyLimit=1M", "web-1.prod@127.0.0.1", "cat"], { input: content });
    expect(sha256(rekeyed.stdout)).toBe(sha256(content));
    const listed = await run(modern.sftp, ["-S", modern.ssh, "-b", "-", ...args, "web-1.prod@127.0.0.1"], { input: `ls -l ${remote}\n` });
    expect(listed.stdout.toString()).toContain("3000000");
    expect(estate.test.faults).toEqual([]);
  });
});

/** Nothing without a grant (both clients end with 0 all the same); then one megabyte through `cat`, and an exit status. */
async function tryClient(estate: Estate, ssh: (command: string, input?: Buffer) => ReturnType<typeof run>): Promise<void> {
  const refused = await ssh("echo it ran");
  expect(refused.stdout.toString()).not.toContain("it ran");
  expect(refused.stdout.toString() + refused.stderr.toString()).toContain("Ask for access to web-1.prod");
  await estate.grant();
  const content = randomBytes(1_000_000);
  const echoed = await ssh("cat", content);
  expect(sha256(echoed.stdout)).toBe(sha256(content));
  expect(await ssh("echo out; exit 5")).toMatchObject({ status: 5, stdout: Buffer.from("out\n") });
  expect(estate.test.faults).toEqual([]);
}

const putty = [plink, puttygen, sshd].find(({ missing }) => missing) ?? plink;
describe.skipIf(putty.missing)(`clients: ${putty.title("plink")}`, () => {
  test("through the gate", async () => {
    await using estate = await startEstate();
    const key = join(estate.test.dir, "ana.ppk");
    expect(await run(puttygen.path, [estate.keys.ana, "-O", "private", "-o", key])).toMatchObject({ status: 0 });
    const hostKey = await gateFingerprint(estate);
    const args = ["-ssh", "-i", key, "-P", String(estate.test.gate.sshPort), "-hostkey", hostKey, "web-1.prod@127.0.0.1"];
    await tryClient(estate, (command, input) => run(plink.path, [...args, command], { ...(input && { input }) }));
  });
});

const dropbear = [dbclient, dropbearconvert, sshd].find(({ missing }) => missing) ?? dbclient;
describe.skipIf(dropbear.missing)(`clients: ${dropbear.title("dbclient")}`, () => {
  test("through the gate", async () => {
    await using estate = await startEstate();
    const key = join(estate.test.dir, "ana.dropbear");
    expect(await run(dropbearconvert.path, ["openssh", "dropbear", estate.keys.ana, key])).toMatchObject({ status: 0 });
    const args = ["-y", "-y", "-T", "-i", key, "-p", String(estate.test.gate.sshPort), "web-1.prod@127.0.0.1"];
    await tryClient(estate, (command, input) => run(dbclient.path, [...args, command], { ...(input && { input }) }));
  });
});

/** PuTTY knows no certificates of hosts here: it is told the fingerprint of the plain key. */
async function gateFingerprint(estate: Estate): Promise<string> {
  const scanned = await run("ssh-keyscan", ["-t", "ed25519", "-p", String(estate.test.gate.sshPort), "127.0.0.1"]);
  const file = join(estate.test.dir, "gate.pub");
  await writeFile(
    file,
    scanned.stdout
      .toString()
      .split("\n")
      .find((line) => !line.startsWith("#"))
      ?.replace(/^\S+ /, "") ?? "",
  );
  const shown = await run("ssh-keygen", ["-lf", file]);
  return shown.stdout.toString().split(" ")[1] ?? "";
}
