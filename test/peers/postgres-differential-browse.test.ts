/**
 * Browsing as a role that only reads: what psql, DBeaver and pgAdmin ask of the catalogue when they connect and expand a
 * tree is allowed, and answered as directly. Which catalogues and functions they use is theirs; the words are ours.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { bothWays, compareProgram, type BothWays } from "../kit/postgres-differential.ts";

const { missing, title } = psqlAndServer;

const QUERIES: Readonly<Record<string, string>> = {
  "psql: relations": "\\d",
  "psql: a table": "\\d+ orders",
  "psql: functions": "\\df+",
  "psql: operators of access methods": "\\dAp btree integer_ops",
  "psql: databases": "\\l+",
  "psql: roles": "\\du+",
  "psql: privileges": "\\dp",
  "psql: types": "\\dT+",
  "psql: a function's text": "\\sf+ stamp",
  "psql: settings": "\\dconfig+ work*",
  "DBeaver: the version, the schema, who is it":
    "select version(); select current_schema(), session_user; show search_path; set extra_float_digits = 3",
  "DBeaver: databases": "select db.oid, db.* from pg_catalog.pg_database db where not datistemplate and datallowconn order by db.datname",
  "DBeaver: schemas":
    "select n.oid, n.*, d.description from pg_catalog.pg_namespace n left join pg_catalog.pg_description d on d.objoid = n.oid and d.objsubid = 0 order by nspname",
  "DBeaver: columns":
    "select c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) from pg_catalog.pg_attribute a join pg_catalog.pg_class c on a.attrelid = c.oid left join pg_catalog.pg_attrdef ad on a.attrelid = ad.adrelid and a.attnum = ad.adnum where not a.attisdropped and c.relname = 'orders' order by a.attnum",
  "DBeaver: constraints and indexes":
    "select c.oid, c.*, pg_catalog.pg_get_constraintdef(c.oid) from pg_catalog.pg_constraint c where conrelid = 'orders'::regclass; select i.indkey, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true), pg_catalog.pg_get_indexdef(i.indexrelid, 1, true) from pg_catalog.pg_index i where indrelid = 'orders'::regclass",
  "DBeaver: keywords": "select string_agg(word, ',') from pg_catalog.pg_get_keywords()",
  "DBeaver: sizes and comments":
    "select pg_catalog.pg_total_relation_size('orders') > 0, pg_catalog.pg_relation_size('orders') > 0, pg_catalog.obj_description('orders'::regclass, 'pg_class'), pg_catalog.shobj_description(1, 'pg_database')",
  "pgAdmin: how it connects":
    "set datestyle = iso; set client_min_messages = notice; select set_config('bytea_output', 'hex', false) from pg_show_all_settings() where name = 'bytea_output'; set client_encoding = 'UTF8'",
  "pgAdmin: the database, and what one may":
    "select db.oid, db.datname, pg_catalog.pg_encoding_to_char(db.encoding), pg_catalog.has_database_privilege(db.oid, 'CREATE'), pg_catalog.has_database_privilege(db.oid, 'TEMP') from pg_catalog.pg_database db where db.datname = current_database()",
  "pgAdmin: who is it":
    "select rolname, rolsuper, rolcreaterole, rolcreatedb from pg_catalog.pg_roles where rolname = current_user; select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_is_wal_replay_paused() else false end",
  "pgAdmin: tables":
    "select rel.oid, rel.relname, (select count(*) from pg_catalog.pg_trigger t where t.tgrelid = rel.oid), pg_catalog.array_to_string(rel.relacl, ',') from pg_catalog.pg_class rel where relkind in ('r', 's', 't', 'p') and relnamespace = 'public'::regnamespace order by relname",
  "pgAdmin: functions":
    "select pr.oid, pr.proname || '(' || coalesce(pg_catalog.pg_get_function_identity_arguments(pr.oid), '') || ')', pg_catalog.oidvectortypes(pr.proargtypes), pg_catalog.pg_get_functiondef(pr.oid) from pg_catalog.pg_proc pr where pronamespace = 'public'::regnamespace",
  "pgAdmin: dashboard":
    "select count(*) >= 0 from pg_catalog.pg_stat_activity where datname = current_database(); select sum(xact_commit) >= 0 from pg_catalog.pg_stat_database; select count(*) >= 0 from pg_catalog.pg_locks; select name, setting from pg_catalog.pg_settings where name = 'work_mem'",
};

describe.skipIf(missing)(title("browsing as a role that reads"), () => {
  let database: Database;
  let ways: BothWays;

  beforeAll(async () => {
    database = await startDatabase();
    ways = await bothWays(database, "read", "app");
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test.each(Object.entries(QUERIES))("%s", async (_name, query) => {
    const { expected, got } = await compareProgram(ways, "psql", { args: ["-X", "-c", query] });
    expect(expected.status).toBe(0);
    expect(got).toEqual(expected);
  });

  test.each([
    ["the server's log, as pgAdmin's dashboard reads it", "select pg_read_file('log/postgresql.log')", "pg_read_file"],
    ["ending a session", "select pg_terminate_backend(1)", "pg_terminate_backend"],
    ["resetting statistics", "select pg_stat_reset_single_table_counters(1)", "pg_stat_reset_single_table_counters"],
  ])("%s is no browsing", async (_name, query, word) => {
    const { got } = await compareProgram(ways, "psql", { args: ["-X", "-c", query] });
    expect(got.stderr).toContain(`the function ${word} [role-denies]`);
  });
});
