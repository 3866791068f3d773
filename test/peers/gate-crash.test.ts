/**
 * `kill -9` of a gate under load, over and over. What the gate acknowledged is kept outside of it: answers of the API,
 * bytes that `ssh` printed, files that `sftp` put. After each restart all of it must be there.
 */
import { setTimeout as delay } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EventKind } from "../../src/audit/event.ts";
import type { GrantId, SessionId } from "../../src/kernel/ids.ts";
import { requirePeer } from "../kit/peers.ts";
import { seededChance } from "../kit/seeded.ts";
import { startServing, type Serving } from "../kit/serving.ts";
import { loadGate, newJournal, type Journal } from "./gate/crash-load.ts";

/** Everything a command prints is recorded. */
const ROLES = `  loud: { ssh: { account: SELF, exec: true, files: write }, recording: { exec: full } }`;
const RULES = `  - { name: loud, who: [ana], roles: [loud], targets: { labels: { service: checkout } }, max: 4h, approval: none }`;
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 50);
const sshd = requirePeer("OpenSSH server", "sshd");
const ssh = requirePeer("OpenSSH client", "sftp");

// oxlint-disable-next-line vitest/valid-title -- it names the programs that are missing
describe.skipIf(sshd.missing || ssh.missing)(sshd.title(ssh.title("kill -9 of the gate")), () => {
  test(`at ${ROUNDS} random moments under load loses nothing acknowledged`, { timeout: 60_000 + ROUNDS * 12_000 }, async () => {
    const chance = seededChance("gate-crash");
    await using gate = await startServing({ roles: ROLES, rules: RULES });
    const grant = await gate.grant({ role: "loud", durationMs: 4 * 3_600_000 });
    const totals = { answers: 0, bytes: 0, files: 0, sessions: 0, torn: 0 };
    const heads: string[] = [];
    const all = newJournal();
    for (let round = 0; round < ROUNDS; round += 1) {
      const journal = newJournal();
      // Making tokens takes a login of the last ten minutes, and all the rounds may take longer.
      await gate.login("lea");
      const load = loadGate(gate, grant.id, round, journal);
      // Every other time while output flows; otherwise at any moment, handshakes included.
      if (round % 2 === 0) await Promise.race([journal.printing.promise, delay(5_000)]);
      await delay(chance(round % 2 === 0 ? 300 : 600));
      heads.push(
        (
          await gate
            .client("olga")
            .call("audit.checkpoint")
            .catch(() => Buffer.alloc(0))
        ).toString(),
      );
      await gate.kill9();
      await load;
      await gate.restart();
      const found = await requireNothingLost(gate, grant.id, journal, `round ${round}`);
      totals.answers += journal.events.length + journal.grants.size;
      totals.files += journal.files.length;
      totals.bytes += [...journal.output.values()].reduce((sum, { length }) => sum + length, 0);
      totals.sessions += found.lost;
      totals.torn += found.torn;
      for (const id of journal.grants) all.grants.add(id);
      all.events.push(...journal.events);
    }
    await requireAllEvents(gate, all);
    const file = join(gate.dir, "heads");
    await writeFile(
      file,
      heads
        .filter((text) => text !== "")
        .map((checkpoint) => JSON.stringify({ checkpoint }))
        .join("\n"),
    );
    const { log } = await gate.client("nobody").call("authorities.show");
    const verified = await gate.cli("audit", "verify", "--key", log, "--checkpoint", file, "--json");
    expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, signer: "verified" });
    expect(verified.status).toBe(0);
    console.log(`gate-crash: ${ROUNDS} kills; acknowledged and all there: ${JSON.stringify(totals)}`);
    expect(totals.answers).toBeGreaterThan(ROUNDS);
    expect(totals.bytes).toBeGreaterThan(0);
    expect(totals.files).toBeGreaterThan(0);
    expect(totals.sessions).toBeGreaterThan(0);
  });
});

async function requireNothingLost(gate: Serving, grant: GrantId, journal: Journal, when: string): Promise<{ lost: number; torn: number }> {
  const owner = gate.client("olga");
  const { requests } = await owner.call("requests.list", { query: { requester: "ana", limit: 1000 } });
  const states = new Map(requests.map(({ id, state }) => [id as string, state]));
  const order = { pending: 0, approved: 1, denied: 1 } as const;
  for (const [id, state] of journal.requests) {
    const now = states.get(id);
    // What was under way when the gate died may have come one step further than was acknowledged.
    expect(now === state || (order[state] === 0 && now !== undefined), `${when}: request ${id} was ${state}, is ${now}`).toBe(true);
  }
  const { grants } = await owner.call("grants.list", { query: { all: true, limit: 1000 } });
  const active = new Set(grants.filter(({ state }) => state === "active").map(({ id }) => id as string));
  expect(
    [...journal.grants].filter((id) => !active.has(id)),
    `${when}: grants`,
  ).toEqual([]);

  const { tokens } = await gate.client("lea").call("tokens.list");
  const alive = tokens.filter(({ id, revokedAt }) => revokedAt === undefined && journal.revoked.has(id));
  expect(alive, `${when}: tokens that were revoked`).toEqual([]);

  const { sessions } = await owner.call("sessions.list", { query: { all: true, live: true } });
  expect(sessions, `${when}: no session is shown as live`).toEqual([]);
  await requireRecorded(gate, journal, when);
  const files = new Set((await eventsOf(gate, ["file.open"], 1000)).map(({ body }) => String(body?.["path"]).split("/").at(-1)));
  expect(
    journal.files.filter((word) => !files.has(word)),
    `${when}: files`,
  ).toEqual([]);

  const lost = (await owner.call("sessions.list", { query: { all: true, grant, limit: 50 } })).sessions.filter(
    ({ ended }) => ended?.how === "lost",
  );
  const { events } = await owner.call("audit.search", { query: { kinds: ["recording.recovered"], limit: 1000 } });
  const marked = new Map(events.map(({ session, body }) => [session, body]));
  for (const { id, recording } of lost) {
    expect(marked.get(id)?.["recording"], `${when}: the recording of ${id} is marked as recovered`).toBe(recording);
  }
  // Connection ends of the round before are in that list too; the ones of this round are those the last start found.
  const [started] = await eventsOf(gate, ["gate.started"], 1);
  const recovered = Number(started?.body?.["recovered"] ?? 0);
  return { lost: recovered, torn: events.slice(0, recovered).filter(({ body }) => body?.["torn"] === true).length };
}

/** Every byte that reached a client is in the recording, in its order. */
async function requireRecorded(gate: Serving, { output }: Journal, when: string): Promise<void> {
  const owner = gate.client("olga");
  for (const [word, received] of output) {
    if (received.length === 0) continue;
    const { events } = await owner.call("audit.search", { query: { kinds: ["ssh.exec"], words: word } });
    const session = events[0]?.session;
    expect(session, `${when}: the command of ${word} is in the log`).toBeDefined();
    const shown: Buffer[] = [];
    for await (const frame of await owner.call("sessions.recording", { params: { id: session as SessionId } })) {
      if (frame.type === "stdout") shown.push(Buffer.from(frame.data ?? "", "base64"));
    }
    const recorded = Buffer.concat(shown).subarray(0, received.length);
    expect(recorded.equals(received), `${when}: ${received.length} bytes of ${word} reached the client, ${recorded.length} agree`).toBe(
      true,
    );
  }
}

async function requireAllEvents(gate: Serving, { events, grants }: Journal): Promise<void> {
  const kinds = [...new Set(events.map(({ kind }) => kind)), "grant.started"] as EventKind[];
  const logged = new Set<string>();
  for (let from = 0; ;) {
    const { events: some, size } = await gate.client("olga").call("audit.search", { query: { kinds, from, order: "asc", limit: 1000 } });
    for (const { kind, grant, body } of some) {
      if (kind === "grant.started") logged.add(`${kind} ${grant}`);
      for (const [word] of JSON.stringify(body).matchAll(/\b(?:api|run)\d+n\d+\b/g)) logged.add(`${kind} ${word}`);
    }
    const last = some.at(-1);
    if (!last || last.seq + 1 >= size) break;
    from = last.seq + 1;
  }
  const acknowledged = [...events.map(({ kind, word }) => `${kind} ${word}`), ...[...grants].map((id) => `grant.started ${id}`)];
  expect(acknowledged.filter((each) => !logged.has(each))).toEqual([]);
}

async function eventsOf(gate: Serving, kinds: EventKind[], limit: number) {
  return (await gate.client("olga").call("audit.search", { query: { kinds, limit } })).events;
}
