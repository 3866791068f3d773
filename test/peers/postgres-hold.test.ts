import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import type { Hold } from "../../src/session/holds.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { seededChance } from "../kit/seeded.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;
const REFUSED = /the approval was for something else|could not serialize|lock timeout|violates/;
const ANA = { name: "ana" as PrincipalName, groups: ["oncall", "leads"] };

const SQL = `
create table accounts (id int primary key, owner text not null, balance int not null check (balance >= 0), email text);
insert into accounts select n, 'owner ' || n, 100, 'secret' || n || '@example.com' from generate_series(1, 50) n;
create table watched (id int primary key, n int);
insert into watched select n, n from generate_series(1, 5) n;
create function tell() returns trigger language plpgsql as $$ begin raise notice 'row %', new.id; return new; end $$;
create trigger tells after update on watched for each row execute function tell();
create schema other;
create table other.accounts (like accounts including all);
insert into other.accounts select id, owner, 999999, email from accounts;
create table knobs (v int); insert into knobs values (5);
create table made (id int generated always as identity primary key, v int, at timestamptz default clock_timestamp());
create function counted() returns int language plpgsql as $$ begin perform nextval('made_id_seq'); return 1; end $$;
create view risky as select counted() as n;
grant usage on schema other to app; grant select, insert, update, delete on all tables in schema other to app;
create table vouched (id int primary key, n int);
insert into vouched select n, n from generate_series(1, 5) n;
create function known() returns trigger language plpgsql as $$ begin raise notice 'changed %', new.id; return new; end $$;
create trigger tells after update on vouched for each row execute function known();
create extension ltree;
create table tree (path ltree primary key, n int);
insert into tree values ('top.left', 1), ('top.right', 2);
create schema mine;
create table mine.pg_trigger (like pg_catalog.pg_trigger);
create table mine.pg_class (like pg_catalog.pg_class);
create function mine.to_regclass(text) returns regclass language sql as 'select ''public.accounts''::regclass';
create function mine.known() returns trigger language plpgsql as $$ begin raise notice 'changed'; return new; end $$;
create table mine.watched (like watched including all);
insert into mine.watched select n, n from generate_series(1, 5) n;
create trigger tells after update on mine.watched for each row execute function tell();
create table "mine.watched" (id int primary key, n int);
create table vexed (id int primary key, n int);
insert into vexed select n, n from generate_series(1, 5) n;
create trigger tells after update on vexed for each row execute function mine.known();
grant usage on schema mine to app; grant select on all tables in schema mine to app; grant update on mine.watched to app;
grant select, insert, update, delete on all tables in schema public to app;
`;

describe.skipIf(missing)(title("statements that wait for an approval"), () => {
  let database: Database;
  let password: string;

  beforeAll(async () => {
    database = await startDatabase({
      sql: SQL,
      masking: '{ columns: [{ columns: "*.email", class: email, mask: domain }] }',
      previewFunctions: "[known]",
      roles: { careful: "{ postgres: { account: app, allow: [read, transaction, session], hold: [write], unmasked: ['*'] } }" },
    });
    password = await database.password((await database.grant("careful")).id);
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const psql = async (sql: string, ...more: string[]): Promise<string> => {
    const { stdout, stderr } = await database.psql(password, ["-At", ...[sql, ...more].flatMap((each) => ["-c", each])]);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };
  const connect = async (options?: pg.ClientConfig): Promise<pg.Client> => {
    const session = { port: database.test.gate.postgres?.port ?? 0, user: "ana", database: "shop-db", password };
    const client = new pg.Client({ host: "127.0.0.1", ...(options ?? session) });
    await client.connect();
    return client;
  };
  /** Past the gate. */
  const direct = (user: "app" | "admin"): pg.ClientConfig => ({
    port: database.server.port,
    user,
    database: "shop",
    password: database.direct(user).password,
  });
  const waiting = (): Promise<Hold> => waitingHold(database);
  const decide = async (approved: boolean, reason?: string): Promise<Hold> => {
    const hold = await waiting();
    const decided = await database.test.gate.holds.decide(hold.id, LEA, approved, reason);
    if ("allowed" in decided) throw new Error(decided.code);
    return hold;
  };
  const balance = (id: number): Promise<string> => database.server.sql(`select balance from accounts where id = ${id}`, "shop");

  test("reads pass; a write waits, is shown with what it would change, and runs once it is approved", async () => {
    expect(await psql("select count(*) from accounts")).toBe("50");
    const running = psql("update accounts set balance = balance - 10 where id in (1, 2) returning id, balance");
    const hold = await waiting();
    expect(hold).toMatchObject({ principal: "ana", target: "shop-db", what: expect.stringContaining("update accounts") });
    expect(hold.preview).toMatchObject({ possible: true, rows: 2, note: expect.stringContaining("returns rows itself") });
    expect(await balance(1)).toBe("100");
    await decide(true);
    const said = await running;
    expect(said).toContain("1|90\n2|90");
    expect(said).toContain(`waits for an approval: ${hold.id} (2 rows)`);
    expect(said).toMatch(/^DETAIL: {2}It takes 1 of leads \(lea.*\), until \d\d:\d\d:\d\d UTC \(15m\)$/m);
    expect(said).toMatch(/^HINT: {2}Ctrl-C gives it up/m);
    expect(said).toContain("approved by lea");
    expect(await balance(1)).toBe("90");
  });

  test("the preview has the rows before and after, masked; locks, plan; nothing of it stays", async () => {
    const running = psql("update accounts set balance = balance + 1, email = 'new@example.org' where id = 10; -- and no more");
    const { preview } = await waiting();
    expect(preview).toMatchObject({
      possible: true,
      rows: 1,
      columns: ["id", "owner", "balance", "email"],
      before: [["10", "owner 10", "100", "****@example.com"]],
      after: [["10", "owner 10", "101", "****@example.org"]],
      locks: ["RowExclusive on accounts"],
      plan: expect.arrayContaining([expect.stringContaining("Update on accounts")]),
    });
    expect(await database.server.sql("select count(*) from pg_stat_activity where state like 'idle in transaction%'")).toBe("0");
    await decide(false, "not today");
    expect(await running).toMatch(/was not approved: lea denied it: not today \[not-approved\]/);
    expect(await balance(10)).toBe("100");
  });

  test("inserts and deletes too, and what would fail is said to", async () => {
    const inserting = psql("insert into accounts values (100, 'new', 5, null)");
    expect((await waiting()).preview).toMatchObject({ rows: 1, before: [], after: [["100", "new", "5", null]] });
    await decide(true);
    expect(await inserting).toContain("INSERT 0 1");
    const deleting = psql("delete from accounts where id = 100");
    expect((await waiting()).preview).toMatchObject({ rows: 1, before: [["100", "new", "5", null]], after: [] });
    await decide(true);
    expect(await deleting).toContain("DELETE 1");
    const failing = psql("update accounts set balance = -1 where id = 3");
    expect((await waiting()).preview).toMatchObject({ possible: true, error: expect.stringContaining("withheld") });
    await decide(true);
    expect(await failing).toContain("violates check constraint");
    expect(await balance(3)).toBe("100");
  });

  test("a world that changed meanwhile refuses what was approved for another", async () => {
    const running = psql("update accounts set balance = balance - 10 where id = 5");
    await waiting();
    await database.server.sql("update accounts set balance = 70 where id = 5", "shop");
    await decide(true);
    expect(await running).toMatch(/not what was shown any more.*\[conflict\]/s);
    expect(await balance(5)).toBe("70");
    const more = psql("update accounts set balance = 1 where owner like 'owner 4_'");
    expect((await waiting()).preview).toMatchObject({ rows: 10 });
    await database.server.sql("update accounts set owner = 'owner 4x' where id = 7", "shop");
    await decide(true);
    expect(await more).toMatch(/11 rows now, and 10 were approved/);
    expect(await balance(41)).toBe("100");
  });

  test("after one that failed the next is compared all the same", async () => {
    const client = await connect();
    const failing = client.query("update accounts set balance = -1 where id = 6").catch((error: Error) => error.message);
    await decide(true);
    expect(await failing).toContain("violates check constraint");
    const changed = client.query("update accounts set balance = 9 where id = 6").catch((error: Error) => error.message);
    await waiting();
    await database.server.sql("update accounts set balance = 8 where id = 6", "shop");
    await decide(true);
    expect(await changed).toContain("not what was shown any more");
    await client.end();
  });

  test("in a transaction of the client's own; after a refusal it is failed, as after any error", async () => {
    const running = psql(
      "begin; ",
      "update accounts set balance = 55 where id = 11",
      "select balance from accounts where id = 11",
      "commit",
    );
    await decide(true);
    expect(await running).toMatch(/UPDATE 1[^]*55[^]*COMMIT/);
    const refused = psql("begin", "update accounts set balance = 56 where id = 11", "select 1", "commit");
    await decide(false, "no");
    const shown = await refused;
    for (const part of ["lea denied it", "current transaction is aborted", "ROLLBACK"]) expect(shown).toContain(part);
    expect(await balance(11)).toBe("55");
  });

  test("extended protocol, with its parameters", async () => {
    const client = await connect();
    const running = client.query("update accounts set balance = $1 where id = $2", [77, 12]);
    const hold = await waiting();
    expect(hold).toMatchObject({
      parameters: ["77", "12"],
      preview: { possible: true, rows: 1, after: [["12", "owner 12", "77", "****@example.com"]] },
    });
    await decide(true);
    expect((await running).rowCount).toBe(1);
    const changed = client.query("update accounts set balance = $1 where id = $2", [78, 12]);
    await waiting();
    await database.server.sql("update accounts set balance = 3 where id = 12", "shop");
    await decide(true);
    await expect(changed).rejects.toThrow(/not what was shown any more/);
    expect(await balance(12)).toBe("3");
    await client.end();
  });

  test("what may have effects that cannot be undone is not tried out, and says why", async () => {
    const watched = psql("update watched set n = 9 where id = 1");
    expect((await waiting()).preview).toMatchObject({
      possible: false,
      why: expect.stringMatching(/trigger tells of watched runs tell/),
      plan: [expect.any(String), expect.any(String), expect.any(String)],
    });
    await decide(true);
    expect(await watched).toContain("UPDATE 1");
    const vouched = psql("update vouched set n = 9 where id < 3");
    expect((await waiting()).preview).toMatchObject({ possible: true, rows: 2, notices: [expect.any(String), expect.any(String)] });
    await decide(true);
    const said = await vouched;
    for (const part of ["NOTICE:  changed 1", "UPDATE 2"]) expect(said).toContain(part);
    const several = psql("update accounts set balance = 1 where id = 1; update accounts set balance = 1 where id = 2");
    expect((await waiting()).preview).toMatchObject({ possible: false, why: expect.stringContaining("single") });
    await decide(false, "one at a time");
    expect(await several).toContain("one at a time");
  });

  test("of EXECUTE the approver sees what it runs", async () => {
    const running = psql("prepare p as update accounts set balance = 44 where id = $1", "execute p(30)");
    // Naming it is held too: nobody has to look for what a name stands for.
    expect(await waiting()).toMatchObject({ what: expect.stringMatching(/^prepare/) });
    await decide(true);
    expect(await waiting()).toMatchObject({
      what: "execute p(30)",
      named: [expect.stringContaining("set balance = 44")],
      preview: { possible: false, why: expect.stringContaining("single") },
    });
    await decide(true);
    expect(await running).toContain("UPDATE 1");
    expect(await balance(30)).toBe("44");
  });

  test("it is tried out under the session's own settings, and in its own transaction", async () => {
    const running = psql("set search_path to other", "update accounts set balance = 1 where id = 40");
    expect((await waiting()).preview).toMatchObject({ before: [["40", "owner 40", "999999", expect.any(String)]] });
    await decide(true);
    expect(await running).toContain("UPDATE 1");
    expect(await balance(40)).toBe("100");
    const twice = psql(
      "begin",
      "update accounts set balance = 41 where id = 41",
      "update accounts set balance = balance + 1 where id = 41",
      "commit",
    );
    await decide(true);
    expect((await waiting()).preview).toMatchObject({ before: [["41", expect.any(String), "41", expect.any(String)]] });
    await decide(true);
    expect(await twice).toContain("COMMIT");
    expect(await balance(41)).toBe("42");
    const client = await connect();
    await client.query("set datestyle to dmy");
    await expect(client.query("update accounts set balance = $1 where id = 40", [2])).rejects.toThrow(/after settings were changed/);
    await client.end();
  });

  test("what it would write is compared, not only what it would change", async () => {
    const update = psql("update accounts set balance = (select v from knobs) where id = 42");
    expect((await waiting()).preview).toMatchObject({ after: [["42", expect.any(String), "5", expect.any(String)]] });
    await database.server.sql("update knobs set v = 777", "shop");
    await decide(true);
    expect(await update).toMatch(/not what was shown any more/);
    const insert = psql("insert into made (v) select v from knobs");
    expect((await waiting()).preview).toMatchObject({ rows: 1, note: expect.stringContaining("another each time") });
    await database.server.sql("update knobs set v = 778", "shop");
    await decide(true);
    expect(await insert).toMatch(/not what was shown any more/);
    // now() is the same within one transaction, and another in the next.
    const timed = psql("update made set at = now(), v = 3 where v is null or v > 0");
    await decide(true);
    expect(await timed).toContain("UPDATE");
    const same = psql("insert into made (v) select v from knobs");
    await decide(true);
    expect(await same).toContain("INSERT 0 1");
  });

  test("a view that it reads may run anything, and a trigger that came meanwhile too", async () => {
    const reading = psql("insert into made (v) select n from risky");
    expect((await waiting()).preview).toMatchObject({ possible: false, why: expect.stringContaining("risky is no plain table") });
    await decide(false, "no");
    await reading;
    const running = psql("update made set v = 3 where v = 778");
    expect((await waiting()).preview).toMatchObject({ possible: true, rows: 1 });
    await database.server.sql("create trigger late after update on made for each row execute function tell()", "shop");
    await decide(true);
    expect(await running).toMatch(/the trigger late of made runs tell.*\[conflict\]/s);
  });

  test("nobody's own catalogue answers for the real one, and nobody's own function for a vouched one", async () => {
    const running = psql("set search_path to mine, pg_catalog, public", "update watched set n = 9 where id = 2");
    expect((await waiting()).preview).toMatchObject({ possible: false, why: expect.stringMatching(/tells of watched runs tell/) });
    await decide(false, "no");
    expect(await running).toContain("lea denied it");
    const namesake = psql("update vexed set n = 9 where id = 2");
    expect((await waiting()).preview).toMatchObject({ possible: false, why: expect.stringMatching(/tells of vexed runs known/) });
    await decide(false, "no");
    expect(await namesake).toContain("lea denied it");
  });

  test("a table is not taken for one whose name has its schema in it", async () => {
    const running = psql("update mine.watched set n = 9 where id = 2");
    expect((await waiting()).preview).toMatchObject({ possible: false, why: expect.stringMatching(/tells of watched runs tell/) });
    await decide(false, "no");
    expect(await running).toContain("lea denied it");
    const plain = psql('update "mine.watched" set n = 9 where id = 2');
    expect((await waiting()).preview).toMatchObject({ possible: true, rows: 0 });
    await decide(true);
    expect(await plain).toContain("UPDATE 0");
  });

  test("a key of an extension's type finds its rows", async () => {
    const running = psql("update tree set n = 3 where path = 'top.left'");
    expect((await waiting()).preview).toMatchObject({ before: [["top.left", "1"]], after: [["top.left", "3"]] });
    await decide(true);
    expect(await running).toContain("UPDATE 1");
  });

  test("a session that ends while the gate looks leaves nothing behind", async () => {
    const admin = await connect(direct("admin"));
    await admin.query("begin; lock table pg_catalog.pg_policy in access exclusive mode");
    const grant = await database.grant("careful");
    const ending = database.psql(await database.password(grant.id), ["-c", "update accounts set balance = 2 where id = 23"]);
    await until(
      async () =>
        (await database.server.sql("select count(*) from pg_locks where not granted and relation = 'pg_policy'::regclass")) === "1",
    );
    await database.test.gate.access.revoke(grant.id, LEA, "over");
    expect((await ending).stderr.toString()).toContain("[grant-revoked]");
    await admin.query("rollback");
    await admin.end();
    expect(database.test.gate.holds.list().filter(({ state }) => state === "waiting")).toEqual([]);
    await until(
      async () =>
        (await database.server.sql("select count(*) from pg_stat_activity where query ~ 'sallyport_' and usename = 'app'")) === "0",
    );
    expect(await balance(23)).toBe("100");
  });

  test("rows into which something masked would be copied are not shown", async () => {
    const running = psql("update accounts set owner = email where id = 43");
    const hold = await waiting();
    expect(hold.preview).toMatchObject({
      possible: true,
      rows: 1,
      before: [],
      after: [],
      note: expect.stringContaining("may hold what is masked"),
    });
    expect(JSON.stringify(hold.preview)).not.toContain("secret43");
    await decide(true);
    expect(await running).toContain("UPDATE 1");
  });

  test("a preview waits for nobody's locks, and a busy row says so", async () => {
    const other = await connect(direct("app"));
    await other.query("begin; select * from accounts where id = 20 for update");
    const running = psql("update accounts set balance = 1 where id = 20");
    expect((await waiting()).preview).toMatchObject({ possible: true, error: expect.stringContaining("lock timeout") });
    await other.query("rollback");
    await other.end();
    await decide(false, "try again");
    expect(await running).toContain("try again");
  });

  test("nobody approves their own, nobody twice, and only who could approve the grant", async () => {
    const running = psql("update accounts set balance = 2 where id = 21");
    const hold = await waiting();
    const { holds } = database.test.gate;
    expect(await holds.decide(hold.id, ANA, true)).toMatchObject({ code: "own-request" });
    expect(await holds.decide(hold.id, { name: "eve" as PrincipalName, groups: ["oncall"] }, true)).toMatchObject({ code: "not-approver" });
    const [first, second] = await Promise.all([
      holds.decide(hold.id, LEA, true),
      holds.decide(hold.id, { ...LEA, name: "lou" as PrincipalName }, false, "x"),
    ]);
    expect(first).toMatchObject({ state: "approved", by: "lea" });
    expect(second).toMatchObject({ allowed: false });
    expect(await running).toContain("UPDATE 1");
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "wrong-state" });
  });

  test("who goes away, or whose grant ends, waits no longer", async () => {
    const client = await connect();
    client.on("error", () => undefined);
    const running = client.query("update accounts set balance = 2 where id = 22").catch((error: unknown) => error);
    const hold = await waiting();
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await until(() => database.test.gate.holds.find(hold.id)?.state === "withdrawn");
    await running;
    const grant = await database.grant("careful");
    const ending = database.psql(await database.password(grant.id), ["-c", "update accounts set balance = 2 where id = 22"]);
    await waiting();
    await database.test.gate.access.revoke(grant.id, LEA, "over");
    expect((await ending).stderr.toString()).toContain("[grant-revoked]");
    expect(database.test.gate.holds.list().filter(({ state }) => state === "waiting")).toEqual([]);
    expect(await balance(22)).toBe("100");
  });

  test("what was approved is what ran, whatever changes meanwhile: 200 writes at random", { timeout: 180_000 }, async () => {
    const below = seededChance("200 writes under concurrent changes");
    const { holds } = database.test.gate;
    const session = await connect();
    const others = await connect(direct("admin"));
    const stop = new AbortController();
    const busy = (async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await others.query(`update accounts set balance = ${below(200)}, owner = 'owner ${below(60)}' where id = ${1 + below(50)}`);
        // As busy as a service: the moments at which it writes are what the test varies.
        await delay(below(30));
      }
    })();
    const counts = { ran: 0, refused: 0 };
    for (let n = 0; n < 200; n += 1) {
      const where =
        [
          `id = ${1 + below(50)}`,
          `balance > ${150 + below(50)}`,
          `owner = 'owner ${below(60)}'`,
          `id between ${below(25)} and ${25 + below(25)}`,
        ][below(4)] ?? "";
      // A write of each kind leaves a trace that nothing else leaves.
      const sql =
        [
          `update accounts set email = 'w${n}' where ${where}`,
          `delete from accounts where ${where} and id > 48`,
          `insert into accounts select ${1000 + n}, 'w${n}', 1`,
        ][below(3)] ?? "";
      const running = session.query(sql).then(
        ({ rowCount }) => rowCount,
        (error: Error) => error.message,
      );
      const hold = await waiting();
      const { preview } = hold;
      if (!preview.possible) throw new Error(preview.why);
      // An approver who takes a moment, in which the world changes.
      if (below(3) === 0) await delay(below(60));
      await holds.decide(hold.id, LEA, true);
      const ran = await running;
      const refused = typeof ran === "string";
      const traces = await database.server.sql(`select count(*) from accounts where email = 'w${n}' or owner = 'w${n}'`, "shop");
      const outcome = refused ? { traces, why: REFUSED.test(ran) ? "refused" : ran } : { ran };
      const expected = refused ? { traces: "0", why: "refused" } : { ran: preview.rows };
      expect([sql, outcome]).toEqual([sql, expected]);
      if (refused) counts.refused += 1;
      else counts.ran += 1;
      expect(await database.server.sql("select count(*) from pg_stat_activity where state like 'idle in transaction%'")).toBe("0");
    }
    stop.abort();
    await busy;
    await Promise.all([session.end(), others.end()]);
    console.log(`200 writes under concurrent changes: ${JSON.stringify(counts)}`);
    expect(counts.ran).toBeGreaterThan(20);
    expect(counts.refused).toBeGreaterThan(0);
  });

  test("each step is on record", async () => {
    const events = await database.test.gate.store.log.query({ limit: 1000 });
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ["action.held", "action.approved", "action.denied", "action.lapsed", "sql.statement"]) expect(kinds).toContain(kind);
    const approved = events.find(({ kind }) => kind === "action.approved");
    expect(approved).toMatchObject({
      principal: "lea",
      body: { hold: expect.stringMatching(/^hold-/), digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});
