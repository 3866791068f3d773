/**
 * What PostgreSQL's own functions and operators do with a masked value.
 *
 * `TOTAL`: give an answer for every value and never fail for one value and not for another, so that nothing but the
 * answer tells of the value; the answer is masked. How long it is, and whether it is NULL, goes by nothing but how long
 * each value is and whether it is NULL: what is made larger and larger fails in the end, and takes time on the way, so
 * that a function that is longer for some values than for others (`btrim`, `greatest`) can be asked which they are.
 * Everything else would be a question too: an error, a number of rows, time.
 */
export const TOTAL_FUNCTIONS: ReadonlySet<string> = new Set(
  `lower upper initcap reverse concat concat_ws length char_length character_length octet_length bit_length md5 left right
   substr array_agg string_agg json_agg jsonb_agg any_value to_json to_jsonb row_to_json json_build_array
   jsonb_build_array json_build_object jsonb_build_object count sum avg first_value last_value lag lead num_nulls
   num_nonnulls text`
    .trim()
    .split(/\s+/),
);

/** Total for texts; arrays and JSON of some shapes cannot be put together. */
export const JOINING_OPERATOR = "||";

/** Total where what they cut by is a number: a pattern takes its time, finds nothing, or is no pattern. */
export const CUTTING_FUNCTION = "substring";

/** Total where nothing that the statement chooses is compared with the values, and all are of one size. */
export const CHOOSING_FUNCTIONS: ReadonlySet<string> = new Set(["max", "min"]);

/** Fail for arrays of some shapes. */
export const COLLECTING_FUNCTIONS: ReadonlySet<string> = new Set(["array_agg"]);

/** Equal or not: what `compare: equality` lets be asked. */
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
