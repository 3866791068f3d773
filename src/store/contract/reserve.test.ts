import { describe, expect, test } from "vitest";
import type { GrantId, KeyId, SessionId, TokenId } from "../../kernel/ids.ts";
import { DIALECTS, START } from "./openers.ts";
import { bob, grant, lock, note, session, token, user, userKey } from "./samples.ts";

/** More than any disk has: the store is below its reserve from the start. */
const diskReserveBytes = Number.MAX_SAFE_INTEGER;

describe.each(DIALECTS)("below the disk's reserve on %s", (_, open) => {
  test("ordinary writes are refused, those that cut off or break glass go on", async () => {
    await using opened = await open();
    const glass = grant({ id: "gr-0000000002" as GrantId, breakGlass: { openedAt: START } });
    await opened.store.access.save({ grant: grant() }, []);
    await opened.store.access.save({ grant: glass }, []);
    await opened.store.identity.saveUser(user(), []);
    await opened.store.identity.addKey(userKey(), []);
    await opened.store.identity.saveToken(token(), []);
    const { log, access, identity, sessions, locks, settings } = await opened.reopen({ diskReserveBytes });

    const second = { id: "s-0000000002" as SessionId, grant: glass.id };
    const refused: readonly (() => Promise<unknown>)[] = [
      () => log.append([note("x")]),
      () => access.save({ grant: grant({ version: 2 }) }, []),
      () => sessions.start(session(), []),
      () => identity.saveUser(user({ name: bob }), []),
      () => identity.addKey(userKey({ id: "key-0000000002" as KeyId, fingerprint: "SHA256:two" }), []),
      () => identity.saveToken(token({ id: "tok-0000000002" as TokenId }), []),
      () => settings.put("x", 1, []),
    ];
    for (const write of refused) await expect(write()).rejects.toMatchObject({ code: "disk-reserve" });
    expect(log.head().size).toBe(0);

    const taken: readonly (() => Promise<unknown>)[] = [
      () => log.append([note("x")], "reserved"),
      () => access.save({ grant: grant({ version: 2, state: "ended" }) }, [note("x")], "reserved"),
      () => sessions.start(session(second), [note("x")]),
      () => identity.saveUser(user({ version: 2, disabled: { at: START, reason: "left" } }), [note("x")]),
      () => identity.removeKey(userKey().id, [note("x")]),
      () => identity.saveToken(token({ revokedAt: START }), [note("x")]),
      () => locks.addLock(lock(), [note("x")]),
    ];
    for (const write of taken) await write();
    expect(log.head().size).toBe(taken.length);
  });
});
