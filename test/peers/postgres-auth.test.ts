/** Servers that ask for passwords by MD5 or in clear: refused, unless their target says otherwise. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateServices } from "../../src/main/services.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";

const { missing, title } = psqlAndServer;
const PASSWORD = "an old password";

describe.skipIf(missing)(title("passwords without SCRAM"), () => {
  let database: Database;

  beforeAll(async () => {
    process.env["TEST_OLD_PASSWORD"] = PASSWORD;
    database = await startDatabase({
      tls: true,
      sql: `set password_encryption = md5; create role old login password '${PASSWORD}'; create role plain login password '${PASSWORD}';`,
      target: "    auth: password",
      logins: ", old: env:TEST_OLD_PASSWORD, plain: env:TEST_OLD_PASSWORD",
      roles: {
        old: "{ postgres: { account: old, allow: [read] } }",
        plain: "{ postgres: { account: plain, allow: [read] } }",
      },
    });
    const rules = join(database.server.dir, "data", "pg_hba.conf");
    await writeFile(rules, `host all old all md5\nhost all plain all password\n${await readFile(rules, "utf8")}`);
    await database.server.sql("select pg_reload_conf()");
  }, 120_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  /** What somebody with this role is told, with the target as it is then. */
  const asked = async (role: string, target: string) => {
    const { configPath, gate } = database.test;
    const text = await readFile(configPath, "utf8");
    await writeFile(configPath, text.replace(/    auth: \w+\n/, `    auth: ${target}\n`));
    await gate.configuration.reload("gate");
    const password = await database.password((await database.grant(role)).id);
    const { stdout, stderr } = await database.psql(password, ["-Atc", "select current_user"]);
    return stdout.toString() + stderr.toString();
  };

  test.each([
    ["password", "plain"],
    ["password", "old"],
    ["password", "read"],
    ["md5", "old"],
    ["md5", "read"],
    ["scram", "read"],
  ])("auth: %s lets %s log in", async (auth, role) => {
    expect(await asked(role, auth)).toBe(`${role === "read" ? "app" : role}\n`);
  });

  test.each([
    ["md5", "plain"],
    ["scram", "plain"],
    ["scram", "old"],
  ])("auth: %s does not let %s", async (auth, role) => {
    expect(await asked(role, auth)).toContain("does not ask for a password by SCRAM [target-refused]");
  });

  test("targets test says how weak it is", async () => {
    await asked("plain", "password");
    const { gate, dir } = database.test;
    const target = gate.configuration.current.targets.get("shop-db");
    if (!target) throw new Error("no target");
    const report = await gateServices(gate, join(dir, "data")).hosts.test(target, "olga");
    if ("allowed" in report) throw new Error(report.code);
    const found = new Map(report.findings.map(({ check, detail }) => [check, detail]));
    expect(found.get("login as old")).toContain("warning: it asks by MD5");
    expect(found.get("login as plain")).toContain("warning: it asks for the password in clear");
    expect(found.get("login as app")).not.toContain("warning");
  });
});
