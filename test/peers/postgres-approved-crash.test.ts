/** `kill -9` of the gate at any moment between an approval and the end of what was approved: it has run once, on record, or never. */
import { expect, test } from "vitest";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres } from "../kit/postgres.ts";
import { serveDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const PASSWORD = "what no client ever sees";
/** Trying it out takes as long as running it, so that there is a time for each. */
const SLOW = "update counted set n = n + (select count(*) / 300000 from generate_series(1, 300000)) where id = 1";
const ROUNDS = 8;
const STEP_MS = 100;

test.skipIf(postgresServer.missing || sshd.missing)(
  postgresServer.title("kill -9 of a gate while what was approved is compared, run and committed"),
  { timeout: 180_000 },
  async () => {
    await using server = await startPostgres();
    await server.sql(`create role app login password '${PASSWORD}'; create table counted (id int primary key, n int);
      insert into counted values (1, 0); grant all on counted to app;`);
    await using served = await serveDatabase(server, {
      roles: { held: "{ postgres: { account: app, allow: [read], hold: [write] } }" },
      logins: { app: PASSWORD },
    });
    const { gate, connect } = served;
    const value = async (): Promise<number> => Number(await server.sql("select n from counted"));
    const found: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await value();
      const client = await connect("held");
      client.send(encodeQuery(SLOW));
      const lea = gate.client("lea");
      const waiting = async () => (await lea.call("holds.list")).holds.find(({ state }) => state === "waiting");
      await until(async () => (await waiting()) !== undefined);
      const hold = await waiting();
      const told = client.ended();
      const approved = lea.call("holds.approve", { params: { id: hold?.id ?? "" } }).catch(() => undefined);
      // From the moment of the decision to its end, which the last one waits for.
      const from = performance.now();
      await until(async () => (round === ROUNDS - 1 ? (await value()) !== before : performance.now() - from > round * STEP_MS));
      await gate.kill9();
      await approved;
      const said = await told;
      await gate.restart();
      // What the server was given it may still be at; the next start ends it.
      await until(async () => (await server.sql("select count(*) from pg_stat_activity where usename = 'app'")) === "0");
      const ran = (await value()) - before;
      expect([0, 1]).toContain(ran);
      const session = hold?.session ?? "";
      const { events } = await gate
        .client("olga")
        .call("audit.search", { query: { kinds: ["sql.statement", "action.approved"], session, limit: 10 } });
      const isRun = ({ kind, body }: (typeof events)[number]): boolean =>
        kind === "sql.statement" && !JSON.stringify(body).includes('"preview":true');
      const recorded = { approvals: events.filter(({ kind }) => kind === "action.approved").length, runs: events.filter(isRun).length };
      // Nothing runs without an approval and its record, and nothing that its client was told of is undone.
      expect(ran === 0 ? "none" : recorded).toEqual(ran === 0 ? "none" : { approvals: 1, runs: 1 });
      expect(!said.includes("UPDATE 1") || ran === 1).toBe(true);
      expect((await gate.client("lea").call("holds.list")).holds).toEqual([]);
      found.push(`${round * STEP_MS} ms: ${ran === 1 ? "ran" : "did not"}`);
    }
    expect(found.filter((each) => each.endsWith("ran")).length).toBeGreaterThan(0);
    console.log(`killed after the approval: ${found.join(", ")}`);
    const { log } = await gate.client("nobody").call("authorities.show");
    expect(JSON.parse((await gate.cli("audit", "verify", "--key", log, "--json")).stdout.toString())).toMatchObject({ ok: true });
  },
);
