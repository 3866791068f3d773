/** PostgreSQL in the contract suite: Debian's psql as the client, a server of the tests' own as the target. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Authenticated } from "../../src/identity/model.ts";
import type { GrantId, PrincipalName, TargetName } from "../../src/kernel/ids.ts";
import { startFakePostgres } from "../kit/fake-postgres.ts";
import { OWNER_PASSWORD, startGate } from "../kit/gate.ts";
import { connectPostgres } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";
import type { ProtocolDriver, Shown } from "./driver.ts";

const UPSTREAM_PASSWORD = "a password of the contract suite";

export const postgresDriver: ProtocolDriver = {
  start: async () => {
    await using opened = new AsyncDisposableStack();
    const target = opened.use(await startFakePostgres(UPSTREAM_PASSWORD));
    process.env["TEST_CONTRACT_PASSWORD"] = UPSTREAM_PASSWORD;
    const yaml = `
groups: { oncall: [ana], leads: [lea], owners: [olga] }
roles:
  debug: { postgres: { account: app, allow: [read, session] } }
  owner: { gate: ["*"] }
holders: [{ role: owner, who: ["group:owners"] }]
rules: [{ name: r, who: ["group:oncall"], roles: [debug], targets: { names: [shop-db] }, max: 4h, approval: 1 of leads }]
targets:
  shop-db: { kind: postgres, address: "127.0.0.1:${target.port}", database: shop, tls: off, logins: { app: env:TEST_CONTRACT_PASSWORD } }
`;
    const test = opened.use(await startGate(yaml, { postgres: true }));
    const { gate } = test;
    for (const person of ["ana", "lea"]) await test.addPerson(person);
    const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
    const by: Authenticated = {
      principal: { ...ana, type: "human" },
      method: "password",
      credential: "password",
      at: 0,
      remote: "127.0.0.1:1",
    };
    const port = gate.postgres?.port ?? 0;
    const secrets = [OWNER_PASSWORD, UPSTREAM_PASSWORD];
    const passwordFor = async (grant: GrantId): Promise<string> => {
      const made = await gate.identity.createAccessToken(by, { grant, target: "shop-db" as TargetName, expiresAt: Date.now() + 60_000 });
      if ("allowed" in made) throw new Error(made.code);
      secrets.push(made.secret.reveal());
      return made.secret.reveal();
    };
    // What the API would give to nobody: a password for a grant that there is not.
    let password = await passwordFor("gr-0000000000" as GrantId);
    const psql = (sql: string): { done: Promise<Shown> } => {
      const child = spawn("psql", ["-XAt", `host=127.0.0.1 port=${port} user=ana dbname=shop-db`, "-c", sql], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, PGPASSWORD: password },
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
      return { done: once(child, "close").then(([status]) => ({ ok: status === 0, text })) };
    };
    const everything = opened.move();
    return {
      gate,
      target,
      faults: test.faults,
      secrets,
      grant: async () => {
        const asked = await gate.access.request(ana, { reason: "slow", role: "debug", targets: ["shop-db"], durationMs: 60_000 });
        if (!asked.allowed) throw new Error(asked.code);
        const approved = await gate.access.approve(asked.request.id, { name: "lea" as PrincipalName, groups: ["leads"] });
        if (!approved.allowed || !approved.grant) throw new Error("not approved");
        password = await passwordFor(approved.grant.id);
        return approved.grant;
      },
      act: (marker) => psql(`select ${marker}`).done,
      hold: async () => {
        const { done } = psql("select hold");
        await until(() => target.actions.includes("select hold"));
        return { ended: done };
      },
      sendUnknown: async () => {
        const client = await connectPostgres(port, password);
        client.send(Buffer.from([0x7a, 0, 0, 0, 4]));
        return client.ended();
      },
      [Symbol.asyncDispose]: () => everything.disposeAsync(),
    };
  },
};
