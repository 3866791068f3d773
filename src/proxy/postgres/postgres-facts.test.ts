import { afterAll, describe, expect, test } from "vitest";
import { keyedDigest } from "../../audit/keyed-digest.ts";
import { Secret } from "../../kernel/secret.ts";
import { SQL_RECORDING_DEFAULT, type SqlRecording } from "../../policy/role.ts";
import { SqlParser } from "../../policy/sql/parser.ts";
import { PostgresRecord } from "./postgres-facts.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());
const digest = keyedDigest(new Secret(Buffer.alloc(32, 7)));
const NOWHERE = { output: () => undefined };
const SECRET = "hunter2-planted";

function recordOf(rule: Partial<SqlRecording> = {}): { record: PostgresRecord; rule: SqlRecording } {
  const now = { ...SQL_RECORDING_DEFAULT, ...rule };
  return { record: new PostgresRecord({ recorder: NOWHERE, sqlRecording: () => now }, digest), rule: now };
}

async function read(sql: string) {
  const parsed = await parser.parse(sql);
  if (!parsed.ok) throw new Error(`${parsed.why}: ${parsed.message}`);
  return { sql, read: parsed };
}

const values = (...texts: (string | null)[]) => texts.map((text) => ({ binary: false, value: text === null ? null : Buffer.from(text) }));

describe("statements", () => {
  test("kept: whole, with what they name", async () => {
    const { record } = recordOf();
    expect(record.statement(1, await read("update orders set paid = true where id = 7")).body).toEqual({
      number: 1,
      statement: "update orders set paid = true where id = 7",
      protocol: "simple",
      classes: ["write"],
      relations: ["orders (write)"],
      columns: ["orders.id", "orders.paid"],
      functions: [],
    });
  });

  test("redacted: without literals, and with what proves the exact text", async () => {
    const sql = "select email from orders where customer = 'Ana' and id = 7";
    const { record } = recordOf({ literals: "redact" });
    expect(record.statement(1, await read(sql)).body).toMatchObject({
      statement: "select email from orders where customer = '?' and id = ?",
      withheld: 2,
      original: { digest: digest("statement", sql), bytes: sql.length },
    });
  });

  test("redacted: a value in the wrong quotes is no name", async () => {
    const { record } = recordOf({ literals: "redact" });
    const { body } = record.statement(1, await read('select id from orders where email = "ana@example.com"'));
    expect(JSON.stringify(body)).not.toContain("ana@");
  });

  test("a secret is withheld whatever the rule says, with parameters and errors", async () => {
    const { record } = recordOf();
    const text = await read(`alter role x password '${SECRET}'`);
    expect(record.statement(1, text).body).toMatchObject({ statement: "alter role x password '?'", withheld: 1 });
    expect(record.refused({ allowed: false, code: "role-denies" }, text).body).toMatchObject({ statement: "alter role x password '?'" });
    expect(record.keepsErrors(text)).toBe(false);
    const insert = await read("insert into users (name, password) values ($1, $2)");
    expect(record.statement(2, insert, record.parameters(values("ana", SECRET, null), insert)).body).toMatchObject({
      parameters: [{ bytes: 3 }, { bytes: SECRET.length }, null],
    });
  });

  test("what EXECUTE is given follows what was prepared", async () => {
    const { record } = recordOf();
    const execute = await read(`execute p('${SECRET}')`);
    expect(record.statement(1, execute).body).toMatchObject({ statement: execute.sql });
    record.statement(2, await read("prepare p as insert into users (password) values ($1)"));
    expect(record.statement(3, execute).body).toMatchObject({ statement: "execute p('?')" });
    expect(record.keepsErrors(execute)).toBe(false);
  });

  test("a text of 200 kB is cut, and says so", async () => {
    const { record } = recordOf();
    const sql = `select '${"x".repeat(200_000)}'`;
    const { body } = record.statement(1, await read(sql)) as { body: { statement: string } };
    expect(body.statement).toHaveLength(64 * 1024);
    expect(body).toMatchObject({ original: { bytes: sql.length } });
  });
});

describe("parameters", () => {
  test("kept, recognised or withheld", async () => {
    const text = await read("select * from orders where customer = $1 or id = $2");
    const shown = (parameters: SqlRecording["parameters"]) => {
      const { record } = recordOf({ parameters });
      return (record.statement(1, text, record.parameters(values("Ana", null), text)).body as { parameters: unknown }).parameters;
    };
    expect(shown("keep")).toEqual(["Ana", null]);
    expect(shown("hash")).toEqual([{ digest: digest("parameter", "Ana") }, null]);
    expect(shown("redact")).toEqual([{ bytes: 3 }, null]);
  });

  test("bound under a rule that is stricter by now, they are withheld", async () => {
    let parameters: SqlRecording["parameters"] = "keep";
    const record = new PostgresRecord({ recorder: NOWHERE, sqlRecording: () => ({ ...SQL_RECORDING_DEFAULT, parameters }) }, digest);
    const text = await read("select $1");
    const bound = record.parameters(values("Ana"), text);
    parameters = "hash";
    expect(JSON.stringify(record.statement(1, text, bound))).not.toContain("Ana");
  });
});

describe("texts that cannot be read", () => {
  const refusal = { allowed: false, code: "bad-request" } as const;
  const unread = async (sql: string, rule: Partial<SqlRecording> = {}) => {
    const parsed = await parser.parse(sql);
    if (parsed.ok) throw new Error("It can be read");
    return recordOf(rule).record.unread(refusal, sql, parsed).body;
  };

  test("without literals, and without the server's words, which quote them", async () => {
    expect(await unread("select 1 frm orders where x = 'y'")).toEqual({
      code: "bad-request",
      detail: "syntax error at character 14",
      statement: "select ? frm orders where x = '?'",
      withheld: 2,
      original: { digest: digest("statement", "select 1 frm orders where x = 'y'"), bytes: 33 },
    });
  });

  test.each([
    [`alter role x passwd '${SECRET}'`, {}, "ALTER"],
    [`alter role x password ${SECRET}`, {}, "ALTER"],
    [`alter role x password '${SECRET}`, {}, "ALTER"],
    [`select 1 frm ${SECRET}`, { literals: "redact" }, "SELECT"],
    [SECRET, { literals: "redact" }, undefined],
    [`${SECRET} is it`, { literals: "redact" }, undefined],
    [`select 1;\0 ${SECRET}`, {}, "SELECT"],
    [`select '${"x".repeat(300_000)}', '${SECRET}'`, {}, "SELECT"],
  ] as const)("%# nothing of it but its first keyword", async (sql, rule, keyword) => {
    const body = await unread(sql, rule);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    expect(body).not.toHaveProperty("statement");
    expect((body as { keyword?: string }).keyword).toBe(keyword);
    expect(body).toMatchObject({ original: { digest: digest("statement", sql) } });
  });
});
