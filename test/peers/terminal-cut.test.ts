/** Whatever ends access ends a terminal in a browser within a second, and the page is told why in a frame. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "../../src/access/model.ts";
import { parseToken } from "../../src/identity/tokens.ts";
import type { PrincipalName, TokenId } from "../../src/kernel/ids.ts";
import { openTerminal, type BrowserTerminal } from "../kit/browser-terminal.ts";
import { estateYaml, startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const lea = { name: "lea" as PrincipalName, groups: ["leads"] };
const olga = { name: "olga" as PrincipalName, groups: ["owners"] };
/** The promise. */
const PROMISED_MS = 1_000;

interface Scene {
  readonly estate: Estate;
  readonly api: EstateApi;
  readonly token: string;
  readonly grant: Grant;
}

interface Cut {
  readonly codes: readonly string[];
  readonly durationMs?: number;
  /** Resolves with when the reason came. */
  readonly act: (scene: Scene) => Promise<number>;
}

const asked = async (work: () => Promise<unknown>): Promise<number> => {
  const at = performance.now();
  await work();
  return at;
};

function idOf(token: string): TokenId {
  const id = parseToken(token)?.id;
  if (id === undefined) throw new Error("no token");
  return id;
}

const CUTS: Record<string, Cut> = {
  "a grant's end": { codes: ["grant-ended"], durationMs: 2_500, act: async ({ grant: { end } }) => performance.now() + (end - Date.now()) },
  "a revocation": {
    codes: ["grant-revoked"],
    act: ({ estate, grant }) => asked(() => estate.test.gate.access.revoke(grant.id, lea, "that is enough")),
  },
  "a kill": {
    codes: ["session-killed"],
    act: ({
      estate: {
        test: { gate },
      },
    }) => asked(() => Promise.all(gate.registry.list().map(({ id }) => gate.registry.kill(id, "olga", "looks odd")))),
  },
  "a lock on the person": {
    codes: ["locked"],
    act: ({ estate }) => asked(() => estate.test.gate.locks.lock(olga, { kind: "principal", name: "ana" }, "laptop stolen")),
  },
  "a lock on the gate": {
    codes: ["gate-locked"],
    act: ({ estate }) => asked(() => estate.test.gate.locks.lock(olga, { kind: "gate" }, "all out")),
  },
  "disabling the person": {
    codes: ["locked", "not-authenticated"],
    act: ({ estate }) => asked(() => estate.test.gate.identity.disableUser(olga, "ana" as PrincipalName, "left")),
  },
  "a role that no longer has shells": {
    codes: ["grant-narrowed"],
    act: ({ estate }) => asked(() => estate.reconfigure(estateYaml(estate.target, { debug: "exec: [uptime]" }))),
  },
  "logging out": { codes: ["locked", "not-authenticated"], act: ({ api, token }) => asked(() => api.with(token).call("login.end")) },
  "somebody who ends the login": {
    codes: ["locked", "not-authenticated"],
    act: ({ estate, token }) => asked(() => estate.test.gate.identity.revokeToken(olga, idOf(token), "looks odd")),
  },
};

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("a terminal is cut"), () => {
  let estate: Estate;
  let api: EstateApi;
  let terminal: BrowserTerminal;
  const figures: string[] = [];

  beforeAll(async () => {
    estate = await startEstate({ sshd: { extraConfig: ["LogLevel ERROR"] } });
    api = await openEstateApi(estate.test);
  });
  afterEach(async () => {
    const { gate } = estate.test;
    terminal.ws.terminate();
    for (const { id } of gate.locks.list()) await gate.locks.lift(olga, id, "over");
    await gate.identity.enableUser(olga, "ana" as PrincipalName);
    await estate.reconfigure(estateYaml(estate.target));
    for (const grant of await gate.store.access.listGrants({ principal: "ana" as PrincipalName, limit: 100 })) {
      if (grant.state !== "ended") await gate.access.revoke(grant.id, lea, "the test is over");
    }
    await until(() => gate.registry.list().length === 0);
  });
  afterAll(async () => {
    console.log(figures.join("\n"));
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  test.each(Object.entries(CUTS))("by %s", async (name, { codes, durationMs = 3_600_000, act }) => {
    const token = await api.token("ana");
    const grant = await estate.grant({ durationMs });
    terminal = await openTerminal({ url: api.url, token });
    await terminal.until(() => terminal.opened() ?? terminal.closed());
    terminal.type("trap '' HUP; echo in\n");
    await terminal.shows("in\r\n");
    const [session] = estate.test.gate.registry.list();
    let told = 0;
    terminal.ws.once("close", () => (told = performance.now()));
    const reason = await act({ estate, api, token, grant });
    await until(() => told > 0);
    const took = told - reason;
    figures.push(`a terminal, cut by ${name}: ${Math.round(took)} ms`);
    expect(codes).toContain(terminal.problem()?.code);
    expect(terminal.closed()).toBe(1008);
    expect(took).toBeLessThan(PROMISED_MS);
    expect(session?.ended).toBe(true);
    const { log } = estate.test.gate.store;
    const ended = async () => (await log.query({ session: session?.id ?? "", limit: 100 })).find(({ kind }) => kind === "session.ended");
    await until(async () => (await ended()) !== undefined);
    expect((await ended())?.body).toMatchObject({ how: "cut" });
    // Nothing is taken up again after a cut.
    await until(() => estate.test.gate.browsing.terminals.count === 0);
  });

  test("by the gate's own end, which says so", async () => {
    const token = await api.token("ana");
    await estate.grant();
    terminal = await openTerminal({ url: api.url, token });
    await terminal.until(() => terminal.opened() ?? terminal.closed());
    await api[Symbol.asyncDispose]();
    await terminal.until(terminal.closed);
    expect(terminal.problem()?.code).toBe("gate-stopping");
    expect(terminal.closed()).toBe(1001);
    api = await openEstateApi(estate.test);
  });
});
