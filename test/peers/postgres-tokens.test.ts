/** Passwords of minutes: who sees what they are for, and revoking one, all of a person, or all of a grant, with Debian's psql. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import { CLI, environmentOf, openWorld, type World } from "../kit/connecting.ts";
import { OWNER, OWNER_PASSWORD } from "../kit/gate.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { run } from "../kit/process.ts";

interface Answer {
  readonly tokens?: readonly { readonly id: string; readonly access?: object }[];
  readonly revoked?: readonly string[];
}

describe.skipIf(psqlAndServer.missing)(psqlAndServer.title("passwords of minutes"), () => {
  let world: World;
  let ana: Client;
  let lea: Client;
  let owner: string;
  beforeAll(async () => {
    world = await openWorld();
    ana = world.api.with(world.ana.token);
    lea = await world.api.logIn("lea");
    owner = (await world.api.nobody.call("login.password", { body: { user: OWNER, password: OWNER_PASSWORD } })).token;
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  const password = async (grant: string) => {
    const answer = await ana.call("grants.password", { params: { id: grant }, body: { target: "shop-db" } });
    return { id: answer.token, password: answer.password };
  };
  const comesIn = async ({ password }: { password: string }): Promise<boolean> => {
    const { status, stdout } = await world.database.psql(password, ["-Atc", "select 1"]);
    return status === 0 && stdout.toString() === "1\n";
  };
  /** An open session; resolves to what it was told at its end. */
  const stays = async ({ password }: { password: string }) => {
    const client = new pg.Client({ ...connection(), password });
    const told = new Promise<string>((resolve) => client.on("error", (error) => resolve(error.message)));
    await client.connect();
    return { client, told };
  };
  const connection = () => ({
    host: "127.0.0.1",
    port: world.database.test.gate.postgres?.port ?? 0,
    user: "ana",
    database: "shop-db",
  });
  const sallyport = async (token: string, ...words: string[]) => {
    const { status, stdout } = await run(process.execPath, [CLI, ...words, "--json"], { env: environmentOf({ ...world.ana, token }) });
    return { status, answer: JSON.parse(stdout.toString() || "null") as Answer };
  };

  test("the list names the grant and the target, to their person and to whoever may revoke them", async () => {
    const grant = await world.database.grant("read");
    const made = await password(grant.id);
    for (const token of [world.ana.token, owner]) {
      const { answer } = await sallyport(token, "token", "list", "--user", "ana");
      const found = answer.tokens?.find(({ id }) => id === made.id);
      expect(found?.access).toEqual({ target: "shop-db", grant: grant.id });
      expect(JSON.stringify(answer)).not.toMatch(/scram|storedKey|serverKey|hash/);
    }
    await expect(lea.call("tokens.list", { query: { user: "ana" } })).rejects.toMatchObject({ code: "not-permitted" });
  });

  test("one of them: the session it opened is cut, the others stay", async () => {
    const grant = await world.database.grant("read");
    const [first, second] = [await password(grant.id), await password(grant.id)];
    const { told } = await stays(first);
    expect(await sallyport(owner, "token", "revoke", first.id)).toMatchObject({ status: 0 });
    expect(await told).toContain("sallyport");
    expect([await comesIn(first), await comesIn(second)]).toEqual([false, true]);
  });

  test("all under one grant, by their person", async () => {
    const [first, second] = [await world.database.grant("read"), await world.database.grant("read")];
    const [ended, other] = [await password(first.id), await password(second.id)];
    const { answer } = await sallyport(world.ana.token, "token", "revoke", "--all", "--grant", first.id);
    expect(answer.revoked).toEqual([ended.id]);
    expect([await comesIn(ended), await comesIn(other)]).toEqual([false, true]);
  });

  test("all of a person, by an administrator: their sessions are cut, their login works on", async () => {
    const grant = await world.database.grant("read");
    const made = [await password(grant.id), await password(grant.id)];
    const open = await Promise.all(made.map(stays));
    await expect(lea.call("tokens.revoke-all", { query: { user: "ana" } })).rejects.toMatchObject({ code: "not-permitted" });
    expect(await comesIn(made[0]!)).toBe(true);
    const { status, answer } = await sallyport(owner, "token", "revoke", "--all", "--user", "ana", "--type", "access");
    expect([status, answer.revoked]).toEqual([0, expect.arrayContaining(made.map(({ id }) => id))]);
    for (const { told } of open) expect(await told).toContain("sallyport");
    expect([await comesIn(made[0]!), await comesIn(made[1]!)]).toEqual([false, false]);
    expect((await ana.call("status.show")).me.name).toBe("ana");
    const revoked = await world.database.test.gate.store.identity.listTokens("ana" as never);
    expect(revoked.filter(({ type, revokedAt }) => type === "access" && revokedAt === undefined)).toEqual([]);
  });

  test("all of one's own, logins too: the one in use stays", async () => {
    const another = await world.api.nobody.call("login.password", { body: { user: "ana", password: "a password long enough for ana" } });
    await sallyport(world.ana.token, "token", "revoke", "--all");
    await expect(world.api.with(another.token).call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    expect((await ana.call("status.show")).me.name).toBe("ana");
  });
});
