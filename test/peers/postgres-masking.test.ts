import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateServices } from "../../src/main/services.ts";
import type { Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { encodeParse, encodeQuery, encodeSync } from "../../src/wire/postgres/frontend.ts";
import { MARK, NUMBER, startSecretsDatabase } from "../kit/secrets-database.ts";

const { missing, title } = psqlAndServer;

describe.skipIf(missing)(title("masking"), () => {
  let database: Database;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    database = await startSecretsDatabase();
    for (const role of ["masked", "changing", "everything", "emails", "clear"]) {
      passwords.set(role, await database.password((await database.grant(role)).id));
    }
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  async function psql(role: string, ...statements: string[]): Promise<string> {
    const { stdout, stderr } = await database.psql(passwords.get(role) ?? "", ["-At", ...statements.flatMap((sql) => ["-c", sql])]);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  }

  test("a column's comment, or a security label, says that it is masked", async () => {
    expect(await psql("masked", "select * from described")).toBe("1|****|****|late");
    expect(await psql("masked", "select id from described where badge like 'x%'")).toContain("public.described.badge");
    expect(await psql("clear", "select * from described")).toBe(`1|${MARK}nick|${MARK}badge|late`);
  });

  test("the planner chooses: who makes it read along an index would get rows in the order of the values", async () => {
    const forced = ["set enable_seqscan = off", "SET LOCAL Enable_BitmapScan TO off", "select set_config('random_page_cost', '0', false)"];
    for (const sql of forced) expect(await psql("masked", sql)).toContain("[masked]");
    expect(await psql("masked", "set work_mem = '8MB'", "show enable_seqscan")).toContain("on");
    expect(await psql("clear", ...forced.slice(0, 1))).toContain("SET");
  });

  describe("a name is masked as what it stands for now", () => {
    const open = async (): Promise<PostgresClient> =>
      connectPostgres(database.test.gate.postgres?.port ?? 0, passwords.get("masked") ?? "");
    const secret = "select email || '' from customers where id = 6";
    const said = async (...messages: readonly Buffer[]): Promise<string> => {
      const client = await open();
      client.send(Buffer.concat([...messages, encodeQuery("select 'the end'")]));
      let text = "";
      while (!text.includes("the end")) text += Buffer.concat(await client.readTo("Z")).toString("latin1");
      client.socket.destroy();
      return text;
    };

    test.each([
      [
        "given by SQL, then by the protocol",
        [encodeQuery("prepare p as select 'x'; deallocate p"), encodeParse("p", secret), encodeSync(), encodeQuery("execute p")],
      ],
      [
        "given again, which the target refuses",
        [encodeQuery(`prepare p as ${secret}`), encodeQuery("prepare p as select 'x'"), encodeQuery("execute p")],
      ],
      [
        "given by the protocol, and again by SQL",
        [encodeParse("p", secret), encodeSync(), encodeQuery("prepare p as select 'x'"), encodeQuery("execute p")],
      ],
      [
        "of a statement that runs another",
        [encodeQuery(`prepare p as ${secret}`), encodeParse("q", "execute p"), encodeSync(), encodeQuery("execute q")],
      ],
      [
        "of a cursor that another had before",
        [
          encodeQuery("begin; declare c cursor for select 'x'; close c"),
          encodeQuery(`declare c cursor for ${secret}`),
          encodeQuery("fetch c"),
        ],
      ],
    ] as const)("%s", async (_, messages) => {
      const text = await said(...messages);
      expect(text).not.toContain("example.org");
      expect(text).not.toContain(MARK);
      // The row came, without its value.
      expect(text).toMatch(/(?:SELECT|FETCH) 1/);
    });
  });

  describe("what a role does not show is masked", () => {
    test.each([
      ["by its domain", "select id, email from customers where id = 2", "2|****@example.org"],
      ["by its last four", "select phone, card from customers where id = 2", "****1002|****0002"],
      ["what is no text is NULL", "select id, salary, born, tags, profile from customers where id = 2", "2||||"],
      ["by * and an alias", "select x.* from (select email as a, id from customers where id = 3) x", "****@example.com|3"],
      ["NULL stays NULL", "select id, email is null from customers where id = 21", "21|t"],
      ["in a view", "select address from customer_contacts where id = 4", "****@example.org"],
      ["in a view of a view", "select reach from contact_copy where id = 4", "****@example.org"],
      ["in a materialised view", "select digits, salary from customer_cards where id = 4", "****0004|"],
      ["in what inherits", "select email, desk from staff", "****|d1"],
      ["in a generated column", "select email_lower from customers where id = 4", ""],
      ["through WITH", "with c as (select * from customers) select email from c where id = 6", "****@example.org"],
      ["through LATERAL", "select l.e from customers c, lateral (select c.email as e) l where c.id = 6", "****@example.org"],
      ["made into something else", "select upper(email), length(email), email || 'x' from customers where id = 6", "||"],
      ["as a whole row", "select c from customers c where id = 6", ""],
      ["one field of a row", "select (c).email from customers c where id = 6", "****@example.org"],
      ["as JSON", "select row_to_json(c) from customers c where id = 6", ""],
      ["in a scalar subquery", "select (select email from customers where id = 6)", "****@example.org"],
      ["in a union", "select email from customers where id = 6 union all select 'own'", ""],
      ["counted", "select count(*), count(email) from customers", "21|20"],
      ["equal to a value, where that may be asked", `select id from customers where phone = '+41 ${MARK} 1006'`, "6"],
      ["in another schema", "select iban, name from hr.customers", "|hr one"],
      [
        "by a cursor",
        "begin; declare c cursor for select email from customers where id = 6; fetch all from c; commit",
        "BEGIN\nDECLARE CURSOR\n****@example.org\nCOMMIT",
      ],
      ["beside what is not", "select name, city from customers where id = 6", "name 6|Bern"],
    ])("%s", async (_, sql, shown) => {
      expect(await psql("masked", sql)).toBe(shown);
    });

    test("a hash is the same for the same value under one grant, and another under another", async () => {
      const ask = "select distinct customer_email from events where customer_email is not null order by 1 limit 1";
      expect(await psql("masked", ask)).toMatch(/masked and cannot be sorted by/);
      const one = await psql("masked", "select customer_email from events where id = 1");
      expect(one).toMatch(/^[\w-]{16}$/);
      expect(await psql("masked", "select e.customer_email from events e where e.id = 1")).toBe(one);
    });

    test("a role shows the classes that it names", async () => {
      expect(await psql("emails", "select email, phone from customers where id = 2")).toBe(`${MARK}2@example.org|****1002`);
      expect(await psql("clear", "select email, salary from customers where id = 2")).toBe(`${MARK}2@example.org|${NUMBER}`);
    });
  });

  describe("what would tell of it is refused, with the column and what would be allowed", () => {
    test.each([
      ["select id from customers where email like 'a%'", /public\.customers\.email is masked and cannot be .*\[masked\].*Try: /s],
      ["select id from customers where email = 'a'", /cannot be compared/],
      ["select id from customers order by email", /cannot be sorted by/],
      ["select distinct email from customers", /cannot be asked for without repetition/],
      ["select email, count(*) from customers group by 1", /cannot be grouped by/],
      ["select case when email like 'a%' then 1 end from customers", /cannot be/],
      ["select email::int from customers", /cannot be cast to int4/],
      ["select 1 from customers where phone > 'a'", /cannot be.*may only be compared by =/s],
      ["copy customers to stdout", /cannot be copied out.*Try: COPY customers \(id, name, city, created\) TO STDOUT/s],
      ["copy (select email from customers) to stdout", /cannot be copied out/],
      ["select get_email(1)", /role/],
      ["select found from by_function", /by_function\.found holds is not known/],
      ["select * from regexp_split_to_table((select email from customers where id = 1), '')", /given to/],
      ["select lower(c) from customers c", /lower\(\) may be a function of that name that somebody defined.*pg_catalog\.lower/s],
      ["table nothing_here", /there is no "nothing_here" that the gate knows of/],
    ])("%s", async (sql, refusal) => {
      expect(await psql("masked", sql)).toMatch(refusal);
    });
  });

  test("a scan tells what is masked, what looks as if it should be, and which rule matches nothing; no value", async () => {
    const { columns, targets } = gateServices(database.test.gate, join(database.test.dir, "data"));
    const target = targets.findTarget("shop-db");
    if (!target) throw new Error("no target");
    const found = await columns.scan(target, "olga", { account: "admin" });
    if ("allowed" in found) throw new Error(found.detail);
    const of = (column: string): unknown => found.columns.find((each) => each.column === column);
    expect(of("public.customers.email")).toMatchObject({
      masked: { class: "email" },
      guess: { because: "20 of 20 values look like e-mail addresses" },
    });
    expect(of("public.orders.email")).toMatchObject({ guess: { class: "email", mask: "domain" } });
    expect(of("public.orders.email")).not.toHaveProperty("masked");
    expect(of("public.orders.total")).toBeUndefined();
    // A view is shown as what is below it: it needs no mask of its own.
    expect(of("public.contact_copy.reach")).toMatchObject({ guess: { class: "email" }, through: ["public.customers.email"] });
    expect(found.unmatched).toEqual([7]);
    expect(JSON.stringify(found)).not.toContain(MARK);
    expect(await columns.scan(target, "olga", { account: "nobody" })).toMatchObject({
      code: "bad-request",
      detail: expect.stringContaining("app, admin"),
    });
  });
});
