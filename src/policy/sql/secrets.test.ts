import { afterAll, describe, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());

async function isSecret(sql: string): Promise<boolean> {
  const parsed = await parser.parse(sql);
  if (!parsed.ok) throw new Error(`${parsed.why}: ${parsed.message}`);
  return parsed.statements.some(({ secret }) => secret);
}

const SECRET = [
  "CREATE ROLE x LOGIN PASSWORD 'hunter2'",
  "CREATE USER x WITH ENCRYPTED PASSWORD 'hunter2' VALID UNTIL '2027-01-01'",
  "ALTER USER x PASSWORD 'SCRAM-SHA-256$4096:a$b:c'",
  "ALTER ROLE x PASSWORD $$hunter2$$",
  "CREATE USER MAPPING FOR x SERVER s OPTIONS (user 'u', pass 'hunter2')",
  "ALTER USER MAPPING FOR x SERVER s OPTIONS (SET pw 'hunter2')",
  "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', key 'hunter2')",
  "CREATE SUBSCRIPTION s CONNECTION 'host=h sslpassword=x' PUBLICATION p",
  "ALTER SUBSCRIPTION s CONNECTION 'host=h'",
  "ALTER SYSTEM SET primary_conninfo = 'host=h password=hunter2'",
  "SELECT * FROM dblink('host=h user=u', 'select 1') AS t(a int)",
  "SELECT dblink_connect('c', 'whatever')",
  "SELECT * FROM other.dblink_exec('c', 'x')",
  "SELECT 'postgres://u:hunter2@host/db'",
  "SELECT 'postgresql://hunter2@host'",
  "INSERT INTO users (name, password_hash) VALUES ('a', 'hunter2')",
  "UPDATE users SET api_token = 'hunter2'",
  "UPDATE users SET (name, secret) = ('a', 'b')",
  "SELECT * FROM users WHERE \"Password\" = 'hunter2'",
  "SELECT 'hunter2' AS pwd",
  "SELECT * FROM users WHERE hash = crypt('hunter2', hash)",
  "SELECT pgp_sym_decrypt(data, 'hunter2') FROM t",
  "SELECT encrypt('a', 'k', 'aes'), hmac('a', 'b', 'sha256')",
  "SELECT md5('hunter2'), sha256('hunter2')",
  "SET app.jwt_secret = 'hunter2'",
  "SELECT set_config('app.api_key', 'hunter2', false)",
  "ALTER DATABASE d SET app.token = 'hunter2'",
  "DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''hunter2'''; END $$",
  "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 /* password: hunter2 */ $$",
  "PREPARE p AS INSERT INTO users (password) VALUES ($1)",
  "EXPLAIN SELECT * FROM users WHERE password = 'hunter2'",
  "COPY (SELECT * FROM users WHERE token = 'hunter2') TO STDOUT",
  "MERGE INTO users u USING n ON u.id = n.id WHEN MATCHED THEN UPDATE SET passwd = 'hunter2'",
  "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET secret = 'hunter2'",
  // What the tree says, however it is written.
  "SELECT U&'p\\0061ssword=hunter2'",
  "SELECT E'p\\x61ssword=hunter2'",
  "SELECT 'pass'\n'word=hunter2'",
  "SELECT * FROM users WHERE U&\"p\\0061ssword\" = 'hunter2'",
  // And what no tree has.
  "SELECT 1 -- the password is hunter2",
];

const PLAIN = [
  "SELECT * FROM orders WHERE id = 7 AND customer = 'ana'",
  "UPDATE orders SET paid = true WHERE email = 'c7@example.com'",
  "INSERT INTO orders (id, customer) VALUES (1, 'x')",
  "SELECT relname FROM pg_class WHERE oid = 16384 AND relkind = 'r'",
  "SET work_mem = '8MB'",
  "SELECT 'https://example.com/a?b=c'",
  "SELECT spinning, shipping, opinion FROM tops",
  "CREATE TABLE t (id int PRIMARY KEY, key text)",
  "BEGIN",
];

describe("statements that may hold a secret", () => {
  test.each(SECRET)("%s", async (sql) => expect(await isSecret(sql)).toBe(true));
  test.each(PLAIN)("not: %s", async (sql) => expect(await isSecret(sql)).toBe(false));
});
