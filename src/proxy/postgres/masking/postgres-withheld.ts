/**
 * What a server says beside its rows, in a session that masks. An error or a notice may quote a value ("invalid input
 * syntax for type integer: …", a trigger's RAISE), so that only what cannot is passed on. Pure.
 */
import { encodeNotification, parseNotification, type ErrorFields } from "../../../wire/postgres/backend.ts";
import type { ResultMasks } from "./result-masks.ts";

export interface Said {
  readonly said: ErrorFields;
  readonly isWithheld: boolean;
}

/**
 * Files of the server's source whose messages name what stands in the statement or the catalogue, and never a value of a
 * table. What procedural languages raise has files of their own (pl_exec.c).
 */
const WITHOUT_VALUES =
  /^(?:parse_\w+|scan|gram|scansup|parser|namespace|aclchk|postgres|lmgr|proc|procarray|deadlock|tablecmds|tablespace|user|variable|guc\w*|xact|portalcmds|portalmem|prepare|plancache|analyze|rewriteHandler|dependency|heap|view|matview|createas|schemacmds|dropcmds|indexcmds|typecmds|extension|sequence|async|lockcmds|vacuum)\.(?:c|l|y)$/;

/** SQLSTATE classes that say that something went wrong with the session or the transaction, not with a value. */
const ABOUT_THE_SESSION = /^(?:25|40|53|55|57)/;

export function withhold(fields: ErrorFields, masks: Pick<ResultMasks, "reaches" | "readsOnly"> | undefined): Said {
  const { file = "", code, severity } = fields;
  // A statement that reaches nothing masked has nothing to tell, unless something else runs with it.
  const isHarmless = (masks !== undefined && !masks.reaches && masks.readsOnly) || WITHOUT_VALUES.test(file);
  if (isHarmless) return { said: fields, isWithheld: false };
  const about = ABOUT_THE_SESSION.test(code) ? ` (${code}: it is about the session, not about a value)` : "";
  const message = `sallyport: the text is withheld, because it may quote what is masked for you${about}`;
  return { said: { severity, code, message }, isWithheld: true };
}

/** NOTIFY may carry a whole row. */
export function withoutPayload(message: Buffer): Buffer {
  return encodeNotification({ ...parseNotification(message), payload: "" });
}
