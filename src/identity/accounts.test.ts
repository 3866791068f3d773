import { describe, expect, test } from "vitest";
import { away, granted, home, identityRig, name, newKey, PASSWORD } from "../../test/kit/identity-rig.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { Changes, type IdentityChange } from "./changes.ts";
import { isDenial } from "./denial.ts";
import { Serial } from "./serial.ts";
import { TokenIssuer } from "./token-issuer.ts";

const olga = { name: name("olga") };
const NEXT = new Secret("another heron on another leg");

describe("the first set-up", () => {
  test("takes the secret once, and makes the owner the configuration names", async () => {
    const rig = await identityRig();
    expect(rig.service.setupPending()).toBe(true);
    const secret = granted(await rig.service.newSetupSecret());
    const key = newKey();
    expect(await rig.service.setup(secret, { owner: "mallory", password: PASSWORD }, home)).toMatchObject({ code: "bad-request" });
    expect(await rig.service.setup(secret, { owner: "olga" }, home)).toMatchObject({ code: "bad-request" });
    expect(await rig.service.setup(secret, { owner: "olga", password: new Secret("short") }, home)).toMatchObject({ code: "bad-request" });
    expect(rig.store.events).toEqual([]);
    const owner = granted(await rig.service.setup(secret, { owner: "olga", password: PASSWORD, publicKey: key.line }, home));
    expect(owner).toMatchObject({ name: "olga", type: "human", hasPassword: true });
    expect(rig.store.events.map(({ kind }) => kind)).toEqual(["setup.completed", "user.created", "user.password-set", "user.key-added"]);
    expect(rig.service.setupPending()).toBe(false);
    expect(await rig.service.authenticateKey("olga", key.blob, home)).toMatchObject({ method: "publickey" });
    expect(await rig.service.setup(secret, { owner: "otto", password: PASSWORD }, home)).toMatchObject({ code: "not-authenticated" });
    expect(await rig.service.newSetupSecret()).toMatchObject({ code: "wrong-state" });
    expect([...rig.secrets.contents().keys()]).not.toContain("identity/setup");
  });

  test("has no default secret: without one, or with another, nothing opens; guessing is slowed", async () => {
    const rig = await identityRig();
    const draft = { owner: "olga", password: PASSWORD };
    expect(await rig.service.setup(new Secret(""), draft, home)).toMatchObject({ code: "not-authenticated" });
    const first = granted(await rig.service.newSetupSecret());
    const second = granted(await rig.service.newSetupSecret());
    const atRest = rig.secrets.contents().get("identity/setup")?.toString("latin1");
    expect(atRest).toMatch(/^[0-9a-f]{64}$/);
    expect(atRest).not.toContain(second.reveal());
    expect(await rig.service.setup(first, draft, home)).toMatchObject({ code: "not-authenticated" });
    for (let index = 0; index < 10; index += 1) await rig.service.setup(new Secret(`setup-${index}`), draft, away);
    expect(await rig.service.setup(second, draft, away)).toMatchObject({ code: "too-many-attempts" });
    granted(await rig.service.setup(second, draft, home));
    expect(JSON.stringify(rig.store.events)).not.toContain(second.reveal());
  });

  test("is over once anybody exists, even where an old secret was left behind", async () => {
    const rig = await identityRig();
    const secret = granted(await rig.service.newSetupSecret());
    await rig.person("alice");
    expect(await rig.service.setup(secret, { owner: "olga", password: PASSWORD }, home)).toMatchObject({ code: "not-authenticated" });
  });

  test("by two at once makes one owner", async () => {
    const rig = await identityRig();
    const secret = granted(await rig.service.newSetupSecret());
    const both = await Promise.all(["olga", "otto"].map((owner) => rig.service.setup(secret, { owner, password: PASSWORD }, home)));
    expect(both.filter((answer) => !isDenial(answer))).toHaveLength(1);
    expect(await rig.service.listUsers()).toHaveLength(1);
  });
});

describe("users", () => {
  test("bear names that nobody else, no target and nothing reserved bears", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    for (const taken of ["alice", "Alice", "web-1", "gate", "GATE"]) {
      expect(await rig.service.createUser(olga, { name: taken, type: "human" })).toMatchObject({ code: "already-exists" });
    }
    for (const bad of ["", "a b", "a+b", "a%b", "-x", "group:x", "x".repeat(65)]) {
      expect(await rig.service.createUser(olga, { name: bad, type: "human" })).toMatchObject({ code: "bad-request" });
    }
  });

  test("disabled are cut at once: listeners are told and tokens end, whatever one listener does", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.login("alice");
    await rig.login("alice");
    const told: IdentityChange[] = [];
    using _first = rig.service.subscribe(() => {
      throw new Error("a broken listener");
    });
    using _second = rig.service.subscribe((change) => void told.push(change));
    await expect(rig.service.disableUser(olga, name("alice"), "left")).rejects.toThrow(AggregateError);
    expect(told).toContainEqual({ user: "alice", what: "disabled" });
    expect(await rig.service.isDisabled(name("alice"))).toBe(true);
    expect(await rig.service.listTokens(name("alice"))).toMatchObject([{ revokedAt: rig.clock.now() }, { revokedAt: rig.clock.now() }]);
  });

  test("of tokens that ended the latest are listed, and every one that lives", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.login("alice");
    const [live] = await rig.store.listTokens(name("alice"));
    if (live === undefined) throw new Error("no login");
    for (let n = 100; n < 250; n += 1)
      await rig.store.saveToken({ ...live, id: `tok-0000000${n}` as typeof live.id, revokedAt: rig.clock.now() }, []);
    const listed = await rig.service.listTokens(name("alice"));
    expect(listed).toHaveLength(101);
    expect(listed.map(({ id }) => id)).toContain(live.id);
  });

  test("the last owner stays, also when two owners disable each other at the same moment", async () => {
    const rig = await identityRig();
    await rig.person("olga");
    expect(await rig.service.disableUser(olga, name("olga"), "x")).toMatchObject({ code: "wrong-state", rule: "last owner" });
    await rig.person("otto");
    const answers = await Promise.all([
      rig.service.disableUser({ name: name("otto") }, name("olga"), "x"),
      rig.service.disableUser(olga, name("otto"), "x"),
    ]);
    expect(answers.filter((answer) => !isDenial(answer))).toHaveLength(1);
    expect((await rig.service.listUsers()).filter(({ disabled }) => disabled === undefined)).toHaveLength(1);
  });

  test("who are no owners take over no owner's account", async () => {
    const rig = await identityRig();
    await rig.person("olga");
    await rig.person("alice");
    const alice = { name: name("alice") };
    for (const attempt of [
      rig.service.issueReset(alice, name("olga")),
      rig.service.addKey(alice, name("olga"), newKey().line),
      rig.service.disableUser(alice, name("olga"), "x"),
    ]) {
      expect(await attempt).toMatchObject({ code: "not-permitted" });
    }
  });
});

test("a token for `user.write` alone changes people, and no owner", async () => {
  const rig = await identityRig();
  for (const person of ["olga", "otto", "alice"]) await rig.person(person);
  const scoped = { name: name("olga"), scopes: ["user.write"] };
  const attempts = (who: typeof scoped | typeof olga) => [
    () => rig.service.issueReset(who, name("otto")),
    () => rig.service.addKey(who, name("otto"), newKey().line),
    () => rig.service.disableUser(who, name("otto"), "x"),
  ];
  for (const attempt of attempts(scoped)) expect(await attempt()).toMatchObject({ code: "not-permitted" });
  granted(await rig.service.issueReset(scoped, name("alice")));
  for (const attempt of attempts({ name: name("olga"), scopes: ["all"] })) granted(await attempt());
});

describe("keys", () => {
  test("belong to one user only, and end when removed", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.person("bob");
    const key = newKey();
    const added = granted(await rig.service.addKey({ name: name("alice") }, name("alice"), key.line));
    expect(await rig.service.addKey({ name: name("bob") }, name("bob"), key.line)).toMatchObject({ code: "already-exists" });
    expect(await rig.service.removeKey({ name: name("bob") }, name("bob"), added.id)).toMatchObject({ code: "not-found" });
    const told: IdentityChange[] = [];
    using _listening = rig.service.subscribe((change) => void told.push(change));
    granted(await rig.service.removeKey({ name: name("alice") }, name("alice"), added.id));
    expect(told).toEqual([{ user: "alice", what: "key-removed", credential: added.fingerprint }]);
    expect(await rig.service.knowsKey("alice", key.blob)).toBe(false);
  });

  test.each(["", "ssh-ed25519", "ssh-ed25519 AAAA", 'command="x" ssh-ed25519 AAAA', "ssh-dss AAAAB3NzaC1kc3M="])(
    "are refused: %j",
    async (line) => {
      const rig = await identityRig();
      await rig.person("alice");
      expect(await rig.service.addKey(olga, name("alice"), line)).toMatchObject({ code: "bad-request" });
    },
  );
});

describe("a password of one's own", () => {
  test("is changed with the old one; other logins end, this one stays", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const [mine, other] = [await rig.login("alice"), await rig.login("alice")];
    expect(await rig.service.setPassword(mine.authenticated, NEXT, NEXT, home)).toMatchObject({ code: "not-authenticated" });
    expect(await rig.service.setPassword(mine.authenticated, PASSWORD, new Secret("short"), home)).toMatchObject({ code: "bad-request" });
    granted(await rig.service.setPassword(mine.authenticated, PASSWORD, NEXT, home));
    expect(await rig.service.authenticateToken(mine.token.reveal(), home)).toMatchObject({ method: "token" });
    expect(await rig.service.authenticateToken(other.token.reveal(), home)).toMatchObject({ code: "not-authenticated" });
    expect(await rig.service.login("alice", PASSWORD, home)).toMatchObject({ code: "not-authenticated" });
    granted(await rig.service.login("alice", NEXT, home));
  });

  test("is reset with a one-time secret: within an hour, once, by the person it is for; every login ends", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.person("bob");
    const { token } = await rig.login("alice");
    const late = granted(await rig.service.issueReset(olga, name("alice")));
    rig.clock.pass(3_600_000);
    expect(await rig.service.completeReset("alice", late.secret, NEXT, home)).toMatchObject({ code: "not-authenticated" });
    const { secret } = granted(await rig.service.issueReset(olga, name("alice")));
    expect(await rig.service.completeReset("bob", secret, NEXT, home)).toMatchObject({ code: "not-authenticated" });
    expect(await rig.service.completeReset("nobody", secret, NEXT, home)).toMatchObject({ code: "not-authenticated" });
    const both = await Promise.all([1, 2].map(() => rig.service.completeReset("alice", secret, NEXT, home)));
    expect(both.filter((answer) => !isDenial(answer))).toHaveLength(1);
    expect(await rig.service.authenticateToken(token.reveal(), home)).toMatchObject({ code: "not-authenticated" });
    expect(rig.store.events).toContainEqual({ kind: "user.password-set", principal: "alice", body: { user: "alice", how: "reset" } });
    expect(JSON.stringify(rig.store.events)).not.toContain(secret.reveal());
    granted(await rig.service.login("alice", NEXT, home));
  });

  test("is nobody's own to reset: a token that leaked is not the old password", async () => {
    const rig = await identityRig();
    await rig.person("olga");
    expect(await rig.service.issueReset(olga, name("olga"))).toMatchObject({ code: "not-permitted", rule: "own password" });
    granted(await rig.service.issueReset({ name: name("otto") }, name("olga")));
  });

  test("of an owner is recovered from the machine's console, loudly; nobody else's is", async () => {
    const rig = await identityRig();
    await rig.person("olga");
    await rig.person("alice");
    expect(await rig.service.issueRecovery(name("alice"))).toMatchObject({ code: "not-permitted" });
    const { secret, expiresAt } = granted(await rig.service.issueRecovery(name("olga")));
    expect(rig.store.events.at(-1)).toEqual({ kind: "user.reset-issued", body: { user: "olga", expiresAt, how: "machine-console" } });
    granted(await rig.service.completeReset("olga", secret, NEXT, home));
    expect(rig.store.events).toContainEqual({ kind: "user.password-set", principal: "olga", body: { user: "olga", how: "recovery" } });
  });

  test("is nothing a service has", async () => {
    const rig = await identityRig();
    granted(await rig.service.createUser(olga, { name: "deployer", type: "service" }));
    expect(await rig.service.issueReset(olga, name("deployer"))).toMatchObject({ code: "wrong-state" });
  });
});

test("a login that was proven before its user was disabled gets no token after", async () => {
  const rig = await identityRig();
  const stale = await rig.store.findUser(await rig.person("alice"));
  if (stale === undefined) throw new Error("no user");
  granted(await rig.service.disableUser(olga, name("alice"), "left"));
  const none = { permissionsOf: () => new Set<string>(), isPermission: () => false, isOwner: () => false };
  const issuer = new TokenIssuer({
    store: rig.store,
    directory: { groupsOf: () => [], actsForOf: () => undefined, principal: (user) => ({ ...user, groups: [] }) },
    holdings: none,
    changes: new Changes(),
    serial: new Serial(),
    clock: rig.clock,
    random: systemRandom,
  });
  expect(await issuer.createLogin(stale, { ttlMs: 60_000, method: "password", remote: "10.0.0.1:1", factors: [] }, [])).toMatchObject({
    code: "not-authenticated",
  });
});

describe("making tokens", () => {
  const draft = { name: "ci", scopes: ["self"], ttlMs: 86_400_000 };

  test("needs an end, known scopes, and permissions its owner holds", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    rig.permissions.set("alice", ["audit.read"]);
    const { authenticated } = await rig.login("alice");
    const make = (change: object) => rig.service.createToken(authenticated, { ...draft, ...change });
    for (const ttlMs of [0, -1, 91 * 86_400_000, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await make({ ttlMs })).toMatchObject({ code: "bad-request" });
    for (const scopes of [[], ["*"], ["everything"]]) expect(await make({ scopes })).toMatchObject({ code: "bad-request" });
    expect(await make({ name: "x\ny" })).toMatchObject({ code: "bad-request" });
    expect(await make({ scopes: ["user.write"] })).toMatchObject({ code: "not-permitted" });
    expect(await make({ for: name("olga") })).toMatchObject({ code: "not-found" });
    const { token, secret } = granted(await make({ scopes: ["self", "audit.read"] }));
    expect(token).toMatchObject({ user: "alice", type: "personal", scopes: ["self", "audit.read"] });
    const bearer = granted(await rig.service.authenticateToken(secret.reveal(), away));
    expect(rig.service.effectivePermissions(bearer)).toEqual(new Set(["audit.read"]));
    // What its owner no longer holds, the token no longer gives.
    rig.permissions.set("alice", []);
    expect(rig.service.effectivePermissions(bearer)).toEqual(new Set());
  });

  test("is not for personal tokens: a leaked one makes no successor", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const { authenticated } = await rig.login("alice");
    const { secret } = granted(await rig.service.createToken(authenticated, { ...draft, scopes: ["all"] }));
    const bearer = granted(await rig.service.authenticateToken(secret.reveal(), away));
    expect(await rig.service.createToken(bearer, draft)).toMatchObject({ code: "not-permitted" });
  });

  test("for a service is an administrator's; for another person nobody's", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.person("bob");
    granted(await rig.service.createUser(olga, { name: "deployer", type: "service" }));
    const { authenticated } = await rig.login("alice");
    expect(await rig.service.createToken(authenticated, { ...draft, for: name("bob") })).toMatchObject({ code: "not-permitted" });
    const { token } = granted(await rig.service.createToken(authenticated, { ...draft, for: name("deployer") }));
    expect(token.user).toBe("deployer");
    expect(rig.store.events.at(-1)).toMatchObject({ kind: "token.created", principal: "alice", body: { user: "deployer" } });
  });
});
