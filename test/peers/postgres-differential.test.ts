/**
 * psql through the gate and directly, at the same server with the same account: what it shows and how it ends are equal
 * byte for byte. What differs by design is in docs/postgres-differences.md, and nowhere here.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlFile, startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import {
  bothWays,
  compareProgram,
  digestOf,
  environmentOf,
  type BothWays,
  type Differential,
  type Way,
} from "../kit/postgres-differential.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { cString, int16, int32, message } from "../../src/wire/postgres/fields.ts";

const { missing, title } = psqlAndServer;

/** Something of every kind, so that describing it has something to show. */
const WORLD = `
create schema sales;
create type mood as enum ('sad', 'ok', 'happy');
create type pair as (a int, b text);
create domain positive as int check (value > 0);
create table items (id bigserial primary key, label text not null unique, feeling mood default 'ok', size positive, extra jsonb, twice int generated always as (id * 2) stored);
comment on table items is 'what is sold';
comment on column items.label is 'as printed';
insert into items (label, feeling, size, extra) select 'item ' || n, (array['sad','ok','happy'])[n % 3 + 1]::mood, n, jsonb_build_object('n', n) from generate_series(1, 30) n;
create table parted (k int, v text) partition by range (k);
create table parted_1 partition of parted for values from (0) to (100);
create table parted_d partition of parted default;
create table child (more int) inherits (items);
create index items_expression on items (lower(label)) where id > 3;
create view happy as select id, label from items where feeling = 'happy';
create materialized view counted as select feeling, count(*) from items group by 1;
create sequence sales.numbers start 7 increment 3;
create function twice(n int) returns int language sql immutable as 'select n * 2';
create procedure outs(in a int, out b int, inout c int) language plpgsql as $$ begin b := a + 1; c := c * 2; raise notice 'a is %', a; end $$;
create function fails() returns int language plpgsql as $$ begin perform 1 / 0; return 1; end $$;
create function on_change() returns trigger language plpgsql as $$ begin raise notice 'changed %', new.id; return new; end $$;
create trigger changes before update on items for each row execute function on_change();
create rule quiet as on delete to parted do also notify quiet;
create policy own on items for select using (true);
create publication everything for table items;
create statistics joint on k, v from parted;
create text search configuration plain (copy = simple);
create cast (pair as text) with inout;
create operator === (leftarg = int, rightarg = int, procedure = int4eq);
create aggregate product(int) (sfunc = int4mul, stype = int, initcond = '1');
create collation loud (provider = libc, locale = 'C');
`;

const DESCRIBE = String.raw`
\d | \d+ | \d items | \d+ items | \d parted | \d+ parted | \d child | \d happy | \d+ happy | \d counted
\d sales.numbers | \d items_pkey | \d+ items_expression | \d mood | \d pg_class | \d information_schema.tables
\d nothing | \dt | \dt+ | \dtvS | \di | \di+ | \dv | \dv+ | \ds | \ds+ | \dm+ | \dE | \df | \df+ | \dfa | \dfp
\df twice | \dfS abs | \da | \daS sum | \dn | \dn+ | \du | \du+ | \dg | \l | \l+ | \dx | \dx+ | \dp | \z items
\dT | \dT+ | \dTS int* | \dD | \dD+ | \do | \doS < | \dC | \dc | \dO | \dO+ | \db | \db+ | \dd | \ddp | \drds
\dRp | \dRp+ | \dRs | \dF | \dF+ plain | \dFd | \dFp | \dFt | \des | \dew | \det | \deu | \dL | \dL+ | \dy
\dX | \dA | \dAc btree | \dAf btree | \dAo btree integer_ops | \dAp btree integer_ops | \dP | \dPi | \dPt+
\dconfig work* | \dl | \sf twice | \sf+ outs | \sv happy | \sf nothing | \encoding | \conninfo
\dconfig+ *timeout | \h commit | \d *.items | \dt sales.* | \dtS pg_a* | \df pg_catalog.*size*
`
  .trim()
  .split(/ \| |\n/);

const CASES: Readonly<Record<string, Differential>> = {
  "\\copy in as text": { input: "create temp table c(a int, b text);\n\\copy c from stdin\n1\tone\n2\t\\N\n\\.\ntable c;\n" },
  "\\copy in as csv": {
    input: 'create temp table c(a int, b text);\n\\copy c from stdin with (format csv, header)\na,b\n1,"a ""quote"""\n2,\n\\.\ntable c;\n',
  },
  "\\copy in that fails in the middle": {
    input: "create temp table c(a int);\n\\copy c from stdin\n1\nx\n3\n\\.\ntable c;\nselect 'on';\n",
  },
  "\\copy in with too many columns": { input: "create temp table c(a int);\n\\copy c from stdin\n1\t2\n\\.\nselect 'on';\n" },
  "\\copy of a file that is not there": { input: "create temp table c(a int);\n\\copy c from '/nothing/here'\nselect 'on';\n" },
  "\\copy out as text": { args: ["-c", "\\copy items(id, label, extra) to stdout"] },
  "\\copy out as csv": { args: ["-c", "\\copy (select * from items order by id) to stdout csv header force quote *"] },
  "\\copy out as binary": { args: ["-c", "\\copy (select id, label, extra from items order by id) to stdout (format binary)"] },
  "\\copy out of what is not there": { args: ["-c", "\\copy nothing to stdout"] },
  "\\copy out, with an error after rows": { args: ["-c", "\\copy (select 10 / (5 - n) from generate_series(1, 9) n) to stdout"] },
  "COPY to a program of the server": { args: ["-c", "copy (select 1) to program 'cat > /dev/null'"] },
  "COPY from a file that the server does not have": { args: ["-c", "copy items from '/nothing/here'"] },
  "COPY twice in one text": { args: ["-c", "copy (select 1) to stdout; copy (select 2) to stdout; select 3"] },
  "COPY in a failed transaction": { input: "begin;\nselect 1/0;\ncopy items to stdout;\nrollback;\n" },
  "COPY FREEZE and where": {
    input: "begin;\ncreate table cf(a int);\ncopy cf from stdin with (freeze) where a > 1;\n1\n2\n\\.\ntable cf;\nrollback;\n",
  },
  cursors: {
    input:
      "begin;\ndeclare c scroll cursor for select id from items order by id;\nfetch 2 from c;\nfetch backward 1 from c;\nfetch absolute 20 from c;\nmove last in c;\nfetch prior from c;\nclose c;\nfetch c;\nrollback;\n",
  },
  "a cursor with hold": {
    input: "begin;\ndeclare h cursor with hold for select n from generate_series(1,3) n;\ncommit;\nfetch all from h;\nclose h;\n",
  },
  "where current of": {
    input:
      "begin;\ndeclare c cursor for select * from items for update;\nfetch 1 from c;\nupdate items set size = 99 where current of c;\nrollback;\n",
  },
  "a refcursor": {
    input: "begin;\ndo $$ declare r refcursor := 'mine'; begin open r for select 1 as one; end $$;\nfetch all from mine;\ncommit;\n",
  },
  "FETCH_COUNT with an error after rows": {
    args: ["-At"],
    input: "\\set FETCH_COUNT 3\nselect 10 / (8 - n) from generate_series(1, 9) n;\nselect 'on';\n",
  },
  "\\watch": { args: ["-At"], input: "create temp sequence w;\nselect 10 / (3 - nextval('w')) \\watch 0.01\nselect 'on';\n" },
  "\\gexec, with an error": { input: "select unnest(array['select 1', 'select 1/0', 'select 3']) \\gexec\n" },
  "\\gset of two rows": { input: "select 1 as a union all select 2 \\gset\n\\echo :a\n" },
  "\\gset with a prefix": { input: "select 1 as a, null as b \\gset p_\n\\echo :p_a :p_b\n" },
  "\\gx": { input: "select * from items where id = 1 \\gx\n" },
  "\\g to a program": { input: "select 1 as a \\g | cat -A\n" },
  "\\crosstabview": { input: "select feeling, id % 4 as rest, count(*) from items group by 1, 2 order by 1, 2 \\crosstabview\n" },
  "\\crosstabview that cannot": { input: "select 1, 2, 3, 4 \\crosstabview\n" },
  "\\gdesc of a statement with errors": {
    input: "select nothing from items \\gdesc\nselect 1::numeric(7,3) as n, '{}'::int[] as a \\gdesc\n",
  },
  "\\errverbose": { input: "select * from items where nothing = 1;\n\\errverbose\n" },
  "VERBOSITY verbose": { input: "\\set VERBOSITY verbose\nselect 1/0;\nselect * from nothing;\nselect fails();\n" },
  "VERBOSITY sqlstate": { input: "\\set VERBOSITY sqlstate\nselect 1/0;\n" },
  "SHOW_CONTEXT always": { input: "\\set SHOW_CONTEXT always\nselect fails();\ncall outs(1, null, 2);\n" },
  "SHOW_ALL_RESULTS off": { input: "\\set SHOW_ALL_RESULTS off\nselect 1\\; select 2;\n" },
  "\\; on one line": { input: "select 1\\; select 2\\; select 3;\n" },
  ON_ERROR_STOP: { args: ["-v", "ON_ERROR_STOP=1"], input: "select 1;\nselect 1/0;\nselect 2;\n" },
  ON_ERROR_ROLLBACK: { args: ["-v", "ON_ERROR_ROLLBACK=on"], input: "begin;\nselect 1/0;\nselect 'on';\ncommit;\n" },
  "AUTOCOMMIT off": { args: ["-v", "AUTOCOMMIT=off"], input: "create table ac(a int);\nselect 1/0;\nselect 2;\nrollback;\n\\d ac\n" },
  "-1 with an error": { args: ["-1", "-c", "create table one(a int)", "-c", "select 1/0", "-c", "select 2"] },
  "several -c": { args: ["-c", "select 1", "-c", "select 1/0", "-c", "select 2"] },
  "-E shows what psql asks": { args: ["-E", "-c", "\\d items"] },
  "-a -b -e": { args: ["-a", "-b", "-e"], input: "select 1;\nselect 1/0;\n" },
  "-A -F -R": { args: ["-A", "-F", "|", "-R", ";", "-c", "table happy"] },
  "-z and -0": { args: ["-Atz0", "-c", "table happy"] },
  "\\pset csv, latex, asciidoc": {
    input: "\\pset format csv\ntable happy;\n\\pset format latex\ntable happy;\n\\pset format asciidoc\ntable happy;\n",
  },
  "a syntax error in the middle of a text": { args: ["-c", "select 1; selec 2; select 3"] },
  "an error in the middle of a text, after a write": { args: ["-c", "insert into parted values (1,'x'); select 1/0; select 3"] },
  "a transaction within a text": { args: ["-c", "begin; select 1; commit; select 1/0"] },
  "a text of nothing but semicolons": { args: ["-c", ";;;"] },
  "a very long text": { args: ["-Atc", `select ${Array.from({ length: 2000 }, (_, n) => n).join(",")}`] },
  "a nested block comment": { args: ["-c", "/* a /* b */ c */ select 1"] },
  "dollar quotes and escapes": { args: ["-c", String.raw`select $a$it's$a$, e'\x41\u00e9\n', U&'d\0061t', 'it''s', B'101', X'1F'`] },
  "identifiers in quotes": { args: ["-c", 'select 1 as "a ""b"" ü", 2 as "select"'] },
  "error: a column that is misspelt": { args: ["-c", "select labl from items"] },
  "error: types that do not match": { args: ["-c", "select * from items where id = 'x'"] },
  "error: a function without these arguments": { args: ["-c", "select twice('a', 2)"] },
  "error: unique": { args: ["-c", "insert into items(label) values ('item 1')"] },
  "error: check of a domain": { args: ["-c", "select (-1)::positive"] },
  "error: not null": { args: ["-c", "insert into items(id, label) values (0, null)"] },
  "error: no partition": { args: ["-c", "alter table parted detach partition parted_d; insert into parted values (500, 'x')"] },
  "error: in a function, with context": { args: ["-c", "select fails()"] },
  "error: behind characters of several bytes": { args: ["-c", "select '馬🐎', nothing from items"] },
  "error: in the third line": { args: ["-c", "select 1\n,\n nothing\nfrom items"] },
  "error: division inside of EXPLAIN ANALYZE": {
    args: ["-c", "explain (analyze, costs off, timing off, summary off) select 1/(id-1) from items"],
  },
  "error: too long a name is cut with a notice": { args: ["-c", `create temp table ${"n".repeat(80)}(a int)`] },
  "an unterminated string": { input: "select 'abc;\n" },
  "savepoints, nested": {
    input:
      "begin;\nsavepoint a;\nsavepoint b;\nselect 1/0;\nrollback to b;\nrelease b;\nselect 1;\nrollback to a;\nrelease nothing;\nrollback;\n",
  },
  "transaction modes": {
    input:
      "begin isolation level serializable read only deferrable;\nshow transaction_isolation;\ninsert into items(label) values ('x');\nrollback;\nstart transaction;\nset transaction isolation level repeatable read;\nshow transaction_isolation;\ncommit and chain;\nrollback;\ncommit;\nabort;\n",
  },
  "two phases": { input: "begin;\nprepare transaction 'x';\nrollback prepared 'x';\n" },
  "constraints deferred": {
    input:
      "begin;\ncreate temp table a(i int primary key deferrable initially deferred);\ninsert into a values (1), (1);\ncommit;\nselect 'on';\n",
  },
  "RAISE of every level": {
    args: [
      "-c",
      "set client_min_messages = debug1; do $$ begin raise debug 'd'; raise log 'l'; raise info 'i'; raise notice 'n'; raise warning 'w'; end $$",
    ],
  },
  "RAISE with everything": {
    input:
      "\\set VERBOSITY verbose\ndo $$ begin raise exception using message = 'm', detail = 'd', hint = 'h', errcode = '23514', column = 'c', constraint = 'k', datatype = 't', table = 'tb', schema = 's'; end $$;\n",
  },
  "notices of DROP … CASCADE": { input: "begin;\ndrop table items cascade;\nrollback;\ndrop table if exists nothing;\n" },
  "LISTEN, NOTIFY, UNLISTEN": {
    input:
      "listen a;\nlisten b;\nnotify a, 'x';\nnotify b;\nbegin;\nnotify a, '1';\nnotify a, '1';\nnotify a, '2';\nselect 'in';\ncommit;\nunlisten *;\nnotify a;\nselect pg_notify('a', repeat('x', 9000));\n",
  },
  "large objects of psql": {
    input:
      "\\lo_import /etc/hostname 'a comment'\n\\set first :LASTOID\n\\lo_export :first /dev/null\nselect length(lo_get(:first)) > 0, obj_description(:first, 'pg_largeobject');\n\\lo_unlink :first\n\\lo_unlink 4711\n",
    args: ["-q"],
  },
  "large objects in SQL": {
    input:
      "begin;\nselect lo_create(7001);\nselect lo_put(7001, 2, '\\x0102');\nselect lo_get(7001);\nselect lo_open(7001, 131072), loread(0, 10);\nselect lo_unlink(7001);\nrollback;\n",
  },
  "PREPARE, EXECUTE, DEALLOCATE": {
    input:
      "prepare p(int, text) as select $1 + 1, upper($2);\nexecute p(1, 'a');\nexecute p(1);\nexecute nothing;\nprepare p as select 1;\nselect name, statement from pg_prepared_statements;\ndeallocate p;\ndeallocate all;\nexecute p(1, 'a');\n",
  },
  "DO with an error": { args: ["-c", "do $$ begin\n  raise notice 'before';\n  perform 1/0;\nend $$"] },
  "CALL with OUT": { args: ["-c", "call outs(1, null, 21)"] },
  "CALL that commits": {
    input:
      "create procedure pc() language plpgsql as $$ begin commit; raise notice 'went on'; end $$;\ncall pc();\nbegin;\ncall pc();\nrollback;\ndrop procedure pc();\n",
  },
  "EXPLAIN in every form": {
    input:
      "explain (costs off) select * from items where id = 1;\nexplain (format json, costs off) select 1;\nexplain (format yaml, costs off) select 1;\nexplain (format xml, costs off) select 1;\nexplain (verbose, costs off) select * from happy;\nexplain (costs off) insert into parted values (1, 'x');\nexplain (analyze, costs off, timing off, summary off, buffers off) select count(*) from items;\nexplain (nothing) select 1;\n",
  },
  "SET, RESET, SHOW": {
    input:
      "set work_mem to '3MB';\nshow work_mem;\nset local work_mem = '1MB';\nbegin;\nset local work_mem = '1MB';\nshow work_mem;\ncommit;\nshow work_mem;\nreset work_mem;\nset nothing = 1;\nset a.b = 'own';\nshow a.b;\nset work_mem = 'x';\nshow nothing;\nset extra_float_digits = 0;\nselect 0.1::float8 * 3;\nset timezone = 'nowhere';\n",
  },
  DISCARD: {
    input:
      "create temp table t(a int);\nprepare p as select 1;\nset work_mem = '3MB';\ndiscard temp;\ndiscard plans;\ndiscard sequences;\ndiscard all;\nselect 1 from t;\nshow work_mem;\nbegin;\ndiscard all;\nrollback;\n",
  },
  roles: {
    input:
      "create role r1;\nset role r1;\nselect current_user, session_user = current_user;\nselect * from items;\nreset role;\nset session authorization r1;\nselect current_user;\nreset session authorization;\ndrop role r1;\n",
  },
  "settings of a role": { input: "create role r2;\nalter role r2 set work_mem = '2MB';\n\\drds\ndrop role r2;\n" },
  search_path: {
    input:
      "create table sales.items(other int);\nset search_path to sales, public;\n\\d items\nselect * from items;\nreset search_path;\ndrop table sales.items;\n",
  },
  "dates in other styles": {
    input:
      "set datestyle to sql, dmy;\nselect date '2026-11-26';\nset intervalstyle to iso_8601;\nselect interval '1 day 2 hours';\nset timezone to 'Asia/Tokyo';\nselect timestamptz '2026-01-01 00:00Z';\nset bytea_output to escape;\nselect '\\x00ff41'::bytea;\nset lc_monetary to 'C';\nselect 12.5::money;\n",
  },
  "PGTZ, PGDATESTYLE, PGGEQO": {
    env: { PGTZ: "America/Los_Angeles", PGDATESTYLE: "Postgres, MDY", PGGEQO: "off" },
    input: "show timezone;\nshow datestyle;\nshow geqo;\nselect timestamptz '2026-01-01 00:00Z';\n",
  },
  "a merge": {
    args: [
      "-c",
      "begin; merge into parted p using (values (1,'a'),(2,'b')) s(k,v) on p.k = s.k when matched then update set v = s.v when not matched then insert values (s.k, s.v); table parted; rollback",
    ],
  },
  "insert … on conflict, returning": {
    args: [
      "-c",
      "begin; insert into items(label, size) values ('item 1', 5) on conflict (label) do update set size = excluded.size returning id, label, size; rollback",
    ],
  },
  "update with a trigger's notices": { args: ["-c", "begin; update items set size = 1 where id < 4 returning id; rollback"] },
  "writes in WITH": { args: ["-c", "begin; with d as (delete from items where id < 3 returning *) select count(*) from d; rollback"] },
  "recursion, windows, grouping sets, lateral": {
    input:
      "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n, sum(n) over (order by n), lag(n) over w from r window w as (order by n);\nselect feeling, size % 2, count(*) from items group by grouping sets ((1), (2), ()) order by 1, 2, 3;\nselect i.id, l.x from items i, lateral (select i.id * 2 as x) l limit 2;\n",
  },
  "json paths, full text, regular expressions": {
    args: [
      "-c",
      String.raw`select jsonb_path_query('{"a":[1,2,3]}', '$.a[*] ? (@ > 1)'), to_tsvector('english', 'the quick foxes') @@ to_tsquery('fox'), 'abc' ~ '^a.*c$', regexp_matches('foobar', '(o+)(b)')`,
    ],
  },
  "row types, arrays of them, ranges": {
    args: [
      "-c",
      "select i, (i).label, array[row(1,'a')::pair], int4multirange(int4range(1,3), int4range(7,9)) from items i order by id limit 1",
    ],
  },
  xml: { args: ["-c", "select xmlelement(name a, xmlattributes(1 as b), 'c'), xpath('/a/text()', '<a>x</a>')"] },
  "null shown, and border 2": { input: "\\pset null '∅'\n\\pset border 2\n\\pset linestyle unicode\nselect null, 'ü';\n" },
  "control characters and wide ones": { args: ["-c", String.raw`select e'a\tb\nc\x01', '全角', e'\u200b'`] },
  "two thousand columns are too many": {
    args: ["-c", `create temp table wide(${Array.from({ length: 2000 }, (_, n) => `c${n} int`).join(",")})`],
  },
  "a row of 1600 columns": { args: ["-Atc", `select ${Array.from({ length: 1600 }, (_, n) => n).join(",")}`] },
  "rows without columns": { args: ["-c", "select from items limit 3"] },
  "100,000 rows": { args: ["-Atc", "select n, md5(n::text) from generate_series(1, 100000) n"] },
  "truncate, vacuum, analyze, reindex, cluster": {
    input:
      "create table tv(a int primary key);\ntruncate tv;\nvacuum tv;\nanalyze tv;\nreindex table tv;\ncluster tv using tv_pkey;\nbegin;\nvacuum tv;\nrollback;\ndrop table tv;\ncheckpoint;\n",
  },
  "create database and drop it": { input: "create database other;\ndrop database other;\ndrop database other;\n" },
  concurrently: {
    input:
      "create index concurrently ic on items(size);\ndrop index concurrently ic;\nbegin;\ncreate index concurrently ic on items(size);\nrollback;\n",
  },
  locks: {
    input:
      "begin;\nlock table items in access exclusive mode;\nselect mode from pg_locks where relation = 'items'::regclass and pid = pg_backend_pid();\nrollback;\nlock table items;\n",
  },
  "advisory locks": {
    input: "select pg_advisory_lock(7), pg_try_advisory_lock(7);\nselect pg_advisory_unlock(7);\nselect pg_advisory_unlock(8);\n",
  },
  statement_timeout: { input: "set statement_timeout = '20ms';\nselect pg_sleep(5);\nselect 'on';\n" },
  "replica identity, function bodies of SQL": {
    input:
      "begin;\nalter table parted_1 replica identity full;\ncreate function body(n int) returns int return n + 1;\nselect body(1);\ncreate function atomic() returns int begin atomic select 1; select 2; end;\nselect atomic();\nrollback;\n",
  },
  "a backend that ends itself": { input: "select pg_terminate_backend(pg_backend_pid());\nselect 1;\n" },
  "a file with \\i, \\ir and \\if": { input: "\\if true\nselect 'yes';\n\\else\nselect 1/0;\n\\endif\n\\i /nothing/here\nselect 2;\n" },
  "variables, quoted every way": { args: ["-v", "v=it's"], input: "select :'v', :\"v\";\nselect :v;\n" },
  "\\set PROMPT, \\timing off, \\echo, \\qecho, \\warn": {
    input:
      "\\timing off\n\\echo a\n\\qecho b\n\\warn c\nselect :'SERVER_VERSION_NUM', :'ENCODING';\n\\echo :LAST_ERROR_SQLSTATE :ROW_COUNT :ERROR\n",
  },
  "a COPY that its client breaks off": { input: "create temp table c(a int);\ncopy c from stdin;\n1\n" },
};

const TYPES: readonly [type: string, ...values: string[]][] = [
  ["bool", "t", "f"],
  ["bytea", "\\x00ff", "\\x"],
  ["char", "x"],
  ['"char"', "y"],
  ["name", "a name"],
  ["int8", "-9223372036854775808"],
  ["int2", "-32768"],
  ["int4", "2147483647"],
  ["text", "ü馬\n"],
  ["oid", "4294967295"],
  ["tid", "(1,2)"],
  ["xid", "7"],
  ["xid8", "77"],
  ["cid", "3"],
  ["json", '{"a": [1, null]}'],
  ["jsonb", '{"a": [1, null]}'],
  ["xml", "<a/>"],
  ["point", "(1,2)"],
  ["lseg", "[(0,0),(1,1)]"],
  ["path", "((0,0),(1,1))"],
  ["box", "(1,1),(0,0)"],
  ["polygon", "((0,0),(1,0),(1,1))"],
  ["line", "{1,2,3}"],
  ["circle", "<(0,0),2>"],
  ["float4", "1.5e-10", "NaN", "-Infinity"],
  ["float8", "0.1", "Infinity"],
  ["money", "$1,234.56"],
  ["macaddr", "08:00:2b:01:02:03"],
  ["macaddr8", "08:00:2b:01:02:03:04:05"],
  ["inet", "192.168.0.1/24", "::1"],
  ["cidr", "10.0.0.0/8"],
  ["int4[]", "{1,NULL,3}", "{{1,2},{3,4}}", "{}"],
  ["text[]", '{"a b","\\"",NULL}'],
  ["bpchar(5)", "ab"],
  ["varchar(5)", "ab"],
  ["date", "2026-11-26", "infinity", "4713-01-01 BC"],
  ["time", "12:34:56.789"],
  ["timestamp", "2026-11-26 12:34:56.789", "-infinity"],
  ["timestamptz", "2026-11-26 12:34:56+02"],
  ["interval", "1 year 2 mons 3 days 04:05:06.7"],
  ["timetz", "12:34:56+02"],
  ["bit(4)", "1010"],
  ["varbit", "10101"],
  ["numeric", "-12345678901234567890.0123456789", "NaN", "0"],
  ["uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["tsvector", "'a':1A 'b':2"],
  ["tsquery", "'a' & !'b'"],
  ["int4range", "[1,5)", "empty"],
  ["numrange", "(1.5,)"],
  ["tsrange", "[2026-01-01,2026-02-01)"],
  ["daterange", "[2026-01-01,)"],
  ["int8multirange", "{[1,3),[7,9)}"],
  ["regclass", "items"],
  ["regproc", "now"],
  ["regtype", "integer"],
  ["regrole", "admin"],
  ["regnamespace", "public"],
  ["pg_lsn", "16/B374D848"],
  ["pg_snapshot", "10:20:10,14"],
  ["jsonpath", '$."a"[*]'],
  ["int2vector", "1 2"],
  ["oidvector", "1 2"],
  ["mood", "happy"],
  ["pair", '(1,"a b")'],
  ["positive", "7"],
  ["record", ""],
  ["void", ""],
  ["refcursor", "c"],
];

describe.skipIf(missing)(title("psql through the gate, as direct"), () => {
  let database: Database;
  let ways: BothWays;

  beforeAll(async () => {
    database = await startDatabase();
    await database.server.sql("set role admin;" + WORLD, "shop");
    ways = await bothWays(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const both = (how: Differential): ReturnType<typeof compareProgram> =>
    compareProgram(ways, "psql", { ...how, args: ["-X", ...(how.args ?? [])] });

  test.each(DESCRIBE)("%s", async (command) => {
    const { expected, got } = await both({ args: ["-c", command] });
    expect(got).toEqual(expected);
  });

  test.each(Object.entries(CASES))("%s", async (_name, how) => {
    const { expected, got } = await both(how);
    expect(got).toEqual(expected);
  });

  test.each(["-f", "-1f"])("%s, with what each line was", async (option) => {
    const path = await sqlFile(database, "script.sql", "select 1;\nselect nothing;\n\n-- a comment\nselect\n  1/0;\n");
    const { expected, got } = await both({ args: [option, path] });
    expect(got).toEqual(expected);
  });

  test("a connection that is made anew: \\c", async () => {
    const { expected, got } = await both({ input: "\\set VERBOSITY terse\n\\c -\nselect 1;\n" });
    expect(got).toEqual(expected);
  });

  test("Ctrl-C of a running statement", async () => {
    const interrupted = async (way: Way): Promise<unknown> => {
      const marker = `interrupted_${way.name}`;
      const child = spawn("psql", ["-X", "-c", `select pg_sleep(60) as ${marker}`], {
        env: environmentOf(way),
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
      const running = `select count(*) from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`;
      await until(async () => (await database.server.sql(running)) === "1");
      child.kill("SIGINT");
      const [status] = await once(child, "close");
      return { status, text };
    };
    expect(await interrupted(ways.gate)).toEqual(await interrupted(ways.direct));
  });

  test("a field of 200 MB", async () => {
    const args = ["-XAtc", "select repeat('0123456789abcdef', 13107200)"];
    const expected = await digestOf(ways.direct, "psql", args);
    expect(expected.bytes).toBe(200 * 1024 * 1024 + 1);
    expect(await digestOf(ways.gate, "psql", args)).toEqual(expected);
  });

  describe("the bytes of the server's messages", () => {
    let clients: Record<"direct" | "gate", PostgresClient>;

    beforeAll(async () => {
      const open = ({ port, password, user, database: name }: Way): Promise<PostgresClient> =>
        connectPostgres(port, password, { user, database: name });
      clients = { direct: await open(ways.direct), gate: await open(ways.gate) };
    });
    afterAll(() => Object.values(clients).forEach(({ socket }) => socket.destroy()));

    const answers = async (client: PostgresClient, ...messages: Buffer[]): Promise<string[]> => {
      client.send(Buffer.concat([...messages, message("S")]));
      return (await client.readTo("Z")).map((each) => each.toString("latin1"));
    };

    /** The value of the only column of the only row. */
    const valueOf = (messages: readonly string[]): Buffer | undefined => {
      const row = messages.find((each) => each.startsWith("D"));
      return row === undefined ? undefined : Buffer.from(row.slice(7 + 4), "latin1");
    };

    test.each(TYPES)("%s, in text and in binary, both ways", async (type, ...values) => {
      for (const value of values) {
        const ask = (format: number, parameter: Buffer, parameterFormat: number): Buffer[] => [
          frontend.encodeParse("", `select $1::${type} as v`),
          message(
            "B",
            cString(""),
            cString(""),
            int16(1),
            int16(parameterFormat),
            int16(1),
            int32(parameter.length),
            parameter,
            int16(1),
            int16(format),
          ),
          message("D", Buffer.from("P"), cString("")),
          frontend.encodeExecute(""),
        ];
        const text = Buffer.from(value);
        for (const format of [0, 1]) {
          const expected = await answers(clients.direct, ...ask(format, text, 0));
          expect(await answers(clients.gate, ...ask(format, text, 0)), `${value} as ${format}`).toEqual(expected);
          const binary = format === 1 ? valueOf(expected) : undefined;
          if (!binary) continue;
          const again = await answers(clients.direct, ...ask(1, binary, 1));
          expect(await answers(clients.gate, ...ask(1, binary, 1)), `${value} back in binary`).toEqual(again);
        }
      }
    });

    const B = (portal: string, statement: string): Buffer =>
      message("B", cString(portal), cString(statement), int16(0), int16(0), int16(0));
    const E = (portal: string, rows: number): Buffer => message("E", cString(portal), int32(rows));
    const D = (of: "S" | "P", name: string): Buffer => message("D", Buffer.from(of), cString(name));
    const C = (of: "S" | "P", name: string): Buffer => message("C", Buffer.from(of), cString(name));
    const P = frontend.encodeParse;
    const PIPELINES: Readonly<Record<string, Buffer[]>> = {
      "portals that are suspended": [P("", "select generate_series(1,5)"), B("p", ""), E("p", 2), E("p", 2), E("p", 2)],
      "statements and portals with names": [
        P("s1", "select 1"),
        P("s2", "select 2"),
        B("a", "s1"),
        B("b", "s2"),
        E("b", 0),
        E("a", 0),
        C("P", "a"),
        C("S", "s1"),
        C("S", "s2"),
      ],
      "described, and never run": [P("d", "select $1::int, $2::text"), D("S", "d"), C("S", "d")],
      "no data": [P("", "create temp table nd(a int)"), B("", ""), D("P", ""), E("", 0)],
      "an empty statement": [P("", ""), B("", ""), D("P", ""), E("", 0)],
      "an error, and what is skipped": [P("", "select 1/0"), B("", ""), E("", 0), P("", "select 2"), B("", ""), E("", 0)],
      "a name that is taken": [P("twice", "select 1"), P("twice", "select 2")],
      "a statement that is not there": [B("", "nothing")],
      "two statements in a Parse": [P("", "select 1; select 2")],
      "closing what is not there": [C("S", "nothing"), C("P", "nothing")],
      "parameters that are too few": [P("", "select $1::int"), B("", "")],
      "flush in between": [P("", "select 1"), message("H"), B("", ""), message("H"), E("", 0), message("H")],
    };

    test.each(Object.entries(PIPELINES))("%s", async (_name, messages) => {
      expect(await answers(clients.gate, ...messages)).toEqual(await answers(clients.direct, ...messages));
    });

    test("errors of simple queries, with every field", async () => {
      for (const sql of [
        "select 1/0",
        "select fails()",
        "select * from nothing",
        "insert into items(label) values ('item 1')",
        "",
        ";",
        "begin; begin; rollback; rollback",
      ]) {
        const ask = async (client: PostgresClient): Promise<string[]> => {
          client.send(frontend.encodeQuery(sql));
          return (await client.readTo("Z")).map((each) => each.toString("latin1"));
        };
        expect(await ask(clients.gate), `simple query: ${sql}`).toEqual(await ask(clients.direct));
      }
    });

    test("settings that are reported when they change", async () => {
      const ask = async (client: PostgresClient): Promise<string[]> => {
        client.send(
          frontend.encodeQuery(
            "set timezone to 'Asia/Tokyo'; set datestyle to german; set application_name to 'x'; reset timezone; reset datestyle",
          ),
        );
        return (await client.readTo("Z")).map((each) => each.toString("latin1"));
      };
      const reported = await ask(clients.direct);
      expect(reported.some((each) => each.startsWith("S"))).toBe(true);
      expect(await ask(clients.gate)).toEqual(reported);
    });
  });
});
