/** Names of prepared statements and portals through the gate: what is recorded is what ran, whoever answers when. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/audit/event.ts";
import type { OutcomeBody, StatementBody } from "../../src/audit/events/sql.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { cString, int16, message } from "../../src/wire/postgres/fields.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { postgresServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { seededChance } from "../kit/seeded.ts";
import { until } from "../kit/until.ts";

const SYNC = message("S");
const parse = frontend.encodeParse;
const bind = (portal: string, statement: string): Buffer => message("B", cString(portal), cString(statement), int16(0), int16(0), int16(0));
const close = (of: "S" | "P", name: string): Buffer => message("C", Buffer.from(of), cString(name));
const execute = frontend.encodeExecute;
const query = frontend.encodeQuery;
const letters = (messages: readonly Buffer[]): string => messages.map((each) => String.fromCharCode(each[0] ?? 0)).join("");
const codes = (messages: readonly Buffer[]): string[] =>
  messages.filter(([type]) => type === backend.BACKEND.error).map((each) => backend.parseErrorResponse(each).code);
/** The first column of each row. */
const rows = (messages: readonly Buffer[]): string[] =>
  messages.filter(([type]) => type === backend.BACKEND.dataRow).map((each) => each.toString("utf8", 11, 11 + each.readInt32BE(7)));

describe.skipIf(postgresServer.missing)(postgresServer.title("names of a PostgreSQL session"), () => {
  let database: Database;
  let passwords: Record<"read" | "all", string>;

  beforeAll(async () => {
    database = await startDatabase();
    const [read, all] = [await database.grant("read"), await database.grant("all")];
    passwords = { read: await database.password(read.id), all: await database.password(all.id) };
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const open = (role: "read" | "all"): Promise<PostgresClient> => connectPostgres(database.test.gate.postgres?.port ?? 0, passwords[role]);

  /** What one client's statements were, by number, with what became of them. */
  async function recorded(session: () => Promise<void>): Promise<{ statement: StatementBody; outcome: OutcomeBody | undefined }[]> {
    const { store, registry } = database.test.gate;
    const over = (): Promise<void> => until(() => registry.list().length === 0);
    await over();
    const before = (await store.log.query({ limit: 1, order: "desc" }))[0]?.seq ?? 0;
    await session();
    await over();
    const since = async (kind: "sql.statement" | "sql.outcome"): Promise<LoggedEvent[]> => [
      ...(await store.log.query({ kinds: [kind], from: before + 1, limit: 1000 })),
    ];
    const found = [...(await since("sql.statement")), ...(await since("sql.outcome"))];
    const statements = found.filter(({ kind }) => kind === "sql.statement").map(({ body }) => body as StatementBody);
    const outcomes = new Map(
      found.filter(({ kind }) => kind === "sql.outcome").map(({ body }) => [(body as OutcomeBody).number, body as OutcomeBody]),
    );
    return statements.sort((a, b) => a.number - b.number).map((statement) => ({ statement, outcome: outcomes.get(statement.number) }));
  }

  test("a name that the target refuses to give anew stays what it was", async () => {
    const ran = await recorded(async () => {
      const raw = await open("all");
      raw.send(Buffer.concat([parse("s", "select 'old'"), SYNC, parse("s", "select 'new'"), SYNC, bind("", "s"), execute(""), SYNC]));
      expect(letters(await raw.readTo("Z"))).toBe("1Z");
      expect(codes(await raw.readTo("Z"))).toEqual(["42P05"]);
      expect(rows(await raw.readTo("Z"))).toEqual(["old"]);
      raw.socket.destroy();
    });
    expect(ran.map(({ statement }) => statement.statement)).toEqual(["select 'old'"]);
  });

  test("a portal too, which ends with its transaction", async () => {
    const ran = await recorded(async () => {
      const raw = await open("all");
      const prepared = [parse("a", "select 'a'"), parse("b", "select 'b'"), SYNC];
      raw.send(Buffer.concat([...prepared, query("begin"), bind("p", "a"), SYNC, bind("p", "b"), SYNC, execute("p"), SYNC]));
      for (const expected of ["11Z", "CZ", "2Z", "EZ", "EZ"]) expect(letters(await raw.readTo("Z"))).toBe(expected);
      raw.send(Buffer.concat([query("rollback; begin"), bind("p", "b"), SYNC, execute("p"), SYNC]));
      for (const expected of ["CCZ", "2Z"]) expect(letters(await raw.readTo("Z"))).toBe(expected);
      expect(rows(await raw.readTo("Z"))).toEqual(["b"]);
      raw.socket.destroy();
    });
    expect(ran.map(({ statement, outcome }) => [statement.statement, outcome?.sqlstate])).toEqual([
      ["begin", undefined],
      // The target's transaction has failed by now.
      ["select 'a'", "25P02"],
      ["rollback; begin", undefined],
      ["select 'b'", undefined],
    ]);
  });

  test.each([
    ["prepare p(int) as select $1 + 41; execute p(1)", ["42"]],
    ["declare c cursor with hold for select 'declared'; fetch c; close c", ["declared"]],
    ["prepare p as select 'again'; explain execute p; execute p; deallocate p", ["Result  (cost=0.00..0.01 rows=1 width=32)", "again"]],
  ])("%s: by a role that reads", async (sql, values) => {
    const ran = await recorded(async () => {
      const raw = await open("read");
      raw.send(query(sql));
      const answer = await raw.readTo("Z");
      expect(codes(answer)).toEqual([]);
      expect(rows(answer)).toEqual(values);
      raw.socket.destroy();
    });
    expect(ran.map(({ statement }) => statement.classes)).toEqual([["read"]]);
  });

  test.each([
    ["execute nothing", "running code that the statement does not show"],
    ["fetch from nothing", "running code that the statement does not show"],
    ["prepare p as delete from orders", "changing rows"],
    ["declare c cursor for select * from orders for update", "changing rows"],
    ["create table t as execute nothing", "changing tables"],
  ])("%s: not by a role that reads", async (sql, why) => {
    const raw = await open("read");
    raw.send(query(sql));
    const [refused] = await raw.readTo("Z");
    expect(backend.parseErrorResponse(refused ?? Buffer.alloc(0)).message).toContain(why);
    raw.socket.destroy();
  });

  test("the protocol and SQL share their names", async () => {
    const ran = await recorded(async () => {
      const raw = await open("read");
      raw.send(Buffer.concat([parse("by protocol", "select 'one'"), SYNC, query('execute "by protocol"')]));
      await raw.readTo("Z");
      expect(rows(await raw.readTo("Z"))).toEqual(["one"]);
      raw.send(Buffer.concat([query("prepare by_sql as select 'two'"), bind("", "by_sql"), execute(""), SYNC]));
      await raw.readTo("Z");
      expect(rows(await raw.readTo("Z"))).toEqual(["two"]);
      raw.send(Buffer.concat([query("begin"), parse("", "select 'three'"), bind("portal", ""), SYNC, query("fetch portal")]));
      for (let answers = 0; answers < 2; answers += 1) await raw.readTo("Z");
      expect(rows(await raw.readTo("Z"))).toEqual(["three"]);
      raw.send(Buffer.concat([query("declare cursor_of_sql cursor for select 'four'"), execute("cursor_of_sql"), SYNC]));
      await raw.readTo("Z");
      expect(rows(await raw.readTo("Z"))).toEqual(["four"]);
      raw.socket.destroy();
    });
    expect(ran.map(({ statement: { statement, named } }) => [statement, named?.[0]])).toEqual([
      [`execute "by protocol"`, "select 'one'"],
      ["prepare by_sql as select 'two'", undefined],
      ["prepare by_sql as select 'two'", undefined],
      ["begin", undefined],
      ["fetch portal", "select 'three'"],
      ["declare cursor_of_sql cursor for select 'four'", undefined],
      ["declare cursor_of_sql cursor for select 'four'", undefined],
    ]);
  });

  test("code that gives a name to something else makes it what nobody can tell", async () => {
    const ran = await recorded(async () => {
      const raw = await open("all");
      raw.send(Buffer.concat([parse("s", "select 'seen'"), SYNC]));
      raw.send(query("do $$ begin execute 'deallocate s'; execute 'prepare s as select ''unseen'''; end $$"));
      raw.send(Buffer.concat([bind("", "s"), execute(""), SYNC, query("execute s")]));
      for (const expected of [[], [], ["unseen"], ["unseen"]]) expect(rows(await raw.readTo("Z"))).toEqual(expected);
      raw.socket.destroy();
    });
    expect(ran.map(({ statement }) => statement.classes)).toEqual([["opaque"], ["read", "opaque"], ["read", "opaque"]]);
  });

  test("no text passes behind code before its settings are known", async () => {
    const code = "do $$ begin perform set_config('standard_conforming_strings', 'off', false); end $$";
    // As the target would read it by then, the comment is none.
    const text = String.raw`select '\' /*', 1, ' */ || 'x'`;
    const raw = await open("all");
    raw.send(Buffer.concat([parse("", code), bind("", ""), execute(""), parse("", text), bind("", ""), execute(""), SYNC]));
    // The refusal fails the transaction, and takes the setting with it.
    const [, , , refused] = await raw.readTo("Z");
    expect(backend.parseErrorResponse(refused ?? Buffer.alloc(0)).message).toContain("it needs a Sync between");
    raw.send(query("show standard_conforming_strings"));
    expect(rows(await raw.readTo("Z"))).toEqual(["on"]);
    raw.socket.destroy();
    for (const behind of [query(text), Buffer.concat([parse("", text), bind("", ""), execute(""), SYNC])]) {
      const ran = await recorded(async () => {
        const again = await open("all");
        again.send(Buffer.concat([query(code), behind]));
        expect(await again.ended()).toContain("standard_conforming_strings");
      });
      expect(ran.map(({ statement }) => statement.statement)).toEqual([code]);
    }
  });

  test("nor behind a condition on pg_settings, whatever has that name by then", async () => {
    await database.server.sql("create collation loose (provider = icu, locale = 'und-u-ka-shifted', deterministic = false)", "shop");
    const making = [
      "create temp table mine (name text collate loose)",
      "insert into mine values ('standard_conforming_strings')",
      "alter table mine rename to pg_settings",
    ];
    const sql = "select set_config(name, 'off', false) from pg_settings where name = 'standard-conforming-strings'";
    const text = "select 'behind'";
    for (const [code, behind] of [
      [query(sql), query(text)],
      [Buffer.concat([parse("", sql), bind("", ""), execute(""), SYNC]), Buffer.concat([parse("", text), bind("", ""), execute(""), SYNC])],
    ] as const) {
      const ran = await recorded(async () => {
        const raw = await open("all");
        for (const each of making) {
          raw.send(query(each));
          expect(letters(await raw.readTo("Z"))).toBe("CZ");
        }
        raw.send(Buffer.concat([code, behind]));
        expect(await raw.ended()).toContain("standard_conforming_strings");
      });
      expect(ran.map(({ statement }) => statement.statement)).toEqual([...making, sql]);
    }
  });

  test("code in a pipeline, behind it and beside COPY does not hold a session up", async () => {
    const raw = await open("all");
    const code = "do $$ begin end $$";
    raw.send(Buffer.concat([parse("", code), bind("", ""), execute(""), close("S", "x"), SYNC, query("select 'behind'")]));
    expect(letters(await raw.readTo("Z"))).toBe("12C3Z");
    expect(rows(await raw.readTo("Z"))).toEqual(["behind"]);
    raw.send(query(`create temp table copied(a int); ${code}; copy copied from stdin; ${code}`));
    await raw.readTo("G");
    raw.send(Buffer.concat([message("d", Buffer.from("1\n2\n")), message("c"), query("select sum(a) from copied")]));
    await raw.readTo("Z");
    expect(rows(await raw.readTo("Z"))).toEqual(["3"]);
    raw.socket.destroy();
  });

  test("whatever a client sends at once: each row is of a text that is recorded for it", { timeout: 120_000 }, async () => {
    const chance = seededChance("names");
    const one = <Item>(...items: readonly Item[]): Item => items[chance(items.length)] as Item;
    let [statements, rowsSeen] = [0, 0];
    for (let session = 0; session < 80; session += 1) {
      const values: string[] = [];
      const ran = await recorded(async () => {
        const raw = await open("all");
        const sent: Buffer[] = [];
        for (let at = 0; at < 80; at += 1) {
          const text = `select 'value ${session}.${at}'`;
          const [s, p] = [one("a", "b", ""), one("p", "q", "")];
          const [sqlS, sqlP] = [one("a", "b"), one("p", "q")];
          const simple = one(
            `prepare ${sqlS} as ${text}`,
            `execute ${sqlS}`,
            `prepare ${sqlS} as ${text}; execute ${sqlS}`,
            `deallocate ${sqlS}`,
            "deallocate all",
            `declare ${sqlP} cursor ${one("", "with hold")} for ${text}`,
            `fetch ${sqlP}`,
            `close ${sqlP}`,
            "begin",
            "rollback",
            "rollback",
            `execute ${sqlS}`,
            `fetch ${sqlP}`,
            one("commit", "rollback", "discard all"),
            `prepare ${sqlS} as ${text}; select 1/0; prepare ${one("a", "b")} as ${text}`,
          );
          const bytes = one(
            () => parse(s, one(text, text, `execute ${sqlS}`, `prepare ${sqlS} as ${text}`, `fetch ${sqlP}`, "selec")),
            () => parse(s, text),
            () => bind(p, s),
            () => execute(p),
            () => Buffer.concat([bind(p, s), execute(p)]),
            () => Buffer.concat([parse(s, text), bind(p, s), execute(p)]),
            () => query(`rollback; deallocate all`),
            () => Buffer.concat([bind(p, s), SYNC, execute(p), SYNC]),
            () => Buffer.concat([parse(s, text), SYNC, bind("", s), SYNC, execute(""), SYNC]),
            () => Buffer.concat([query("begin"), bind(p, s), SYNC, bind(p, one("a", "b")), SYNC, execute(p), SYNC, query(`fetch ${p}`)]),
            () => close(one("S", "P"), one(s, p)),
            () => SYNC,
            () => SYNC,
            () => query(simple),
            () => query(simple),
          )();
          sent.push(bytes);
          if (chance(10) === 0) raw.send(Buffer.concat(sent.splice(0)));
        }
        // A Query that is skipped has no ReadyForQuery: the last one is known by its value.
        raw.send(Buffer.concat([...sent, SYNC, query("rollback"), query("select 'the end'")]));
        for (;;) {
          const answer = await raw.readTo("Z");
          const found = rows(answer);
          if (found[0] === "the end") break;
          values.push(...found);
        }
        raw.socket.destroy();
      });
      statements += ran.length;
      rowsSeen += values.length;
      for (const { statement, outcome } of ran) {
        const texts = [statement.statement, ...(statement.named ?? [])].join("\n");
        for (const value of values.splice(0, outcome?.rows ?? 0)) expect(texts).toContain(`'${value}'`);
      }
      expect(values).toEqual([]);
    }
    expect(rowsSeen).toBeGreaterThan(100);
    console.log(`names: ${statements} statements, ${rowsSeen} rows`);
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
