/**
 * What PostgreSQL's own functions and operators do with a masked value.
 *
 * `TOTAL`: give an answer for every value and never fail for one value and not for another, so that nothing but the
 * answer tells of the value; the answer is masked. How long it is, and whether it is NULL, goes by nothing but how long
 * each value is and whether it is NULL: what is made larger and larger fails in the end, and takes time on the way, so
 * that a function that is longer for some values than for others (`btrim`, `greatest`) can be asked which they are.
 * Everything else would be a question too: an error, a number of rows, time.
 */
import { CLEAN, derived, isMasked, isPlain, measured, type Value } from "./values.ts";

const TOTAL_FUNCTIONS = words(`
  reverse concat concat_ws octet_length md5 string_agg json_agg jsonb_agg to_json to_jsonb json_build_array jsonb_build_array
  json_build_object num_nulls num_nonnulls text`);

/** Total for texts: a range has a bound, or none. */
const TEXT_FUNCTIONS = words("upper lower initcap");

/** Total where nothing but the first argument is masked: what else they are given says how long the answer is. */
const FIRST_FUNCTIONS = words("left right substr row_to_json");

/** Total with one argument: another is an encoding, by which bytes may be none. */
const SINGLE_FUNCTIONS = words("length char_length character_length bit_length");

/** Total for arrays neither: of some shapes they cannot be put together. */
const COLLECTING_FUNCTIONS = words("array_agg");

/** Give one of the values that they are given, or how many there are; the second argument says which. */
const KEEPING_FUNCTIONS = words("any_value first_value last_value lag lead count");

/** Count up what they are given: the digits of the answer tell of it, so that nothing may be made of it. */
const MEASURING_FUNCTIONS = words("sum avg");

/** Total for numbers, to places that the statement writes. What is rounded up is longer. */
const ROUNDING_FUNCTIONS = words("round trunc ceil ceiling floor");

/** Total where what they cut by is a number: a pattern takes its time, finds nothing, or is no pattern. */
const CUTTING_FUNCTIONS = words("substring");

/** Total where no key is masked: keys that are equal are one. */
const KEYED_FUNCTIONS = words("jsonb_build_object");

/** Total where nothing that the statement chooses is compared with the values, and all are of one size. */
const CHOOSING_FUNCTIONS = words("max min");

/** Total for texts; arrays and JSON of some shapes cannot be put together. */
export const JOINING_OPERATOR = "||";

/** An argument of a call. */
export interface Argument {
  readonly value: Value;
  /** It is a number as it is written. */
  readonly isNumber: boolean;
}

/** What comes of masked values, where nothing but that tells of them. `undefined`: something else might. */
export function resultOf(name: string, given: readonly Argument[]): Value | undefined {
  const values = given.map(({ value }) => value);
  const [, second = CLEAN] = values;
  const areNumbers = given.slice(1).every(({ isNumber }) => isNumber);
  if (MEASURING_FUNCTIONS.has(name)) return measured(values);
  if (ROUNDING_FUNCTIONS.has(name)) return areNumbers ? measured(values) : undefined;
  if (KEEPING_FUNCTIONS.has(name)) return isMasked(second) ? undefined : derived(values);
  if (!values.every(mayGrow)) return undefined;
  const sources = values.flatMap((value) => [...value.sources]);
  const areTexts = sources.every(({ text }) => text);
  const areArrays = sources.some(({ array }) => array === true);
  const isFirstOnly = values.slice(1).every((value) => !isMasked(value));
  const isTotal =
    TOTAL_FUNCTIONS.has(name) ||
    (TEXT_FUNCTIONS.has(name) && areTexts) ||
    (FIRST_FUNCTIONS.has(name) && isFirstOnly) ||
    (SINGLE_FUNCTIONS.has(name) && values.length === 1) ||
    (COLLECTING_FUNCTIONS.has(name) && !areArrays) ||
    (CUTTING_FUNCTIONS.has(name) && areNumbers) ||
    (KEYED_FUNCTIONS.has(name) && values.every((value, index) => index % 2 === 1 || !isMasked(value))) ||
    (CHOOSING_FUNCTIONS.has(name) && values.every(isPlain) && !areArrays && sources.every(({ text }) => !text));
  return isTotal ? derived(values) : undefined;
}

/** Whether how long it is tells no more of a value than how long that is: of one of few values it tells which. */
export function mayGrow({ measured, sources }: Value): boolean {
  return measured !== true && [...sources].every(({ few }) => few !== true);
}

/** Equal or not: what `compare: equality` lets be asked of what a statement says. */
export const EQUALITY = "=";

/** Have an effect, which a role has to allow, but give no data of tables back. */
export const EFFECT_ONLY_FUNCTIONS: ReadonlySet<string> = new Set(
  `nextval setval lastval pg_sleep pg_sleep_for pg_sleep_until set_config pg_notify pg_cancel_backend pg_terminate_backend
   txid_current pg_current_xact_id pg_export_snapshot setseed pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock
   pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
   pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared pg_reload_conf pg_switch_wal
   pg_create_restore_point pg_stat_reset pg_stat_clear_snapshot`
    .trim()
    .split(/\s+/),
);

/** Harmless, but they say what others are doing: the text of their statements. */
export const TELL_OF_OTHERS: ReadonlySet<string> = new Set(["pg_stat_get_activity", "pg_stat_get_backend_activity"]);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
