/** Connections that wait for an approval: Debian's psql and the `pg` driver with the password of a request. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../../src/contract/client.ts";
import type { GrantId, RequestId } from "../../src/kernel/ids.ts";
import { CLI, environmentOf, openWorld, startConnecting, type World } from "../kit/connecting.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;

interface Spoken {
  readonly said: () => string;
  readonly ended: Promise<{ status: number | null; said: string }>;
  kill(): void;
}

function speak(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Spoken {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "close").then(([status]) => ({ status: status as number | null, said }));
  return { said: () => said, ended, kill: () => void child.kill("SIGKILL") };
}

describe.skipIf(missing)(title("waiting for an approval"), () => {
  let world: World;
  let ana: Client;
  let lea: Client;
  beforeAll(async () => {
    world = await openWorld();
    ana = world.api.with(world.ana.token);
    lea = await world.api.logIn("lea");
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const { id } of (await ana.call("status.show")).requests)
      await ana.call("requests.cancel", { params: { id }, body: { reason: "over" } });
    for (const { id } of (await ana.call("status.show")).grants)
      await ana.call("grants.revoke", { params: { id }, body: { reason: "over" } });
  });

  const ask = async (): Promise<RequestId> => {
    const body = { reason: "checkout is slow", role: "read", targets: ["shop-db"], durationMs: 3_600_000 };
    return (await ana.call("requests.create", { body })).request.id;
  };
  const passwordOf = async (id: RequestId): Promise<string> =>
    (await ana.call("requests.password", { params: { id }, body: { target: "shop-db" } })).password;
  const psqlWith = (password: string, sql = "select 'let in'"): Spoken =>
    speak("psql", ["-X", world.database.conninfo(), "-Atc", sql], { ...process.env, PGPASSWORD: password });
  const waits = (spoken: Spoken, id: RequestId): Promise<void> =>
    until(() => spoken.said().includes(`request ${id} is with lea; waiting for the answer`));
  const approve = async (id: RequestId): Promise<GrantId> => {
    const { grant } = await lea.call("requests.approve", { params: { id } });
    if (!grant) throw new Error("not approved");
    return grant.id;
  };
  const lastRefusal = async (): Promise<string | undefined> => {
    const [last] = await world.database.test.gate.store.log.query({ kinds: ["session.refused"], order: "desc", limit: 1 });
    return (last?.body as { detail?: string } | undefined)?.detail;
  };
  /** What nobody is asked of: the database, before the approval. */
  const atTarget = (): number => world.database.server.log().split("connection authorized: user=app").length;

  test("psql says whom it waits for, reaches nothing until then, and is let in at the approval", async () => {
    const id = await ask();
    const before = atTarget();
    const waiting = psqlWith(await passwordOf(id));
    await waits(waiting, id);
    expect(atTarget()).toBe(before);
    expect(world.database.test.gate.registry.list()).toEqual([]);
    const grant = await approve(id);
    expect(await waiting.ended).toEqual({ status: 0, said: expect.stringMatching(/^NOTICE: {2}sallyport: .*\nlet in\n$/) });
    const [session] = await world.database.test.gate.store.log.query({ kinds: ["session.started"], grant, limit: 1 });
    expect(session).toMatchObject({ principal: "ana", target: "shop-db" });
  });

  test("after the approval the same password opens at once, and so does it for a driver that waits", async () => {
    const id = await ask();
    const password = await passwordOf(id);
    const { postgres } = world.database.test.gate;
    const driver = new pg.Client({ host: "127.0.0.1", port: postgres?.port ?? 0, user: "ana", database: "shop-db", password });
    const notice = once(driver, "notice");
    const connected = driver.connect();
    await notice;
    await approve(id);
    await connected;
    expect((await driver.query("select 7 as n")).rows).toEqual([{ n: 7 }]);
    await driver.end();
    expect(await psqlWith(password).ended).toEqual({ status: 0, said: "let in\n" });
  });

  test("a no is told with who said it and why, and recorded", async () => {
    const id = await ask();
    const waiting = psqlWith(await passwordOf(id));
    await waits(waiting, id);
    await lea.call("requests.deny", { params: { id }, body: { reason: "use the replica" } });
    const { status, said } = await waiting.ended;
    expect(status).toBe(2);
    expect(said).toMatch(new RegExp(`FATAL: {2}sallyport: .*lea said no to request ${id}: use the replica \\[no-grant\\]\nHINT: `));
    const [refused] = await world.database.test.gate.store.log.query({ kinds: ["session.refused"], order: "desc", limit: 1 });
    expect(refused).toMatchObject({ principal: "ana", target: "shop-db", decision: "deny", body: { code: "no-grant" } });
  });

  test("a request that is closed already waits for nothing", async () => {
    const id = await ask();
    const password = await passwordOf(id);
    await ana.call("requests.cancel", { params: { id }, body: { reason: "found it" } });
    expect((await psqlWith(password).ended).said).toMatch(/^psql: .*was cancelled \[no-grant\]/);
    await expect(passwordOf(id)).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("what the request became is what counts: a grant that ended opens nothing", async () => {
    const id = await ask();
    const password = await passwordOf(id);
    const grant = await approve(id);
    await ana.call("grants.revoke", { params: { id: grant }, body: { reason: "over" } });
    expect((await psqlWith(password).ended).said).toContain("[no-grant]");
  });

  test("nobody gets a password for another person's request, nor for a target that is not in it", async () => {
    const id = await ask();
    await expect(lea.call("requests.password", { params: { id }, body: { target: "shop-db" } })).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(ana.call("requests.password", { params: { id }, body: { target: "other-db" } })).rejects.toMatchObject({
      code: "no-grant",
    });
    const spoken = speak("psql", ["-X", world.database.conninfo("dbname=other-db"), "-c", "select 1"], {
      ...process.env,
      PGPASSWORD: await passwordOf(id),
    });
    expect((await spoken.ended).said).toMatch(/this login is not for "other-db" \[no-grant\]/);
  });

  test("a password that is taken away while its connection waits does not open what is approved afterwards", async () => {
    const id = await ask();
    const waiting = psqlWith(await passwordOf(id));
    await waits(waiting, id);
    const before = atTarget();
    const { tokens } = await ana.call("tokens.list");
    for (const { id: token, name, revokedAt } of tokens)
      if (name === "password for shop-db" && revokedAt === undefined) await ana.call("tokens.revoke", { params: { id: token } });
    await approve(id);
    expect((await waiting.ended).said).toMatch(/was removed \[locked\]/);
    expect(atTarget()).toBe(before);
  });

  test("so many may wait for one person; whoever leaves makes room", async () => {
    const id = await ask();
    const password = await passwordOf(id);
    const waiting = [psqlWith(password), psqlWith(password), psqlWith(password)];
    for (const each of waiting) await waits(each, id);
    expect((await psqlWith(password).ended).said).toMatch(/3 of yours wait for an approval already \[too-many-connections\]/);
    waiting[0]?.kill();
    await until(async () => (await lastRefusal()) === "the client went away");
    const next = psqlWith(password);
    await waits(next, id);
    await approve(id);
    for (const each of [...waiting.slice(1), next]) expect((await each.ended).said).toMatch(/let in\n$/);
  });

  test("the wait has a deadline of its own, beyond that of the handshake; the request stays open", async () => {
    const { gate, configPath } = world.database.test;
    const before = await readFile(configPath, "utf8");
    const limits = "  limits: { handshake: 1s, approvalWait: 3s }";
    await writeFile(configPath, before.replace("  durability: process", `  durability: process\n${limits}`));
    expect(await gate.configuration.reload("gate")).toMatchObject({ outcome: "loaded" });
    try {
      const id = await ask();
      const { status, said } = await psqlWith(await passwordOf(id)).ended;
      expect({ status, said }).toEqual({
        status: 2,
        said: expect.stringContaining(`nobody answered request ${id} yet; it stays open [timeout]`),
      });
      expect((await ana.call("requests.show", { params: { id } })).state).toBe("pending");
    } finally {
      await writeFile(configPath, before);
      await gate.configuration.reload("gate");
    }
  });

  test("sallyport psql --wait starts psql at once, under a request that waits already", async () => {
    const id = await ask();
    const waiting = speak(process.execPath, [CLI, "psql", "--wait", "shop-db", "-Atc", "select 'let in'"], environmentOf(world.ana));
    await waits(waiting, id);
    expect(waiting.said()).toContain(`${id} waits for 1 of leads; the gate holds the connection until then`);
    await approve(id);
    expect(await waiting.ended).toMatchObject({ status: 0, said: expect.stringMatching(/let in\n$/) });
  });

  test("sallyport connect --wait opens its doors at once; who comes in is told and held, and goes on at the approval", async () => {
    await using connecting = await startConnecting(world.ana, ["--wait", "--role", "read", "--reason", "checkout is slow", "shop-db"]);
    const { requests } = await ana.call("status.show");
    const id = requests[0]?.id ?? ("" as RequestId);
    const comeIn = (): Spoken => speak("psql", ["-X", "-h", connecting.doors.socket.folder, "-Atc", "select 'let in'"], process.env);
    const impatient = comeIn();
    await waits(impatient, id);
    impatient.kill();
    await until(async () => (await lastRefusal()) === "the client went away");
    const waiting = comeIn();
    await waits(waiting, id);
    expect(connecting.said()).not.toContain("is open");
    await approve(id);
    expect((await waiting.ended).said).toMatch(/let in\n$/);
    await until(() => /read on shop-db, .* left \(gr-\w+\)/.test(connecting.said()));
    expect(connecting.said()).toMatch(/connection 2 of psql to shop is open/);
  });

  test("sallyport connect --wait ends with a no, which who waits has heard", async () => {
    const connecting = await startConnecting(world.ana, ["--wait", "--role", "read", "--reason", "checkout is slow", "shop-db"]);
    const id = (await ana.call("status.show")).requests[0]?.id ?? ("" as RequestId);
    const waiting = speak("psql", ["-X", "-h", connecting.doors.socket.folder, "-c", "select 1"], process.env);
    await waits(waiting, id);
    await lea.call("requests.deny", { params: { id }, body: { reason: "not today" } });
    expect((await waiting.ended).said).toContain("not today [no-grant]");
    expect(await connecting.ended()).toBe(3);
    expect(connecting.said()).toContain("not today");
  });
});
