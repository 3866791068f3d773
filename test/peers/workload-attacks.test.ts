/**
 * Attacks on logging in by ID tokens: each is made, and refused with the same words; the reason is in the log. The issuers are
 * stand-ins, which sign what no real one would.
 */
import { createHmac, generateKeyPairSync } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProblemError } from "../../src/contract/problem.ts";
import { boundedFetch } from "../../src/identity/oidc/bounded-fetch.ts";
import { Issuers } from "../../src/identity/workload/issuers.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { OWNER, OWNER_PASSWORD } from "../kit/gate.ts";
import { startIssuer, type IssuerStandIn } from "../kit/issuer-stand-in.ts";
import { TestClock } from "../kit/test-clock.ts";
import { startWorkloadGate, type WorkloadGate } from "../kit/workload-gate.ts";

let ci: IssuerStandIn;
let other: IssuerStandIn;
let stranger: IssuerStandIn;
let world: WorkloadGate;
beforeAll(async () => {
  [ci, other, stranger] = [await startIssuer(), await startIssuer({ alg: "RS256" }), await startIssuer()];
  world = await startWorkloadGate({
    workloads: () => `  deploy: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop", team: shop } }
  batch: { issuer: "${other.issuer}", claims: { sub: "repo:acme/shop" } }
  nobody: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop" } }
  olga: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop" } }
  gone: { issuer: "${ci.issuer}", claims: { sub: "repo:acme/shop" } }`,
  });
  for (const name of ["deploy", "batch", "gone"]) await world.add(name, "service");
}, 60_000);
afterAll(async () => {
  for (const each of [world, ci, other, stranger]) await each?.[Symbol.asyncDispose]();
});

const seconds = (): number => Math.floor(Date.now() / 1000);
const right = () => ({ aud: world.url, sub: "repo:acme/shop", team: "shop" });
const logIn = (token: string, service = "deploy") => world.client().call("login.workload", { body: { service, token } });
const words = new Set<string>();

/** The reason in the log; everybody is told the same. */
async function reasonOf(token: string, service = "deploy"): Promise<string | undefined> {
  const thrown: unknown = await logIn(token, service).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: "workload-refused" });
  const { instance: _, ...said } = (thrown as ProblemError).problem;
  words.add(JSON.stringify(said));
  return (await world.reasons()).at(-1);
}

function forged(header: object, payload: object, signature = ""): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(payload)}.${signature}`;
}

const full = () => ({ iss: ci.issuer, iat: seconds(), exp: seconds() + 300, jti: "forged", ...right() });

describe("who signed it", () => {
  test("the right one is a login, so what follows is refused for what it is", async () => {
    expect((await logIn(await ci.sign(right()))).user).toBe("deploy");
  });

  test.each(["none", "None", "nOnE", ""])("alg `%s`", async (alg) => {
    expect(await reasonOf(forged({ alg, typ: "JWT" }, full()))).toContain("algorithm");
  });

  test("a shared secret made of the public key: its PEM, its JWK, with the id of the key", async () => {
    const secrets = [await exportSPKI(ci.publicKey), JSON.stringify(await exportJWK(ci.publicKey))];
    for (const secret of secrets) {
      const signed = forged({ alg: "HS256", typ: "JWT", kid: "one" }, full()).slice(0, -1);
      const mac = createHmac("sha256", secret).update(signed).digest("base64url");
      expect(await reasonOf(`${signed}.${mac}`)).toContain("algorithm");
    }
  });

  test("a key of one's own: under the issuer's id, under another, in the header, by address", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    expect(await reasonOf(await ci.sign(right(), { key: privateKey }))).toContain("SIGNATURE_VERIFICATION_FAILED");
    expect(await reasonOf(await ci.sign(right(), { key: privateKey, kid: "mine" }))).toContain("JWKS_NO_MATCHING_KEY");
    for (const header of [{ jwk }, { jku: `${stranger.issuer}/jwks` }, { x5u: `${stranger.issuer}/x5c` }]) {
      expect(await reasonOf(await ci.sign(right(), { key: privateKey, header }))).toContain("SIGNATURE_VERIFICATION_FAILED");
    }
    expect(stranger.asked).toEqual([]);
  });

  test("another algorithm with the issuer's id of the key", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const token = await new SignJWT(full()).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
    expect(await reasonOf(token)).toContain("JWKS_NO_MATCHING_KEY");
  });

  test("another issuer: one nobody named, one of another mapping, one that speaks in this one's name", async () => {
    expect(await reasonOf(await stranger.sign(right()))).toBe("it is of an unknown issuer");
    expect(stranger.asked).toEqual([]);
    expect(await reasonOf(await other.sign(right()))).toContain("it is of another issuer");
    expect(await reasonOf(await ci.sign(right()), "batch")).toContain("it is of another issuer");
    expect(await reasonOf(await other.sign({ ...right(), iss: ci.issuer }))).toContain("JWKS_NO_MATCHING_KEY");
    for (const iss of [`${ci.issuer}/`, ci.issuer.toUpperCase(), `${ci.issuer}#x`]) {
      expect(await reasonOf(await ci.sign({ ...right(), iss }))).toBe("it is of an unknown issuer");
    }
    expect(await reasonOf(await ci.sign({ ...right(), iss: undefined }))).toBe("it names no issuer");
  });

  test("what was changed after it was signed", async () => {
    const [header = "", , signature = ""] = (await ci.sign({ ...right(), sub: "repo:evil/shop" })).split(".");
    const payload = Buffer.from(JSON.stringify(full())).toString("base64url");
    expect(await reasonOf(`${header}.${payload}.${signature}`)).toContain("SIGNATURE_VERIFICATION_FAILED");
  });

  test.each(["a", "a.b.c", "..", "e30.e30.", "e30.".repeat(5), "\u{1f600}.e30.e30", "bnVsbA.bnVsbA.bnVsbA"])(
    "rubbish `%s`",
    async (token) => {
      expect(await reasonOf(token)).toMatch(/no signed token|algorithm/);
    },
  );
});

describe("whom and when it is for", () => {
  test.each<[string, () => object, string]>([
    ["another audience", () => ({ aud: "https://elsewhere.example" }), "(`aud`)"],
    ["another one besides", () => ({ aud: [world.url, "https://elsewhere.example"] }), "(`aud`)"],
    ["the audience with a slash", () => ({ aud: `${world.url}/` }), "(`aud`)"],
    ["no audience", () => ({ aud: undefined }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    ["an object for an audience", () => ({ aud: { 0: world.url } }), "(`aud`)"],
    ["expired", () => ({ exp: seconds() - 1 }), "it has expired"],
    ["expired long ago", () => ({ exp: seconds() - 600, iat: seconds() - 900 }), "ERR_JWT_EXPIRED"],
    ["no end", () => ({ exp: undefined }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    ["an end that is a text", () => ({ exp: String(seconds() + 300) }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    ["not yet good", () => ({ nbf: seconds() + 300 }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    ["of the future", () => ({ iat: seconds() + 300, nbf: undefined }), "it is of the future"],
    ["of no time", () => ({ iat: undefined }), "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    [
      "older than an hour, however long it lasts",
      () => ({ iat: seconds() - 3_700, exp: seconds() + 86_400 }),
      "it was issued too long ago",
    ],
  ])("%s", async (_, claims, reason) => {
    expect(await reasonOf(await ci.sign({ ...right(), ...claims() }))).toContain(reason);
  });

  test("a list of one audience is that audience", async () => {
    expect((await logIn(await ci.sign({ ...right(), aud: [world.url] }))).user).toBe("deploy");
  });
});

describe("what it says", () => {
  test.each<[string, object, string]>([
    ["a person's at the same issuer", { sub: "ada" }, 'its claim "sub" is another'],
    ["a longer name", { sub: "repo:acme/shop-evil" }, 'its claim "sub" is another'],
    ["another letter case", { sub: "repo:Acme/shop" }, 'its claim "sub" is another'],
    ["a claim that is missing", { team: undefined }, 'its claim "team" is another'],
    ["a list with it", { team: ["shop"] }, 'its claim "team" is another'],
    ["an object with it", { team: { team: "shop", toString: "shop" } }, 'its claim "team" is another'],
    ["a name that is a list", { sub: ["repo:acme/shop"] }, "it names nobody"],
    ["a name that is an object", { sub: { sub: "repo:acme/shop" } }, "it names nobody"],
    ["no name", { sub: undefined }, "ERR_JWT_CLAIM_VALIDATION_FAILED"],
    ["a name with a line end", { sub: "repo:acme/shop\nadmin" }, "it names nobody"],
    ["events: a logout token", { events: { "http://schemas.openid.net/event/backchannel-logout": {} } }, "it is a token of events"],
    ["an access token, by its claims", { typ: "Bearer" }, "`typ`"],
    ["an id that is a list", { jti: ["a"] }, "`jti`"],
  ])("%s", async (_, claims, reason) => {
    expect(await reasonOf(await ci.sign({ ...right(), ...claims }))).toMatch(new RegExp(reason.replaceAll(/[()]/g, "\\$&")));
  });

  test.each([
    ["an access token (RFC 9068)", { typ: "at+jwt" }, "`typ`"],
    ["a logout token", { typ: "logout+jwt" }, "`typ`"],
    ["demands nobody understands", { crit: ["exp"] }, "`crit`"],
  ])("%s", async (_, header, reason) => {
    // The library signs no demand that it does not understand itself.
    const token = "crit" in header ? forged({ alg: "ES256", kid: "one", ...header }, full(), "AA") : await ci.sign(right(), { header });
    expect(await reasonOf(token)).toContain(reason);
  });

  test("a token of 12 KiB is read, one of 20 KiB is none, and 1 MiB is not even listened to", async () => {
    expect((await logIn(await ci.sign({ ...right(), padding: "x".repeat(8_500) }))).user).toBe("deploy");
    await expect(logIn(await ci.sign({ ...right(), padding: "x".repeat(15_000) }))).rejects.toMatchObject({ code: "bad-request" });
    await expect(logIn("x".repeat(1024 * 1024))).rejects.toMatchObject({ code: "too-large" });
  });
});

describe("who it would be", () => {
  test("nobody by that name, a person, somebody disabled, no mapping", async () => {
    expect(await reasonOf(await ci.sign(right()), "nobody")).toBe("unknown user");
    expect(await reasonOf(await ci.sign(right()), OWNER)).toBe("a person");
    await world.gate.identity.disableUser({ name: OWNER as PrincipalName }, "gone" as PrincipalName, "left");
    expect(await reasonOf(await ci.sign(right()), "gone")).toBe("disabled");
    expect(await reasonOf(await ci.sign(right()), "no-such-service")).toBe("no such workload comes by tokens");
  });

  test("a lock holds for it as for everybody, and ends with the lock", async () => {
    const { token } = await logIn(await ci.sign(right()));
    const owner = await world.owner();
    const { id } = await owner.call("locks.create", { body: { subject: { kind: "principal", name: "deploy" }, reason: "odd" } });
    await expect(world.client(token).call("requests.list")).rejects.toMatchObject({ code: "locked" });
    await owner.call("locks.lift", { params: { id }, body: { reason: "looked at" } });
    await world.client(token).call("requests.list");
  });

  test("somebody who is disabled is out at once", async () => {
    const { token } = await logIn(await other.sign({ aud: world.url, sub: "repo:acme/shop" }), "batch");
    await world.client(token).call("status.show");
    await world.gate.identity.disableUser({ name: OWNER as PrincipalName }, "batch" as PrincipalName, "left");
    await expect(world.client(token).call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    await world.gate.identity.enableUser({ name: OWNER as PrincipalName }, "batch" as PrincipalName);
  });
});

describe("replays", () => {
  test("a token makes one login: not a second one, not for another mapping, not two at once", async () => {
    const token = await ci.sign(right());
    await logIn(token);
    expect(await reasonOf(token)).toBe("the token was used before");
    expect(await reasonOf(await ci.sign({ ...right(), jti: "once" }).then(async (same) => (await logIn(same), same)))).toBe(
      "the token was used before",
    );
    // Another token under an id that was used.
    expect(await reasonOf(await ci.sign({ ...right(), jti: "once", exp: seconds() + 200 }))).toBe("the token was used before");
    const racing = await ci.sign(right());
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => logIn(racing)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("nor does one without an id, also where its signature is written in another way", async () => {
    const token = await ci.sign({ ...right(), jti: undefined });
    await logIn(token);
    expect(await reasonOf(token)).toBe("the token was used before");
    const signed = token.slice(0, token.lastIndexOf("."));
    const raw = Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url");
    // ECDSA: with n − s in place of s the signature holds as well.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const s = order - BigInt(`0x${raw.subarray(32).toString("hex")}`);
    const other = Buffer.concat([raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
    expect(await reasonOf(`${signed}.${other.toString("base64url")}`)).toBe("the token was used before");
  });
});

describe("a mapping that changes", () => {
  const change = (text: string): string => text.replace("team: shop }", "team: shop, ref: main }");

  test("ends what came by it, on the record, and does not bring it back", async () => {
    const { token } = await logIn(await ci.sign(right()));
    const kept = await logIn(await other.sign({ aud: world.url, sub: "repo:acme/shop" }), "batch");
    await world.client(token).call("status.show");
    await world.reconfigure(change);
    await expect(world.client(token).call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    await world.reconfigure((text) => text.replace(", ref: main }", " }"));
    await expect(world.client(token).call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    expect((await world.client(kept.token).call("status.show")).me.name).toBe("batch");
    const ended = await world.gate.store.log.query({ kinds: ["login.ended"], limit: 100 });
    expect(ended.at(-1)).toMatchObject({ principal: "deploy", body: { how: "workload-changed" } });
  });
});

describe("an issuer that does not answer as it should", () => {
  const keysOf = async (issuer: string): Promise<string> => {
    try {
      const keys = await new Issuers(systemClock, boundedFetch(300)).keysOf(issuer);
      await keys({ alg: "ES256", kid: "one" }, { payload: "", signature: "" });
      return "had";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const big = { toString: () => "x".repeat(10 * 1024 * 1024) };

  test.each<[string, string, (standIn: IssuerStandIn) => Parameters<IssuerStandIn["instead"]["set"]>[1], string]>([
    ["keys of 10 MiB", "/jwks", () => (_, response) => response.end(`{"keys":[{"x":"${String(big)}"}]}`), "larger than 256 KiB"],
    ["keys that never come", "/jwks", () => () => undefined, "no answer"],
    ["keys that stop half-way", "/jwks", () => (_, response) => response.write('{"keys":['), "no answer"],
    ["keys that are none", "/jwks", () => (_, response) => response.end("[]"), "JSON Web Key Set malformed"],
    ["keys elsewhere", "/jwks", () => (_, response) => response.writeHead(302, { location: `${stranger.issuer}/jwks` }).end(), "redirects"],
    [
      "a description elsewhere",
      "/.well-known/openid-configuration",
      () => (_, response) => response.writeHead(301, { location: stranger.issuer }).end(),
      "redirects",
    ],
    ["a description that never comes", "/.well-known/openid-configuration", () => () => undefined, "no answer"],
    ["an error", "/.well-known/openid-configuration", () => (_, response) => response.writeHead(500).end("{}"), "answers 500"],
    ["no JSON", "/.well-known/openid-configuration", () => (_, response) => response.end("<html>"), "does not describe itself"],
    [
      "another's name",
      "/.well-known/openid-configuration",
      () => (_, response) => response.end(JSON.stringify({ issuer: stranger.issuer, jwks_uri: `${stranger.issuer}/jwks` })),
      "by another name",
    ],
    [
      "keys without TLS beyond this machine",
      "/.well-known/openid-configuration",
      ({ issuer }) =>
        (_, response) =>
          response.end(JSON.stringify({ issuer, jwks_uri: "http://192.0.2.1/jwks" })),
      "no keys over https",
    ],
    [
      "keys in a file of the gate's",
      "/.well-known/openid-configuration",
      ({ issuer }) =>
        (_, response) =>
          response.end(JSON.stringify({ issuer, jwks_uri: "file:///etc/passwd" })),
      "no keys over https",
    ],
  ])("%s", async (_, path, answer, reason) => {
    await using standIn = await startIssuer();
    standIn.instead.set(path, answer(standIn));
    expect(await keysOf(standIn.issuer)).toContain(reason);
    expect(stranger.asked).toEqual([]);
  });

  test("is not asked again at once, nor for each unknown key", async () => {
    await using standIn = await startIssuer();
    const clock = new TestClock();
    const issuers = new Issuers(clock, boundedFetch());
    standIn.instead.set("/.well-known/openid-configuration", (_, response) => response.writeHead(503).end());
    for (let tried = 0; tried < 20; tried++)
      await expect(issuers.keysOf(standIn.issuer)).rejects.toMatchObject({ code: "provider-unreachable" });
    expect(standIn.asked).toHaveLength(1);
    standIn.instead.clear();
    clock.pass(6_000);
    const keys = await issuers.keysOf(standIn.issuer);
    await keys({ alg: "ES256", kid: "one" }, { payload: "", signature: "" });
    for (let tried = 0; tried < 20; tried++) {
      await expect(
        issuers.keysOf(standIn.issuer).then((each) => each({ alg: "ES256", kid: `guess-${tried}` }, { payload: "", signature: "" })),
      ).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
    }
    expect(standIn.asked.filter((path) => path === "/jwks")).toHaveLength(1);
  });
});

describe("a flood", () => {
  test("spends the share of its address for this route, and no logins of others there", async () => {
    const answers = await Promise.allSettled(Array.from({ length: 300 }, () => logIn("a.b.c")));
    const codes = new Set(answers.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "in")));
    expect(codes).toEqual(new Set(["workload-refused", "rate-limited"]));
    const { user } = await world.client().call("login.password", { body: { user: OWNER, password: OWNER_PASSWORD } });
    expect(user).toBe(OWNER);
  });
});

test("everybody was told the same, and nothing anybody signed is in the log", async () => {
  expect([...words]).toHaveLength(1);
  const events = await world.gate.store.log.query({ limit: 1000 });
  expect(events.length).toBeGreaterThan(50);
  expect(JSON.stringify(events)).not.toMatch(/eyJ[\w-]{10}/);
  expect(world.faults).toEqual([]);
});
