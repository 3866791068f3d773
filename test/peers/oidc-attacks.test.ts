/**
 * Attacks on logging in by identity providers: each is made, and refused. Two real providers, `corp` and `other`; where a
 * provider itself lies, its answer is replaced by one that is nearly right.
 */
import { createHash, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openClient } from "../../src/contract/client.ts";
import { parseReturnPath } from "../../src/identity/oidc/return-path.ts";
import { boundedFetch } from "../../src/identity/oidc/bounded-fetch.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { HOSTILE_PATHS } from "../kit/hostile-paths.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import type { OidcProvider } from "../kit/oidc-provider.ts";
import { beginConsole, logInToConsole, sessionOf, startProviderGate } from "../kit/provider-gate.ts";
import { until } from "../kit/until.ts";

type World = Awaited<ReturnType<typeof startProviderGate>>;

let world: World;
let corp: OidcProvider;
let other: OidcProvider;
let people = 0;

beforeAll(async () => {
  world = await startProviderGate(["corp", "other"]);
  [corp, other] = world.providers as [OidcProvider, OidcProvider];
}, 60_000);
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => corp.instead.clear());

const newPerson = (provider = corp): string => {
  const name = `person-${++people}`;
  provider.accounts.set(name, { groups: ["eng-oncall"] });
  return name;
};
const isCallback = ({ pathname }: URL): boolean => pathname.startsWith("/v1/login/callback/");
/** A browser that has come back from the provider and not yet told the gate. */
const back = async (provider = "corp", account = newPerson(provider === "corp" ? corp : other), returnTo = "/") => {
  const browser = new MiniBrowser();
  const begun = await beginConsole(browser, world.url, provider, returnTo);
  return { browser, account, begun: new URL(begun), callback: await browser.walk(begun, account, isCallback) };
};
const finish = async (browser: MiniBrowser, callback: URL): Promise<string> =>
  (await browser.fetch(callback)).headers.get("location") ?? "";
const session = (browser: MiniBrowser): string | undefined => browser.cookie(new URL(world.url).host, "sallyport");
/** The code it is refused with, where nobody is logged in then. */
const refusal = async (browser: MiniBrowser, callback: URL): Promise<string> => {
  const location = await finish(browser, callback);
  const code = /^\/login\?error=([a-z-]+)/.exec(location)?.[1];
  return code !== undefined && session(browser) === undefined ? code : `not refused: ${location}`;
};
const reasons = async (): Promise<string[]> => {
  const events = await world.test.gate.store.log.query({ kinds: ["login.failed"], limit: 1000 });
  return events.map(({ body }) => (body as { reason: string }).reason);
};
const userNames = async (): Promise<string[]> => (await world.test.gate.identity.listUsers()).map(({ name }) => name);

describe("mix-up of two providers", () => {
  test("an answer that comes to another provider's address is none, and the login is over", async () => {
    const { browser, callback } = await back("corp");
    const elsewhere = new URL(callback);
    elsewhere.pathname = "/v1/login/callback/other";
    expect(await refusal(browser, elsewhere)).toBe("login-lapsed");
    expect(await refusal(browser, callback)).toBe("login-lapsed");
    await until(async () => (await reasons()).includes("the answer came to another provider's address"));
  });

  test("an answer in the name of another issuer, or of none, is refused (RFC 9207)", async () => {
    for (const change of [(url: URL) => url.searchParams.set("iss", other.issuer), (url: URL) => url.searchParams.delete("iss")]) {
      const { browser, callback } = await back();
      change(callback);
      expect(await refusal(browser, callback)).toBe("provider-refused");
    }
  });

  test("a code of one provider is worth nothing in a login at the other", async () => {
    const atCorp = await back("corp");
    const atOther = await back("other");
    const mixed = new URL(atOther.callback);
    mixed.searchParams.set("code", atCorp.callback.searchParams.get("code") ?? "");
    expect(await refusal(atOther.browser, mixed)).toBe("provider-refused");
    // Its issuer's word for it makes it no better: that issuer was not asked.
    const relabelled = new URL((await back("other")).callback);
    relabelled.searchParams.set("iss", corp.issuer);
    expect(await refusal(new MiniBrowser(), relabelled)).toBe("login-lapsed");
  });
});

describe("replays", () => {
  test("a callback works once", async () => {
    const { browser, callback } = await back();
    expect(await finish(browser, callback)).toBe("/");
    const again = new MiniBrowser();
    again.cookies.set(callback.host, new Map(browser.cookies.get(callback.host)));
    again.cookies.get(callback.host)?.delete("sallyport");
    expect(await refusal(again, callback)).toBe("login-lapsed");
  });

  test.each(["", "guessed", "%00", "x".repeat(5000)])("state `%.12s` is of no login", async (state) => {
    const { browser, callback } = await back();
    callback.searchParams.set("state", state);
    expect(await refusal(browser, callback)).toBe("login-lapsed");
  });

  test("a code of another login, of the same provider and browser, fails at PKCE", async () => {
    const first = await back();
    const begun = await beginConsole(first.browser, world.url, "corp");
    const callback = await first.browser.walk(begun, first.account, isCallback);
    callback.searchParams.set("code", first.callback.searchParams.get("code") ?? "");
    expect(await refusal(first.browser, callback)).toBe("provider-refused");
  });

  test("the code challenge is S256 of a verifier that nobody else has", async () => {
    const { begun } = await back();
    expect(begun.searchParams.get("code_challenge_method")).toBe("S256");
    expect(begun.searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
  });
});

describe("login CSRF and session fixation", () => {
  test("an answer that somebody else's browser brings is refused: with no cookie, and with one of another login", async () => {
    const attacker = await back();
    expect(await refusal(new MiniBrowser(), attacker.callback)).toBe("login-lapsed");
    const [victim, second] = [await back(), await back()];
    expect(await refusal(victim.browser, second.callback)).toBe("login-lapsed");
  });

  test("a session cookie from before is replaced, and so is the one of the login taken away", async () => {
    const { browser, callback } = await back();
    const jar = browser.cookies.get(callback.host);
    jar?.set("sallyport", "fixed-by-an-attacker");
    await finish(browser, callback);
    expect(session(browser)).toMatch(/^sp_/);
    expect(browser.cookie(callback.host, "sallyport-login")).toBeUndefined();
  });

  test("a form on another site begins nothing and ends nothing", async () => {
    const answer = await fetch(`${world.url}/v1/login/providers/corp/start`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "returnTo=/",
    });
    expect(answer.status).toBe(400);
    const crossed = await fetch(`${world.url}/v1/login/providers/corp/start`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://evil.example" },
      body: JSON.stringify({ returnTo: "/" }),
    });
    expect(crossed.status).toBe(403);
  });
});

/** Odd names of pages are among them: return-path.test.ts has what is taken of those. */
const LEAVING = HOSTILE_PATHS.filter((path) => parseReturnPath(path) === undefined);
test.each([...LEAVING, "/v1/logout", "/V1/backup", "/.%2fv1/backup"])("no way out of the gate: returnTo %j", async (returnTo) => {
  await expect(
    openClient({ url: world.url }).call("login.begin", { params: { provider: "corp" }, body: { returnTo } }),
  ).rejects.toMatchObject({ code: "bad-request" });
});

describe("an answer that says no", () => {
  test("in the provider's own words: the person is told the gate's, and nobody is logged in", async () => {
    const { browser, begun } = await back();
    const callback = new URL(`${world.url}/v1/login/callback/corp`);
    callback.search = new URLSearchParams({
      error: "access_denied\r\nset-cookie: sallyport=evil",
      error_description: "<script>alert(1)</script>",
      error_uri: "https://evil.example/",
      state: begun.searchParams.get("state") ?? "",
      iss: corp.issuer,
    }).toString();
    const answer = await browser.fetch(callback);
    const location = answer.headers.get("location") ?? "";
    expect(location).toMatch(/^\/login\?error=[a-z-]+&provider=corp&returnTo=%2F$/);
    expect(location + (await answer.text())).not.toMatch(/script|evil|denied/);
    expect(session(browser)).toBeUndefined();
  });

  test("that nobody asked for ends nobody's login: without its state, and with that of another browser's", async () => {
    const victim = await back();
    const elsewhere = new MiniBrowser();
    for (const state of [undefined, "guessed"]) {
      const callback = new URL(`${world.url}/v1/login/callback/corp`);
      callback.search = new URLSearchParams({ error: "access_denied", iss: corp.issuer, ...(state && { state }) }).toString();
      expect(await refusal(elsewhere, callback)).toBe("login-lapsed");
    }
    expect(await finish(victim.browser, victim.callback)).toBe("/");
  });

  test("and yes at once is no", async () => {
    const { browser, callback } = await back();
    callback.searchParams.set("error", "access_denied");
    expect(await refusal(browser, callback)).toBe("provider-refused");
  });

  test("a code that comes twice, or beside an ID token, is none that is taken", async () => {
    const more: [string, string][] = [
      ["code", "another"],
      ["id_token", "x.y.z"],
      ["response", "x.y.z"],
    ];
    for (const [name, value] of more) {
      const { browser, callback } = await back();
      callback.searchParams.append(name, value);
      const answer = await browser.fetch(callback);
      // Either the gate takes no such answer at all, or the login is over.
      expect({ name, session: session(browser) }).toEqual({ name, session: undefined });
      expect(answer.headers.get("location") ?? "").not.toBe("/");
    }
  });
});

describe("linking", () => {
  const beginLink = async (browser: MiniBrowser, provider: string) => {
    const answer = await browser.fetch(`${world.url}/v1/login/providers/${provider}/link`, {
      method: "POST",
      headers: { "content-type": "application/json", "sallyport-console": "1" },
      body: JSON.stringify({ returnTo: "/account" }),
    });
    return ((await answer.json()) as { url: string }).url;
  };
  /** Somebody logged in by corp, on their way to link what `account` is at the other provider. */
  const linking = async (account: string) => {
    const { browser, callback, account: own } = await back("corp");
    await finish(browser, callback);
    const begun = await beginLink(browser, "other");
    return { browser, own, callback: await browser.walk(begun, account, isCallback) };
  };
  const identityOf = async (user: string): Promise<string[]> =>
    ((await world.test.gate.store.identity.findUser(user as never))?.identities ?? []).map(
      ({ provider, subject }) => `${provider} ${subject}`,
    );

  test("a link that somebody else began does not take the identity of whoever's browser finishes it", async () => {
    const [victims, attackers] = [newPerson(other), newPerson(other)];
    const attacker = await linking(attackers);
    // The attacker's callback, and the attacker's begun link with the victim's own login at the provider.
    const victim = await back("corp");
    await finish(victim.browser, victim.callback);
    expect((await victim.browser.fetch(attacker.callback)).headers.get("location")).toMatch(/^\/account\?error=login-lapsed/);
    const begun = await beginLink(attacker.browser, "other");
    const injected = await victim.browser.walk(begun, victims, isCallback);
    expect((await victim.browser.fetch(injected)).headers.get("location")).toMatch(/^\/account\?error=login-lapsed/);
    expect(await identityOf(attacker.own)).toEqual([`corp ${attacker.own}`]);
    expect(await identityOf(victim.account)).toEqual([`corp ${victim.account}`]);
  });

  test("ends with the login that began it, and makes no login of its own", async () => {
    const { browser, own, callback } = await linking(newPerson(other));
    await sessionOf(browser, world.url).call("login.end");
    expect((await browser.fetch(callback)).headers.get("location")).toMatch(/^\/account\?error=login-lapsed/);
    expect(await identityOf(own)).toEqual([`corp ${own}`]);
  });

  test("an identity that is somebody's stays theirs", async () => {
    const shared = newPerson(other);
    const first = await linking(shared);
    expect((await first.browser.fetch(first.callback)).headers.get("location")).toBe("/account");
    const second = await linking(shared);
    expect((await second.browser.fetch(second.callback)).headers.get("location")).toMatch(/^\/account\?error=already-exists/);
    expect(await identityOf(first.own)).toEqual([`corp ${first.own}`, `other ${shared}`]);
    expect(await identityOf(second.own)).toEqual([`corp ${second.own}`]);
  });
});

test("a path of the console is where one comes back to", async () => {
  const { browser, callback } = await back("corp", newPerson(), "/requests/req-0000000000?tab=why#top");
  expect(await finish(browser, callback)).toBe("/requests/req-0000000000?tab=why#top");
});

describe("a provider that lies", () => {
  const sign = async (claims: object, { key = corp.signing.privateKey as KeyObject, alg = "RS256" } = {}): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg, kid: corp.signing.kid }).sign(key);
  const unsigned = (claims: object): string =>
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;
  /** Answers the gate's question for tokens with this ID token. */
  const answerWith = (idToken: string, more: object = {}): void => {
    corp.instead.set("/token", (_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ access_token: "a", token_type: "Bearer", refresh_token: "r", id_token: idToken, ...more }));
    });
  };
  const now = (): number => Math.floor(Date.now() / 1000);
  const good = (nonce: string | null) => ({
    iss: corp.issuer,
    aud: corp.clientId,
    sub: "liar",
    nonce,
    iat: now(),
    exp: now() + 60,
    preferred_username: `liar-${++people}`,
    groups: ["eng-oncall"],
  });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

  test("the right token would do, so that what follows is refused for what is wrong with it", async () => {
    const { browser, callback, begun } = await back();
    answerWith(await sign(good(begun.searchParams.get("nonce"))));
    expect(await finish(browser, callback)).toBe("/");
  });

  const wrong: [string, (claims: ReturnType<typeof good>) => Promise<string> | string][] = [
    ["for another audience", (claims) => sign({ ...claims, aud: "somebody-else" })],
    ["for several, and another party", (claims) => sign({ ...claims, aud: [corp.clientId, "x"], azp: "x" })],
    ["of another issuer", (claims) => sign({ ...claims, iss: other.issuer })],
    ["signed by a stranger", (claims) => sign(claims, { key: stranger })],
    ["without a signature", (claims) => unsigned(claims)],
    ["whose signature is cut off", async (claims) => (await sign(claims)).replace(/[^.]+$/, "")],
    ["signed with the client's secret", (claims) => hmac(claims, corp.clientSecret)],
    ["that has expired", (claims) => sign({ ...claims, iat: now() - 600, exp: now() - 300 })],
    ["without an end", (claims) => sign({ ...claims, exp: undefined })],
    ["with another nonce", (claims) => sign({ ...claims, nonce: "another" })],
    ["without a nonce", (claims) => sign({ ...claims, nonce: undefined })],
    ["about nobody", (claims) => sign({ ...claims, sub: undefined })],
    ["about a list", (claims) => sign({ ...claims, sub: ["liar"] })],
    ["about a name with a line break", (claims) => sign({ ...claims, sub: "liar\nroot" })],
    ["whose groups are an object", (claims) => sign({ ...claims, groups: { "eng-oncall": true } })],
    ["whose groups are lists", (claims) => sign({ ...claims, groups: [["eng-oncall"]] })],
    ["whose groups are numbers", (claims) => sign({ ...claims, groups: [1, 2] })],
    ["with too many groups", (claims) => sign({ ...claims, groups: Array.from({ length: 2_001 }, (_, n) => `g${n}`) })],
    ["that is larger than anything", (claims) => sign({ ...claims, groups: ["x".repeat(512)].concat(Array(1_000).fill("y".repeat(500))) })],
    ["that is no token", () => "eyJhbGciOiJub25lIn0"],
  ];
  test.each(wrong)("an ID token %s", async (_, make) => {
    const { browser, callback, begun } = await back();
    const before = await userNames();
    answerWith(await make(good(begun.searchParams.get("nonce"))));
    expect(await refusal(browser, callback)).toMatch(/^provider-(refused|unreachable)$/);
    expect(await userNames()).toEqual(before);
  });

  test("a provider that redirects is not followed", async () => {
    const { browser, callback } = await back();
    let followed = 0;
    corp.instead.set("/token", (_, response) => response.writeHead(307, { location: `${corp.issuer}/stolen` }).end());
    corp.instead.set("/stolen", (_, response) => {
      followed += 1;
      response.end();
    });
    expect(await refusal(browser, callback)).toBe("provider-unreachable");
    expect(followed).toBe(0);
  });

  test("a provider that gives nothing to ask again with lets nobody in", async () => {
    const { browser, callback, begun } = await back();
    answerWith(await sign(good(begun.searchParams.get("nonce"))), { refresh_token: undefined });
    expect(await refusal(browser, callback)).toBe("provider-refused");
  });

  test("a provider that does not answer is given up, and one that never ends its answer", async () => {
    corp.instead.set("/slow", () => {});
    corp.instead.set("/endless", (_, response) => {
      const more = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => clearInterval(more));
    });
    await expect(boundedFetch(100)(`${corp.issuer}/slow`)).rejects.toThrow("timeout");
    await expect(boundedFetch()(`${corp.issuer}/endless`)).rejects.toMatchObject({ code: "provider-unreachable" });
  });

  function hmac(claims: object, secret: string): Promise<string> {
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret.padEnd(32, "0")));
  }
});

describe("names of others", () => {
  test.each([
    ["an owner", "olga"],
    ["an owner, in capitals", "OLGA"],
    ["a target", "web-1"],
    ["the gate", "gate"],
    ["somebody the configuration speaks of", "named"],
    ["nothing that could be a name", "x y"],
    ["a path", "../olga"],
  ])("whoever is called as %s there becomes nobody here", async (_, name) => {
    const account = newPerson();
    corp.accounts.set(account, { name, groups: ["eng-oncall"] });
    const before = await userNames();
    const { browser, callback } = await back("corp", account);
    expect(await refusal(browser, callback)).toBe("no-account");
    expect(await userNames()).toEqual(before);
  });

  test("the answer does not tell whether somebody is called so here", async () => {
    const answers = new Set<string>();
    for (const name of ["olga", "nobody here is called so, nor could be"]) {
      const account = newPerson();
      corp.accounts.set(account, { name, groups: [] });
      const { browser, callback } = await back("corp", account);
      answers.add(await finish(browser, callback));
    }
    expect(answers.size).toBe(1);
  });

  test("the same subject at another provider is somebody else", async () => {
    const account = newPerson();
    const { browser, callback } = await back("corp", account);
    await finish(browser, callback);
    other.accounts.set(account, { groups: [] });
    const elsewhere = await back("other", account);
    expect(await refusal(elsewhere.browser, elsewhere.callback)).toBe("no-account");
  });
});

describe("the command line's login", () => {
  const nobody = () => openClient({ url: world.url });
  const begin = async () => {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const body = { port: 50_123, state: randomBytes(16).toString("base64url"), challenge };
    const { url } = await nobody().call("login.beginProgram", { params: { provider: "corp" }, body });
    const browser = new MiniBrowser();
    const callback = await browser.walk(url, newPerson(), isCallback);
    const location = new URL(await finish(browser, callback));
    return { verifier, state: body.state, location, code: location.searchParams.get("code") ?? "" };
  };

  test("goes to loopback and nowhere else, with the program's own state", async () => {
    const { location, state } = await begin();
    expect(location.origin).toBe("http://127.0.0.1:50123");
    expect(location.searchParams.get("state")).toBe(state);
  });

  test("a code is worth nothing without the verifier, and one try is all", async () => {
    const { code, verifier } = await begin();
    const wrong = randomBytes(32).toString("base64url");
    await expect(nobody().call("login.redeem", { body: { code, verifier: wrong } })).rejects.toMatchObject({ code: "login-lapsed" });
    await expect(nobody().call("login.redeem", { body: { code, verifier } })).rejects.toMatchObject({ code: "login-lapsed" });
    const second = await begin();
    const { token } = await nobody().call("login.redeem", { body: { code: second.code, verifier: second.verifier } });
    expect(token).toMatch(/^sp_/);
    await expect(nobody().call("login.redeem", { body: { code: second.code, verifier: second.verifier } })).rejects.toMatchObject({
      code: "login-lapsed",
    });
  });
});

describe("a machine without a browser", () => {
  const nobody = () => openClient({ url: world.url });

  test("codes are not guessed: ten wrong ones, and that person waits", async () => {
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", newPerson());
    const client = sessionOf(browser, world.url);
    const { userCode } = await nobody().call("device.begin");
    for (let n = 0; n < 10; n++) {
      await expect(client.call("device.show", { params: { code: "BBBB-BBBB" } })).rejects.toMatchObject({ code: "not-found" });
    }
    await expect(client.call("device.show", { params: { code: userCode } })).rejects.toMatchObject({ code: "too-many-attempts" });
  });

  test("the short code gives nothing, the long one nothing before somebody approved, and once only", async () => {
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", newPerson());
    const client = sessionOf(browser, world.url);
    const { userCode, deviceCode } = await nobody().call("device.begin");
    expect(await nobody().call("device.poll", { body: { deviceCode: userCode } })).toEqual({ state: "expired" });
    expect(await nobody().call("device.poll", { body: { deviceCode } })).toMatchObject({ state: "waiting" });
    expect(await nobody().call("device.poll", { body: { deviceCode } })).toMatchObject({ state: "slow-down", intervalMs: 5_000 });
    expect((await client.call("device.show", { params: { code: userCode.toLowerCase() } })).warning).toContain("in front of you");
    await client.call("device.decide", { body: { code: userCode, approve: false } });
    await expect(client.call("device.decide", { body: { code: userCode, approve: true } })).rejects.toMatchObject({ code: "not-found" });
  });

  test("a personal token approves no machine", async () => {
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", newPerson());
    const { secret } = await sessionOf(browser, world.url).call("tokens.create", { body: { name: "x", scopes: ["all"], ttlMs: 60_000 } });
    const { userCode } = await nobody().call("device.begin");
    const client = openClient({ url: world.url, token: new Secret(secret) });
    await expect(client.call("device.decide", { body: { code: userCode, approve: true } })).rejects.toMatchObject({
      code: "not-permitted",
    });
  });
});

describe("logout notices", () => {
  const EVENTS = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const now = (): number => Math.floor(Date.now() / 1000);
  const notice = (subject: string) => ({
    iss: corp.issuer,
    aud: corp.clientId,
    iat: now(),
    jti: randomBytes(8).toString("hex"),
    sub: subject,
    events: EVENTS,
  });
  const sign = (claims: object, key = corp.signing.privateKey as KeyObject): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid: corp.signing.kid }).sign(key);
  const send = async (token: string, provider = "corp"): Promise<number> =>
    (await fetch(`${world.url}/v1/login/backchannel/${provider}`, { method: "POST", body: new URLSearchParams({ logout_token: token }) }))
      .status;
  const loggedIn = async () => {
    const { browser, callback, account } = await back();
    await finish(browser, callback);
    return {
      account,
      isIn: () =>
        sessionOf(browser, world.url)
          .call("status.show")
          .then(
            () => true,
            () => false,
          ),
    };
  };

  test("a good one ends everything of somebody, once", async () => {
    const { account, isIn } = await loggedIn();
    const token = await sign(notice(account));
    expect(await isIn()).toBe(true);
    expect(await send(token)).toBe(204);
    expect(await isIn()).toBe(false);
    expect(await send(token)).toBe(400);
  });

  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const wrong: [string, (subject: string) => Promise<string>][] = [
    ["signed by a stranger", (subject) => sign(notice(subject), stranger)],
    ["for another client", (subject) => sign({ ...notice(subject), aud: "somebody-else" })],
    ["of another issuer", (subject) => sign({ ...notice(subject), iss: other.issuer })],
    ["that is an ID token", (subject) => sign({ ...notice(subject), events: undefined, nonce: "n", exp: now() + 60 })],
    ["with a nonce", (subject) => sign({ ...notice(subject), nonce: "n" })],
    ["of another event", (subject) => sign({ ...notice(subject), events: { "http://schemas.openid.net/event/other": {} } })],
    ["whose event is no object", (subject) => sign({ ...notice(subject), events: { [Object.keys(EVENTS)[0] ?? ""]: true } })],
    ["without an id", (subject) => sign({ ...notice(subject), jti: undefined })],
    ["about nobody", (subject) => sign({ ...notice(subject), sub: undefined })],
    ["that is old", (subject) => sign({ ...notice(subject), iat: now() - 3_600 })],
    ["of the future", (subject) => sign({ ...notice(subject), iat: now() + 3_600 })],
    [
      "without a signature",
      async (subject) =>
        `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(notice(subject))).toString("base64url")}.`,
    ],
  ];
  test.each(wrong)("one %s ends nothing", async (_, make) => {
    const { account, isIn } = await loggedIn();
    expect(await send(await make(account))).toBe(400);
    expect(await isIn()).toBe(true);
  });

  test("that nobody signed, one after the other, do not send the gate to the provider with each", async () => {
    const asked = (): number => corp.asked.filter((each) => each === "GET /jwks").length;
    const before = asked();
    for (let at = 0; at < 5; at += 1) {
      const forged = new SignJWT(notice(`nobody-${at}`)).setProtectedHeader({ alg: "RS256", kid: `unknown-${at}` });
      expect(await send(await forged.sign(stranger))).toBe(400);
    }
    expect(asked() - before).toBeLessThanOrEqual(1);
  });

  test("to another provider's address: ends nothing", async () => {
    const { account, isIn } = await loggedIn();
    expect(await send(await sign(notice(account)), "other")).toBe(400);
    expect(await isIn()).toBe(true);
  });
});

test("no secret of a login is in the log", async () => {
  const { browser, callback, account } = await back();
  const code = callback.searchParams.get("code") ?? "";
  await finish(browser, callback);
  const kept = await world.test.gate.store.secrets.find(`provider-login/corp/${account}`);
  const { keep } = JSON.parse(kept?.reveal().toString() ?? "{}") as { keep: string };
  const text = JSON.stringify(await world.test.gate.store.log.query({ limit: 10_000 }));
  for (const secret of [code, keep, session(browser) ?? "", callback.searchParams.get("state") ?? "", corp.clientSecret]) {
    expect(secret.length).toBeGreaterThan(10);
    expect(text).not.toContain(secret);
  }
});

test("nothing went wrong inside the gate meanwhile", () => {
  expect(world.test.faults).toEqual([]);
});
