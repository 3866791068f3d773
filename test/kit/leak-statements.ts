/** Statements against the database of secrets-database.ts. */

/** `%` stands for each masked column in turn. */
const OF_EACH_COLUMN = `
select % from customers
select %, % as again from customers
select c.% from customers c
select customers.% from customers
select public.customers.% from public.customers
select x from (select % as x from customers) s
select s.* from (select *, % as more from customers) s
with c as (select % from customers) select * from c
with c(x) as materialized (select % from customers) select x from c
with recursive r(x, n) as (select %, 1 from customers where id = 1 union all select x, n + 1 from r where n < 3) select x from r
select % from customers union all select % from customers
select (select % from customers where id = 1)
select array(select % from customers)
select (select %::text from customers limit 1) as email
select l.x from customers c, lateral (select c.% as x) l
select l.x from customers c cross join lateral (values (c.%)) l(x)
select a.% from customers a join customers b on a.id = b.id
select a.%, b.% from customers a left join customers b using (id)
select % from customers natural join (select id from customers) s
select coalesce(%, null) from customers
select case when id > 3 then % end from customers
select case id when 3 then % else % end from customers
select greatest(%, %) from customers
select nullif(%, %) from customers
select max(%::text) from customers
select min(%::text), count(%) from customers
select array_agg(%) from customers
select json_agg(%) from customers
select jsonb_agg(jsonb_build_object('x', %)) from customers
select string_agg(%::text, ',') from customers
select first_value(%) over () from customers
select lag(%) over (order by id) from customers
select row(%, id) from customers
select (row(%, id)).* from customers
select array[%] from customers
select (array[%])[1] from customers
select to_json(%) from customers
select to_jsonb(%)::text from customers
select %::text from customers
select cast(% as varchar) from customers
select cast(% as varchar(3)) from customers
select %::text::text from customers
select %::text || '' from customers
select concat(%, '') from customers
select format('%%s', %) from customers
select quote_literal(%::text) from customers
select reverse(%::text) from customers
select upper(%::text) from customers
select left(%::text, 5), right(%::text, 5) from customers
select substr(%::text, 1, 30) from customers
select encode(convert_to(%::text, 'UTF8'), 'hex') from customers
select encode(%::text::bytea, 'base64') from customers
select md5(%::text) from customers
select regexp_replace(%::text, 'x', 'y') from customers
select regexp_matches(%::text, '.*') from customers
select regexp_split_to_table(%::text, '') from customers
select string_to_array(%::text, null) from customers
select unnest(string_to_array(%::text, null)) from customers
select unnest(array[%]) from customers
select translate(%::text, 'a', 'b') from customers
select overlay(%::text placing '' from 1 for 0) from customers
select ascii(%::text) from customers
select length(%::text) from customers
select hashtext(%::text) from customers
select %::text collate "C" from customers
select xmlelement(name x, %) from customers
select xmlforest(%) from customers
select json_build_object('a', %) from customers
select json_object('a': %) from customers
select pg_typeof(%), pg_column_size(%) from customers
select distinct % from customers
select distinct on (%) % from customers
select % from customers group by %
select %, count(*) from customers group by 1
select id, %, count(*) from customers group by id, %
select id, % from customers group by 1, 2
select distinct id, % from customers
select c.id, %, count(*) from customers c join purchases p on p.customer_id = c.id group by c.id, c.%
select distinct c.*, p.note from customers c join purchases p on p.customer_id = c.id
select distinct * from customers
select % from customers order by %
select % from customers order by 1
select id from customers order by %
select id from customers order by %::text desc limit 1
select row_number() over (order by %) from customers
select count(*) over (partition by %) from customers
select id from customers where %::text like 'z%%'
select id from customers where %::text ~ '^z'
select id from customers where % = %
select id from customers where % in (select % from customers)
select id from customers where % is distinct from null
select id from customers where exists (select 1 from customers b where b.% = customers.%)
select 1 where (select %::text from customers where id = 1) like 'z%%'
select id from customers group by id having max(%::text) like 'z%%'
select count(*) filter (where %::text like 'z%%') from customers
select sum(case when %::text like 'z%%' then 1 else 0 end) from customers
select 1 / (case when %::text like 'z%%' then 0 else 1 end) from customers
select %::text::int from customers
select %::text::date from customers
select %::text::inet from customers
select %::text::uuid from customers
select %::text::jsonb from customers
select %::text::xml from customers
select %::text::regclass from customers
select (%::text)::numeric + 1 from customers
select repeat(%::text, 2) from customers
select generate_series(1, length(%::text)) from customers
select * from generate_series(1, (select length(%::text) from customers where id = 1))
select * from customers limit (select length(%::text) from customers where id = 1)
select id from customers offset (select length(%::text) from customers where id = 1)
select * from json_each_text((select row_to_json(c) from (select % from customers where id = 1) c))
select * from jsonb_array_elements((select jsonb_agg(%) from customers))
select % from customers except select null
select % from customers intersect select % from customers
select % from customers union select % from customers
update customers set name = %::text where id = 1 returning name
update customers set name = 'n', % = default where id = 1 returning %
insert into purchases (id, amount, note) select 9000 + id, 1, %::text from customers returning note
insert into customers (id, name) values (9001, (select %::text from customers where id = 1)) returning name
delete from customers where id = -1 returning %
update customers set name = shout(%::text) where id = 1
select shout(%::text) from customers
select pg_notify('x', %::text) from customers
select set_config('application_name', %::text, false) from customers
select pg_sleep(length(%::text) / 1000.0) from customers where id = 1
create table copy_of as select % from customers
create temp table copy_of as select % from customers
create view v_copy as select % as x from customers
select % into copy_of from customers
create materialized view m_copy as select % as x from customers
create table t_check (x text default 'a', check (x <> 'b')); drop table t_check
prepare p_leak as select % from customers; execute p_leak; deallocate p_leak
`;

const COLUMNS = ["email", "phone", "salary", "profile"];

/** What does not go by a column. */
const OTHERS = `
select * from customers
table customers
select c from customers c
select c.* from customers c
select (c).* from customers c
select (c).email, (c).phone from customers c
select customers from customers
select c::text from customers c
select row_to_json(c) from customers c
select to_jsonb(c) from customers c
select to_jsonb(c) ->> 'email' from customers c
select jsonb_each(to_jsonb(c)) from customers c
select (jsonb_each_text(to_jsonb(c))).value from customers c
select json_agg(c) from customers c
select array_agg(c) from customers c
select (array_agg(c))[1].email from customers c
select (select c from customers c where id = 1).email
select ((select c from customers c where id = 1)).*
select jsonb_populate_record(null::customers, to_jsonb(c)) from customers c
select (jsonb_populate_record(null::customers, to_jsonb(c))).email from customers c
select hstore(c) from customers c
select xmlforest(c) from customers c
select query_to_xml('select * from customers', true, false, '')
select table_to_xml('customers', true, false, '')
select schema_to_xml('public', true, false, '')
select database_to_xml(true, false, '')
select cursor_to_xml('c', 10, true, false, '')
select ts_stat('select to_tsvector(email) from customers')
select * from ts_stat('select to_tsvector(email) from customers')
select * from crosstab('select id, name, email from customers')
select * from dblink('dbname=shop', 'select email from customers') as t(e text)
select email from customer_contacts
select address from customer_contacts
select * from customer_contacts
select reach from contact_copy
select * from contact_copy where reach like 'z%'
select v.address || '' from customer_contacts v
select longest from customer_counts
select * from customer_counts
select digits, salary from customer_cards
select * from customer_cards
select upper(digits) from customer_cards
select found from by_function
select * from by_function
select get_email(1)
select get_email(id) from customers
select * from get_email(1)
select public.get_email(1)
select all_customers()
select * from all_customers()
select (all_customers()).email
select email from all_customers()
select a.email from all_customers() a
select lower(c) from customers c
select c.lower from customers c
select (c).lower from customers c
select c.get_email from customers c
select (1).get_email
select id.get_email from customers
select lower(customers) from customers
select customers.lower from customers
select customer_email from events
select * from events
select * from only events
select customer_email from events_2025
select customer_email from events_2026 where id > 0
select e from events e
select tableoid::regclass, customer_email from events
select email from people
select email from only people
select email, desk from staff
select p from people p
select s from staff s
select email_lower from customers
select upper(email_lower) from customers
select id from customers where email_lower like 'z%'
select * from hr.customers
select iban from hr.customers
select h.iban, c.email from hr.customers h join customers c on true
select h from hr.customers h
select most_common_vals from pg_stats where tablename = 'customers'
select * from pg_stats where tablename = 'customers'
select histogram_bounds::text from pg_stats
select stavalues1 from pg_statistic
select * from pg_statistic
select s from pg_stats s
select to_jsonb(s) from pg_stats s
select row_to_json(s) from pg_statistic s
select query from pg_stat_activity
select pg_stat_get_activity(null)
select * from pg_stat_get_activity(null)
select pg_stat_get_backend_activity(1)
select * from pg_stat_statements
select * from pg_prepared_statements
select * from pg_cursors
select * from pg_largeobject
select lo_get(1)
select pg_read_file('/etc/passwd')
select pg_ls_dir('.')
select * from pg_toast.pg_toast_1
select pg_get_viewdef('customer_contacts')
select pg_get_expr(adbin, adrelid) from pg_attrdef
select pg_get_indexdef(indexrelid) from pg_index
select * from heap_page_items(get_raw_page('customers', 0))
select get_raw_page('customers', 0)
select * from pgstattuple('customers')
select pg_relation_filepath('customers')
select currtid2('customers', '(0,1)')
copy customers to stdout
copy customers (email) to stdout
copy customers (id, email) to stdout with (format binary)
copy customers to stdout (format csv, header)
copy public.customers to stdout
copy (table customers) to stdout
copy (select email from customers) to stdout
copy (select c from customers c) to stdout
copy (update customers set name = name returning email) to stdout
copy customers to program 'cat'
copy customers to '/tmp/customers'
copy customer_cards to stdout
copy events to stdout
copy events_2025 to stdout
copy staff to stdout
update customers set name = name where id = 1 returning *
update customers set name = name where id = 1 returning email
update customers c set name = c.name where id = 1 returning c
update customers set name = name where id = 1 returning customers
update customers set name = email where id = 1
update customers set name = email where id = 1 returning name
update customers set (name, city) = (email, phone) where id = 1 returning name, city
update customers set (name, city) = (select email, phone from customers where id = 2) where id = 1 returning name, city
update customers set name = c.email from customers c where customers.id = c.id and c.id = 1 returning customers.name
update purchases set note = c.email from customers c where c.id = customer_id returning note
update customers set email = email || 'x' where id = 1 returning email
update customers set email = upper(email) where id = 1
update customers set name = 'n' where email like 'z%'
update customers set name = 'n' where email = 'z' returning id
update customers set tags[1] = email where id = 1
insert into customers (id, name, email) values (1, 'a', 'b')
insert into customers (id, name) values (1, 'x') on conflict (id) do update set name = customers.email returning name
insert into customers (id, name) values (1, 'x') on conflict (id) do update set name = customers.email
insert into customers (id, name) values (1, 'x') on conflict (id) do update set name = 'y' where customers.email like 'z%' returning id
insert into customers (id, name) values (1, 'x') on conflict (id) do update set city = excluded.name returning *
insert into purchases (id, amount, note) select 8000 + id, 1, email from customers
insert into purchases (id, amount, note) select 8000 + id, 1, email from customers returning note
insert into purchases select 7000 + id, id, 1, c::text from customers c returning *
insert into customers select * from customers on conflict do nothing returning *
insert into hr.customers (id, name) select 100 + id, email from customers returning name
delete from customers where email like 'z%'
delete from customers where id = 99 returning *
delete from purchases using customers c where c.id = customer_id and c.email like 'z%' returning c.email
delete from purchases using customers c where c.id = customer_id and purchases.id = 1 returning c.email, c
merge into purchases p using customers c on p.customer_id = c.id and p.id = 2 when matched then update set note = c.email
merge into purchases p using customers c on c.email = p.note when matched then delete
merge into purchases p using customers c on p.id = c.id when matched and c.email like 'z%' then delete
merge into purchases p using customers c on p.id = c.id + 5000 when not matched then insert (id, amount, note) values (c.id + 5000, 1, c.email)
with d as (delete from customers where id = 999 returning *) select * from d
with u as (update customers set name = name where id = 1 returning email as e) select e from u
with u as (update customers set name = name where id = 1 returning *) select upper(email) from u
with i as (insert into purchases (id, amount) values (6001, 1) returning note) select * from i, customers
explain select email from customers where email = 'z'
explain analyze select * from customers where email like 'z%'
explain (format json, analyze) select email from customers where email < 'zz'
explain (verbose) select email from customers order by email
explain update customers set name = email
explain (analyze) update customers set name = shout(email) where id = 1
select 'x' from customers where email < 'zz'
select 'x' from customers where (email, id) < ('zz', 3)
select 'x' from customers where row(email, id) = row('zz', 3)
select 'x' from customers where (email, phone) in (select email, phone from customers)
select 'x' from customers where email = any (array['a', 'b'])
select 'x' from customers where email = any (select email from customers)
select 'x' from customers where email <> all (array['a'])
select 'x' from customers where 'z' < some (select email from customers)
select 'x' from customers where email between 'a' and 'zz'
select 'x' from customers where email similar to 'z%'
select 'x' from customers where email ilike 'Z%'
select 'x' from customers where starts_with(email, 'z')
select 'x' from customers where email ^@ 'z'
select 'x' from customers where position('z' in email) = 1
select 'x' from customers where not (email like 'z%')
select 'x' from customers where (email like 'z%') is true
select 'x' from customers where coalesce(email, '') > 'a'
select 'x' from customers where nullif(email, 'a') is null
select nullif(email, 'a') is null from customers
select email is not distinct from 'a' from customers
select email = 'a' from customers
select email like 'z%' from customers
select email > 'a' as bigger from customers
select (email > 'a')::int from customers
select c = c from customers c
select c > row(1) from customers c
select c is null from customers c
select count(distinct email) from customers
select count(distinct c) from customers c
select percentile_disc(0.5) within group (order by email) from customers
select mode() within group (order by email) from customers
select rank('z') within group (order by email) from customers
select string_agg(name, ',' order by email) from customers
select array_agg(id order by salary) from customers
select corr(salary, id) from customers
select avg(salary), sum(salary), stddev(salary) from customers
select sum(salary - 918273000) from customers
select salary + 0 from customers
select salary % 10 from customers
select -salary from customers
select abs(salary) from customers
select to_char(salary, '999999999') from customers
select salary::text from customers
select salary::numeric / 3 from customers
select generate_series(1, salary) from customers where id = 1 limit 1
select chr((salary % 100)::int + 20) from customers
select power(salary, 1) from customers
select int8send(salary) from customers
select width_bucket(salary, 0, 1000000000, 10) from customers
select extract(year from born) from customers
select date_part('year', born) from customers
select born + 1 from customers
select age(born) from customers
select born::timestamp from customers
select to_char(born, 'YYYY') from customers
select tags[1] from customers
select tags[1:1] from customers
select unnest(tags) from customers
select array_to_string(tags, ',') from customers
select tags || 'x' from customers
select cardinality(tags) from customers
select 'x' from customers where 'x' = any (tags)
select profile -> 'iban' from customers
select profile ->> 'iban' from customers
select profile #>> '{iban}' from customers
select profile['iban'] from customers
select jsonb_path_query(profile, '$.iban') from customers
select jsonb_object_keys(profile) from customers
select jsonb_pretty(profile) from customers
select id from customers where profile @> '{"vip": true}'
select id from customers where profile ? 'iban'
select * from customers, jsonb_each_text(profile)
select * from customers c, jsonb_to_record(c.profile) as x(iban text)
select * from customers c, json_table(c.profile, '$' columns (iban text path '$.iban')) t
select * from customers c, xmltable('/x' passing xmlelement(name x, c.email) columns e text path '.') t
select * from rows from (unnest((select tags from customers where id = 1))) as t(x)
select * from customers tablesample system (100)
select email from customers tablesample bernoulli (100) repeatable (1)
select j.* from (customers c join purchases p on p.customer_id = c.id) j
select j.email from (customers c join purchases p on p.customer_id = c.id) as j
select x.e from (customers c cross join purchases p) as x(i, n, e)
select email from customers c full join purchases p on p.id = c.id
select * from customers a join customers b using (email)
select * from customers a natural join customers b
select email from (values (1, 'a')) v(id, email) union all select id, name from customers
select a.email from (select * from customers) a, (select * from purchases) b where a.id = b.customer_id
select (select (select email from customers where id = c.id)) from customers c
select (select s.e from (select c.email as e) s) from customers c
select exists (select from customers where email like 'z%')
select (select count(*) from customers where email like 'z%')
select (select id from customers order by email limit 1)
select case when exists (select from customers where email like 'z%') then pg_sleep(0) end
select 1 from customers where (select email from customers where id = 1) = 'a'
with recursive r as (select email, 1 as n from customers where id = 1 union all select c.email, n + 1 from r join customers c on c.id = r.n + 1 where n < 5) select * from r
with recursive r(n, s) as (select 1, 'x'::text union all select n + 1, (select email from customers where id = n) from r where n < 5) select * from r
with recursive r(n, s) as (select 1, null::text union select n + 1, c.email from r, customers c where c.id = r.n and n < 5) select s from r
with c as (select email from customers), d as (select * from c) select email || '' from d
with email as (select 1 as x) select email from email, customers
select email.* from customers as email
select email from customers as email
select "email" from "customers"
select U&"\\0065mail" from customers
select EMAIL from CUSTOMERS
select /* name */ email from customers -- name
select E'\\x41', email from customers
select $$a$$, email from customers
select ctid, xmin, email from customers
select email from customers for update
select email from customers for share of customers skip locked
select email from customers fetch first 1 row with ties
select email, rank() over w from customers window w as (partition by city)
select email, rank() over w from customers window w as (order by email)
select first_value(email) over w, nth_value(email, 2) over w from customers window w as (order by id)
select ntile(2) over (order by salary) from customers
select grouping(email) from customers group by rollup (email)
select email from customers group by grouping sets ((email), ())
select city, max(email) from customers group by cube (city)
select max(email) filter (where id > 3) from customers
select any_value(email) from customers
select bit_and(salary), bool_or(salary > 1) from customers
select range_agg(int8range(salary, salary + 1)) from customers
select jsonb_object_agg(email, id) from customers
select json_object_agg(id, email) from customers
select xmlagg(xmlelement(name x, email)) from customers
values ((select email from customers where id = 1))
values (1, (select phone from customers where id = 1)), (2, 'x')
select * from (values ((select email from customers where id = 1))) v(x)
select 1 + ~~~ 2
select 1 ~~~ 2
select id ~~~ salary::int from customers
select 1 operator(public.~~~) 2
begin; declare c cursor for select email from customers; fetch 3 from c; move 1 in c; fetch backward 1 from c; rollback
begin; declare c cursor for select * from customers; declare d cursor for select id from customers; fetch c; fetch d; close c; declare c cursor for select email from customers; fetch all in c; rollback
begin; declare c binary cursor for select email, salary from customers; fetch all from c; rollback
begin; declare c cursor with hold for select email from customers; commit; fetch all from c; close c
prepare q as select email from customers where id = $1; execute q(1); deallocate q
prepare q(int) as select * from customers where id = $1; explain analyze execute q(1); deallocate q
prepare q as update customers set name = name where id = $1 returning *; execute q(1); deallocate q
prepare q as select email from customers; create table q_copy as execute q; deallocate q
do $$ begin raise notice '%', (select email from customers where id = 1); end $$
do $$ begin raise exception '%', (select email from customers where id = 1); end $$
do $$ declare c text; begin select email into c from customers where id = 1; perform pg_notify('x', c); end $$
call no_such_procedure()
create function leak() returns text language sql as 'select email from customers limit 1'
create or replace function lower(text) returns text language sql as 'select email from customers limit 1'
create trigger t_leak before insert on purchases for each row execute function note_change()
create rule r_leak as on insert to purchases do also select email from customers
alter table customers rename email to mail
alter table customers alter column email type bytea using email::bytea
alter table customers add column e2 text generated always as (email) stored
alter table customers add constraint no_z check (email not like 'z%')
alter table customers disable trigger all
create index on customers ((email::int))
create unique index on customers ((substr(email, 1, 5)))
create index on customers (id) where email like 'z%'
create table like_customers (like customers including all)
create table child () inherits (customers)
create statistics s_leak on email, phone from customers
comment on column customers.email is 'none'
create view v_leak as select id from customers where email like 'z%'
create policy p_leak on customers using (email like 'z%')
create table fk (e text references customers (email))
alter table customers set schema hr
set search_path to hr
set search_path = hr, public; select email from customers
select set_config('search_path', 'hr', false)
set client_min_messages to debug5
set client_min_messages to log; select email from customers
set log_statement to 'all'
set debug_print_plan to on
set session authorization postgres
set role admin
reset all
discard all
show all
listen anything
notify x, 'hello'
select * from information_schema.columns where table_name = 'customers'
select * from information_schema.views
select * from pg_views where viewname like 'customer%'
select * from pg_matviews
select * from pg_rules
select pg_get_functiondef('get_email'::regproc)
select conname, pg_get_constraintdef(oid) from pg_constraint
select relname, reltuples from pg_class where relname = 'customers'
select 1/0 from customers where id = 1
select 'not a number'::int from customers
select id::text::date from customers
select (id || 'x')::int from customers
select raise_error(email) from customers
select "zqx from customers
select email from customers where
select nothing_at_all from customers
select email from customers c, no_such_table
with recursive t(id, email) as (select id, email from customers union all select c.id, c.email from customers c, t where false) search depth first by email set ord select ord from t
with recursive t(id, email) as (select id, email from customers union all select c.id, c.email from customers c, t where false) search breadth first by id set ord select ord, t from t
with recursive t(id, email) as (select id, email from customers where id = 1 union all select c.id, c.email from customers c, t where c.id = t.id + 1 and c.id < 4) cycle id set c to true default false using p select p, t from t
select x.* from (select c as r from customers c) x
select (x.r).email from (select c as r from customers c) x
select (x.r).* from (select c as r from customers c) x
select x.email from unnest(array(select c from customers c)) x
select * from unnest((select array_agg(c) from customers c)) x
select (y.a[1]).email from (select array_agg(c) as a from customers c) y
select ((array(select c from customers c))[1]).email
select (v.x).email from (values ((select c from customers c limit 1))) v(x)
select * from (values ((select c from customers c limit 1))) v(x), lateral (select (x).*) y
select ts_rewrite('a'::tsquery, 'select email::tsquery, email::tsquery from customers')
select pg_catalog.query_to_xml('select email from customers', true, false, '')
select xpath('//email/text()', query_to_xml('select email from customers', true, false, ''))
select json_populate_record(null::customers, row_to_json(c)) from customers c
select jsonb_path_query(to_jsonb(c), '$.email') from customers c
select to_jsonb(c) @? '$.email' from customers c
select jsonb_path_exists(to_jsonb(c), '$.email ? (@ starts with "z")') from customers c
select to_jsonb(c) - 'id' from customers c
select to_jsonb(c) || '{}' from customers c
select c.*::text from customers c
select (c.*)::text from customers c
select array_to_json(array_agg(c)) from customers c
select format('%s', c) from customers c
select concat(c) from customers c
select concat(c.*) from customers c
select concat_ws(',', variadic array(select email from customers))
select num_nulls(variadic array(select email from customers))
select string_agg(c::text, ',') from customers c
select quote_literal(c) from customers c
select md5(c::text) from customers c
select attmissingval from pg_attribute where attmissingval is not null
select array_to_string(attmissingval::text::text[], ',') from pg_attribute where attmissingval is not null
select first_value(c.email) over (order by id range between unbounded preceding and unbounded following exclude current row) from customers c
select count(*) over (order by id rows between (select length(email) from customers where id = 1) preceding and current row) from customers
select grouping(email, city), max(email) from customers group by grouping sets ((email), (city))
select max(email) from customers group by rollup (city), cube (name)
select * from customers tablesample bernoulli (100) repeatable ((select length(email) from customers where id=1))
select (email, phone) from customers
select (email, phone) = (phone, email) from customers
select (email, phone) is distinct from (phone, email) from customers
select (born, born) overlaps (born, born) from customers
select born at time zone 'utc' from customers
select email is normalized from customers
select normalize(email) from customers
select email collate "de_DE" from customers
select trim(leading 'z' from email) from customers
select trim(both from email) from customers
select overlay(email placing 'x' from 1) from customers
select substring(email similar 'z#"%#"' escape '#') from customers
select substring(email from 1 for 3) from customers
select email::char from customers
select email::name from customers
select email::"char" from customers
select cast(email as text) from customers
select email::text::varchar(5) from customers
select customers.email::text from customers
select text(email) from customers
select email.text from customers
select (email).text from customers
select (email).upper from customers
select email.upper from customers
select name(email) from customers
select varchar(email) from customers
select bpchar(email) from customers
select textcat(email, '') from customers
select textin(textout(email)) from customers
select pg_catalog.concat(email) from customers
select textlike(email, 'z%') from customers
select texteq(email, email) from customers
select jsonb_build_array(c.email) ->> 0 from customers c
select array[email]::text from customers
select array[email]::text[] from customers
select array[[email]] from customers
select array[c] from customers c
select array(select row(email) from customers)
select unnest(array[email, name]) from customers
select unnest(array[c]) from customers c
select generate_subscripts(tags, 1) from customers
select array_length(tags, 1) from customers
select tags is null, email is null from customers
select json_arrayagg(email) from customers
select json_objectagg(id : email) from customers
select json_object(id : email) from customers
select json_array(email, id) from customers
select json_array(select email from customers)
select json_serialize(json_object('a': email)) from customers
select json_scalar(email) from customers
select json(email) from customers
select email is json from customers
select json_value(profile, '$.iban') from customers
select json_query(profile, '$') from customers
select json_exists(profile, '$.iban') from customers
select xmlserialize(content xmlelement(name x, email) as text) from customers
select xmlconcat(xmlelement(name x, email)) from customers
select xmlparse(content email) from customers
select xmlpi(name x, email) from customers
select xmlcomment(email) from customers
select xpath('/x', xmlelement(name x, email)) from customers
select xmlexists('//x' passing xmlelement(name x, email)) from customers
select * from xmltable('/x' passing (select xmlelement(name x, email) from customers where id=1) columns e text path '.')
select * from rows from (unnest(array['a']), unnest((select array_agg(email) from customers))) r
select * from lateral (select email from customers) l
select l.* from purchases p, lateral (select c.email from customers c where c.id = p.customer_id) l
select l from purchases p left join lateral (select c.* from customers c where c.id = p.customer_id) l on true
select p.*, c from purchases p join customers c on c.id = p.customer_id
select p.customer_id, (select c from customers c where c.id = p.customer_id) from purchases p
select p from (select * from customers) p
select p::text from (select email from customers) p
select to_json(p) from (select email from customers) p
select p.email from (select customers.* from customers) as p(a,b,email)
select p.b from (select id, email from customers) as p(a,b)
select b from customers as c(a,x,b)
select c.phone from customers as c(phone, email)
select c.id from customers as c(name, id, email)
select c.salary from customers as c(name, id, salary)
select email.email from customers email
select customers.* from customers, (select 1 as email) x
select email from (select 1 as email) x, (select email as y from customers) z
select y from (select 1 as email) x, (select email as y from customers) z
table customer_contacts
select * from only (customers)
select * from customers *
select all email from customers
select email as "id" from customers
select "email" as id, id as email from customers
select customers."email" from "public"."customers"
select U&"customers".U&"em\\0061il" from customers
select U&"d\\0061t\\+000061" from customers
select U&"!0065mail" UESCAPE '!' from customers
select "shop"."public"."customers"."email" from shop.public.customers
select shop.public.customers.email from shop.public.customers
select email from customers /* /* nested */ */
select email/**/from/**/customers
select email from customers where '$$' = '$$'
select $tag$ from x $tag$, email from customers
select e'\\'', email from customers
select 'a' 
(((select email from customers)))
(select email from customers) order by 1 limit 1
(select email from customers limit 1) union all select name from customers
with c as not materialized (select email from customers) table c
with c(x) as (table customers) select x, c from c
with c as (values ((select email from customers where id=1))) select * from c
with c as (insert into purchases(id, amount, note) values (12345, 1, (select email from customers where id=1)) returning note) select * from c
with c as (update customers set name = name returning customers.*) select c.email from c
with c as (update customers set name = name returning *) select c from c
with c as (delete from purchases p using customers k where false returning k) select * from c
merge into customers c using (select 1 as id) s on c.id = s.id when matched then update set name = c.email
merge into customers c using (select 1 as id) s on c.id = s.id when matched then update set name = c.name returning c.*
merge into customers c using (select 1 as id) s on c.id = s.id when matched then update set name = c.name returning merge_action(), c.email, c
update customers set name = name returning old.email, new.email
update customers set name = name returning with (old as o, new as n) o.email, n.*
update customers c set (name, city) = row(c.email, 'x') where id = 1 returning name
update customers set (name) = (select email from customers where id = 1) where id = 1
update customers set name = (row(email)).f1 where id=1 returning name
update customers set name = concat(email) where id = 1
update customers set name = (select c.email from (select email from customers) c limit 1) where id = 1
update customers set tags = array[email] where id = 1
update customers set profile['x'] = to_jsonb(email) where id=1
update customers set phone = email where id = 1
update customers set card = phone where id=1
update customers set email = phone where id=1 returning email
update customers set email = (select phone from customers where id=2) where id=1
insert into people select id, email from customers returning *
insert into people(id, email) select id, email from customers
insert into tickets select id, email, phone from customers
insert into events (at, customer_email, kind) select '2025-01-01', 'a', email from customers
insert into purchases default values returning (select email from customers where id=1)
insert into purchases (id, amount) values (5551, 1) returning (select c from customers c limit 1)
insert into purchases (id, amount) values ((select salary from customers where id = 1), 1) returning id
insert into purchases (id, amount) values (5552, 1) on conflict (id) do update set note = (select email from customers where id=1) returning note
insert into purchases (id, amount, note) values (1, 1, 'x') on conflict (id) do update set note = excluded.note || (select email from customers where id=1) returning note
insert into purchases (id, amount) overriding system value values (1, (select salary from customers where id = 1))
delete from customers where (select email from customers where id=1) like 'z%'
copy (select c.email from customers c) to stdout (format csv, force_quote *)
copy (values ((select email from customers where id=1))) to stdout
copy (insert into purchases (id, amount) values (5553,1) returning (select email from customers where id=1)) to stdout
copy (with c as (select * from customers) table c) to stdout
copy customers (name, id) to stdout
copy (select name from customers) to stdout (format csv, header, delimiter '|', quote '"', escape '\\', null 'x', encoding 'utf8')
copy people to stdout
copy only people to stdout
copy pg_stats to stdout
copy (table pg_stats) to stdout
copy pg_statistic to stdout
copy customer_contacts to stdout
explain (analyze, verbose, buffers, wal, settings, summary, format json) select email from customers
explain (analyze, verbose) select * from customers where id = (select min(id) from customers)
explain (verbose, costs off) select email || 'x' from customers
explain (analyze) select max(email) from customers
explain (analyze, verbose) select c from customers c order by id
explain (analyze, serialize text) select email from customers
explain (memory) select email from customers
explain execute nothing
explain (analyze, verbose) declare c cursor for select email from customers
explain (analyze) create table t_x as select email from customers
explain analyze create materialized view m_x as select email from customers
begin; declare c scroll cursor for select c from customers c; fetch last from c; fetch prior from c; fetch absolute -1 from c; fetch relative 0 from c; fetch backward all from c; commit
begin; declare c cursor for select email from customers; move 5 in c; fetch next in c; fetch forward 2 in c; fetch 0 in c; commit
begin; declare c no scroll cursor without hold for select name from customers; fetch c; close all; declare c cursor for select upper(email) from customers; fetch c; commit
begin; declare "C" cursor for select name from customers; declare c cursor for select upper(email) from customers; fetch "C"; fetch c; commit
begin; declare u&"\\0063" cursor for select upper(email) from customers; fetch c; commit
begin; declare c insensitive cursor for select upper(email) from customers; fetch u&"\\0063"; commit
begin; declare c cursor for select id from customers for update; fetch c; update customers set name = name where current of c returning *; commit
begin; declare c cursor for select id from customers for update; fetch c; update customers set name = 'q' where current of c returning email; rollback
begin; declare c cursor for select name from customers; savepoint s; close c; declare c cursor for select email||'' from customers; rollback to s; fetch c; commit
begin; savepoint s; declare c cursor for select email||'' from customers; release s; fetch c; commit
begin; declare c cursor for select name from customers; savepoint s; fetch c; rollback to s; fetch c; commit
prepare a as select name from customers; begin; deallocate a; prepare a as select email || '' from customers; rollback; execute a; deallocate a
prepare a as select email || '' from customers; deallocate all; prepare a as select name from customers; execute a; discard plans; execute a; deallocate a
prepare a as select name from customers; prepare b as select email||'' from customers; execute b; execute a; deallocate a; deallocate b
prepare a as select email||'' from customers; execute A; execute "a"; execute U&"\\0061"; deallocate a
prepare a as with c as (select * from customers) select c from c; execute a; explain (analyze, verbose) execute a; deallocate a
prepare a as select email||'' from customers; create temp table t_y as execute a; deallocate a
prepare a as execute b
prepare a as merge into customers c using (select 1 as id) s on c.id=s.id when matched then update set name = c.email; execute a; deallocate a
select set_config('search_' || 'path', 'hr', true)
select pg_catalog.set_config(n, 'hr', false) from (values ('search_path')) v(n)
select * from tickets
select id from tickets order by customer_email
select set_config('app.who', email, false) from customers
select current_setting('app.who')
notify x, 'a'
select pg_notify('x', (select email from customers where id=1))
listen x; notify x, 'hi'
select lo_from_bytea(0, email::bytea) from customers
select lo_import('/etc/passwd')
select loread(lo_open(1, 262144), 100)
select * from pg_largeobject_metadata
select pg_read_binary_file('base')
select pg_stat_file('base')
select * from pg_ls_waldir()
select * from pg_hba_file_rules
select * from pg_file_settings
select pg_logical_slot_peek_changes('a', null, null)
select pg_stat_get_backend_activity(a) from generate_series(1,10) a
select * from pg_stat_activity
select a from pg_stat_activity a
select a::text from pg_stat_activity a
select to_jsonb(a) from pg_stat_activity a
select a.query || '' from pg_stat_activity a
select * from pg_stat_replication
select * from pg_stat_ssl
select * from pg_stat_progress_copy
select * from pg_stats_ext
select * from pg_stats_ext_exprs
select * from pg_statistic_ext
select pg_mcv_list_items(stxdmcv) from pg_statistic_ext_data
select * from pg_mcv_list_items((select stxdmcv from pg_statistic_ext_data limit 1))
select stavalues1 || '' from pg_statistic
select s.* from pg_statistic s
select most_common_vals::text::text[] from pg_stats
select most_common_vals from pg_catalog.pg_stats
select tablename, attname, null_frac, avg_width, n_distinct from pg_stats
select * from (select * from pg_stats) x
select pg_get_viewdef('pg_stats'::regclass)
select proname from pg_proc where prosrc like '%email%'
select "get_email"(1)
select u&"get_\\0065mail"(1)
select g from get_email(1) g
select * from customers, get_email(id)
select (get_email(1)).upper
select 1 from get_email(1) g where g like 'z%'
select * from all_customers() a where a.email like 'z%'
select (all_customers()).*
select array_agg(a) from all_customers() a
select (select all_customers() limit 1)
select found || '' from by_function
select b from by_function b
select shout('x')
select shout(name) from customers
select lower(c.*) from customers c
select lower((c)) from customers c
select lower(row(c.*)::customers) from customers c
select pg_catalog.lower(c) from customers c
select c.lower from (select * from customers) c
select x.lower from (select c as x from customers c) y, lateral (select y.x) z
select (z.x).lower from (select c as x from customers c) z
select lower(z.x) from (select c as x from customers c) z
select row(1)::pair
select ('a','b')::pair::text
select p from pairs
select p::text from pairs
select p || '' from pairs
select concat(p) from pairs
select format('%s', p) from pairs
select pairs from pairs
select length(p) from pairs
select upper(p) from pairs
select p from probes
select probes from probes
select nextval('customers_id_seq')
select pg_advisory_lock(length(email)) from customers
select setseed(salary / 1e9) from customers
select pg_cancel_backend(salary::int) from customers
select txid_status(salary) from customers
select random() < salary from customers
select to_regclass(email) from customers
select has_table_privilege(email, 'select') from customers
select pg_size_pretty(salary) from customers
select make_date(salary::int, 1, 1) from customers
select chr(ascii(email)) from customers
select encode(email::bytea, 'escape') from customers
select convert_from(convert_to(email, 'LATIN1'), 'UTF8') from customers
select pg_column_size(email), octet_length(email) from customers
select pg_typeof(email) from customers
select array[email] && array['x'] from customers
select array[email] @> array['x'] from customers
select row(email) = row('x') from customers
select coalesce(email, 'x') = 'y' from customers
select id from customers group by id having min(email) > 'a'
select bool_or(email > 'a') from customers
select every(email = 'a') from customers
select count(email), count(c), count(distinct city) from customers c
select count(email) filter (where email = 'a') from customers
select sum(length(email)) from customers
select avg(salary) from customers
select string_agg(email, name) from customers
select string_agg(name, email) from customers
select string_agg(distinct email, ',') from customers
select array_agg(email order by id) from customers
select array_agg(name order by email) from customers
select percentile_cont(0.5) within group (order by salary) from customers
select last_value(email) over w from customers window w as (partition by city order by id)
select cume_dist() over (order by salary) from customers
select id from customers order by salary using <
select id from customers order by 1, email nulls first
select email from customers order by id
select distinct email from customers
select distinct on (id) email from customers
select id from customers except select length(email) from customers
select email from customers intersect all select name from customers
select id from customers limit (select length(email) from customers where id=1)
select id from customers fetch first (select length(email) from customers where id=1) rows only
select id from customers for update of customers nowait
select c.email from customers c join purchases p using (id) as j
select j from customers c join purchases p using (id) as j
select * from (customers c join purchases p using (id)) as j
select j.email || '' from (customers c join purchases p using (id)) as j
select (j).* from (customers c join purchases p using (id)) as j
select email || '' from (customers c cross join purchases p)
select digits from customer_cards
select c::text from customer_cards c
select c from contact_copy c
select reach || '' from contact_copy
select r || '' from far_view
select far_customers from far_customers
select reach from far_customers
select e.customer_email || '' from events e
select events_2025 from events_2025
select tableoid, e.* from events e
select e::text from events e
select email || '' from staff
select * from staff, only people
select city, email_lower from customers
select c.email_lower || '' from customers c
select hr.customers.iban from hr.customers
select iban || '' from hr.customers
select customers from hr.customers
select h.* from hr.customers h
select iban from accounts
select to_account from payouts
select to_account || '' from payouts
select p from payouts p
copy payouts to stdout
select iban from late
create aggregate every(text) (sfunc = textcat, stype = text)
create aggregate public.bit_or(bool) (sfunc = booland_statefunc, stype = bool, finalfunc = first_email); select bit_or(true)
create operator - (rightarg = bool, function = first_email)
select - true
create cast (bool as text) with function first_email(bool) as assignment
alter schema public rename to other_schema
select email from other_schema.customers
alter schema hr rename to other_hr
comment on table customers is 'x'
comment on column customer_contacts.address is null
`;

export const HAND_WRITTEN: readonly string[] = [
  ...lines(OF_EACH_COLUMN).flatMap((sql) =>
    COLUMNS.map((column) => sql.replaceAll("%%", "\u0001").replaceAll("%", column).replaceAll("\u0001", "%")),
  ),
  ...lines(OTHERS),
];

/** As applications, reports and people ask: none of it needs a masked column. */
const INNOCENT_TEXT = `
select id, name from customers where id = 7
select id, name, city from customers where name like 'name 1%' order by name limit 10
select count(*) from customers
select city, count(*) from customers group by city order by 2 desc
select c.id, c.name, sum(p.amount) from customers c join purchases p on p.customer_id = c.id group by c.id, c.name order by 3 desc limit 5
select * from purchases where customer_id = 3 order by id desc limit 20
select p.*, c.name from purchases p left join customers c on c.id = p.customer_id where p.amount > 10
select date_trunc('month', created) as month, count(*) from customers group by 1 order by 1
select date_trunc('month', at) m, kind, count(*) from events group by 1, 2 order by 1
select avg(amount), percentile_cont(0.5) within group (order by amount) from purchases
select customer_id, amount, sum(amount) over (partition by customer_id order by id) as running from purchases
select id, row_number() over (order by created, id) from customers
with big as (select * from purchases where amount > 100) select customer_id, count(*) from big group by 1
with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select * from t
select c.name from customers c where exists (select 1 from purchases p where p.customer_id = c.id and p.note = 'late')
select c.name from customers c where c.id in (select customer_id from purchases where amount > 200)
select c.name, (select count(*) from purchases p where p.customer_id = c.id) as n from customers c
select coalesce(note, 'on time') as state, count(*) from purchases group by 1
select case when amount > 100 then 'big' else 'small' end as size, count(*) from purchases group by 1
select note is null, count(*) from purchases group by 1
select name from customers where city = 'Bern' and id between 3 and 9
select name from customers where id = any (array[1, 2, 3])
select distinct city from customers
select max(created), min(created) from customers
select kind, count(*) from events where at >= date '2025-06-01' group by kind
select * from events_2025 where false
select id, address from customer_contacts where id = 2
select city, n from customer_counts
select * from cities
select c.id, c.email, c.phone from customers c where c.id = 5
select * from customers where id = 5
select * from customers order by id limit 10 offset 5
select id, name, email from customers where name = 'name 3'
select count(email) as with_email, count(*) as all_of_them from customers
select id from customers where email is null
select p.id, c.email from purchases p join customers c on c.id = p.customer_id where p.id < 5
select json_agg(p) from purchases p where customer_id = 1
select row_to_json(p) from purchases p limit 1
select to_char(amount, 'FM999.00') from purchases limit 3
select string_agg(name, ', ' order by name) from customers
select upper(name), length(name), left(name, 3) from customers
select p.id, p.amount * 1.081 as gross, round(p.amount, 1) from purchases p
select a.name, b.name from customers a join customers b on a.city = b.city and a.id < b.id limit 3
select * from purchases p join lateral (select name from customers c where c.id = p.customer_id) x on true limit 3
select * from (select customer_id, rank() over (partition by customer_id order by amount desc) r from purchases) s where r = 1
select id, name from customers union all select id, note from purchases where note is not null
select customer_id from purchases except select id from customers
select current_user, now(), version()
select 1
select generate_series(1, 3)
select * from generate_series(1, 3) g(n)
select * from unnest(array['a', 'b']) with ordinality
show server_version
begin
commit
set statement_timeout to '10s'
explain select id, name from customers where id = 3
explain analyze select * from purchases where customer_id = 3
update purchases set note = 'seen' where id = 3
insert into purchases (id, customer_id, amount) values (5001, 1, 12.50)
delete from purchases where id = 5001
update customers set name = 'new name' where id = 20 returning id, name
insert into customers (id, name, email) values (5002, 'new', 'new@example.com') returning id
update customers set email = 'changed@example.com' where id = 5002
delete from customers where id = 5002
insert into purchases (id, customer_id, amount) select 5100 + id, id, 1 from customers where id < 3
delete from purchases where id > 5000
copy purchases to stdout
copy (select id, name from customers) to stdout with (format csv)
select relname, relkind from pg_class where relnamespace = 'public'::regnamespace
select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'
select column_name, data_type from information_schema.columns where table_name = 'customers'
select pg_size_pretty(pg_total_relation_size('customers'))
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute a where a.attrelid = 'customers'::regclass and a.attnum > 0
select conname, contype from pg_constraint where conrelid = 'customers'::regclass
select pid, state, wait_event from pg_stat_activity
select schemaname, relname, n_live_tup from pg_stat_user_tables
select tablename, attname, null_frac, n_distinct from pg_stats where schemaname = 'public'
select indexrelid::regclass, idx_scan from pg_stat_user_indexes
select datname, numbackends from pg_stat_database
select l.locktype, l.mode, l.granted from pg_locks l
select "c0"."id", "c0"."name", "c0"."city", "p1"."id", "p1"."amount" from "customers" as "c0" left outer join "purchases" as "p1" on "p1"."customer_id" = "c0"."id" where ("c0"."id" = 3)
select "customers".* from "customers" where "customers"."id" = 3 limit 1
select count(*) as "count" from (select "customers"."id" from "customers" where "customers"."city" = 'Bern') as subquery
select t0.id as c0, t0.name as c1 from customers t0 where t0.created >= '2026-01-01' order by t0.id asc limit 50
select "source"."city" as "city", count(*) as "count" from (select "public"."customers"."city" as "city" from "public"."customers") as "source" group by "source"."city" order by "source"."city" asc
select sum(case when p.amount > 50 then 1 else 0 end)::float / nullif(count(*), 0) from purchases p
select date(created) d, count(*) filter (where city = 'Bern') from customers group by date(created)
select width_bucket(amount, 0, 300, 10) b, count(*) from purchases group by b order by b
select lag(amount) over (order by id) - amount from purchases
select customer_id, array_agg(id order by id) from purchases group by customer_id having count(*) > 3
select * from customers c where c.id = 4 for update
values (1, 'a'), (2, 'b')
table cities
select grouping(city), city, count(*) from customers group by rollup (city)
select name from customers fetch first 3 rows only
select distinct on (customer_id) customer_id, id, amount from purchases order by customer_id, id desc
select regexp_replace(name, '[0-9]+', '#') from customers
select md5(name), encode(sha256(name::bytea), 'hex') from customers
select id, created at time zone 'Europe/Zurich', extract(dow from created) from customers
select jsonb_build_object('id', id, 'name', name) from customers
select * from pg_indexes where tablename = 'customers'
select count(*) from customers where phone = '+41 79 000 00 00'
select id, name from customers where phone in ('+41 79 000 00 00', '+41 79 000 00 01')
select customer_email, count(*) from events group by customer_email order by 2 desc, gen_random_uuid()
select count(*) from (select distinct customer_email from events) x
select count(distinct customer_email) from events
select e.kind, e.at from events e where e.customer_email = 'somebody@example.org'
`;

export const INNOCENT: readonly { readonly sql: string }[] = lines(INNOCENT_TEXT).map((sql) => ({ sql }));

function lines(text: string): readonly string[] {
  return text.trim().split("\n");
}
