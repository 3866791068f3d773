import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCK_MODES } from "../../src/policy/sql/lock-modes.ts";
import type { OutcomeBody, StatementBody } from "../../src/audit/events/sql.ts";
import type { Hold } from "../../src/session/holds.ts";
import { SqlParser } from "../../src/policy/sql/parser.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;

const SQL = `
create table accounts (id int primary key, owner text not null, balance int not null check (balance >= 0), email text);
insert into accounts select n, 'owner ' || n, 100, 'secret' || n || '@example.com' from generate_series(1, 50) n;
create table news (id int, owner text, balance int);
insert into news values (1, 'one', 1), (2, 'two', -1), (77, 'new', 7);
create table made (id int generated always as identity primary key, v int);
create table odd (id int primary key, v int);
insert into odd values (1, 1);
create table contacts (id int primary key, city text, email text, reach text generated always as (upper(email)) stored);
insert into contacts values (1, 'Bern', 'secret@example.com');
create table parent (id int primary key); create table child (id int primary key, parent int);
create sequence tried;
create function evil(int) returns boolean language plpgsql as $$ begin perform nextval('tried'); return true; end $$;
create schema fenced; create domain fenced.small as int check (value < 10);
grant select, insert, update, delete on all tables in schema public to app;
grant usage on all sequences in schema public to app;
`;

/** What can run in a transaction, of each kind that the table of locks knows. */
const LOCKING = [
  "insert into facts values (1, 1)",
  "update facts set fk = 1",
  "delete from facts",
  "truncate facts, news",
  "lock table facts in share row exclusive mode",
  "lock table facts in access share mode",
  "create index on facts (fk)",
  "reindex table facts",
  "reindex index facts_fk",
  "analyze facts",
  "cluster facts using facts_pkey",
  "refresh materialized view seen",
  "create rule quiet as on insert to facts do nothing",
  "create policy own on facts",
  "create statistics stats on id, fk from facts",
  "comment on table facts is 'x'",
  "comment on column facts.fk is 'x'",
  "alter sequence tried restart",
  "alter index facts_fk rename to facts_by_fk",
  "alter table facts add column more int",
  "alter table facts alter column fk set statistics 5",
  "alter table facts alter column fk set (n_distinct = 5)",
  "alter table facts set (fillfactor = 50)",
  "alter table facts validate constraint positive",
  "alter table facts cluster on facts_pkey",
  "alter table facts add foreign key (fk) references parent",
  "alter table facts add check (fk > 0)",
  "alter table facts disable trigger all",
  "alter table facts alter column fk type bigint",
  "alter table facts alter column fk set default 1",
  "alter table whole attach partition loose for values from (9) to (20)",
  "alter table whole detach partition part",
  "create table newer (id int references parent)",
  "create table newer partition of whole for values from (30) to (40)",
  "create table newer () inherits (facts)",
  "drop view shown",
  "drop index facts_fk",
];

describe.skipIf(missing)(title("previews"), () => {
  let database: Database;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    const rest = "allow: [read, transaction, session]";
    database = await startDatabase({
      sql: SQL,
      masking: '{ columns: [{ columns: "*.email", class: email, mask: domain }] }',
      roles: {
        careful: `{ postgres: { account: app, ${rest}, hold: [write], unmasked: ['*'] } }`,
        blind: `{ postgres: { account: app, ${rest}, hold: [write] } }`,
        writer: "{ postgres: { account: app, allow: [write, transaction], unmasked: ['*'] } }",
        maker: `{ postgres: { account: admin, ${rest}, hold: [write, ddl, dcl, utility, function, copy], unmasked: ['*'] } }`,
        some: `{ postgres: { account: app, ${rest}, hold: [write], unmasked: ['*'], preview: { tolerance: 2 } } }`,
        part: `{ postgres: { account: app, ${rest}, hold: [write], unmasked: ['*'], preview: { tolerance: 20% } } }`,
      },
    });
    for (const role of ["careful", "blind", "writer", "maker", "some", "part", "read", "fix"])
      passwords.set(role, await database.password((await database.grant(role)).id));
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const psql = async (role: string, ...sql: string[]): Promise<string> => {
    const { stdout, stderr } = await database.psql(passwords.get(role) ?? "", ["-At", ...sql.flatMap((each) => ["-c", each])]);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };
  const connect = async (role: string): Promise<pg.Client> => {
    const port = database.test.gate.postgres?.port ?? 0;
    const client = new pg.Client({ host: "127.0.0.1", port, user: "ana", database: "shop-db", password: passwords.get(role) });
    await client.connect();
    return client;
  };
  const direct = (sql: string): Promise<string> => database.server.sql(sql, "shop");
  const waiting = (): Promise<Hold> => waitingHold(database);
  const decide = async (approved: boolean): Promise<Hold> => {
    const hold = await waiting();
    await database.test.gate.holds.decide(hold.id, LEA, approved, approved ? undefined : "no");
    return hold;
  };
  const nothingWaits = (): boolean => database.test.gate.holds.list().every(({ state }) => state !== "waiting");
  const lines = (result: pg.QueryResult): string => result.rows.map((row: { preview: string }) => row.preview).join("\n");
  const statements = async (): Promise<StatementBody[]> => {
    const events = await database.test.gate.store.log.query({ limit: 1000 });
    return events.filter(({ kind }) => kind === "sql.statement").map(({ body }) => body as unknown as StatementBody);
  };

  describe("for the engineer alone", () => {
    test("a comment before the statement: what it would change, as rows; nothing of it stays, nobody is asked", async () => {
      const said = await psql("careful", "/* sallyport: preview */ update accounts set balance = 7 where id = 1");
      expect(said.split("\n")).toEqual([
        "It would change 1 row. Nothing of it has stayed.",
        "  id | owner | balance | email",
        "- 1 | owner 1 | 100 | secret1@example.com",
        "+ 1 | owner 1 | 7 | secret1@example.com",
        expect.stringMatching(/^Locks: RowExclusive on accounts\. About \d+ bytes of log\. The preview took \d+ ms\.$/),
        "Plan:",
        expect.stringContaining("Update on accounts"),
        expect.any(String),
        expect.any(String),
      ]);
      expect(nothingWaits()).toBe(true);
      expect(await direct("select balance from accounts where id = 1")).toBe("100");
      expect(await statements()).toContainEqual(
        expect.objectContaining({ preview: true, statement: expect.stringContaining("set balance = 7"), relations: ["accounts (write)"] }),
      );
    });

    test("sallyport.preview, of a text in any quotes", async () => {
      for (const text of [
        "$$delete from accounts where id < 3$$",
        "'delete from accounts where id < 3;'",
        "E'delete from accounts\\nwhere id < 3'",
      ])
        expect(await psql("careful", `select sallyport.preview(${text})`)).toContain("It would change 2 rows.");
      expect(await psql("careful", "select sallyport.preview('update accounts set')")).toMatch(
        /the text to preview: syntax error.*\[bad-request\]/s,
      );
      for (const sql of [
        "select sallyport.preview('delete from accounts'), 1",
        "select sallyport.preview(owner) from accounts",
        "select 1; select sallyport.preview('delete from accounts')",
      ])
        expect(await psql("maker", sql)).toMatch(/sallyport\.preview in anything but a statement of its own.*\[not-supported\]/s);
      expect(await direct("select count(*) from accounts")).toBe("50");
    });

    test("by the extended protocol, with parameters and by name", async () => {
      const client = await connect("careful");
      const text = "/* sallyport: preview */ update accounts set balance = $1 where id = any($2) returning id";
      const first = await client.query(text, [5, [1, 2, 3]]);
      expect(first.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([["preview", 25]]);
      expect(lines(first)).toContain("It would change 3 rows.");
      const named = { name: "again", text: "/* sallyport: preview */ insert into accounts values ($1, 'x', $2)" };
      expect(lines(await client.query({ ...named, values: [200, 1] }))).toContain("+ 200 | x | 1 | NULL");
      expect(lines(await client.query({ ...named, values: [200, -1] }))).toContain("It would fail: new row for relation");
      expect(
        lines(
          await client.query({
            text: "select sallyport.preview($$delete from accounts where id = 9$$)",
            values: [],
            queryMode: "extended",
          } as pg.QueryConfig),
        ),
      ).toContain("- 9 | owner 9");
      // What it was prepared as runs nothing by any other way either.
      const run = client.query("execute again(300, 1)").catch((error: Error) => error.message);
      await decide(true);
      await run;
      expect(
        await client
          .query("begin")
          .then(() => client.query(text, [6, [4]]))
          .then(lines),
      ).toContain("beside your transaction");
      await client.query("rollback");
      await client.query("set datestyle to dmy");
      expect(lines(await client.query(text, [6, [4]]))).toContain("has changed settings");
      await client.end();
      expect(await direct("select count(*), sum(balance) from accounts")).toBe("50|5000");
    });

    test("words in a text are no request; a comment that is not understood lets nothing run", async () => {
      expect(await psql("careful", "select '/* sallyport: preview */'")).toBe("/* sallyport: preview */");
      expect(await psql("careful", "select $$ sallyport.preview('x') $$ as \"sallyport: preview\"")).toContain("sallyport.preview");
      const write = "delete from accounts where id = 5";
      for (const [sql, why] of [
        [`/* sallyport: previw */ ${write}`, "the gate knows no such comment"],
        [`/* sallyport: preview it */ ${write}`, "the gate knows no such comment"],
        [`${write} /* sallyport: preview */`, "has to stand before the statement"],
        [`select 1; /* sallyport: preview */ ${write}`, "has to stand before the statement"],
      ] as const)
        expect(await psql("careful", sql)).toContain(why);
      expect(await psql("careful", `/* of a tool */ -- and\n/* Sallyport:  PREVIEW */ ${write}`)).toContain("It would change 1 row.");
      expect(nothingWaits()).toBe(true);
      expect(await direct("select count(*) from accounts")).toBe("50");
    });

    test("it takes the right to the write, and shows no more than its role reads", async () => {
      expect(await psql("read", "/* sallyport: preview */ delete from accounts")).toMatch(/changing rows.*\[role-denies\]/s);
      expect(await psql("read", "select sallyport.preview('delete from accounts')")).toMatch(/changing rows.*\[role-denies\]/s);
      const masked = await psql("blind", "/* sallyport: preview */ update accounts set balance = 7 where id = 1");
      expect(masked).toContain("- 1 | owner 1 | 100 | ****@example.com");
      expect(masked).not.toContain("secret");
      expect(await psql("blind", "/* sallyport: preview */ update accounts set owner = email where id = 1")).toContain("[masked]");
      const unread = await psql("writer", "/* sallyport: preview */ update accounts set balance = 7 where id = 1");
      expect(unread).toContain("It would change 1 row.");
      expect(unread).toContain("the role does not read them");
      for (const part of ["owner 1", "Plan", "100"]) expect(unread).not.toContain(part);
    });

    test.each([
      ["update contacts set city = 'Uri'", "- 1 | Bern | ****@example.com | NULL", "+ 1 | Uri | ****@example.com | NULL"],
      ["delete from contacts", "- 1 | Bern | ****@example.com | NULL", "1 row"],
      ["insert into contacts values (2, 'Uri', 'secret2@example.com')", "+ 2 | Uri | ****@example.com | NULL", "1 row"],
      [
        "merge into contacts c using (select 1 as id) s on c.id = s.id when matched then update set city = 'Uri'",
        "- 1 | Bern | ****@example.com | NULL",
        "+ 1 | Uri | ****@example.com | NULL",
      ],
    ])("what is made of a masked column is masked in it, for who asks and for who decides: %s", async (sql, ...shown) => {
      const asked = await psql("blind", `/* sallyport: preview */ ${sql}`);
      for (const part of shown) expect(asked).toContain(part);
      expect(asked).not.toMatch(/secret/i);
      // Who asks sees everything here; whoever decides does not.
      const held = psql("careful", sql);
      const { preview } = await decide(false);
      expect(JSON.stringify(preview)).toContain("****@example.com");
      expect(JSON.stringify(preview)).not.toMatch(/secret/i);
      await held;
    });

    test("in a transaction of its own it sees what that has changed, and leaves it as it was", async () => {
      const said = await psql(
        "writer",
        "begin",
        "update accounts set balance = 1 where id = 11",
        "/* sallyport: preview */ update accounts set balance = -1 where balance = 1",
        "/* sallyport: preview */ delete from accounts where balance = 1",
        "rollback",
      );
      expect(said).toMatch(/UPDATE 1\nIt would fail: .*\n[^]*It would change 1 row\.[^]*ROLLBACK/);
    });

    test("what cannot be tried out says why, with the plan and what it would lock", async () => {
      expect(await psql("careful", "/* sallyport: preview */ select 1")).toContain("No preview is possible: only a single");
      const outside = [
        [
          "create index concurrently on accounts (owner)",
          /CONCURRENTLY works in several.*\nBy its kind it locks: ShareUpdateExclusive on accounts/,
        ],
        ["vacuum full accounts", /VACUUM: it cannot run inside.*\nBy its kind it locks: AccessExclusive on accounts/],
        ["create database other", /CREATE DATABASE: it cannot run inside of a transaction/],
        ["alter system set work_mem = '4MB'", /ALTER SYSTEM writes a file/],
        ["truncate accounts", /TRUNCATE would lock everybody out.*\nBy its kind it locks: AccessExclusive on accounts/],
        [
          "update accounts set balance = 1 where evil(id)",
          /the function evil may have effects.*\nBy its kind it locks: RowExclusive on accounts/,
        ],
      ] as const;
      for (const [sql, said] of outside) expect(await psql("maker", `/* sallyport: preview */ ${sql}`)).toMatch(said);
      expect(await direct("select is_called from tried")).toBe("f");
    });
  });

  describe("of definitions", () => {
    const preview = (sql: string): Promise<string> => psql("maker", `/* sallyport: preview */ ${sql}`);

    test("what is written anew, made and dropped, and what it locks", async () => {
      expect(await preview("alter table accounts add column at timestamptz default clock_timestamp()")).toMatch(
        /It would write anew: (?=.*table accounts)(?=.*index accounts_pkey).*\nLocks: AccessExclusive on accounts\./,
      );
      expect(await preview("alter table accounts add column note text default 'x'")).toMatch(
        /write anew: nothing\. .*\nLocks: AccessExclusive on accounts/,
      );
      expect(await preview("create index by_owner on accounts (owner)")).toMatch(
        /write anew: nothing\. It would make: index by_owner\. .*\nLocks: Share on accounts/,
      );
      expect(await preview("drop table news; -- and no more")).toMatch(/It would drop: table news\. .*\nLocks: AccessExclusive on news/);
      expect(await preview("alter table child add foreign key (parent) references parent")).toMatch(
        /Locks: ShareRowExclusive on child, ShareRowExclusive on parent/,
      );
      expect(await preview("alter table accounts add check (balance < 50)")).toContain("It would fail:");
      expect(await preview("create table copy as select * from news")).toContain("It would make: table copy");
      expect(await direct("select count(*) from pg_attribute where attrelid = 'accounts'::regclass and attnum > 0")).toBe("4");
      expect(await direct("select to_regclass('by_owner') is null and to_regclass('copy') is null")).toBe("t");
    });

    test("an approver sees the same; once approved it runs", async () => {
      const running = psql("maker", "create index by_balance on accounts (balance)");
      expect((await waiting()).preview).toMatchObject({
        possible: true,
        rows: 0,
        locks: ["Share on accounts"],
        definition: { rewrites: [], creates: ["index by_balance"], drops: [] },
      });
      await decide(true);
      expect(await running).toContain("CREATE INDEX");
    });

    test("what takes long, or waits for others, is given up", async () => {
      await direct("create table big as select n as id from generate_series(1, 3000000) n");
      expect(await preview("create index on big (id, (id + 1), (id * 2))")).toMatch(
        /takes longer than 500 ms[^]*By its kind it locks: Share on big/,
      );
      const other = new pg.Client({
        host: "127.0.0.1",
        port: database.server.port,
        user: "admin",
        database: "shop",
        password: database.direct("admin").password,
      });
      await other.connect();
      await other.query("begin; lock table odd in share mode");
      expect(await preview("alter table odd add column w int")).toMatch(/given up after 100 ms/);
      await other.query("rollback");
      await other.end();
    });

    test("nothing runs with them that somebody else has written", async () => {
      const refused = async (sql: string, why: RegExp): Promise<void> => {
        const before = await direct("select last_value, is_called from tried");
        expect(await preview(sql)).toMatch(why);
        expect(await direct("select last_value, is_called from tried")).toBe(before);
      };
      await direct(`create function everywhere() returns event_trigger language plpgsql as $$ begin perform nextval('tried'); end $$;
                    create event trigger watches on ddl_command_end execute function everywhere()`);
      await refused("create table x (id int)", /the trigger watches of every definition runs everywhere/);
      await direct("drop event trigger watches");
      await refused("alter table odd add check (evil(v))", /the function evil may have effects/);
      await refused("refresh materialized view news", /it runs the query of the view/);
      await direct("alter domain fenced.small add check (evil(value)); alter table odd add column d fenced.small");
      await refused("update odd set d = 3", /type that somebody defined may do anything/);
      await refused("alter table odd alter column v type fenced.small", /type that somebody defined may do anything/);
      await direct("alter table odd drop column d; drop domain fenced.small");
    });
  });

  test("what a statement locks by its kind is what the server locks", async () => {
    await direct(
      "create table whole (id int, v int) partition by range (id); create table part partition of whole for values from (0) to (9)",
    );
    await direct(
      "create table loose (id int not null, v int); create materialized view seen as select * from news; create view shown as select 1 as n",
    );
    await direct(
      "create table facts (id int primary key, fk int); alter table facts add constraint positive check (id > 0) not valid; create index facts_fk on facts (fk)",
    );
    await using parser = new SqlParser();
    const client = new pg.Client({
      host: "127.0.0.1",
      port: database.server.port,
      user: "admin",
      database: "shop",
      password: database.direct("admin").password,
    });
    await client.connect();
    const differing: unknown[] = [];
    for (const sql of LOCKING) {
      const read = await parser.parse(sql);
      const predicted = read.ok ? (read.statements[0]?.trial?.locks ?? []) : [];
      const names = predicted.map((each) => each.replace(/^\w+ on /, ""));
      // Looked up before: some are gone, or called otherwise, by then.
      const oids = (await client.query<{ oid: string }>("select to_regclass(n)::oid as oid from unnest($1::text[]) n", [names])).rows;
      await client.query(`begin; ${sql}`);
      const { rows } = await client.query<{ relation: string; mode: string }>(
        "select relation, replace(mode, 'Lock', '') as mode from pg_locks where pid = pg_backend_pid() and relation is not null",
      );
      const taken = names.map((name, at) => {
        const modes = new Set(rows.filter(({ relation }) => relation === oids[at]?.oid).map(({ mode }) => mode));
        return `${LOCK_MODES.findLast((mode) => modes.has(mode)) ?? "nothing"} on ${name}`;
      });
      await client.query("rollback");
      if (JSON.stringify(taken) !== JSON.stringify(predicted) || predicted.length === 0) differing.push({ sql, predicted, taken });
    }
    await client.end();
    expect(differing).toEqual([]);
  });

  describe("of MERGE", () => {
    const merge = `merge into accounts a using news n on a.id = n.id
      when matched and n.balance < 0 then delete
      when matched then update set balance = n.balance
      when not matched and n.balance > 0 then insert values (n.id, n.owner, n.balance, null)`;

    test("rows that it changes, removes and adds", async () => {
      const running = psql("careful", merge);
      const hold = await waiting();
      expect(hold.preview).toMatchObject({
        possible: true,
        rows: 3,
        columns: ["id", "owner", "balance", "email"],
        before: [["1", "owner 1", "100", expect.any(String)], ["2", "owner 2", "100", expect.any(String)], []],
        after: [["1", "owner 1", "1", expect.any(String)], [], ["77", "new", "7", null]],
      });
      await decide(true);
      expect(await running).toContain("MERGE 3");
      expect(await direct("select string_agg(id || ':' || balance, ' ' order by id) from accounts where id in (1, 2, 77)")).toBe(
        "1:1 77:7",
      );
    });

    test("a world that changed meanwhile refuses it", async () => {
      const running = psql("careful", merge);
      await waiting();
      await direct("update news set balance = 9 where id = 1");
      await decide(true);
      expect(await running).toMatch(/not what was shown any more.*\[conflict\]/s);
    });

    test("inside of a transaction, of rows that it has changed before", async () => {
      const said = await psql(
        "fix",
        "begin",
        "update accounts set owner = 'mine' where id = 1",
        `/* sallyport: preview */ ${merge}`,
        "rollback",
      );
      expect(said).toMatch(/It would change 2 rows\.[^]*- 1 \| mine \| 1 \|[^]*\+ 1 \| mine \| 9 \|[^]*ROLLBACK/);
    });
  });

  test("sequences that a preview has used are named", async () => {
    const said = await psql("careful", "/* sallyport: preview */ insert into made (v) values (1)");
    expect(said).toContain("Numbers that made_id_seq gave to the preview are not given back.");
    expect(await psql("careful", "/* sallyport: preview */ insert into odd values (nextval('made_id_seq'), 1)")).toMatch(/\[role-denies\]/);
  });

  describe("a tolerance for another world", () => {
    const someRows = "update accounts set owner = owner where id between 21 and 30";

    test("a number of rows", async () => {
      const within = psql("some", someRows);
      await waiting();
      await direct("update accounts set balance = 99 where id in (21, 22)");
      await decide(true);
      expect(await within).toContain("UPDATE 10");
      const beyond = psql("some", someRows);
      await waiting();
      await direct("update accounts set balance = 98 where id in (21, 22, 23)");
      await decide(true);
      expect(await beyond).toMatch(/3 rows are not what was shown any more, and 2 may be others.*\[conflict\]/s);
      const gone = psql("some", "update accounts set balance = balance where balance = 98");
      expect((await waiting()).preview).toMatchObject({ rows: 3 });
      await direct("update accounts set balance = 97 where id in (21, 22)");
      await decide(true);
      expect(await gone).toContain("UPDATE 1");
    });

    test("a part of those that were shown; none where the role says nothing", async () => {
      const within = psql("part", someRows);
      await waiting();
      await direct("update accounts set balance = 90 where id in (24, 25)");
      await decide(true);
      expect(await within).toContain("UPDATE 10");
      const beyond = psql("part", someRows);
      await waiting();
      await direct("update accounts set balance = 89 where id in (24, 25, 26)");
      await decide(true);
      expect(await beyond).toContain("[conflict]");
      const exact = psql("careful", someRows);
      await waiting();
      await direct("update accounts set balance = 88 where id = 24");
      await decide(true);
      expect(await exact).toContain("[conflict]");
    });
  });

  test("the number of the transaction that a held statement ran in is on record", async () => {
    const running = psql("careful", "update accounts set balance = 3 where id = 40");
    await decide(true);
    await running;
    const number = await direct("select xmin from accounts where id = 40");
    let found: OutcomeBody[] = [];
    await until(async () => {
      const events = await database.test.gate.store.log.query({ limit: 1000 });
      found = events.filter(({ kind }) => kind === "sql.outcome").map(({ body }) => body as unknown as OutcomeBody);
      return found.some(({ transaction }) => transaction !== undefined);
    });
    expect(found.map(({ transaction }) => transaction)).toContain(number);
  });
});
