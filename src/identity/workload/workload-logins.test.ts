/** What a restart, a clock and a change of the configuration do to logins of workloads. */
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { granted, home, identityRig, name } from "../../../test/kit/identity-rig.ts";
import { Secret } from "../../kernel/secret.ts";
import { Issuers } from "./issuers.ts";
import type { WorkloadSettings } from "./workload.ts";

const ISSUER = "https://ci.example";

/** Whose keys are at hand. */
class KnownIssuers extends Issuers {
  keys: ReturnType<typeof createLocalJWKSet> = createLocalJWKSet({ keys: [] });
  override keysOf = async (): Promise<ReturnType<typeof createLocalJWKSet>> => this.keys;
}

let privateKey: CryptoKey;
let jwk: JWK;
beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  privateKey = pair.privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), alg: "ES256" };
});

const mapping = (mapped: string, sub = "job"): ReadonlyMap<string, WorkloadSettings> => {
  const settings = { kind: "id-token", issuer: ISSUER, audience: "gate", claims: { sub }, maxAgeMs: 3_600_000, mapping: mapped } as const;
  return new Map([["deploy", settings]]);
};

async function world(options: Parameters<typeof identityRig>[0] = {}) {
  let settings = mapping("first");
  const rig = await identityRig({
    ...options,
    workloads: () => settings,
    issuers: (clock) => Object.assign(new KnownIssuers(clock), { keys: createLocalJWKSet({ keys: [jwk] }) }),
  });
  const sign = (more: object = {}): Promise<string> => {
    const now = Math.floor(rig.clock.now() / 1000);
    const claims = { iss: ISSUER, sub: "job", aud: "gate", iat: now, exp: now + 3_600, jti: "one", ...more };
    return new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  };
  const logIn = (token: string) => rig.service.loginByWorkload("deploy", { token: new Secret(token) }, home);
  return { rig, sign, logIn, configure: (next: ReadonlyMap<string, WorkloadSettings>) => void (settings = next) };
}

const make = async () => {
  const made = await world();
  granted(await made.rig.service.createUser({ name: name("olga") }, { name: "deploy", type: "service" }));
  return made;
};

describe("a login of a workload", () => {
  test("lasts a quarter of an hour, or as long as its token", async () => {
    const { rig, sign, logIn } = await make();
    const now = rig.clock.now();
    expect(granted(await logIn(await sign())).expiresAt).toBe(now + 15 * 60_000);
    const exp = Math.floor(now / 1000) + 5;
    const { token, expiresAt } = granted(await logIn(await sign({ jti: "two", exp })));
    expect(expiresAt).toBe(exp * 1000);
    rig.clock.pass(5_000);
    expect(await rig.service.authenticateToken(token.reveal(), home)).toMatchObject({ code: "token-expired" });
  });

  test("carries no more than that it is a workload's", async () => {
    const { rig, sign, logIn } = await make();
    const { token } = granted(await logIn(await sign()));
    const by = granted(await rig.service.authenticateToken(token.reveal(), home));
    expect(by).toMatchObject({ workload: true, method: "token", scopes: ["all"], factors: [], principal: { name: "deploy" } });
    expect(JSON.stringify(by)).not.toContain("spent");
  });
});

describe("a restart", () => {
  test("forgets no token that was used, and keeps what was made of it", async () => {
    const { rig, sign, logIn } = await make();
    const text = await sign();
    const { token } = granted(await logIn(text));
    const again = await world({ store: rig.store, secrets: rig.secrets });
    again.rig.clock.pass(1_000);
    expect(await again.logIn(text)).toMatchObject({ code: "workload-refused" });
    expect(await again.logIn(await again.sign({ jti: "two" }))).not.toHaveProperty("allowed");
    expect(granted(await again.rig.service.authenticateToken(token.reveal(), home)).principal.name).toBe("deploy");
  });

  test("on another configuration ends what came by the one before", async () => {
    const { rig, sign, logIn } = await make();
    const { token, authenticated } = granted(await logIn(await sign()));
    const again = await world({ store: rig.store, secrets: rig.secrets });
    again.configure(mapping("second"));
    expect(await again.rig.service.authenticateToken(token.reveal(), home)).toMatchObject({ code: "locked" });
    expect(await again.rig.service.refusalSince(authenticated)).toMatchObject({ code: "locked" });
    again.configure(new Map());
    expect(await again.rig.service.refusalSince(authenticated)).toMatchObject({ code: "locked" });
  });
});

test("sessions of a login that has run out end with its mapping all the same", async () => {
  const { rig, sign, logIn, configure } = await make();
  const { authenticated } = granted(await logIn(await sign()));
  rig.clock.pass(20 * 60_000);
  expect(await rig.service.refusalSince(authenticated)).toBeUndefined();
  configure(mapping("second"));
  await rig.service.workloads.reconfigured();
  expect(await rig.service.refusalSince(authenticated)).toMatchObject({ code: "locked" });
});

test("a token makes no second login up to its end, nor after it", async () => {
  const { rig, sign, logIn } = await make();
  const first = await sign();
  granted(await logIn(first));
  rig.clock.pass(3_599_000);
  expect(await logIn(first)).toMatchObject({ code: "workload-refused" });
  rig.clock.pass(2_000);
  granted(await logIn(await sign({ jti: "fresh" })));
  expect(await logIn(first)).toMatchObject({ code: "workload-refused" });
});
