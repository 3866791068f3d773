import { describe, expect, test } from "vitest";
import { CHEAP } from "../../test/kit/identity-rig.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { HashQueue } from "./hash-queue.ts";
import { argon2id, dummyHash, HASH_COST, hashPassword, needsRehash, verifyPassword } from "./password.ts";
import { PasswordHashing } from "./password-hashing.ts";
import { refusePassword } from "./password-policy.ts";

const password = new Secret("the heron stands on one leg");

describe("argon2id", () => {
  test("is RFC 9106's, section 5.3", async () => {
    const tag = await argon2id({
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      parallelism: 4,
      tagLength: 32,
      memory: 32,
      passes: 3,
    });
    expect(tag.toString("hex")).toBe("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
  });

  test("reads a hash of the reference implementation", async () => {
    const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    expect(await verifyPassword(new Secret("password"), phc)).toBe(true);
    expect(await verifyPassword(new Secret("Password"), phc)).toBe(false);
  });

  test("costs at least what OWASP asks for, and says so in the hash", async () => {
    const phc = await hashPassword(password, systemRandom);
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword(password, phc)).toBe(true);
    expect(HASH_COST.memory).toBeGreaterThanOrEqual(19_456);
  });

  test("is salted, compared in the composed form, and false for what nobody has", async () => {
    const [one, two] = [await hashPassword(password, systemRandom, CHEAP), await hashPassword(password, systemRandom, CHEAP)];
    expect(one).not.toBe(two);
    const composed = await hashPassword(new Secret("caf\u00e9 caf\u00e9 caf\u00e9"), systemRandom, CHEAP);
    expect(await verifyPassword(new Secret("cafe\u0301 cafe\u0301 cafe\u0301"), composed)).toBe(true);
    expect(await verifyPassword(password, dummyHash(systemRandom, CHEAP))).toBe(false);
  });

  test.each([
    ["", "nothing"],
    ["$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "another variant"],
    ["$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "absurd memory"],
    ["$argon2id$v=19$m=64,t=99,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "absurd passes"],
    ["$argon2id$v=19$m=8,t=1,p=4$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "too little memory for its lanes"],
    ["$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "no hash"],
  ])("takes no stored string like %j: %s", async (phc) => {
    expect(await verifyPassword(password, phc)).toBe(false);
    expect(needsRehash(phc, CHEAP)).toBe(true);
  });

  test("asks for a new hash when any cost was raised, and not when it was lowered", async () => {
    const phc = await hashPassword(password, systemRandom, { memory: 64, passes: 2, lanes: 1 });
    expect(needsRehash(phc, { memory: 64, passes: 2, lanes: 1 })).toBe(false);
    expect(needsRehash(phc, { memory: 32, passes: 1, lanes: 1 })).toBe(false);
    expect(needsRehash(phc, { memory: 65, passes: 2, lanes: 1 })).toBe(true);
    expect(needsRehash(phc, { memory: 64, passes: 3, lanes: 1 })).toBe(true);
  });
});

test("for a user without a password the same work is done, and never says yes", async () => {
  const asked: string[] = [];
  const verify = (_: Secret, phc: string): Promise<boolean> => Promise.resolve(asked.push(phc) > 0);
  const hashing = new PasswordHashing(systemRandom, { cost: CHEAP, verify });
  const how = { source: "a", favoured: false };
  const stored = await hashPassword(password, systemRandom, CHEAP);
  expect(await hashing.verify(password, stored, how)).toBe(true);
  expect(await hashing.verify(password, undefined, how)).toBe(false);
  const work = (phc: string | undefined): unknown => [phc?.split("$").slice(0, 4), phc?.length];
  expect(work(asked[1])).toEqual(work(asked[0]));
});

describe("a new password", () => {
  test.each([
    ["elevenchars", "12 characters"],
    ["aaaaaaaaaaaaaaaa", "few different"],
    ["Password1234", "commonest"],
    ["CORRECT horse battery staple", "commonest"],
    ["qwertyuiop12", "commonest"],
    ["alicealice2026", "name"],
    ["x".repeat(1025), "1024 bytes"],
    ["\u{1f600}".repeat(300), "1024 bytes"],
    ["\u{1f600}\u{1f601}\u{1f602}\u{1f603}\u{1f604}\u{1f605}", "12 characters"],
  ])("is refused: %j", (text, why) => {
    const denial = refusePassword(new Secret(text), "alice");
    expect(denial).toMatchObject({ code: "bad-request", detail: expect.stringContaining(why) as string });
    expect(JSON.stringify(denial)).not.toContain(text);
  });

  test.each(["the heron stands on one leg", "Kp9#vQ2!mZx8", "alice saw nine green herons", "ab cd ".repeat(170)])(
    "is taken: %j",
    (text) => {
      expect(refusePassword(new Secret(text), "alice")).toBeUndefined();
    },
  );
});

describe("the queue for hashing", () => {
  const ordinary = (source: string) => ({ source, favoured: false });
  /** Work that ends when told to. */
  function jobs() {
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const job = (label: string) => () =>
      new Promise<string>((resolve) => {
        started.push(label);
        ends.push(() => resolve(label));
      });
    const settle = async (): Promise<void> => {
      for (let index = 0; index < 10; index += 1) await Promise.resolve();
    };
    const endAll = async (): Promise<void> => {
      await settle();
      while (ends.length > 0) {
        ends.shift()?.();
        await settle();
      }
    };
    return { started, job, endAll };
  }

  test("runs two at once, and refuses beyond its length before any work", async () => {
    const { started, job, endAll } = jobs();
    const queue = new HashQueue({ length: 3, perSource: 100 });
    const results = Array.from({ length: 10 }, (_, index) => queue.run(job(`${index}`), ordinary("a")));
    await Promise.resolve();
    expect(started).toEqual(["0", "1"]);
    await endAll();
    const answers = await Promise.all(results);
    expect(answers.slice(0, 5)).toEqual(["0", "1", "2", "3", "4"]);
    for (const answer of answers.slice(5)) expect(answer).toMatchObject({ code: "too-many-attempts" });
    expect(started).toHaveLength(5);
  });

  test("gives one source a few places only", async () => {
    const { started, job, endAll } = jobs();
    const queue = new HashQueue({ perSource: 3 });
    const flood = Array.from({ length: 50 }, (_, index) => queue.run(job(`flood ${index}`), ordinary("a")));
    const other = queue.run(job("other"), ordinary("b"));
    await endAll();
    expect(await other).toBe("other");
    await Promise.all(flood);
    expect(started).toEqual(["flood 0", "flood 1", "flood 2", "other"]);
    // Places are given back: the count of what is held never only grows.
    const again = queue.run(job("again"), ordinary("a"));
    await endAll();
    expect(await again).toBe("again");
  });

  test("lets people from known addresses go first, and in even when a flood has filled it", async () => {
    const { started, job, endAll } = jobs();
    const queue = new HashQueue({ length: 4 });
    const flood = Array.from({ length: 6 }, (_, index) => queue.run(job(`flood ${index}`), ordinary(`source ${index}`)));
    const known = queue.run(job("known"), { source: "home", favoured: true });
    await endAll();
    expect(await known).toBe("known");
    expect(started).toEqual(["flood 0", "flood 1", "known", "flood 2", "flood 3", "flood 4"]);
    expect(await flood[5]).toMatchObject({ code: "too-many-attempts" });
  });

  test("goes on after work that fails", async () => {
    const queue = new HashQueue({ concurrency: 1 });
    await expect(queue.run(() => Promise.reject(new Error("out of memory")), ordinary("a"))).rejects.toThrow("out of memory");
    expect(await queue.run(() => Promise.resolve(1), ordinary("a"))).toBe(1);
  });
});
