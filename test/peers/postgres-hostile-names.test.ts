/** A catalogue whose names are made to be taken for something else: by SQL, a rule, a terminal, or who reads it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseErrorResponse } from "../../src/wire/postgres/backend.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import { startDatabase } from "../kit/database.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { serveDatabase, type ServedDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const PASSWORD = "what no client ever sees";
const NAMES = [
  'we"ird',
  "new\nline",
  "\u001B]0;owned\u0007\u009B31m",
  "\u202Egnp.exe",
  "é".repeat(31),
  "back\\slash",
  "--dash",
  "$$dollar$$",
  "a.b",
  "'quote'",
  "x; drop table marks",
  " ",
  "%s%n",
  "*",
  "/* c */",
  "{1}[2](3)^4|5+6?",
];
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** What a terminal would act on, or shows as another text. */
const ACTS = /[\p{Cc}\u200B-\u200F\u2028-\u202E\u2066-\u2069]/u;

const SQL = `
create role app login password '${PASSWORD}';
create table marks (id int);
${NAMES.map((name) => {
  const [table, schema, column] = [quoted(name), quoted(`s${name}`), quoted(`c${name}`)];
  return `
create table ${table} (id int primary key, ${quoted(`${name} `)} text, email text, ${column} text generated always as (upper(email)) stored);
insert into ${table} values (1, E'v\\n- 9 | forged\\x1b]0;owned\\x07', 'secret@example.com');
create schema ${schema};
create table ${schema}.${table} (id int primary key, email text);
insert into ${schema}.${table} values (1, 'secret@example.org');
create view ${quoted(`v${name}`)} as select email as ${column} from ${table};
grant usage on schema ${schema} to app;
grant all on ${table}, ${schema}.${table}, ${quoted(`v${name}`)} to app;`;
}).join("\n")}`;

/** One rule for each, by its whole name. */
const RULES = NAMES.map((name) => JSON.stringify(`public.${name}.email`))
  .map((columns) => `{ columns: ${columns}, class: email, mask: domain }`)
  .join(", ");

describe.skipIf(postgresServer.missing || sshd.missing)(postgresServer.title("names that are made to be mistaken"), () => {
  let server: PostgresServer;
  let served: ServedDatabase;
  let client: PostgresClient;
  beforeAll(async () => {
    server = await startPostgres();
    await server.sql(SQL);
    served = await serveDatabase(server, {
      roles: {
        free: "{ postgres: { account: app, allow: [read, write, transaction, session, copy] } }",
        held: "{ postgres: { account: app, allow: [read, transaction], hold: [write] } }",
      },
      logins: { app: PASSWORD },
      target: `    masking: { columns: [${RULES}, { pattern: '^s.*\\.email$', class: email, mask: domain }] }`,
    });
    client = await served.connect("free");
  }, 120_000);
  afterAll(async () => {
    client?.socket.destroy();
    await served?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const ask = async (sql: string): Promise<readonly Buffer[]> => {
    client.send(encodeQuery(sql));
    return client.readTo("Z");
  };

  test.each(NAMES)("%j: masked wherever it stands, and what the gate says of it acts on no terminal", async (name) => {
    const [table, column] = [quoted(name), quoted(`c${name}`)];
    const [rows, ...others] = [
      `select email from ${table}`,
      `select * from ${table}`,
      `select ${column} || '' from ${table}`,
      `select email from ${quoted(`s${name}`)}.${table}`,
      `select ${column} from ${quoted(`v${name}`)}`,
      `copy ${table} to stdout`,
      `select 1 from ${table} where email like 's%'`,
      `update ${table} set ${quoted(`${name} `)} = email`,
      `select ${quoted(`${name}?`)} from ${table}`,
      `select * from ${quoted(`${name}?`)}`,
      `create table ${table} (id int)`,
      `begin; declare ${table} cursor for select email from ${table}; fetch ${table}; rollback`,
      `prepare ${table} as select email || '' from ${table}; execute ${table}; deallocate ${table}`,
      `/* sallyport: preview */ update ${table} set ${quoted(`${name} `)} = 'x'`,
      `/* sallyport: preview */ delete from ${quoted(`s${name}`)}.${table}`,
      `/* sallyport: preview */ merge into ${table} t using (select 1 as id) s on t.id = s.id when matched then delete`,
    ] as const;
    expect(Buffer.concat(await ask(rows)).toString()).toContain("****@example.com");
    const previews: string[] = [];
    for (const sql of others) {
      const answer = await ask(sql);
      const text = Buffer.concat(answer).toString();
      expect([sql, /secret/i.test(text), text.includes("[internal]")]).toEqual([sql, false, false]);
      const errors = answer.filter((each) => each[0] === 0x45).map((each) => parseErrorResponse(each).message);
      for (const error of errors) expect(error.startsWith("sallyport: ") && ACTS.test(error)).toBe(false);
      if (sql.startsWith("/*")) previews.push(text);
      await ask("rollback");
    }
    for (const each of previews) expect(each).toContain("It would change 1 row");
    expect(await server.sql("select count(*) from marks")).toBe("0");
  });

  test("a scan knows each of them", async () => {
    const { status, stdout } = await served.gate.cli("scan", "shop-db");
    expect(status).toBe(0);
    const lines = stdout.toString().split("\n");
    expect(lines.some((line) => ACTS.test(line))).toBe(false);
    expect(lines.filter((line) => line.includes("email (domain)"))).toHaveLength(2 * NAMES.length);
    expect(stdout.toString()).not.toContain("no column");
  });

  test("an approver reads what they are, on the lines where they belong", async () => {
    const { gate, connect } = served;
    const lea = gate.client("lea");
    const held = await connect("held");
    for (const name of NAMES) {
      held.send(encodeQuery(`update ${quoted(name)} set ${quoted(`${name} `)} = E'x\\nLocks: none.'`));
      const waiting = async () => (await lea.call("holds.list")).holds.find(({ state }) => state === "waiting");
      await until(async () => (await waiting()) !== undefined);
      const { id = "" } = (await waiting()) ?? {};
      const { stdout } = await gate.cli("holds", "show", id);
      const lines = stdout.toString().split("\n");
      expect([name, lines.filter((line) => ACTS.test(line))]).toEqual([name, []]);
      expect([name, lines.filter((line) => line.startsWith("Locks: "))]).toEqual([
        name,
        [expect.stringMatching(/^Locks: RowExclusive on .*undone\.$/)],
      ]);
      expect(lines.filter((line) => line === "It would change 1 row.")).toHaveLength(1);
      expect(stdout.toString()).not.toMatch(/secret/i);
      await lea.call("holds.deny", { params: { id }, body: { reason: "no" } });
      await held.readTo("Z");
    }
    held.socket.destroy();
  });
});

describe.skipIf(postgresServer.missing)(postgresServer.title("a database in an encoding of single bytes"), () => {
  test("reads no name as another than the gate does", async () => {
    const role = "allow: [read, transaction, session], deny: ['read on public.\"gehälter\"']";
    await using database = await startDatabase({ roles: { old: `{ postgres: { account: app, databases: [old], ${role} } }` } });
    await database.server.sql("create database old encoding 'LATIN1' locale 'C' template template0");
    await database.server.sql(
      'set client_encoding to UTF8; create table "gehälter" (n int); create table "größe" (n int); grant select on all tables in schema public to app',
      "old",
    );
    const password = await database.password((await database.grant("old")).id);
    const client = await connectPostgres(database.test.gate.postgres?.port ?? 0, password, { user: "ana+shop-db", database: "old" });
    const ask = async (sql: string): Promise<string> => {
      client.send(encodeQuery(sql));
      return Buffer.concat(await client.readTo("Z")).toString();
    };
    // With a locale that knows them the server makes small letters of these, and the denial would be for another table.
    for (const sql of ["select * from GEHÄLTER", "prepare É as select 1", "execute É", "declare Ç cursor for select 1"]) {
      expect([sql, await ask(sql)]).toEqual([sql, expect.stringContaining("[not-supported]")]);
    }
    expect(await ask("select * from GEHÄLTER")).toContain("Try: the name in double quotes");
    expect(await ask("select * from gehälter")).toContain("[role-denies]");
    for (const sql of ["select * from größe", 'select n as "Ä", \'Ö\' from "größe"', "select 1 /* Ü */"])
      expect(await ask(sql)).toContain("SELECT");
    client.socket.destroy();
  });
});
