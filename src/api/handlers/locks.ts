import { nearest } from "../../kernel/nearest.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Lock, LockSubject } from "../../watch/lock.ts";
import type { Caller, Handlers } from "../handler.ts";
import type { LockService } from "../services/gate.ts";
import type { GroupDirectory, UserService } from "../services/people.ts";
import type { TargetService } from "../services/targets.ts";
import { actorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

interface Needs {
  readonly locks: LockService;
  readonly users: Pick<UserService, "listUsers">;
  readonly targets: Pick<TargetService, "listTargets">;
  readonly directory: Pick<GroupDirectory, "groups">;
}

export function lockHandlers({ locks, users, targets, directory }: Needs): Handlers<"locks.list" | "locks.create" | "locks.lift"> {
  const namesOf = async (kind: "principal" | "group" | "target"): Promise<readonly string[]> => {
    if (kind === "group") return directory.groups();
    return (kind === "target" ? targets.listTargets() : await users.listUsers()).map(({ name }) => name);
  };
  /** Somebody who locks in a hurry must not be told that it is done when a name was mistyped, and nobody cut off. */
  const refuseUnknown = async (subject: LockSubject): Promise<Denial | undefined> => {
    if (subject.kind === "gate") return undefined;
    const names = await namesOf(subject.kind);
    if (names.includes(subject.name)) return undefined;
    const meant = nearest(subject.name, names);
    return deny("not-found", {
      detail: `${subject.kind} "${subject.name}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`,
    });
  };
  return {
    "locks.list": ({ caller }) => ({
      locks: locks.list().filter((lock) => concerns(lock, caller) || caller.permissions.has("lock.write")),
    }),
    "locks.create": async ({ caller, body: { subject, reason, until } }) =>
      (await refuseUnknown(subject)) ?? (await locks.lock(actorOf(caller), subject, reason, until)),
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
