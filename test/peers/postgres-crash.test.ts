/** `kill -9` of the gate with sessions of a shared account in every state: what the next start finds, and what is left at the target. */
import { expect, test } from "vitest";
import { cString, message } from "../../src/wire/postgres/fields.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres } from "../kit/postgres.ts";
import type { PostgresClient } from "../kit/postgres-client.ts";
import { serveDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const missing = postgresServer.missing || sshd.missing;

const PASSWORD = "what no client ever sees";
const SQL = `
create role app login password '${PASSWORD}';
create table marks (mark text); create table held (id int primary key, n int); insert into held values (1, 1);
grant all on marks, held to app;`;
const FREE = "{ postgres: { account: app, allow: [read, write, copy, function, transaction, session] } }";
const HELD = "{ postgres: { account: app, allow: [read], hold: [write] } }";
/** What each client is at when the gate dies; the first letter that it waits for of the last answer. */
const STATES: Readonly<Record<string, { readonly sends: readonly Buffer[]; readonly until?: string }>> = {
  "in a transaction": { sends: [encodeQuery("begin; insert into marks values ('open')")], until: "Z" },
  "with a cursor": { sends: [encodeQuery("begin; declare c cursor for select generate_series(1, 10); fetch 1 from c")], until: "Z" },
  idle: { sends: [encodeQuery("select 1")], until: "Z" },
  running: { sends: [encodeQuery("select pg_sleep(600)"), encodeQuery("insert into marks values ('behind')")] },
  "copying in": { sends: [encodeQuery("copy marks from stdin"), message("d", Buffer.from("copied\n"))], until: "G" },
  "copying out": {
    sends: [encodeQuery("copy (select repeat('x', 1000) from generate_series(1, 10000) a, generate_series(1, 10000) b) to stdout")],
  },
  "in a pipeline without a Sync": {
    sends: [
      message("P", cString(""), cString("insert into marks values ('piped')"), Buffer.of(0, 0)),
      message("B", cString(""), cString(""), Buffer.alloc(6)),
      message("E", cString(""), Buffer.alloc(4)),
      message("H"),
    ],
    until: "C",
  },
};

test.skipIf(missing)(postgresServer.title("kill -9 of a gate with sessions in every state"), { timeout: 120_000 }, async () => {
  await using server = await startPostgres();
  await server.sql(SQL);
  await using served = await serveDatabase(server, { roles: { free: FREE, held: HELD }, logins: { app: PASSWORD } });
  const { gate, connect } = served;
  const owner = gate.client("olga");
  const clients: PostgresClient[] = [];
  for (const { sends, until: last } of Object.values(STATES)) {
    const client = await connect("free");
    clients.push(client);
    client.send(Buffer.concat(sends));
    if (last !== undefined) await client.readTo(last);
  }
  const holding = await connect("held");
  clients.push(holding);
  holding.send(encodeQuery("update held set n = 2"));
  await until(async () => (await owner.call("holds.list")).holds.some(({ state }) => state === "waiting"));
  const active = "select count(*) from pg_stat_activity where usename = 'app' and state = 'active' and query ~ '^(select pg_sleep|copy)'";
  await until(async () => Number(await server.sql(active)) === 3);
  const statements = async (): Promise<number> =>
    (await owner.call("audit.search", { query: { kinds: ["sql.statement"], limit: 100 } })).events.length;
  const recorded = await statements();

  const ends = clients.map((client) => client.ended());
  await gate.kill9();
  await Promise.all(ends);
  await gate.restart();

  await until(async () => (await server.sql("select count(*) from pg_stat_activity where usename = 'app'")) === "0");
  expect(await server.sql("select count(*) from marks")).toBe("0");
  expect(await server.sql("select n from held")).toBe("1");
  expect(await statements()).toBe(recorded);
  expect((await owner.call("holds.list")).holds).toEqual([]);
  const { sessions } = await owner.call("sessions.list", { query: { all: true, limit: 50 } });
  expect(sessions.map(({ ended }) => ended?.how)).toEqual(clients.map(() => "lost"));
  const { log } = await gate.client("nobody").call("authorities.show");
  const verified = await gate.cli("audit", "verify", "--key", log, "--json");
  expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, signer: "verified" });
  // Everybody comes in again, and a pipeline that was cut has left nothing behind.
  const again = await connect("free");
  again.send(encodeQuery("select 1"));
  expect((await again.readTo("Z")).length).toBeGreaterThan(0);
  again.socket.destroy();
});
