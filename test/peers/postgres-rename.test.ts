/** A masked column is renamed on the target while somebody works there: not a byte of it is shown, whatever was prepared before. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { ask } from "../kit/innocent-answers.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { postgresServer } from "../kit/postgres.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";

const MARK = "zqxsecret";
const { encodeBind: bind, encodeDescribe: describeOf, encodeExecute: execute, encodeParse: parse, encodeQuery: query } = frontend;
const sync = frontend.encodeSync();

/** By the name that the column has before, or after. */
interface Way {
  readonly before: (client: PostgresClient, table: string) => Promise<unknown>;
  readonly after: (client: PostgresClient, table: string, column: string) => Promise<Buffer>;
}
const nothing = async (): Promise<void> => undefined;

const WAYS: Readonly<Record<string, Way>> = {
  "a statement": { before: nothing, after: (client, table, column) => ask(client, query(`select id, ${column} from ${table}`)) },
  "every column": { before: nothing, after: (client, table) => ask(client, query(`select * from ${table}`)) },
  "a whole row": {
    before: nothing,
    after: (client, table) => ask(client, query(`select t from ${table} t; select row_to_json(t) from ${table} t`)),
  },
  "an expression": { before: nothing, after: (client, table, column) => ask(client, query(`select concat(${column}, '!') from ${table}`)) },
  "a condition": {
    before: nothing,
    after: (client, table, column) =>
      ask(client, query(`select '${MARK.slice(0, 3)}' || 'found' from ${table} where ${column} like '${MARK.slice(0, 4)}%'`)),
  },
  "COPY of columns": { before: nothing, after: (client, table, column) => ask(client, query(`copy ${table} (id, ${column}) to stdout`)) },
  "COPY of a query": {
    before: nothing,
    after: (client, table, column) => ask(client, query(`copy (select ${column} from ${table}) to stdout`)),
  },
  "an error": { before: nothing, after: (client, table, column) => ask(client, query(`select ${column}::int from ${table}`)) },
  "a statement, parsed and not described": {
    before: nothing,
    after: (client, table, column) => ask(client, parse("", `select ${column} from ${table}`), bind("", "", [], [1]), execute(""), sync),
  },
  "Bind of what was parsed before, not described": {
    before: (client, table) => ask(client, parse("kept", `select * from ${table}`), sync),
    after: (client) => ask(client, bind("", "kept", []), execute(""), sync),
  },
  "Bind of what was parsed and described before": {
    before: (client, table) => ask(client, parse("kept", `select id, name from ${table}`), describeOf("statement", "kept"), sync),
    after: (client) => ask(client, bind("", "kept", [], [1]), execute(""), sync),
  },
  "Bind of what was run before": {
    before: (client, table) => ask(client, parse("kept", `select id, name, email from ${table}`), bind("", "kept", []), execute(""), sync),
    after: (client) => ask(client, bind("", "kept", []), describeOf("portal", ""), execute(""), sync),
  },
  "EXECUTE of a name": {
    before: (client, table) => ask(client, query(`prepare kept as select id, name from ${table}`)),
    after: (client) => ask(client, query("execute kept")),
  },
  "EXECUTE of a name, parsed and not described": {
    before: (client, table) => ask(client, query(`prepare kept as select * from ${table}`)),
    after: (client) => ask(client, parse("", "execute kept"), bind("", "", []), execute(""), sync),
  },
  "FETCH of what is held": {
    before: (client, table) => ask(client, query(`declare kept cursor with hold for select * from ${table}`)),
    after: (client) => ask(client, query("fetch all from kept")),
  },
  "FETCH of what is held, not described": {
    before: (client, table) => ask(client, query(`declare kept scroll cursor with hold for select name, email from ${table}`)),
    after: (client) => ask(client, parse("", "fetch all from kept"), bind("", "", [], [1]), execute(""), sync),
  },
};

/** What becomes of the names of a table, and what the masked column is then called. */
const CHANGES: Readonly<Record<string, { readonly sql: (table: string) => string; readonly column: string }>> = {
  "gets another name": { sql: (table) => `alter table ${table} rename column email to note`, column: "note" },
  "gets another name twice": {
    sql: (table) => `alter table ${table} rename column email to note; alter table ${table} rename column note to remark`,
    column: "remark",
  },
};

describe.skipIf(postgresServer.missing)(postgresServer.title("a masked column that is renamed meanwhile"), () => {
  let database: Database;
  let password: string;
  let tables = 0;
  const table = (): string => `moving_${(tables += 1)}`;

  beforeAll(async () => {
    const names = Array.from({ length: 80 }, (_, index) => `moving_${index + 1}`);
    database = await startDatabase({
      sql: names
        .map(
          (name) =>
            `create table ${name} (id int primary key, name text, email text); insert into ${name} select n, 'name ' || n, '${MARK}' || n from generate_series(1, 3) n;`,
        )
        .concat("grant select on all tables in schema public to app;")
        .join("\n"),
      masking: `
      columns:
        - { pattern: "^public\\\\.moving_\\\\d+\\\\.email$", class: email, mask: full }`,
      roles: { masked: "{ postgres: { account: app, allow: [read, transaction, session, copy] } }" },
    });
    password = await database.password((await database.grant("masked")).id);
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const connect = (): Promise<PostgresClient> => connectPostgres(database.test.gate.postgres?.port ?? 0, password);
  /** A session that is cut says so, and has shown nothing. */
  const shown = (bytes: Promise<Buffer>): Promise<string> =>
    bytes.then(
      (each) => each.toString("latin1"),
      (error: Error) => error.message,
    );

  describe.each(Object.entries(CHANGES))("%s", (_how, { sql, column }) => {
    test.each(Object.entries(WAYS))("%s", { timeout: 30_000 }, async (_way, { before, after }) => {
      const name = table();
      const client = await connect();
      // So that the gate knows the table as it was.
      expect(await shown(ask(client, query(`select * from ${name}`)))).toContain("****");
      await before(client, name);
      await database.server.sql(sql(name), "shop");
      const answer = await shown(after(client, name, column));
      expect(answer).not.toContain(MARK);
      expect(answer).not.toContain(`${MARK.slice(0, 3)}found`);
      // Nor to another session that begins afterwards.
      const later = await connect();
      expect(await shown(ask(later, query(`select * from ${name}; select ${column} from ${name}`)))).not.toContain(MARK);
      for (const each of [client, later]) each.socket.destroy();
    });
  });

  test("would be seen: the values are there", async () => {
    const { conninfo, password: own } = database.direct();
    expect((await database.psql(own, ["-Atc", "select note from moving_1"], { conninfo })).stdout.toString()).toContain(MARK);
  });
});
