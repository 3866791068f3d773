/** A second factor for databases: asked where the password is made, or shown on a page while the real psql waits. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import type { GrantId } from "../../src/kernel/ids.ts";
import { openWorld, type World } from "../kit/connecting.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { SoftwarePasskey } from "../kit/software-passkey.ts";
import { until } from "../kit/until.ts";
import { addPasskey, ORIGIN, stepUp } from "./gate/factor-calls.ts";

const { missing, title } = psqlAndServer;

describe.skipIf(missing)(title("a second factor for databases"), () => {
  let world: World;
  let ana: Client;
  let grant: GrantId;
  const passkey = new SoftwarePasskey(ORIGIN);

  beforeAll(async () => {
    world = await openWorld();
    ana = world.api.with(world.ana.token);
    await addPasskey(ana, passkey);
    const lea = await world.api.logIn("lea");
    const body = { reason: "checkout is slow", role: "read", targets: ["shop-db"], durationMs: 3_600_000 };
    const { request } = await ana.call("requests.create", { body });
    const approved = await lea.call("requests.approve", { params: { id: request.id } });
    if (!approved.grant) throw new Error("not approved");
    grant = approved.grant.id;
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const stepUpWithin = async (time: string): Promise<void> => {
    const { configPath, gate } = world.database.test;
    const text = (await readFile(configPath, "utf8")).replace(/ {4}stepUp: .*\n/, "");
    await writeFile(configPath, text.replace("    kind: postgres\n", `    kind: postgres\n    stepUp: ${time}\n`));
    expect((await gate.configuration.reload("gate")).outcome).toBe("loaded");
  };
  const password = () => ana.call("grants.password", { params: { id: grant }, body: { target: "shop-db" } });
  const psql = (secret: string) => {
    const child = spawn("psql", ["-X", world.database.conninfo(), "-Atc", "select 'let in'"], {
      env: { ...process.env, PGPASSWORD: secret },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    return { said: () => said, ended: once(child, "close").then(([status]) => ({ status: status as number, said })) };
  };
  const old = async (ms: number): Promise<void> => {
    const at = (await ana.call("step-up.start")).shown[0]?.at ?? 0;
    await until(() => Date.now() - at > ms);
  };

  test("no password is made by a login whose factor is old; once it was shown, psql is asked nothing", async () => {
    await stepUpWithin("1s");
    await old(1200);
    await expect(password()).rejects.toMatchObject({ code: "step-up-needed", problem: { stepUp: { withinMs: 1000 } } });
    await stepUpWithin("10m");
    await stepUp({ client: ana, passkey });
    const { status, said } = await psql((await password()).password).ended;
    expect([status, said]).toEqual([0, "let in\n"]);
  });

  test("psql says where to show a passkey, reaches nothing until then, and is let in", async () => {
    await stepUp({ client: ana, passkey });
    const { password: secret } = await password();
    await stepUpWithin("2s");
    await old(2200);
    const waiting = psql(secret);
    await until(() => /step-up\/[0-9a-z]{26},/.test(waiting.said()));
    expect(waiting.said()).not.toContain("let in");
    const page = /step-up\/([0-9a-z]{26})/.exec(waiting.said())?.[1] ?? "";
    const shown = await world.api.nobody.call("step-up.show-page", { params: { page } });
    expect(shown).toMatchObject({ user: "ana", what: 'a session on "shop-db"' });
    await world.api.nobody.call("step-up.finish-page", { params: { page }, body: { answer: passkey.get(shown.passkey) } });
    expect(await waiting.ended).toMatchObject({ status: 0, said: expect.stringContaining("let in") as string });
  });
});
