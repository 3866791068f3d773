import type { Lock } from "../../watch/lock.ts";
import type { Caller, Handlers } from "../handler.ts";
import type { LockService } from "../services.ts";
import { actorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

export function lockHandlers(locks: LockService): Handlers<"locks.list" | "locks.create" | "locks.lift"> {
  return {
    "locks.list": ({ caller }) => ({
      locks: locks.list().filter((lock) => concerns(lock, caller) || caller.permissions.has("lock.write")),
    }),
    "locks.create": async ({ caller, body: { subject, reason, until } }) => locks.lock(actorOf(caller), subject, reason, until),
    "locks.lift": async ({ caller, params: { id }, body: { reason } }) => emptyOr(await locks.lift(actorOf(caller), id, reason)),
  };
}

/** Locks somebody runs into themselves; of targets, those are shown by who tries to reach one. */
export function concerns({ subject }: Lock, { principal: { name, groups } }: Caller): boolean {
  switch (subject.kind) {
    case "gate":
      return true;
    case "principal":
      return subject.name === name;
    case "group":
      return groups.includes(subject.name);
    case "target":
      return false;
  }
}
