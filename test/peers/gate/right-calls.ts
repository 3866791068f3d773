/** For every route a call that somebody who may make it makes, with what it needs in place: a new route does not compile without one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT } from "jose";
import { expect } from "vitest";
import { EXAMPLE_CLIENT_KEY } from "../../../src/contract/grants.ts";
import type { Client } from "../../../src/contract/client.ts";
import type { RouteId } from "../../../src/contract/routes.ts";
import type { GrantId, HoldId, RequestId, SessionId } from "../../../src/kernel/ids.ts";
import { openTerminal, resumeTerminal, type BrowserTerminal, type Reach } from "../../kit/browser-terminal.ts";
import type { Estate } from "../../kit/estate.ts";
import type { EstateApi } from "../../kit/estate-api.ts";
import { FACTOR_CALLS } from "./factor-calls.ts";
import { OWNER_PASSWORD } from "../../kit/gate.ts";
import type { OidcProvider } from "../../kit/oidc-provider.ts";
import { run } from "../../kit/process.ts";
import { until } from "../../kit/until.ts";
import { PROVIDER_CALLS } from "./provider-calls.ts";

export interface World {
  readonly estate: Estate;
  readonly api: EstateApi;
  readonly provider: OidcProvider;
  readonly olga: Client;
  readonly ana: Client;
  readonly lea: Client;
}

/** Prepares, calls, and uses the answer; throws when it was refused. */
export type RightCall = (world: World) => Promise<unknown>;

const REASON = { reason: "because of the test" };
const draft = { reason: "checkout is slow", role: "debug", targets: ["web-1.prod"], durationMs: 60_000 };
let names = 0;

export const RIGHT_CALLS: Record<Exclude<RouteId, "setup.complete">, RightCall> = {
  "status.show": ({ ana }) => ana.call("status.show"),
  "setup.state": ({ api }) => api.nobody.call("setup.state"),
  "health.show": ({ api }) => api.nobody.call("health.show"),
  "openapi.show": ({ api }) => api.nobody.call("openapi.show"),
  "health.details": ({ olga }) => olga.call("health.details"),
  "authorities.show": ({ api }) => api.nobody.call("authorities.show"),
  "login.console": ({ api }) => api.nobody.call("login.console", { body: { user: "olga", password: OWNER_PASSWORD } }),
  "login.password": ({ api }) => api.nobody.call("login.password", { body: { user: "olga", password: OWNER_PASSWORD } }),
  "handover.create": ({ ana }) => ana.call("handover.create"),
  "login.handover": async ({ api, ana }) => {
    const { code } = await ana.call("handover.create");
    await api.nobody.call("login.handover", { body: { code } });
  },
  "login.workload": async ({ api, provider, olga }) => {
    await olga.call("users.create", { body: { name: "deploy", type: "service" } });
    const { privateKey, kid } = provider.signing;
    const token = await new SignJWT({ iss: provider.issuer, sub: "deploy-job", aud: "http://localhost:7700" })
      .setProtectedHeader({ alg: "RS256", kid })
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    await api.nobody.call("login.workload", { body: { service: "deploy", token } });
  },
  "login.end": async ({ api }) => {
    const { token } = await api.nobody.call("login.password", { body: { user: "olga", password: OWNER_PASSWORD } });
    await api.with(token).call("login.end");
  },
  ...PROVIDER_CALLS,
  "password.change": async ({ api, olga }) => {
    const user = await newUser(olga);
    const client = await api.logIn(user);
    const body = { old: `a password long enough for ${user}`, new: "one more that is long enough" };
    await client.call("password.change", { body });
  },
  "password.reset": async ({ api, olga }) => {
    const user = await newUser(olga);
    const { secret } = await olga.call("users.reset", { params: { name: user } });
    await api.nobody.call("password.reset", { body: { user, secret, password: "one more that is long enough" } });
  },
  "users.list": ({ olga }) => olga.call("users.list"),
  "users.create": ({ olga }) => newUser(olga),
  "users.disable": async ({ olga }) => olga.call("users.disable", { params: { name: await newUser(olga) }, body: REASON }),
  "users.enable": async ({ olga }) => {
    const name = await newUser(olga);
    await olga.call("users.disable", { params: { name }, body: REASON });
    await olga.call("users.enable", { params: { name } });
  },
  "users.reset": async ({ olga }) => olga.call("users.reset", { params: { name: await newUser(olga) } }),
  "keys.list": ({ ana }) => ana.call("keys.list", { params: { name: "ana" } }),
  "keys.add": async ({ estate, olga }) =>
    olga.call("keys.add", { params: { name: await newUser(olga) }, body: { publicKey: await newKey(estate) } }),
  "keys.remove": async ({ estate, olga }) => {
    const name = await newUser(olga);
    const { id: key } = await olga.call("keys.add", { params: { name }, body: { publicKey: await newKey(estate) } });
    await olga.call("keys.remove", { params: { name, key } });
  },
  ...FACTOR_CALLS,
  "tokens.list": ({ ana }) => ana.call("tokens.list"),
  "tokens.create": ({ ana }) => ana.call("tokens.create", { body: { name: "mine", scopes: ["self"], ttlMs: 60_000 } }),
  "tokens.revoke": async ({ ana }) => {
    const { token } = await ana.call("tokens.create", { body: { name: "mine", scopes: ["self"], ttlMs: 60_000 } });
    await ana.call("tokens.revoke", { params: { id: token.id } });
  },
  "tokens.revoke-all": async ({ ana }) => {
    await ana.call("tokens.create", { body: { name: "mine", scopes: ["self"], ttlMs: 60_000 } });
    const { revoked } = await ana.call("tokens.revoke-all", { query: { type: "personal" } });
    expect(revoked.length).toBeGreaterThan(0);
  },
  "targets.list": ({ ana }) => ana.call("targets.list"),
  "targets.show": ({ ana }) => ana.call("targets.show", { params: { name: "web-1.prod" } }),
  "targets.test": ({ olga }) => olga.call("targets.test", { params: { name: "web-1.prod" } }),
  // Here is no database: that it does not answer is the right answer to somebody who may ask.
  "targets.columns": ({ olga }) =>
    expect(olga.call("targets.columns", { params: { name: "shop-db" }, body: {} })).rejects.toMatchObject({
      code: expect.stringMatching(/^target-/),
    }),
  "hosts.scan": ({ estate, olga }) => olga.call("hosts.scan", { body: { address: `127.0.0.1:${estate.sshd.port}` } }),
  "hosts.check": ({ olga }) => olga.call("hosts.check", { body: { target: "web-1.prod" } }),
  "requests.create": async ({ ana }) => newRequest(ana),
  "requests.preview": ({ ana }) => ana.call("requests.preview", { body: draft }),
  "requests.list": ({ ana }) => ana.call("requests.list"),
  "requests.stream": async ({ ana }) => {
    await newRequest(ana);
    return first(await ana.call("requests.stream"));
  },
  "waiting.stream": async ({ ana }) => {
    await newRequest(ana);
    return first(await ana.call("waiting.stream"));
  },
  "requests.show": async ({ ana }) => ana.call("requests.show", { params: { id: await newRequest(ana) } }),
  "requests.context": async ({ ana, lea }) => {
    const context = await lea.call("requests.context", { params: { id: await newRequest(ana) } });
    expect(context.targets).toMatchObject([{ target: "web-1.prod" }]);
  },
  "access.matrix": async ({ olga }) => {
    const { entries } = await olga.call("access.matrix", { query: { principal: "ana", role: "debug" } });
    expect(entries).toMatchObject([
      { target: "web-1.prod", rule: "oncall-debugs", verdict: "ask", demands: "1 of leads", breakGlass: true },
    ]);
  },
  "stats.show": async (world) => {
    await pastSession(world);
    const { sessions, targets } = await world.olga.call("stats.show", { query: { by: "hour", since: Date.now() - 3_600_000 } });
    expect([sessions[0]?.kind, targets[0]?.target]).toEqual(["ssh", "web-1.prod"]);
  },
  "config.validate": async ({ olga, estate }) => {
    const { text } = estate.test.gate.configuration;
    const good = await olga.call("config.validate", { body: { text: text.replace("max: 4h", "max: 8h") } });
    expect(good).toMatchObject({ ok: true, widening: [expect.stringContaining("8h")] });
    const bad = await olga.call("config.validate", { body: { text: `${text}\nnonsense: 1\n` } });
    expect(bad).toMatchObject({ ok: false, problems: [{ path: "nonsense", column: 1 }] });
  },
  "requests.approve": async ({ ana, lea }) => lea.call("requests.approve", { params: { id: await newRequest(ana) } }),
  "requests.deny": async ({ ana, lea }) => lea.call("requests.deny", { params: { id: await newRequest(ana) }, body: REASON }),
  "requests.cancel": async ({ ana }) => ana.call("requests.cancel", { params: { id: await newRequest(ana) }, body: REASON }),
  "grants.list": ({ ana }) => ana.call("grants.list"),
  "grants.show": async (world) => world.ana.call("grants.show", { params: { id: await newGrant(world) } }),
  "grants.extend": async (world) =>
    world.ana.call("grants.extend", { params: { id: await newGrant(world) }, body: { ...REASON, durationMs: 60_000 } }),
  "grants.revoke": async (world) => world.olga.call("grants.revoke", { params: { id: await newGrant(world) }, body: REASON }),
  "grants.narrow": async (world) => {
    const body = { ...REASON, end: Date.now() + 30_000 };
    return world.olga.call("grants.narrow", { params: { id: await newGrant(world) }, body });
  },
  "requests.password": async ({ ana }) => {
    const { request } = await ana.call("requests.create", { body: { ...draft, role: "database", targets: ["shop-db"] } });
    await ana.call("requests.password", { params: { id: request.id }, body: { target: "shop-db" } });
  },
  "requests.certificate": async ({ ana }) => {
    const { request } = await ana.call("requests.create", { body: { ...draft, role: "database", targets: ["shop-db"] } });
    await ana.call("requests.certificate", { params: { id: request.id }, body: { target: "shop-db", publicKey: EXAMPLE_CLIENT_KEY } });
  },
  "grants.certificate": async ({ ana, lea }) => {
    const { request } = await ana.call("requests.create", { body: { ...draft, role: "database", targets: ["shop-db"] } });
    const { grant } = await lea.call("requests.approve", { params: { id: request.id } });
    await ana.call("grants.certificate", { params: { id: idOf(grant) }, body: { target: "shop-db", publicKey: EXAMPLE_CLIENT_KEY } });
  },
  "grants.password": async (world) => {
    const { ana, lea } = world;
    const request = await ana.call("requests.create", { body: { ...draft, role: "database", targets: ["shop-db"] } });
    const { grant } = await lea.call("requests.approve", { params: { id: request.request.id } });
    await ana.call("grants.password", { params: { id: idOf(grant) }, body: { target: "shop-db" } });
  },
  "grants.review": async ({ ana, lea }) => {
    const { grant } = await ana.call("requests.create", { body: { ...draft, breakGlass: true } });
    return lea.call("grants.review", { params: { id: idOf(grant) }, body: { verdict: "justified", note: "it burned" } });
  },
  "holds.list": ({ ana }) => ana.call("holds.list", { query: {} }),
  "holds.stream": async (world) => {
    const id = await newHold(world);
    for await (const { hold } of await world.lea.call("holds.stream")) if (hold.id === id) return;
    throw new Error("the hold was not told");
  },
  "holds.show": async (world) => world.ana.call("holds.show", { params: { id: await newHold(world) } }),
  "holds.approve": async (world) => world.lea.call("holds.approve", { params: { id: await newHold(world) } }),
  "holds.deny": async (world) => world.lea.call("holds.deny", { params: { id: await newHold(world) }, body: REASON }),
  "sessions.list": ({ ana }) => ana.call("sessions.list"),
  "sessions.show": async (world) => world.ana.call("sessions.show", { params: { id: await pastSession(world) } }),
  "sessions.events": async (world) => all(await world.ana.call("sessions.events", { params: { id: await pastSession(world) } })),
  "sessions.kill": (world) => inLiveSession(world, async () => undefined),
  "sessions.freeze": (world) => inLiveSession(world, (params) => world.olga.call("sessions.freeze", { params, body: REASON })),
  "sessions.thaw": (world) =>
    inLiveSession(world, async (params) => {
      await world.olga.call("sessions.freeze", { params, body: REASON });
      await world.olga.call("sessions.thaw", { params, body: REASON });
    }),
  "sessions.message": (world) => inLiveSession(world, (params) => world.olga.call("sessions.message", { params, body: { text: "hello" } })),
  "sessions.recording": async (world) => all(await world.ana.call("sessions.recording", { params: { id: await pastSession(world) } })),
  "sessions.asciicast": async (world) => all(await world.ana.call("sessions.asciicast", { params: { id: await pastSession(world) } })),
  "sessions.live": async (world) => first(await world.ana.call("sessions.live", { params: { id: await pastSession(world) } })),
  "terminals.open": async (world) => {
    const terminal = await openShell(world);
    terminal.ws.close(1000);
    await until(() => terminal.closed() !== undefined);
  },
  "terminals.resume": async (world) => {
    const reach = await reachOf(world);
    const first = await openShell(world, reach);
    const { id = "", secret = "" } = first.opened() ?? {};
    first.drop();
    await until(() => first.closed() !== undefined);
    const again = await resumeTerminal(reach, { id, secret }, first.output().length);
    await until(() => again.opened() !== undefined);
    again.ws.close(1000);
    await until(() => again.closed() !== undefined);
  },
  "sessions.stream": (world) => inLiveSession(world, async () => first(await world.olga.call("sessions.stream"))),
  "sessions.moderate": async (world) => {
    const { grant } = await world.ana.call("requests.create", { body: { ...draft, role: "guarded" } });
    const to = `web-1.prod%${idOf(grant)}@127.0.0.1`;
    const child = spawn("ssh", [...world.estate.sshArgs("ana", "-o", "BatchMode=yes"), to, "echo begun"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = once(child, "close");
    const { registry } = world.estate.test.gate;
    await until(() => registry.list().some((session) => session.grant.id === grant?.id));
    const session = registry.list().find((each) => each.grant.id === grant?.id);
    const frames = await world.lea.call("sessions.moderate", { params: { id: idOf(session) } });
    for await (const { type } of frames) if (type === "stdout") break;
    await ended;
  },
  "sessions.search": async (world) => {
    await pastSession(world);
    const { found } = await world.olga.call("sessions.search", { query: { words: "findable", all: true } });
    expect(found[0]?.hits.map(({ source }) => source)).toEqual(expect.arrayContaining(["command", "output"]));
  },
  "sessions.wall": (world) =>
    inLiveSession(world, async ({ id }) => {
      const shown = new Set<string>();
      for await (const event of await world.olga.call("sessions.wall", { query: { all: true } })) {
        if (event.type === "session") shown.add(event.session.id);
        if (shown.has(id)) return;
      }
    }),
  "sessions.timeline": async (world) => {
    const { entries } = await world.ana.call("sessions.timeline", { params: { id: await pastSession(world) } });
    expect(entries.map(({ type }) => type)).toEqual(expect.arrayContaining(["request", "approval", "grant", "started", "action", "ended"]));
  },
  "files.list": async (world) => {
    const at = await folderOf(world);
    await world.ana.call("files.list", { params: at.params, query: at.of("") });
  },
  "files.download": async (world) => {
    const at = await folderOf(world);
    await writeFile(at.of("a").path, "content");
    await all(await world.ana.call("files.download", { params: at.params, query: at.of("a") }));
  },
  "files.upload": async (world) => {
    const at = await folderOf(world);
    await world.ana.call("files.upload", { params: at.params, query: at.of("b"), content: Buffer.from("content") });
    expect(await readFile(at.of("b").path, "utf8")).toBe("content");
  },
  "files.remove": async (world) => {
    const at = await folderOf(world);
    await writeFile(at.of("a").path, "content");
    await world.ana.call("files.remove", { params: at.params, query: at.of("a") });
  },
  "files.rename": async (world) => {
    const at = await folderOf(world);
    await writeFile(at.of("a").path, "content");
    await world.ana.call("files.rename", { params: at.params, body: { ...at.of("a"), to: at.of("b").path } });
  },
  "files.mkdir": async (world) => {
    const at = await folderOf(world);
    await world.ana.call("files.mkdir", { params: at.params, body: at.of("c") });
  },
  "audit.search": ({ olga }) => olga.call("audit.search"),
  "audit.output": async (world) => {
    await pastSession(world);
    const { hits } = await world.olga.call("audit.output", { query: { words: "findable" } });
    expect(hits.length).toBeGreaterThan(0);
  },
  "audit.export": async ({ olga }) => all(await olga.call("audit.export", { query: { from: 0, to: 3 } })),
  "audit.proof": ({ olga }) => olga.call("audit.proof", { params: { seq: 0 } }),
  "audit.consistency": ({ olga }) => olga.call("audit.consistency", { query: { from: 1 } }),
  "audit.checkpoint": ({ ana }) => ana.call("audit.checkpoint"),
  "audit.tile": async ({ olga }) => olga.call("audit.tile", { params: { "*": `0/000${await partOf(olga)}` } }),
  "audit.bodies": async ({ olga }) => olga.call("audit.bodies", { params: { "*": "000.p/1" } }),
  "audit.recording": async (world) => {
    const { recording } = await world.ana.call("sessions.show", { params: { id: await pastSession(world) } });
    return all(await world.olga.call("audit.recording", { params: { file: `${recording}.rec` } }));
  },
  "audit.erase": async (world) => {
    await pastSession(world);
    const { events } = await world.olga.call("audit.search", { query: { kinds: ["ssh.exec"], limit: 1 } });
    return world.olga.call("audit.erase", { body: { seq: events[0]?.seq ?? -1, ...REASON } });
  },
  "locks.list": ({ ana }) => ana.call("locks.list"),
  "locks.create": ({ olga }) => newLock(olga),
  "locks.lift": async ({ olga }) => olga.call("locks.lift", { params: { id: await newLock(olga) }, body: REASON }),
  "config.show": ({ olga }) => olga.call("config.show"),
  "config.explain": ({ olga }) => olga.call("config.explain"),
  "config.reload": async ({ estate, olga }) => {
    await edit(estate, "max: 4h", "max: 3h");
    return olga.call("config.reload");
  },
  "config.confirm": async ({ estate, api, olga }) => {
    await edit(estate, "  durability:", "  widening: { secondOwner: true }\n  durability:");
    await edit(estate, "owners: [olga]", "owners: [olga, otto]");
    await olga.call("config.reload");
    await olga.call("users.create", { body: { name: "otto" } });
    const otto = await api.logIn("otto");
    await edit(estate, "max: 3h", "max: 6h");
    const { outcome, hash } = await olga.call("config.reload");
    expect(outcome).toBe("held");
    await expect(olga.call("config.confirm", { body: { hash } })).rejects.toMatchObject({ code: "own-request" });
    expect(await otto.call("config.confirm", { body: { hash } })).toMatchObject({ outcome: "loaded" });
  },
  "why.show": ({ ana }) => ana.call("why.show", { query: { role: "debug", target: "web-1.prod" } }),
  "certificates.login": async ({ estate, ana }) => ana.call("certificates.login", { body: { publicKey: await newKey(estate) } }),
  "ssh-config.show": ({ ana }) => ana.call("ssh-config.show"),
  "backup.make": ({ olga }) => olga.call("backup.make", { body: { name: `backup-${(names += 1)}` } }),
};

function idOf<Id>(thing: { id: Id } | undefined): Id {
  if (!thing) throw new Error("there is none");
  return thing.id;
}

export async function newUser(owner: Client) {
  return (await owner.call("users.create", { body: { name: `user-${(names += 1)}` } })).name;
}

async function newKey({ test }: Estate): Promise<string> {
  const file = `${test.dir}/key-${(names += 1)}`;
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  return (await readFile(`${file}.pub`, "utf8")).trim();
}

async function newRequest(ana: Client): Promise<RequestId> {
  return (await ana.call("requests.create", { body: draft })).request.id;
}

async function newGrant({ ana, lea }: World): Promise<GrantId> {
  return idOf((await lea.call("requests.approve", { params: { id: await newRequest(ana) } })).grant);
}

async function newLock(owner: Client) {
  const body = { subject: { kind: "principal", name: await newUser(owner) } as const, ...REASON };
  return (await owner.call("locks.create", { body })).id;
}

async function sshTo(world: World, command: string): Promise<string[]> {
  const grant = await newGrant(world);
  return [...world.estate.sshArgs("ana", "-o", "BatchMode=yes"), `web-1.prod%${grant}@127.0.0.1`, command];
}

/** A folder of its own on the host, under a grant of ana's. */
async function folderOf(world: World) {
  const folder = await mkdtemp(join(world.estate.sshd.dir, "files-"));
  const grant = await newGrant(world);
  return { params: { name: "web-1.prod" }, of: (name: string) => ({ path: join(folder, name), grant }) };
}

async function reachOf({ api, ana }: World): Promise<Reach> {
  const { secret } = await ana.call("tokens.create", { body: { name: "console", scopes: ["all"], ttlMs: 60_000 } });
  return { url: api.url, token: secret };
}

async function openShell(world: World, reach?: Reach): Promise<BrowserTerminal> {
  const terminal = await openTerminal(reach ?? (await reachOf(world)), { grant: await newGrant(world) });
  await until(() => terminal.opened() !== undefined);
  return terminal;
}

/** A session of ana's that printed something and has ended. */
/** Nothing of a shell is held: the action is made up, the session is not. */
async function newHold(world: World): Promise<HoldId> {
  const child = spawn("ssh", await sshTo(world, "echo begun; sleep 60"), { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const { gate } = world.estate.test;
  const session = gate.registry.list().at(-1);
  if (!session) throw new Error("no session");
  const action = {
    what: "delete from orders",
    digest: "0".repeat(64),
    rule: "debug.postgres.hold",
    preview: { possible: false, why: "a test" },
  } as const;
  const { promise, resolve } = Promise.withResolvers<HoldId>();
  void gate.holds.ask(session, action, new AbortController().signal, ({ id }) => resolve(id)).finally(() => child.kill());
  return promise;
}

async function pastSession(world: World): Promise<SessionId> {
  const { sessions } = await world.ana.call("sessions.list", { query: { live: false, limit: 1 } });
  const done = sessions.find(({ ended }) => ended?.how === "closed");
  if (done) return done.id;
  expect(await run("ssh", await sshTo(world, "echo findable"))).toMatchObject({ status: 0 });
  await until(async () => (await world.ana.call("sessions.list", { query: { live: false } })).sessions.length > 0);
  return pastSession(world);
}

/** Ana's, in mid-command; killed when `work` is done. */
async function inLiveSession(world: World, work: (params: { id: SessionId }) => Promise<unknown>): Promise<void> {
  const child = spawn("ssh", await sshTo(world, "echo begun; sleep 60"), { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  const [session] = (await world.ana.call("sessions.list", { query: { live: true, limit: 1 } })).sessions;
  await work({ id: idOf(session) });
  await world.olga.call("sessions.kill", { params: { id: idOf(session) }, body: REASON });
  await ended;
}

/** Of the first tile as it stands: nothing when it is full. */
async function partOf(client: Client): Promise<string> {
  const size = Number((await client.call("audit.checkpoint")).toString().split("\n")[1]);
  return size >= 256 ? "" : `.p/${size}`;
}

async function edit({ test }: Estate, piece: string, instead: string): Promise<void> {
  const text = await readFile(test.configPath, "utf8");
  if (!text.includes(piece)) throw new Error(`"${piece}" is not in the configuration`);
  await writeFile(
    test.configPath,
    text.replace(piece, () => instead),
  );
}

async function first<T>(values: AsyncIterable<T>): Promise<T> {
  for await (const value of values) return value;
  throw new Error("nothing came");
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}
