/**
 * Whether a role allows an action. One file per family of actions (ssh.ts, files.ts, sql.ts, gate.ts); this one only chooses.
 *
 * Owns: the answer, and the name of the role's entry that gave it (`debug.ssh.exec`).
 * Never: looks at the clock, the network, the store or who is asking; throws.
 * Invariants: pure; what a role does not name is denied; a family nobody wrote a rule for does not compile; two roles
 * asked together allow only what each of them allows.
 */
import { deny } from "../kernel/result.ts";
import type { Action, Decision } from "./action.ts";
import { decideFile } from "./files.ts";
import { decideGate } from "./gate.ts";
import type { Budget, Role } from "./role.ts";
import { sqlDecider } from "./sql.ts";
import { decideSsh } from "./ssh.ts";

export function decide(role: Role, action: Action): Decision {
  return decider(role)(action);
}

/** For many actions: what of a role has to be read is read once. */
export function decider(role: Role): Decider {
  const decideSql = sqlDecider(role);
  return (action) => {
    switch (action.kind) {
      case "ssh.shell":
      case "ssh.exec":
      case "ssh.subsystem":
      case "ssh.env":
      case "ssh.forward":
        return decideSsh(role, action);
      case "file.open":
      case "file.list":
      case "file.change":
        return decideFile(role, action);
      case "sql.connect":
      case "sql.statement":
        return decideSql(action);
      case "gate":
        return decideGate(role, action);
      default:
        return refuseUnknown(role, action);
    }
  };
}

export type Decider = (action: Action) => Decision;

/** Fails closed: a value that came past the type checker. */
function refuseUnknown(role: Role, _action: never): Decision {
  return deny("not-supported", { rule: role.name });
}

/**
 * What a grant may do: the role as it was approved AND the role of that name in force now (`undefined`: it was
 * removed, which denies everything). A hold of either holds.
 */
export function bothDecider(approved: Role, now: Role | undefined): Decider {
  const decideFirst = decider(approved);
  const decideSecond = now && decider(now);
  return (action) => {
    const first = decideFirst(action);
    if (first.allowed === false) return first;
    if (!decideSecond) return deny("role-denies", { rule: approved.name, detail: `role "${approved.name}" no longer exists` });
    const second = decideSecond(action);
    if (second.allowed === false) return second;
    const unmasked = shownByBoth(first.unmasked, second.unmasked);
    return { ...(first.allowed === "hold" ? first : second), ...(unmasked && { unmasked }) };
  };
}

/** Classes of columns that neither of the two masks. */
function shownByBoth(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.includes("*")) return b;
  return b.includes("*") ? a : a.filter((each) => b.includes(each));
}

/** The smaller of each limit; a limit absent on one side is the other's. */
export function tightest(a: Budget, b: Budget): Budget {
  const bytes = smaller(a.bytes, b.bytes);
  const seconds = smaller(a.seconds, b.seconds);
  const sessions = smaller(a.sessions, b.sessions);
  const recordingBytes = smaller(a.recordingBytes, b.recordingBytes);
  return {
    ...(bytes !== undefined && { bytes }),
    ...(seconds !== undefined && { seconds }),
    ...(sessions !== undefined && { sessions }),
    ...(recordingBytes !== undefined && { recordingBytes }),
  };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
