/** What is recorded of statements and their results: psql and `pg` through the gate, and what is then found in its data directory. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/audit/event.ts";
import type { EventQuery } from "../../src/audit/port.ts";
import type { OutcomeBody, RefusedBody, StatementBody } from "../../src/audit/events/sql.ts";
import { openReader } from "../../src/audit/recording/reader.ts";
import { RowsReader } from "../../src/audit/recording/rows.ts";
import { parseDataRow } from "../../src/wire/postgres/backend.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { OWNER_PASSWORD } from "../kit/gate.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { run } from "../kit/process.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;

const CLASSES = "[read, write, ddl, dcl, copy, function, opaque, session, transaction, utility]";
/** Letters and digits only, so that the index of words would hold it as one. */
const PLANTED = "zqplanted7secret";

describe.skipIf(missing)(title("the record of statements"), () => {
  let database: Database;
  let api: EstateApi;
  let token: string;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    database = await startDatabase({
      roles: {
        withheld: `{ postgres: { account: admin, allow: ${CLASSES} }, recording: { sql: { literals: redact, parameters: redact } } }`,
        filmed: `{ postgres: { account: admin, allow: ${CLASSES} }, recording: { sql: { results: full } } }`,
        small: `{ postgres: { account: admin, allow: [read] }, recording: { sql: { results: full } }, budget: { recording: 64KiB } }`,
        hashed: `{ postgres: { account: admin, allow: ${CLASSES} }, recording: { sql: { parameters: hash } } }`,
      },
    });
    api = await openEstateApi(database.test);
    await api.logIn("ana");
    ({ token } = await api.nobody.call("login.password", { body: { user: "ana", password: "a password long enough for ana" } }));
    for (const role of ["all", "read", "withheld", "hashed", "filmed", "small"]) {
      passwords.set(role, await database.password((await database.grant(role)).id));
    }
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const password = (role: string): string => passwords.get(role) ?? "";
  const events = (query: Partial<EventQuery> = {}): Promise<readonly LoggedEvent[]> =>
    database.test.gate.store.log.query({ limit: 1000, ...query });
  const bodies = async <T>(kind: LoggedEvent["kind"], query: Partial<EventQuery> = {}): Promise<readonly T[]> =>
    (await events({ kinds: [kind], ...query })).map(({ body }) => body as T);

  async function driver(role: string): Promise<pg.Client> {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: database.test.gate.postgres?.port ?? 0,
      user: "ana",
      database: "shop-db",
      password: password(role),
    });
    await client.connect();
    return client;
  }

  /** Files of the gate in which the bytes stand. */
  async function filesWith(bytes: string): Promise<readonly string[]> {
    const data = join(database.test.dir, "data");
    const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    const found: string[] = [];
    for (const { parentPath, name } of files) {
      // The published log grows meanwhile: a part of it is written under a name of its own, and gone when a larger one is there.
      const content = await readFile(join(parentPath, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return Buffer.alloc(0);
        throw error;
      });
      if (content.includes(bytes)) found.push(name);
    }
    return found;
  }

  test("what is looked for in files can be found in them", async () => {
    await database.psql(password("all"), ["-c", "select 'zqcontrol7mark'"]);
    await until(async () => (await events({ words: "zqcontrol7mark" })).length === 1);
    expect(await filesWith("zqcontrol7mark")).not.toEqual([]);
  });

  test("a secret in a statement, its parameters or its error is nowhere in the gate's files", async () => {
    const secrets = [
      `create role planted login password '${PLANTED}'`,
      `alter user planted password $x$${PLANTED}$x$`,
      `alter user planted encrypted password E'${PLANTED}' valid until 'infinity'`,
      `alter user planted passwd '${PLANTED}'`,
      `alter user planted password '${PLANTED}`,
      `alter user planted password ${PLANTED}`,
      `create server s foreign data wrapper nothing options (host 'h', key '${PLANTED}')`,
      `create user mapping for planted server s options (user 'u', password '${PLANTED}')`,
      `create subscription s connection 'host=127.0.0.1 port=1 password=${PLANTED}' publication p`,
      `select * from dblink('host=h password=${PLANTED}', 'select 1') as t(a int)`,
      `select 'postgres://u:${PLANTED}@h/d'::int`,
      `set app.api_token = '${PLANTED}'`,
      `create table users (id int, password text)`,
      `insert into users values (1, 'x'); update users set password = '${PLANTED}'`,
      `select * from users where password = '${PLANTED}'::int::text`,
      `do $$ begin execute 'alter role planted password ''${PLANTED}'''; end $$`,
      `select 1 -- the password is ${PLANTED}`,
      `prepare p(text) as insert into users (password) values ($1)`,
    ];
    for (const sql of secrets) await database.psql(password("all"), ["-c", sql]);
    await database.psql(password("all"), [], { input: `${secrets.at(-1)};\nexecute p('${PLANTED}');\nexecute p('${PLANTED}', 2);\n` });
    // Refused by the role, unread, refused: texts of refusals are texts too.
    for (const sql of secrets) await database.psql(password("read"), ["-c", sql]);
    const client = await driver("all");
    await client.query("insert into users (id, password) values ($1, $2)", [2, PLANTED]);
    await client.query({ name: "n", text: "select id from users where password = $1", values: [PLANTED] });
    await client.query("select $1::int, 'password'", [PLANTED]).catch(() => undefined);
    await client.end();
    await until(async () => (await events({ kinds: ["session.ended"] })).length === (await events({ kinds: ["session.started"] })).length);

    expect(JSON.stringify(await events())).not.toContain(PLANTED);
    expect(await events({ words: PLANTED })).toEqual([]);
    expect(database.test.faults).toEqual([]);
    // The server has them, so they went through.
    expect((await database.psql(password("all"), ["-Atc", "select count(*) from users where id = 2"])).stdout.toString()).toBe("1\n");
    expect(await filesWith(PLANTED)).toEqual([]);
  });

  test("a role that withholds literals: no value in texts, parameters or errors; the same statement is proven by its digest", async () => {
    const client = await driver("withheld");
    await client.query("select count(*) from orders where email = 'zqmail7@example.com' and id < 5");
    await client.query("select customer from orders where email = $1", ["zqmail7@example.com"]);
    await client.query("select 'zqmail7'::int").catch(() => undefined);
    await client.query("selec 'zqmail7'").catch(() => undefined);
    await client.end();
    await until(async () => (await bodies<OutcomeBody>("sql.outcome")).some(({ sqlstate }) => sqlstate === "22P02"));
    await until(async () => (await bodies<RefusedBody>("sql.refused")).some(({ detail }) => detail === "syntax error at character 1"));
    const shown = await bodies<StatementBody>("sql.statement", { words: "count email" });
    expect(shown.at(-1)).toMatchObject({
      statement: "select count(*) from orders where email = '?' and id < ?",
      withheld: 2,
      relations: ["orders"],
      columns: ["orders.email", "orders.id"],
      original: {
        digest: database.test.gate.store.digest("statement", "select count(*) from orders where email = 'zqmail7@example.com' and id < 5"),
      },
    });
    expect(await events({ words: "zqmail7" })).toEqual([]);
    const error = (await bodies<OutcomeBody>("sql.outcome")).find(({ sqlstate }) => sqlstate === "22P02");
    expect(error).not.toHaveProperty("message");
    expect((await bodies<RefusedBody>("sql.refused")).at(-1)).toMatchObject({ detail: "syntax error at character 1" });
    expect(await filesWith("zqmail7")).toEqual([]);
  });

  test("a role that hashes parameters: the same value is recognised and not shown", async () => {
    const client = await driver("hashed");
    for (const value of ["zqhash7", "zqhash7", "other"]) await client.query("select count(*) from orders where customer = $1", [value]);
    await client.end();
    const parameters = async () =>
      (await bodies<StatementBody>("sql.statement", { words: "customer" }))
        .filter(({ statement }) => statement.endsWith("customer = $1"))
        .map((body) => JSON.stringify(body.parameters));
    await until(async () => (await parameters()).length >= 3);
    expect(await parameters()).toHaveLength(3);
    expect(new Set(await parameters()).size).toBe(2);
    expect(await filesWith("zqhash7")).toEqual([]);
  });

  /** What a session's recording has of each statement: its number, and the server's messages by letter. */
  async function recorded(session: string): Promise<Map<number, { type: string; body: Buffer }[]>> {
    const started = (await events({ kinds: ["recording.started"], session })).map(({ body }) => body as { file: string });
    await using reader = await openReader(join(database.test.dir, "data", "recordings", started[0]?.file ?? ""), [
      database.test.gate.store.keyWrap,
    ]);
    const bytes = new Map<number, Buffer[]>();
    for await (const frame of reader.frames()) {
      if (frame.type === "rows") bytes.set(frame.channel, [...(bytes.get(frame.channel) ?? []), Buffer.from(frame.data)]);
    }
    const found = new Map<number, { type: string; body: Buffer }[]>();
    for (const [number, parts] of bytes) {
      const messages: { type: string; body: Buffer }[] = [];
      const whole = Buffer.concat(parts);
      for (let at = 0; at < whole.length; at += 1 + whole.readUInt32BE(at + 1)) {
        messages.push({ type: String.fromCharCode(whole[at] ?? 0), body: whole.subarray(at, at + 1 + whole.readUInt32BE(at + 1)) });
      }
      found.set(number, messages);
    }
    return found;
  }

  async function lastSession(): Promise<string> {
    await until(async () => (await events({ kinds: ["session.ended"] })).length === (await events({ kinds: ["session.started"] })).length);
    return (await events({ kinds: ["session.started"] })).at(-1)?.session ?? "";
  }

  const letters = (messages: readonly { type: string }[] | undefined): string => (messages ?? []).map(({ type }) => type).join("");

  test("results are recorded where the role says so, byte for byte, and nowhere else", async () => {
    const script =
      "select id, customer from orders order by id limit 2;\nselect 1 as one\\; select 2 as two;\ncopy (select id from orders order by id limit 3) to stdout;\nupdate orders set paid = paid where id = 1;\nselect 1/0;\n";
    await database.psql(password("filmed"), [], { input: script });
    const found = await recorded(await lastSession());
    expect([...found].map(([number, messages]) => `${number} ${letters(messages)}`)).toEqual(["1 TDDC", "2 TDCTDC", "3 HdddcC", "4 C"]);
    const rows = found.get(1)?.filter(({ type }) => type === "D") ?? [];
    expect(rows.map(({ body }) => parseDataRow(body).map(String))).toEqual([
      ["1", "customer 1"],
      ["2", "customer 2"],
    ]);
    await database.psql(password("all"), ["-c", "select 1"]);
    expect((await recorded(await lastSession())).size).toBe(0);
  });

  test("what a driver prepared is recorded with its columns each time it runs, in the format it asked for", async () => {
    const client = await driver("filmed");
    const named = { name: "by-id", text: "select id, customer from orders where id = $1" };
    await client.query({ ...named, values: [7] });
    await client.query({ ...named, values: [8], binary: true } as pg.QueryConfig);
    await client.end();
    const found = await recorded(await lastSession());
    expect([...found.values()].map(letters)).toEqual(["TDC", "TDC"]);
    expect([...found.values()].map(([first]) => new RowsReader().push(first?.body ?? Buffer.alloc(0)))).toEqual([
      [
        {
          kind: "columns",
          columns: [
            { name: "id", type: 23, binary: false },
            { name: "customer", type: 25, binary: false },
          ],
        },
      ],
      [
        {
          kind: "columns",
          columns: [
            { name: "id", type: 23, binary: true },
            { name: "customer", type: 25, binary: true },
          ],
        },
      ],
    ]);
  });

  test("20 MB are recorded as they went through, and a budget ends the session", async () => {
    const sql = "select repeat('0123456789abcdef', 64) from generate_series(1, 20000)";
    expect((await database.psql(password("filmed"), ["-Atc", sql])).stdout.length).toBe(20_000 * 1025);
    const found = await recorded(await lastSession());
    expect(letters(found.get(1))).toBe(`T${"D".repeat(20_000)}C`);
    const { stderr, status } = await database.psql(password("small"), ["-Atc", sql]);
    expect(status).not.toBe(0);
    expect(stderr.toString()).toMatch(/budget-used-up|server closed the connection/);
    await until(async () => (await events({ session: await lastSession(), kinds: ["session.ended"] })).length > 0);
    expect((await events({ session: await lastSession(), kinds: ["session.ended"] }))[0]?.body).toMatchObject({
      how: "cut",
      code: "budget-used-up",
    });
  });

  test("what is recorded can be read in the recording only", async () => {
    await database.psql(password("filmed"), ["-c", "select 'zqrow' || '7mark'"]);
    await lastSession();
    expect(await filesWith("zqrow7mark")).toEqual([]);
    expect(await events({ words: "zqrow7mark" })).toEqual([]);
    expect(database.test.faults).toEqual([]);
  });

  describe("looked back at with the command line", () => {
    const SALLYPORT = fileURLToPath(new URL("../../sallyport", import.meta.url));
    async function cli(args: readonly string[], as = token): Promise<{ status: number | null; stdout: string; stderr: string }> {
      const env = { ...process.env, SALLYPORT_URL: api.url, SALLYPORT_TOKEN: as, SALLYPORT_HOME: database.test.dir, NO_COLOR: "1" };
      const { status, stdout, stderr } = await run(SALLYPORT, args, { env, timeoutMs: 60_000 });
      return { status, stdout: stdout.toString(), stderr: stderr.toString() };
    }
    /** What differs from run to run. */
    const same = (text: string): string => text.replaceAll(/\+\d+:\d\d\.\d{3}/g, "+T").replaceAll(/\d+\.\d ms/g, "N ms");

    test("a session is a timeline of its statements, with results where they were recorded", async () => {
      const script =
        "select id, customer, null as n from orders order by id limit 3;\nupdate orders set paid = paid where id = 1;\nselect 1/0;\n" +
        "alter role app password 'zqnever7shown';\ncopy (select id from orders order by id limit 2) to stdout;\nselec;\n";
      await database.psql(password("filmed"), [], { input: script });
      const session = await lastSession();
      const shown = await cli(["replay", session, "--rows", "2"]);
      expect(shown.stderr).toBe("");
      expect(same(shown.stdout)).toBe(`+T  #1  read: orders  SELECT 3, N ms  [filmed.postgres.allow]
    select id, customer, null as n from orders order by id limit 3;

    id | customer   | n
    ---+------------+--
    1  | customer 1 | ∅
    2  | customer 2 | ∅
    … 1 more rows

+T  #2  write: orders (write)  UPDATE 1, N ms  [filmed.postgres.allow]
    update orders set paid = paid where id = 1;

+T  #3  read  error 22012: division by zero, N ms  [filmed.postgres.allow]
    select 1/0;

+T  #4  dcl  ALTER ROLE, N ms  [filmed.postgres.allow]
    alter role app password '?';
    -- 1 withheld

+T  #5  read, copy: orders  COPY 2, N ms  [filmed.postgres.allow]
    copy (select id from orders order by id limit 2) to stdout;

    1
    2

+T  –  refused: bad-request, syntax error at character 1
    selec;

`);
      const lines = (await cli(["replay", session, "--json"])).stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toHaveLength(6);
      expect(lines[0]).toMatchObject({
        number: 1,
        decision: "allow",
        outcome: { rows: 3 },
        results: [{ rowCount: 3, columns: [{ name: "id" }, {}, {}] }],
      });
    });

    test("binary values are shown as what they are", async () => {
      const client = await driver("filmed");
      await client.query({ name: "b", text: "select id from orders where id = $1", values: [7], binary: true } as pg.QueryConfig);
      await client.end();
      expect((await cli(["replay", await lastSession()])).stdout).toContain(`    -- with '7'

    id (int4, binary)
    -----------------
    \\x00000007
`);
    });

    test("show counts what was done, and names the tables", async () => {
      await database.psql(password("all"), ["-c", "select 1 from orders", "-c", "delete from orders where id < 0", "-c", "select 1/0"]);
      const { stdout } = await cli(["sessions", "show", await lastSession()]);
      expect(stdout).toMatch(/^statements +3 \(0 refused, 1 failed\)$/m);
      expect(stdout).toMatch(/^classes +read 2, write 1$/m);
      expect(stdout).toMatch(/^tables +orders 1, orders \(write\) 1$/m);
    });

    test("statements are found by table and column", async () => {
      await database.psql(password("all"), ["-c", "select o.email from public.orders o where o.id = 424242"]);
      await lastSession();
      const { token: owner } = await api.nobody.call("login.password", { body: { user: "olga", password: OWNER_PASSWORD } });
      for (const filter of [
        ["--table", "public.orders", "--column", "email"],
        ["--column", "orders.email", "424242"],
      ]) {
        const { stdout } = await cli(["audit", "search", ...filter, "--limit", "1"], owner);
        expect(stdout).toContain("select o.email from public.orders o where o.id = 424242");
      }
      expect((await cli(["audit", "search", "--table", "orders", "--column", "nothing_here"], owner)).stdout).toMatch(/^Nothing in/);
    });

    test("somebody else's session is not there for whoever may not view recordings", async () => {
      await database.psql(password("all"), ["-c", "select 1"]);
      const session = await lastSession();
      await api.logIn("lea");
      const { token: lea } = await api.nobody.call("login.password", { body: { user: "lea", password: "a password long enough for lea" } });
      const { status, stderr } = await cli(["replay", session], lea);
      expect(status).not.toBe(0);
      expect(stderr).toContain("There is no such thing, or you may not see it");
      await expect(api.with(lea).call("sessions.events", { params: { id: session } })).rejects.toMatchObject({
        code: "not-found",
      });
    });
  });
});

describe.skipIf(missing)(title("the record of a session that masks"), () => {
  test("has the rows as the client saw them", async () => {
    await using database = await startDatabase({
      masking: `
      columns:
        - { columns: "public.orders.email", class: email, mask: domain }
`,
      roles: { veiled: "{ postgres: { account: app, allow: [read] }, recording: { sql: { results: full } } }" },
    });
    const { stdout } = await database.psql(await database.password((await database.grant("veiled")).id), [
      "-Atc",
      "select email from orders where id = 7",
    ]);
    expect(stdout.toString()).toBe("****@example.com\n");
    const { store } = database.test.gate;
    await until(async () => (await store.log.query({ kinds: ["session.ended"], limit: 1 })).length === 1);
    const [started] = await store.log.query({ kinds: ["recording.started"], limit: 1 });
    const { file } = (started?.body ?? {}) as { file?: string };
    await using reader = await openReader(join(database.test.dir, "data", "recordings", file ?? ""), [store.keyWrap]);
    const rows = new RowsReader();
    const values: string[] = [];
    for await (const frame of reader.frames()) {
      if (frame.type !== "rows") continue;
      for (const part of rows.push(frame.data)) if (part.kind === "row") values.push(String(part.values[0]));
    }
    expect(values).toEqual(["****@example.com"]);
  });
});
