import { isName, parseId, type GrantId, type PrincipalName, type TargetName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";

/** What a client says it wants, before anything was proven: `[user+]target[%grant]`. */
export interface Claimed {
  readonly user?: PrincipalName;
  readonly target: TargetName;
  readonly grant?: GrantId;
}

/** The gate's own console: `ssh gate …` reaches it instead of a target. No target may be called so. */
export const GATE_TARGET = "gate" as TargetName;

/** Untrusted: `text` is a login name as a client sent it. */
export function parseClaimed(text: string): Claimed | Denial {
  const plus = text.indexOf("+");
  const user = plus < 0 ? undefined : text.slice(0, plus);
  const rest = text.slice(plus + 1);
  const percent = rest.indexOf("%");
  const target = percent < 0 ? rest : rest.slice(0, percent);
  const grant = percent < 0 ? undefined : parseId("gr", rest.slice(percent + 1));
  if (!isName(target) || (user !== undefined && !isName(user)) || (percent >= 0 && grant === undefined)) {
    return deny("bad-request", { detail: "the login name reads target, user+target or target%grant" });
  }
  return {
    target: target as TargetName,
    ...(user !== undefined && { user: user as PrincipalName }),
    ...(grant !== undefined && { grant }),
  };
}
