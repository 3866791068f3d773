/** A statement that two people have to approve, as psql and the record tell of it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";

const { missing, title } = psqlAndServer;
const BEN = { name: "ben" as PrincipalName, groups: ["oncall"] };

describe.skipIf(missing)(title("a statement that two have to approve"), () => {
  let database: Database;
  beforeAll(async () => {
    database = await startDatabase({
      sql: "create table accounts (id int primary key, n int); insert into accounts values (1, 1), (2, 2); grant select, update on accounts to app;",
      roles: { careful: "{ postgres: { account: app, allow: [read, transaction, session], hold: [write] } }" },
      holds: "2 of (leads or oncall)",
    });
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  test("waits after the first, says so, and runs after the second; the same person is not two", async () => {
    const { holds, store } = database.test.gate;
    const password = await database.password((await database.grant("careful")).id);
    const running = database.psql(password, ["-At", "-c", "update accounts set n = 9 where id = 1"]);
    const hold = await waitingHold(database);
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ state: "waiting", missing: "1 of (leads or oncall)" });
    expect(await holds.decide(hold.id, LEA, true)).toMatchObject({ code: "wrong-state" });
    expect(await database.server.sql("select n from accounts where id = 1", "shop")).toBe("1");
    expect(await holds.decide(hold.id, BEN, true)).toMatchObject({ state: "approved", missing: "" });
    const said = (await running).stderr.toString();
    expect(said).toContain("It takes 2 of (leads or oncall) (lea), until");
    expect(said).toContain(`approved by lea, and waits for 1 of (leads or oncall) more (${hold.id})`);
    expect(said).toContain(`approved by lea, ben (${hold.id})`);
    expect(await database.server.sql("select n from accounts where id = 1", "shop")).toBe("9");
    const events = await store.log.query({ kinds: ["action.approved"], limit: 100 });
    expect(events).toMatchObject([
      { principal: "lea", body: { hold: hold.id, complete: false } },
      { principal: "ben", body: { hold: hold.id, complete: true } },
    ]);
  });
});
