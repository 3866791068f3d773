/** A gate whose disk fills up: what is refused, who may still act, what is cut, and that it recovers by itself. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PEER_MISSING, requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { startServing, type Serving } from "../kit/serving.ts";
import { until } from "../kit/until.ts";

const MIB = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
const sshd = requirePeer("OpenSSH server", "sshd");
const WHY = isRoot ? "" : ` [${PEER_MISSING} root rights, for a small tmpfs]`;
/** Everything a command prints is recorded. */
const ROLES = `  loud: { ssh: { account: SELF, exec: true }, recording: { exec: full } }`;
const RULES = `  - { name: loud, who: [ana], roles: [loud], targets: { labels: { service: checkout } }, max: 1h, approval: none }
  - { name: glass, who: [lea], roles: [debug], targets: { labels: { service: checkout } }, max: 1h, approval: 1 of owners, breakGlass: true }`;

/** Leaves about `bytes` free on the mount; 0: nothing. */
function fill(mount: string, name: string, bytes: number): void {
  const file = openSync(join(mount, name), "w");
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    while (freeBytes(mount) > bytes) writeSync(file, block);
  } catch {
    // Full: what was asked for.
  } finally {
    closeSync(file);
  }
}

function freeBytes(mount: string): number {
  return Number(spawnSync("stat", ["-f", "-c", "%a", mount]).stdout.toString()) * 4096;
}

/** A command that prints until somebody ends it. */
function startPrinting(gate: Serving, grant: string, command: string) {
  const child = spawn("ssh", [...gate.sshArgs("ana"), `web-1.prod%${grant}@127.0.0.1`, command], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: 0, stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.stdout += chunk.length;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  return { said, ended: once(child, "close") };
}

test.skipIf(!isRoot || sshd.missing)(sshd.title(`a gate on a disk that fills up${WHY}`), { timeout: 60_000 }, async () => {
  const mount = await mkdtemp(join(tmpdir(), "sallyport-full-"));
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", mount]).status).toBe(0);
  try {
    await using gate = await startServing({
      dataDir: join(mount, "data"),
      gateLines: "  limits: { diskReserve: 16MiB }",
      roles: ROLES,
      rules: RULES,
    });
    const grant = await gate.grant();
    const owner = gate.client("olga");
    const control = ["-o", `ControlPath=${join(gate.dir, "control")}`];
    const master = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60"];
    expect(await gate.ssh(["true"], { args: [...master, ...control] })).toMatchObject({ status: 0 });
    const quiet = startPrinting(gate, grant.id, "echo begun; sleep 60");
    await until(() => quiet.said.stdout > 0);

    // Into the reserve: nothing new, in each client's own form.
    fill(mount, "filler", 12 * MIB);
    let inside = await gate.ssh(["echo", "more"], { args: control });
    await until(async () => {
      inside = await gate.ssh(["echo", "more"], { args: control });
      return inside.status !== 0;
    });
    expect(inside.stderr.toString()).toContain("[disk-reserve]");
    expect(inside.stdout.toString()).toBe("");
    const fresh = await gate.ssh(["echo", "more"]);
    expect(fresh.status).not.toBe(0);
    expect(fresh.stderr.toString()).toContain("The gate's disk is nearly full; only owners and break-glass may act [disk-reserve]");
    expect(fresh.stdout.toString()).toBe("");
    const draft = { reason: "more", role: "debug", targets: ["web-1.prod"] };
    await expect(gate.client("ana").call("requests.create", { body: draft })).rejects.toMatchObject({ code: "disk-reserve" });
    await expect(gate.login("ana")).rejects.toMatchObject({ code: "disk-reserve" });

    // An owner acts: comes in, sees, kills, locks, unlocks, revokes; and somebody breaks glass.
    await gate.login("olga");
    const { sessions } = await owner.call("sessions.list", { query: { all: true, live: true } });
    const killed = sessions.find(({ principal }) => principal === "ana");
    await owner.call("sessions.kill", { params: { id: killed?.id ?? "" }, body: { reason: "the disk" } });
    const lock = await owner.call("locks.create", { body: { subject: { kind: "principal", name: "ana" }, reason: "the disk" } });
    await quiet.ended;
    expect(quiet.said.stderr).toMatch(/\[(session-killed|locked)\]/);
    await owner.call("locks.lift", { params: { id: lock.id }, body: { reason: "seen" } });
    expect((await run("ssh", [...gate.sshArgs("olga"), "gate@127.0.0.1", "sessions"])).status).toBe(0);
    const glass = await gate.client("lea").call("requests.create", { body: { ...draft, breakGlass: true } });
    expect(glass.grant?.breakGlass).toBeDefined();
    expect(await gate.ssh(["echo", "broken"], { person: "lea" })).toMatchObject({ status: 0, stdout: Buffer.from("broken\n") });
    await owner.call("grants.revoke", { params: { id: glass.grant?.id ?? "" }, body: { reason: "done" } });

    // Space for one more session, which eats all of it: cut, and told why.
    await rm(join(mount, "filler"));
    await until(async () => (await gate.ssh(["true"])).status === 0);
    const { id: loud } = await gate.grant({ role: "loud" });
    const noisy = startPrinting(gate, loud, "head -c 100000000 /dev/urandom | base64");
    await noisy.ended;
    expect(noisy.said.stderr).toContain("[disk-reserve]");
    expect(freeBytes(mount)).toBeGreaterThan(6 * MIB);
    console.log(`gate-disk: the noisy session was cut after ${noisy.said.stdout} bytes with ${freeBytes(mount)} bytes free`);

    // Not a byte free: what runs is cut, an owner comes in all the same and cuts somebody off.
    spawnSync("mount", ["-o", "remount,size=96m", mount]);
    await owner.call("grants.revoke", { params: { id: loud }, body: { reason: "too noisy" } });
    await until(async () => (await gate.ssh(["true"])).status === 0);
    const running = startPrinting(gate, grant.id, "while echo on; do sleep 0.05; done");
    await until(() => running.said.stdout > 0);
    fill(mount, "filler", 0);
    await running.ended;
    expect(running.said.stderr).toMatch(/\[(disk-reserve|recording-unavailable)\]/);
    await gate.login("olga");
    const last = await owner.call("locks.create", { body: { subject: { kind: "principal", name: "ana" }, reason: "full" } });
    await expect(gate.client("ana").call("requests.create", { body: draft })).rejects.toMatchObject({ code: "locked" });
    await owner.call("locks.lift", { params: { id: last.id }, body: { reason: "seen" } });

    // A restart on a full disk, then space again.
    await gate.kill9();
    await rm(join(mount, "filler"));
    fill(mount, "filler", 8 * MIB);
    await gate.restart();
    await gate.login("olga");
    await rm(join(mount, "filler"));
    await until(async () => (await gate.ssh(["echo", "again"])).stdout.toString() === "again\n");
    const { log } = await gate.client("nobody").call("authorities.show");
    const verified = await gate.cli("audit", "verify", "--key", log, "--json");
    expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, signer: "verified" });
    expect((await owner.call("sessions.list", { query: { all: true, live: true } })).sessions).toEqual([]);
  } finally {
    spawnSync("umount", ["-l", mount]);
    await rm(mount, { recursive: true, force: true });
  }
});
