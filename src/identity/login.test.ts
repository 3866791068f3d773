import { describe, expect, test, vi } from "vitest";
import { away, granted, home, identityRig, name, newKey, PASSWORD } from "../../test/kit/identity-rig.ts";
import { MemoryIdentityStore } from "../../test/kit/memory-identity-store.ts";
import { TestClock } from "../../test/kit/test-clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { issueCertificate } from "../wire/ssh/keys/certificate.ts";
import { signerFromPrivateKey } from "../wire/ssh/keys/signer.ts";
import { generateEd25519 } from "../wire/ssh/keys/private-key.ts";
import { LogLoginRecord } from "./login-record.ts";
import { PasswordHashing } from "./password-hashing.ts";

const WRONG = new Secret("a password that is wrong");
const refused = { allowed: false, code: "not-authenticated" };
const olga = { name: name("olga") };

/** Failures of logins on record, once the writing is done. */
async function failures(rig: Awaited<ReturnType<typeof identityRig>>): Promise<unknown[]> {
  await rig.service.flush();
  return rig.store.events.filter(({ kind }) => kind === "login.failed").map(({ body }) => body);
}

describe("a password", () => {
  test("logs its owner in, on record before anything is done with it", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    rig.groups.set("on-call", ["alice"]);
    expect(await rig.service.authenticatePassword("alice", PASSWORD, home)).toEqual({
      principal: { name: "alice", type: "human", groups: ["on-call"] },
      method: "password",
      credential: "password",
      at: rig.clock.now(),
      remote: home.remote,
    });
    expect(rig.store.events.at(-1)).toEqual({
      kind: "login.ok",
      principal: "alice",
      body: { method: "password", door: "api", remote: home.remote, credential: "password" },
    });
    rig.store.failing = true;
    await expect(rig.service.authenticatePassword("alice", PASSWORD, home)).rejects.toThrow("audit log");
    await expect(rig.service.login("alice", PASSWORD, home)).rejects.toThrow("audit log");
  });

  test("refused reads the same and takes the same steps whether or not the user exists", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.person("dora");
    granted(await rig.service.createUser(olga, { name: "newcomer", type: "human" }));
    granted(await rig.service.disableUser(olga, name("dora"), "left"));
    const steps: string[] = [];
    const verify = vi.spyOn(PasswordHashing.prototype, "verify");
    vi.spyOn(rig.store, "findUser").mockImplementation((user) => {
      steps.push("find");
      return MemoryIdentityStore.prototype.findUser.call(rig.store, user);
    });
    for (const user of ["alice", "dora", "newcomer", "nobody"]) {
      steps.length = 0;
      verify.mockClear();
      expect(await rig.service.authenticatePassword(user, WRONG, home)).toEqual(refused);
      expect([steps, verify.mock.calls.length]).toEqual([["find"], 1]);
    }
    // The right password of somebody disabled: the same text.
    expect(await rig.service.authenticatePassword("dora", PASSWORD, home)).toEqual(refused);
    vi.restoreAllMocks();
  });

  test("that is wrong is on record once at once, then counted, never with what was typed", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    for (let index = 0; index < 5; index += 1)
      await rig.service.authenticatePassword("alice", WRONG, { ...home, remote: `192.0.2.7:${index}` });
    // Somebody types the password where the name belongs.
    await rig.service.authenticatePassword(PASSWORD.reveal(), WRONG, home);
    await rig.service.authenticatePassword("hunter2hunter2", WRONG, home);
    const common = { method: "password", door: "api" };
    expect(await failures(rig)).toEqual([
      { ...common, remote: "192.0.2.7:0", claimed: "alice", reason: "wrong password", count: 1 },
      { ...common, remote: home.remote, reason: "unknown user", count: 1 },
      { ...common, remote: "192.0.2.7:0", claimed: "alice", reason: "wrong password", count: 4 },
      { ...common, remote: home.remote, reason: "unknown user", count: 1 },
    ]);
    expect(JSON.stringify(rig.store.events)).not.toContain("hunter2");
  });

  test("guessed by others locks nobody out; the guesser waits", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.login("alice");
    for (let index = 0; index < 40; index += 1) await rig.service.authenticatePassword("alice", WRONG, away);
    expect(await rig.service.authenticatePassword("alice", PASSWORD, away)).toMatchObject({ code: "too-many-attempts" });
    expect(await rig.service.authenticatePassword("alice", PASSWORD, home)).toMatchObject({ method: "password" });
  });

  test("longer than 1024 bytes is refused without hashing it", async () => {
    const rig = await identityRig();
    const verify = vi.spyOn(PasswordHashing.prototype, "verify");
    expect(await rig.service.authenticatePassword("alice", new Secret("x".repeat(1025)), home)).toEqual(refused);
    expect(verify).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test("is hashed anew at the next login when the cost was raised", async () => {
    const before = await identityRig();
    await before.person("alice");
    const after = await identityRig({ store: before.store, secrets: before.secrets, cost: { memory: 128, passes: 1, lanes: 1 } });
    await after.login("alice");
    expect((await after.store.findUser(name("alice")))?.passwordHash).toContain("m=128");
    await after.login("alice");
  });

  test("checked while the user is being disabled does not let them in", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const checking = rig.service.login("alice", PASSWORD, home);
    granted(await rig.service.disableUser(olga, name("alice"), "left"));
    expect(await checking).toEqual(refused);
    expect(await rig.store.listTokens(name("alice"))).toEqual([]);
  });
});

describe("a key", () => {
  test("says who it is, with and without a claimed name, and nobody else's", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    await rig.person("bob");
    const [mine, strange] = [newKey(), newKey()];
    const key = granted(await rig.service.addKey({ name: name("alice") }, name("alice"), mine.line));
    for (const claimed of [undefined, "alice"]) {
      expect(await rig.service.authenticateKey(claimed, mine.blob, home)).toMatchObject({
        principal: { name: "alice" },
        credential: key.fingerprint,
      });
      expect(await rig.service.knowsKey(claimed, mine.blob)).toBe(true);
    }
    for (const [claimed, blob] of [
      ["bob", mine.blob],
      ["nobody", mine.blob],
      ["alice", strange.blob],
      [undefined, strange.blob],
    ] as const) {
      expect(await rig.service.authenticateKey(claimed, blob, home)).toEqual(refused);
      expect(await rig.service.knowsKey(claimed, blob)).toBe(false);
    }
    const count = rig.store.events.length;
    await rig.service.knowsKey("alice", mine.blob);
    expect(rig.store.events).toHaveLength(count);
    granted(await rig.service.disableUser(olga, name("alice"), "left"));
    expect(await rig.service.authenticateKey("alice", mine.blob, home)).toEqual(refused);
    expect(await rig.service.knowsKey("alice", mine.blob)).toBe(false);
  });

  test("is not throttled by guesses at passwords from the same address", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const key = newKey();
    granted(await rig.service.addKey({ name: name("alice") }, name("alice"), key.line));
    for (let index = 0; index < 60; index += 1) await rig.service.authenticatePassword("alice", WRONG, away);
    expect(await rig.service.authenticateKey("alice", key.blob, away)).toMatchObject({ method: "publickey" });
  });
});

describe("a login certificate", () => {
  async function withCertificate() {
    const rig = await identityRig();
    await rig.person("alice");
    const key = newKey();
    const { certificate, serial } = await rig.authorities.issueLogin({ publicKey: key.blob, person: "alice", ttlMs: 3_600_000 });
    return { rig, key, certificate, serial };
  }

  test("logs in the person it names until it ends or they are disabled", async () => {
    const { rig, certificate, serial } = await withCertificate();
    for (const claimed of [undefined, "alice"]) {
      expect(await rig.service.authenticateCertificate(claimed, certificate, home)).toMatchObject({
        principal: { name: "alice" },
        method: "certificate",
        credential: serial.toString(),
      });
    }
    expect(await rig.service.authenticateCertificate("olga", certificate, home)).toEqual(refused);
    rig.clock.pass(3_600_000);
    expect(await rig.service.authenticateCertificate("alice", certificate, home)).toEqual(refused);
    rig.clock.pass(-3_600_000);
    granted(await rig.service.disableUser(olga, name("alice"), "left"));
    expect(await rig.service.authenticateCertificate("alice", certificate, home)).toEqual(refused);
    expect(await failures(rig)).toMatchObject([{ reason: "wrong-principal" }, { reason: "expired" }, { reason: "disabled" }]);
  });

  test("does not outlive a password reset, nor come back when somebody is enabled again", async () => {
    const ends: ((rig: Awaited<ReturnType<typeof withCertificate>>["rig"]) => Promise<unknown>)[] = [
      async (rig) => {
        const { secret } = granted(await rig.service.issueReset(olga, name("alice")));
        granted(await rig.service.completeReset("alice", secret, PASSWORD, home));
      },
      async (rig) => {
        granted(await rig.service.disableUser(olga, name("alice"), "lost laptop"));
        granted(await rig.service.enableUser(olga, name("alice")));
      },
    ];
    for (const end of ends) {
      const { rig, key, certificate } = await withCertificate();
      rig.clock.pass(5000);
      await end(rig);
      expect(await rig.service.authenticateCertificate("alice", certificate, home)).toEqual(refused);
      const later = await rig.authorities.issueLogin({ publicKey: key.blob, person: "alice", ttlMs: 3_600_000 });
      expect(await rig.service.authenticateCertificate("alice", later.certificate, home)).toMatchObject({ method: "certificate" });
      expect(await failures(rig)).toMatchObject([{ reason: "void" }]);
    }
  });

  test("is refused from the other authorities, from a stranger, with a forced command, naming several, or damaged", async () => {
    const { rig, key, certificate } = await withCertificate();
    const access = await rig.authorities.issueAccess({
      publicKey: key.blob,
      account: "alice",
      principal: "alice",
      grant: "g",
      session: "s",
      sourceAddresses: ["192.0.2.7"],
      ttlMs: 60_000,
      terminal: true,
    });
    const host = await rig.authorities.issueHost({ publicKey: key.blob, names: ["alice"], ttlMs: 60_000 });
    const now = rig.clock.now() / 1000;
    const stranger = await issueCertificate({
      publicKey: key.blob,
      serial: 1n,
      type: "user",
      keyId: "x",
      principals: ["alice"],
      validAfter: now - 30,
      validBefore: now + 60,
      ca: signerFromPrivateKey(generateEd25519()),
      random: systemRandom,
    });
    const flipped = Buffer.from(certificate);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1);
    for (const blob of [access.certificate, host.certificate, stranger, flipped, Buffer.alloc(0), key.blob]) {
      expect(await rig.service.authenticateCertificate("alice", blob, home)).toEqual(refused);
    }
  });
});

describe("a token", () => {
  test("works until it ends, is revoked, or its owner is disabled; logins by it leave no event", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const { token, authenticated } = await rig.login("alice");
    const count = rig.store.events.length;
    expect(await rig.service.authenticateToken(token.reveal(), away)).toMatchObject({
      principal: { name: "alice" },
      method: "token",
      credential: authenticated.credential,
      scopes: ["all"],
    });
    expect(rig.store.events).toHaveLength(count);
    rig.clock.pass(12 * 3_600_000);
    expect(await rig.service.authenticateToken(token.reveal(), away)).toMatchObject({ code: "token-expired" });

    const second = await rig.login("alice");
    granted(await rig.service.logout(second.authenticated.credential as never));
    expect(await rig.service.authenticateToken(second.token.reveal(), away)).toEqual(refused);
    const third = await rig.login("alice");
    granted(await rig.service.disableUser(olga, name("alice"), "left"));
    granted(await rig.service.enableUser(olga, name("alice")));
    expect(await rig.service.authenticateToken(third.token.reveal(), away)).toEqual(refused);
    expect(await rig.service.authenticateToken("sp_nonsense", away)).toEqual(refused);
  });

  test("of somebody disabled is refused before it is revoked", async () => {
    const rig = await identityRig();
    const user = await rig.store.findUser(await rig.person("alice"));
    const { token } = await rig.login("alice");
    if (user === undefined) throw new Error("no user");
    await rig.store.saveUser({ ...user, version: user.version + 1, disabled: { at: 0, reason: "left" } }, []);
    expect(await rig.service.authenticateToken(token.reveal(), home)).toEqual(refused);
  });

  test("carries the groups of this moment: one that was dropped is gone", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    rig.groups.set("leads", ["alice"]);
    const { token } = await rig.login("alice");
    expect(await rig.service.authenticateToken(token.reveal(), home)).toMatchObject({ principal: { groups: ["leads"] } });
    rig.groups.set("leads", []);
    expect(await rig.service.authenticateToken(token.reveal(), home)).toMatchObject({ principal: { groups: [] } });
  });

  test("is nowhere at rest, nor on record", async () => {
    const rig = await identityRig();
    await rig.person("alice");
    const { token } = await rig.login("alice");
    const secret = token.reveal().slice(14, 57);
    const everything = JSON.stringify([rig.store.events, await rig.store.listTokens(name("alice")), await rig.store.listUsers()]);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(PASSWORD.reveal());
    expect(JSON.stringify(await rig.service.listUsers())).not.toContain("argon2");
    expect(JSON.stringify(await rig.service.listTokens(name("alice")))).not.toContain("hash");
  });
});

describe("the record of failures", () => {
  const failure = (remote: string, claimed?: string) => ({
    method: "password" as const,
    context: { door: "ssh" as const, remote },
    claimed,
    reason: "wrong password",
  });

  test("of a flood stays small, and counts every one", async () => {
    const [store, clock] = [new MemoryIdentityStore(), new TestClock()];
    const record = new LogLoginRecord(store, clock);
    for (let second = 0; second < 120; second += 1) {
      for (let index = 0; index < 500; index += 1) record.failed(failure(`10.${index % 200}.${second}.1:${index}`, `user-${index % 7}`));
      clock.pass(1000);
      record.tick();
    }
    await record.flush();
    const counts = store.events.map(({ body }) => (body as { count: number }).count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60_000);
    expect(counts.length).toBeLessThan(300);
  });

  test("forgets nothing when the log cannot take it, and holds up nobody", async () => {
    const [store, clock] = [new MemoryIdentityStore(), new TestClock()];
    const record = new LogLoginRecord(store, clock);
    store.failing = true;
    for (let index = 0; index < 10; index += 1) record.failed(failure("192.0.2.1:1", "alice"));
    await record.flush();
    store.failing = false;
    await record.flush();
    expect(store.events.map(({ body }) => (body as { count: number }).count).reduce((sum, count) => sum + count, 0)).toBe(10);
  });
});
