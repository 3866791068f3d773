/**
 * Whatever ends access ends it in mid-session: a running command, a file half-way through scp and a terminal are cut
 * within a second of the reason, each with the reason on its stderr, and nothing of them is left on the host.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "../../src/access/model.ts";
import type { EventKind, LoggedEvent } from "../../src/audit/event.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { estateYaml, startEstate, type Estate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { talk, type Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const lea = { name: "lea" as PrincipalName, groups: ["leads"] };
const olga = { name: "olga" as PrincipalName, groups: ["owners"] };
const GRANT_MS = 2500;
const IDLE_MS = 2000;

interface Cut {
  readonly code: string;
  readonly grant?: Parameters<Estate["grant"]>[0];
  /** Brings it about, or is there when it comes; resolves with when the reason came, in `performance.now()` time. */
  readonly act: (estate: Estate, grant: Grant) => Promise<number>;
  /** Back to how it was. */
  readonly undo?: (estate: Estate) => Promise<unknown>;
  /** A transfer is never idle. */
  readonly withoutScp?: boolean;
}

/** The moment of the reason is the moment it was asked for: what the gate takes to decide counts. */
const now = async (work: () => Promise<unknown>): Promise<number> => {
  const asked = performance.now();
  await work();
  return asked;
};

const CUTS: Record<string, Cut> = {
  "a grant's end": {
    code: "grant-ended",
    grant: { durationMs: GRANT_MS },
    act: async (_, { end }) => performance.now() + (end - Date.now()),
  },
  "a revocation": { code: "grant-revoked", act: (estate, { id }) => now(() => estate.test.gate.access.revoke(id, lea, "that is enough")) },
  "a kill": {
    code: "session-killed",
    act: (estate) =>
      now(() => Promise.all(estate.test.gate.registry.list().map(({ id }) => estate.test.gate.registry.kill(id, "olga", "looks odd")))),
  },
  "a lock on the person": {
    code: "locked",
    act: (estate) => now(() => estate.test.gate.locks.lock(olga, { kind: "principal", name: "ana" }, "laptop stolen")),
    undo: (estate) => liftAll(estate),
  },
  "a lock on the gate": {
    code: "gate-locked",
    act: (estate) => now(() => estate.test.gate.locks.lock(olga, { kind: "gate" }, "all out")),
    undo: (estate) => liftAll(estate),
  },
  "disabling the user": {
    code: "locked",
    act: (estate) => now(() => estate.test.gate.identity.disableUser(olga, "ana" as PrincipalName, "left")),
    undo: (estate) => estate.test.gate.identity.enableUser(olga, "ana" as PrincipalName),
  },
  "a configuration that narrows the role": {
    code: "grant-narrowed",
    act: (estate) => now(() => estate.reconfigure(estateYaml(estate.target, { debug: "exec: [uptime]" }))),
    undo: (estate) => estate.reconfigure(yamlOf(estate)),
  },
  "a configuration without the target": {
    code: "grant-narrowed",
    act: (estate) => now(() => estate.reconfigure(estateYaml(estate.target).replace("web-1.prod:", "web-2.prod:"))),
    undo: (estate) => estate.reconfigure(yamlOf(estate)),
  },
  "a budget of bytes": {
    code: "budget-used-up",
    grant: { role: "frugal" },
    // The session that goes too far is cut by itself, in the middle; then the others under the grant are.
    act: async (estate) => {
      const { status, stderr } = await estate.ssh(["head -c 20000000 /dev/zero"]);
      expect({ status, said: stderr.toString().includes("[budget-used-up]") }).toEqual({ status: 255, said: true });
      return performance.now();
    },
  },
  idleness: {
    code: "idle-timeout",
    grant: { role: "hasty" },
    act: async () => performance.now() + IDLE_MS,
    withoutScp: true,
  },
};

const ROLES = (account: string): { roles: string; rules: string } => ({
  roles: `  frugal:
    ssh: { account: ${account}, shell: true, exec: true, files: write }
    budget: { bytes: 16MiB }
  hasty:
    ssh: { account: ${account}, shell: true, exec: true }
    idle: ${IDLE_MS / 1000}s`,
  rules: `  - { name: more, who: ["group:oncall"], roles: [frugal, hasty], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads }`,
});

function yamlOf(estate: Estate): string {
  return estateYaml(estate.target, ROLES(estate.target.account));
}

async function liftAll({ test: { gate } }: Estate): Promise<void> {
  for (const { id } of gate.locks.list()) await gate.locks.lift(olga, id, "over");
}

describe.skipIf(sshd.missing)(sshd.title("cut in mid-session"), () => {
  let estate: Estate;
  let dir: string;
  const figures: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sallyport-cut-"));
    await writeFile(join(dir, "big"), Buffer.alloc(100_000_000, 1));
    estate = await startEstate({ sshd: { extraConfig: ["LogLevel ERROR", "MaxSessions 20"] } });
    await estate.reconfigure(yamlOf(estate));
  });
  afterEach(async () => {
    for (const grant of await estate.test.gate.store.access.listGrants({ principal: "ana" as PrincipalName, limit: 100 })) {
      if (grant.state !== "ended") await estate.test.gate.access.revoke(grant.id, lea, "the test is over");
    }
  });
  afterAll(async () => {
    console.log(`cut after the reason, in ms:\n${figures.join("\n")}`);
    await estate[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  /** A command that leaves something behind, a terminal, and an scp that takes its time: all at work when it returns. */
  const startClients = async (mark: string, withScp: boolean): Promise<Record<string, Talk>> => {
    const args = [...estate.sshArgs("ana"), "-o", "BatchMode=yes"];
    const host = "web-1.prod@127.0.0.1";
    const command = talk("ssh", [...args, host, `nohup sleep ${mark}1 > /dev/null 2>&1 & echo at work; sleep ${mark}2`]);
    const shell = talk("ssh", [...args, "-tt", host, `echo at work; sleep ${mark}3`]);
    const clients: Record<string, Talk> = { command, shell };
    if (withScp) clients["scp"] = talk("scp", [...args, "-l", "16000", join(dir, "big"), `${host}:${join(dir, `up-${mark}`)}`]);
    await Promise.all([command.seen("at work"), shell.seen("at work")]);
    if (withScp) await until(async () => (await query("file.open")).some(({ body }) => JSON.stringify(body).includes(`up-${mark}"`)));
    return clients;
  };

  const query = async (...kinds: EventKind[]): Promise<readonly LoggedEvent[]> =>
    estate.test.gate.store.log.query({ kinds, limit: 500, order: "desc" });

  test.each(Object.entries(CUTS))("%s", async (title, { code, grant: wanted, act, undo, withoutScp = false }) => {
    const mark = `${100 + Object.keys(CUTS).indexOf(title)}7`;
    const grant = await estate.grant(wanted);
    const clients = await startClients(mark, !withoutScp);
    const sessions = estate.test.gate.registry.list().map(({ id }) => id);
    const reason = await act(estate, grant);
    const ends = await Promise.all(
      Object.entries(clients).map(async ([name, client]) => {
        const { status, stderr } = await client.ended;
        return { name, afterMs: performance.now() - reason, status, stderr };
      }),
    );
    await undo?.(estate);
    figures.push(`  ${title}: ${ends.map(({ name, afterMs }) => `${name} ${afterMs.toFixed(0)}`).join(", ")}`);
    for (const { name, afterMs, status, stderr } of ends) {
      expect.soft(afterMs, name).toBeLessThan(1000);
      expect.soft(stderr, name).toContain(`[${code}]`);
      expect.soft(status, name).not.toBe(0);
    }

    await until(
      async () => (await query("ssh.cleanup")).filter(({ session }) => sessions.some((id) => id === session)).length === sessions.length,
    );
    // A file's last words are hashed, and may come after the clean-up's.
    await until(async () => (await query("file.close")).length === (await query("file.open")).length);
    for (const session of sessions) {
      const events = await estate.test.gate.store.log.query({ session, limit: 100 });
      const of = (kind: EventKind): unknown[] => events.filter((event) => event.kind === kind).map(({ body }) => body);
      expect(of("session.ended")).toEqual([expect.objectContaining({ how: "cut", code })]);
      expect(of("recording.finished")).toHaveLength(1);
      expect(of("ssh.cleanup")).toEqual([expect.not.objectContaining({ outcome: "left" })]);
      expect(of("file.close")).toEqual(of("file.open").map(() => expect.objectContaining({ outcome: "partial" }) as unknown));
    }
    // Nothing of them is at work any more.
    const left = await run("ps", ["-eo", "args"]);
    expect(left.stdout.toString().match(new RegExp(`^sleep ${mark}.*`, "gm"))).toBeNull();
    expect(estate.test.faults).toEqual([]);
  });

  test("the clean-up names what it ended, and is an errand of the gate", async () => {
    const grant = await estate.grant();
    const client = talk("ssh", [
      ...estate.sshArgs("ana"),
      "web-1.prod@127.0.0.1",
      "trap '' HUP TERM; nohup sleep 7771 & sleep 7772 & echo up; wait",
    ]);
    await client.seen("up");
    const [session] = estate.test.gate.registry.list().map(({ id }) => id);
    await estate.test.gate.access.revoke(grant.id, lea, "enough");
    await client.ended;
    await until(async () => (await query("ssh.cleanup")).some((event) => event.session === session));
    const cleanup = (await query("ssh.cleanup")).find((event) => event.session === session);
    expect(cleanup).toMatchObject({ principal: "gate", body: { outcome: "ended" } });
    expect(JSON.stringify(cleanup?.body).match(/"sleep \(\d+\)"/g)).toHaveLength(2);
    const errands = await query("errand.started");
    expect(errands[0]).toMatchObject({ principal: "gate", body: { errand: "session.cleanup", by: "gate" } });
    const left = await run("ps", ["-eo", "args"]);
    expect(left.stdout.toString()).not.toMatch(/sleep 777\d/);
  });
});
