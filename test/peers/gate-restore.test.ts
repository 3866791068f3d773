/** A restore of yesterday's backup: nothing of yesterday opens anything, what was lost is on record, and an owner goes on. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/audit/verify/finding.ts";
import { openClient } from "../../src/contract/client.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { requirePeer } from "../kit/peers.ts";
import { startServing } from "../kit/serving.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");

test.skipIf(sshd.missing)(sshd.title("a restored gate revives nothing"), { timeout: 60_000 }, async () => {
  await using gate = await startServing({ gateLines: "  anchors: [{ name: elsewhere, file: ANCHOR }]" });
  const anchor = join(gate.dir, "anchor.jsonl");
  const owner = gate.client("olga");
  const held = await gate.grant();
  const body = { reason: "for later", role: "debug", targets: ["web-1.prod"] };
  const { request: pending } = await gate.client("ana").call("requests.create", { body });
  const personal = await gate.client("ana").call("tokens.create", { body: { name: "dashboards", scopes: ["self"], ttlMs: 86_400_000 } });
  const reset = await owner.call("users.reset", { params: { name: "lea" } });
  expect(await gate.ssh(["true"])).toMatchObject({ status: 0 });
  // ssh hears of its end before the log does.
  await until(async () => (await owner.call("sessions.list", { query: { all: true, live: true } })).sessions.length === 0);
  const backup = await owner.call("backup.make", { body: { name: "yesterday" } });
  const { log: oldKey } = await gate.client("nobody").call("authorities.show");

  // Since then: revoked, used, and more entries that the anchor has seen.
  await owner.call("grants.revoke", { params: { id: held.id }, body: { reason: "over" } });
  await gate.client("nobody").call("password.reset", { body: { user: "lea", secret: reset.secret, password: "another long enough one" } });
  const oldTokens = (["ana", "lea", "olga"] as const).map((person) => gate.token(person)).concat(personal.secret);
  await gate.stop();
  const anchored = await readFile(anchor, "utf8");
  expect(anchored).toContain("test.example/a");
  const heads = anchored.trim().split("\n");
  const lastSize = Number((JSON.parse(heads.at(-1) ?? "") as { checkpoint: string }).checkpoint.split("\n")[1]);
  expect(lastSize).toBeGreaterThan(backup.size);

  await rename(gate.dataDir, `${gate.dataDir}.lost`);
  const from = backup.path.replace(gate.dataDir, `${gate.dataDir}.lost`);
  const restored = await gate.cli("restore", from, "--config", gate.configPath, "--data-dir", gate.dataDir, "--json");
  expect(restored).toMatchObject({ status: 0 });
  expect(JSON.parse(restored.stdout.toString())).toMatchObject({ size: backup.size, grants: 1, requests: 1, sessions: 0 });
  await gate.restart();

  for (const token of oldTokens) {
    const client = openClient({ url: gate.url, token: new Secret(token) });
    await expect(client.call("status.show")).rejects.toMatchObject({
      code: expect.stringMatching(/not-authenticated|token-expired/) as string,
    });
  }
  const refused = await gate.ssh(["true"]);
  expect(refused).toMatchObject({ status: 255 });
  expect(refused.stderr.toString()).toContain("[gate-locked]");
  const reused = { user: "lea", secret: reset.secret, password: "yet another long one" };
  await expect(gate.client("nobody").call("password.reset", { body: reused })).rejects.toMatchObject({ code: "not-authenticated" });
  await gate.login("lea");
  await expect(gate.client("lea").call("requests.approve", { params: { id: pending.id } })).rejects.toMatchObject({ code: "gate-locked" });

  // An owner comes in, reads what is missing, and opens the gate.
  await gate.login("olga");
  const { events } = await owner.call("audit.search", { query: { kinds: ["backup.restored", "anchor.mismatch"], order: "asc" } });
  expect(events.map(({ kind }) => kind)).toEqual(["backup.restored", "anchor.mismatch"]);
  expect(events[0]?.body?.["gap"]).toContain(
    `Entries ${backup.size} to ${lastSize - 1} are missing: anchor "elsewhere" holds a log of ${lastSize}`,
  );
  const health = await owner.call("health.details");
  expect(health.checks.filter(({ state }) => state === "failing").map(({ name }) => name)).toEqual(["anchor elsewhere"]);
  const { locks } = await owner.call("locks.list");
  for (const { id } of locks) await owner.call("locks.lift", { params: { id }, body: { reason: "I have read the gap" } });
  expect((await gate.ssh(["true"])).stderr.toString()).toContain("[no-grant]");
  const { grants } = await owner.call("grants.list", { query: { all: true } });
  expect(grants.map(({ id, endedHow }) => ({ id, endedHow }))).toEqual([{ id: held.id, endedHow: "restored" }]);
  await gate.login("ana");
  await expect(gate.client("lea").call("requests.approve", { params: { id: pending.id } })).rejects.toMatchObject({ code: "wrong-state" });
  await gate.grant();
  expect(await gate.ssh(["true"])).toMatchObject({ status: 0 });

  // The old anchor was not written to, the old key signs nothing new, and what was lost can be proven.
  expect(await readFile(anchor, "utf8")).toBe(anchored);
  const { log: newKey } = await gate.client("nobody").call("authorities.show");
  expect(newKey).not.toBe(oldKey);
  const verify = async (...args: string[]) => {
    const { stdout } = await gate.cli("audit", "verify", "--json", ...args);
    const { ok, signer, findings } = JSON.parse(stdout.toString()) as { ok: boolean; signer: string; findings: Finding[] };
    return { ok, signer, codes: new Set(findings.filter(({ severity }) => severity === "problem").map(({ code }) => code)) };
  };
  expect(await verify("--key", newKey)).toMatchObject({ ok: true, signer: "verified" });
  expect(await verify("--key", oldKey)).toMatchObject({ ok: false, codes: new Set(["checkpoint-unsigned"]) });
  const older = join(gate.dir, "older.jsonl");
  await writeFile(
    older,
    heads.filter((line) => Number((JSON.parse(line) as { checkpoint: string }).checkpoint.split("\n")[1]) <= backup.size).join("\n"),
  );
  expect(await verify("--key", newKey, "--key", oldKey, "--checkpoint", older)).toMatchObject({ ok: true });
  const lost = await verify("--key", newKey, "--key", oldKey, "--checkpoint", anchor);
  expect(lost.ok).toBe(false);
  expect([...lost.codes].filter((code) => !/^history-(truncated|rewritten)$/.test(code))).toEqual([]);

  // With an anchor of its own the restored log goes on.
  const text = await readFile(gate.configPath, "utf8");
  await writeFile(gate.configPath, text.replace(anchor, `${anchor}.new`));
  await gate.stop();
  await gate.restart();
  await gate.login("olga");
  await until(async () =>
    (await owner.call("health.details")).checks.every(({ name, state }) => !name.startsWith("anchor") || state === "ok"),
  );
});
