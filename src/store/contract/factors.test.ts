import { describe, expect, test } from "vitest";
import type { Factor, Passkey } from "../../identity/factors/model.ts";
import type { FactorId } from "../../kernel/ids.ts";
import { DIALECTS, START } from "./openers.ts";
import { ada, bob, note } from "./samples.ts";

const passkey = (changes: Partial<Passkey> = {}): Passkey => ({
  id: "fac-0000000001" as FactorId,
  kind: "passkey",
  user: ada,
  version: 1,
  name: "laptop",
  addedAt: START,
  credential: "one",
  publicKey: "AAAA",
  counter: 0,
  transports: ["internal"],
  synced: true,
  ...changes,
});
const totp: Factor = {
  id: "fac-0000000002" as FactorId,
  kind: "totp",
  user: ada,
  version: 1,
  name: "phone",
  addedAt: START + 1,
  lastStep: 7,
};

describe.each(DIALECTS)("second factors on %s", (_, open) => {
  test("are found by person and by credential, also after a restart", async () => {
    await using opened = await open();
    await opened.store.factors.saveFactor(passkey(), [note("added")]);
    await opened.store.factors.saveFactor(totp, []);
    const { factors, log } = await opened.reopen();
    expect(await factors.listFactors(ada)).toEqual([passkey(), totp]);
    expect(await factors.listFactors(bob)).toEqual([]);
    expect(await factors.findPasskey("one")).toEqual(passkey());
    expect(await factors.findPasskey("two")).toBeUndefined();
    expect(log.head().size).toBe(1);
  });

  test("one credential belongs to one person", async () => {
    await using opened = await open();
    const { factors, log } = opened.store;
    await factors.saveFactor(passkey(), []);
    const stolen = passkey({ id: "fac-0000000003" as FactorId, user: bob });
    await expect(factors.saveFactor(stolen, [note("stolen")])).rejects.toMatchObject({ code: "already-exists" });
    expect(log.head().size).toBe(0);
  });

  test("change version by version: what is used up cannot be used twice", async () => {
    await using opened = await open();
    const { factors } = opened.store;
    await factors.saveFactor(totp, []);
    const used = { ...totp, version: 2, lastStep: 8 } as Factor;
    await factors.saveFactor(used, []);
    await expect(factors.saveFactor(used, [])).rejects.toMatchObject({ code: "conflict" });
    await expect(factors.saveFactor({ ...passkey(), version: 2 }, [])).rejects.toMatchObject({ code: "conflict" });
  });

  test("go together or not at all", async () => {
    await using opened = await open();
    const { factors } = opened.store;
    await factors.saveFactor(passkey(), []);
    await expect(factors.removeFactors([passkey().id, totp.id], [note("removed")])).rejects.toMatchObject({ code: "conflict" });
    expect(await factors.listFactors(ada)).toHaveLength(1);
    await factors.saveFactor(totp, []);
    await factors.removeFactors([passkey().id, totp.id], [note("removed")]);
    expect(await factors.listFactors(ada)).toEqual([]);
  });
});
