/**
 * Questions of one bit: each with a guess that is right about a masked value of secrets-database.ts, and with one that
 * is not. Whoever can tell the two answers apart has an oracle. `?` stands for the guess; what comes before `=>` prepares.
 */
export const RIGHT = "zqxs";
export const WRONG = "zqxt";

const SQL = `
select 1 from customers where email like '?%'
select count(*) from customers where email like '?%'
select count(*) from customers where email ~ '^?'
select count(*) from customers where email >= '?' and email < '?zzz'
select count(*) from customers where email between '?' and '?zzz'
select count(*) from customers where starts_with(email, '?')
select count(*) from customers where left(email, 4) = '?'
select count(*) from customers where substr(email, 1, 4) in ('?')
select count(*) from customers where substr(email, 1, 4) = any (array['?'])
select count(*) from customers where position('?' in email) = 1
select count(*) from customers where (profile ->> 'iban') like '?%'
select count(*) from customers where profile::text like '%?%'
select count(*) from customers where tags && array['?ecrettag']
select count(*) from customers where '?ecrettag' = any (tags)
select count(*) filter (where email like '?%') from customers
select id from customers order by email like '?%', id
select id from customers group by id, email like '?%'
select id, email from customers group by id, email having email like '?%'
select distinct id, left(email, 4) = '?' from customers
begin; insert into customers (id, name, email) values (99, 'x', '?') => select distinct email, id from customers
begin; insert into customers (id, name, email) values (99, 'x', '?') => select id from (select distinct email, id from customers) x
begin; insert into customers (id, name, email) values (99, 'x', '?') => select count(*) from (select distinct email, id from customers limit 5) x where id = 99
begin; insert into customers (id, name, email) values (99, 'x', '?') => select email, id from customers group by email, id
select count(*) from (select id, email from (select 1 as id, email from customers union all select 1, '?ecret1@example.com') x group by id, email) y
select count(*) from (select distinct id, email from (select 1 as id, email from customers union all select 1, '?ecret1@example.com') x) y
with customers as (select 1 as id, email from public.customers union all select 1, '?ecret1@example.com') select count(*) from (select id, email from customers group by id, email) x
with customers as (select 1 as id, email from public.customers union all select 1, '?ecret1@example.com') select count(*) from (select distinct * from customers) x
select count(*) from (select p.id, c.email from customers c join (values (1), (2)) p(id) on true group by p.id, c.email) x where '?' <> ''
select id from customers where case when email like '?%' then true else false end
select case when email like '?%' then 1 else 0 end from customers
select sum(case when email like '?%' then 1 else 0 end) from customers
select 1 / (case when email like '?%' then 0 else 1 end) from customers
select case when email like '?%' then pg_sleep(0.2) end from customers where id = 1
select nullif(left(email, 4), '?') from customers
select coalesce(nullif(left(email, 4), '?'), (1/0)::text) from customers
select coalesce(substring(email from '^?'), (1/0)::text) from customers
select coalesce(substring(email from '^?'), repeat('x', 5000000)) from customers where id = 1
select json_build_object(substring(email from '^?'), 1) from customers
select jsonb_build_object(substring(email from '^?'), 1) from customers
select substring('x' from concat(substring(email from '^?'), '*')) from customers
select concat_ws(repeat('x', 600000000), substring(email from '^?'), 'a', 'b') from customers where id = 1
select repeat('x', 600000000) || substring(email from '^?') || repeat('x', 600000000) from customers where id = 1
select length(concat(repeat('x', 1073741810), sum(v)::text)) from (select salary as v from customers where id = 1 union all select case when '?' = 'zqxs' then 81726355 else 81726354 end) s
select length(concat(repeat('x', 1073741810), s.n)) from (select sum(v) as n from (select salary as v from customers where id = 1 union all select case when '?' = 'zqxs' then 81726355 else 81726354 end) v) s
select length(concat(repeat('x', 1073741770), jsonb_build_object(email, 1, '?ecret1@example.com', 1)::text)) from customers where id = 1
select length(greatest(email, '?~' || repeat('x', 3000000))) from customers where id = 1
select greatest(email, '?~' || repeat('x', 5000000)) from customers where id = 1
select least(email, '?a' || repeat('x', 5000000)) from customers where id = 1
select max(x) from (select email as x from customers where id = 1 union all select '?~' || repeat('x', 5000000)) s
select max(email) from customers where id = 1
select coalesce((profile -> '?'), (1/0)::text::jsonb) from customers
select coalesce((profile ->> 'iban'), (1/0)::text) from customers
select coalesce((profile['iban'])::text, (1/0)::text) from customers
select coalesce(to_jsonb(c) ->> 'email', (1/0)::text) from customers c
select coalesce(tags[3], (1/0)::text) from customers
select array[tags, array['?', 'y']] from customers
select tags || array[['?', 'y']] from customers
select array_agg(tags) from customers
select concat(btrim(email, '?'), 'x') from customers
select strpos(email, '?') from customers
with a as (select btrim(email, '?') as x from customers where id = 1), b as (select concat(x, x, x, x, x, x, x, x, x, x) as x from a), c as (select concat(x, x, x, x, x, x, x, x, x, x) as x from b) select x from c
with recursive r(x, n) as (select email, 1 from customers where id = 1 union all select substring(x from '^?'), n + 1 from r where n < 3) select x from r
select '?%'::probe
select cast('?%' as probe)
select null::probe, '?%'::probe
select array['?%']::probe[]
select '{?%}'::probe[]
select row('?%', 1)::probed
select '(?%,1)'::probed
select json_populate_record(null::probed, '{"p": "?%", "n": 1}')
select jsonb_populate_record(q, '{"p": "?%"}') from probes q
select json_populate_recordset(q, '[{"p": "?%"}]') from probes q
select * from json_to_record('{"p": "?%"}') as x(p probe)
select * from json_to_recordset('[{"p": "?%"}]') as x(p probe)
select * from xmltable('/a' passing '<a>?%</a>' columns p probe path '.')
prepare q(probe) as select 1; execute q('?%'); deallocate q
create temp table made (p probe default '?%')
select count(*) from probes where p = '?%'::probe
select guesses('?%')
select * from guesses('?%')
set app.who = '?%' => select count(*) from tickets
set app.who = '?%' => select 1 from tickets
set app.who = '?%' => select body from tickets
set app.who = '?%' => update tickets set body = body
set app.who = '?%' => delete from tickets where id < 0 returning id
set app.who = '?%' => copy tickets (body) to stdout
set app.who = '?%' => explain analyze select body from tickets
set app.who = '?%' => select count(*) from asked_for
set app.who = '?%' => select name from asked_for
set app.who = '?%' => select name from asked_again
set app.who = '?%' => select exists (select from asked_again)
set app.who = '?%' => select 1 where exists (table asked_again)
select count(*) from far_customers where reach like '?%'
select count(*) from far_view where r like '?%'
select reach from far_customers order by reach like '?%'
explain (analyze, timing off, summary off) select 1 from customers where email like '?%'
explain (format json) select 1 from customers where email like '?%'
explain (format xml, analyze, timing off, summary off) select 1 from customers where email like '?%'
explain (format yaml, buffers, analyze, timing off, summary off) select 1 from customers where email like '?%'
declare c cursor with hold for select 1 from customers where email like '?%'
copy (select 1 from customers where email like '?%') to stdout
do $$ begin if exists (select from customers where email like '?%') then raise notice 'yes'; end if; end $$
update purchases set note = 'x' from customers c where c.id = customer_id and c.email like '?%'
delete from purchases using customers c where c.id = customer_id and c.email like '?%'
merge into purchases p using customers c on p.customer_id = c.id and c.email like '?%' when matched then do nothing
insert into purchases (id, amount) select 90000 + id, 1 from customers where email like '?%'
select name from customers where id = (select min(id) from customers where email like '?%')
select name from customers limit (select count(*) from customers where email like '?%')
select row_number() over (order by email like '?%') from customers
select grouping(email like '?%') from customers group by grouping sets ((email like '?%'), ())
select * from customers tablesample bernoulli ((select count(*) from customers where email like '?%'))
select 1 from customers where (email, id) > ('?', 0)
select 1 from customers where row(email) = row('?')
select 1 from customers where (select email from customers where id = 1) like '?%'
select 1 from customers where email similar to '?%'
select 1 from customers where email ilike '?%'
select 1 from customers where regexp_count(email, '?') > 0
select 1 from customers where ('?' || right(email, length(email) - 4)) = email
select 1 from customer_contacts where address like '?%'
select 1 from staff where email like '?%'
select 1 from events_2025 where customer_email like '?%'
select 1 from customer_cards where digits like '4111 ?%'
select 1 from customers where email_lower like '?%'
insert into accounts values (3, '?ecretacct', 'x')
insert into accounts values (3, '?ecretacct', 'x') on conflict do nothing
insert into accounts (id, iban) select 3, '?ecretacct' on conflict (iban) do update set owner = 'x'
update accounts set iban = '?ecretacct' where id = 2
update accounts set (owner, iban) = ('x', '?ecretacct') where id = 2
merge into accounts a using (select 3 as id) s on a.id = s.id when not matched then insert values (3, '?ecretacct', 'x')
merge into accounts a using (select 2 as id) s on a.id = s.id when matched then update set iban = '?ecretacct'
with i as (insert into accounts values (3, '?ecretacct', 'x') on conflict do nothing returning id) select count(*) from i
insert into payouts values (2, '?ecretacct')
update payouts set to_account = '?ecretacct'
insert into probes values (9, '?%')
update probes set p = '?%'
merge into probes q using (select 1 as id) s on q.id = s.id when matched then update set p = '?%'
select pg_input_is_valid('?%', 'probe')
select * from pg_input_error_info('?%', 'probe')
`;

/**
 * By the order in which rows come, or how far a join reads: one row more has a phone number that stands before all others,
 * or behind them. Each of these tells somebody who sees everything, from a server that works as SORTING says.
 */
const ORDER_SQL = `
ROW => select distinct phone, id from customers
ROW => select id from (select distinct phone, id from customers) x
ROW => select distinct on (phone) id from customers
ROW => select name from customers group by phone, name
ROW => select name, count(*) from customers group by phone, name order by count(*)
ROW => select name from customers group by phone, name limit 1
ROW => select array_agg(name) from (select name from customers group by phone, name) x
ROW => select n from (select name, row_number() over () as n from customers group by phone, name order by gen_random_uuid()) x where name = 'x'
ROW; select setseed(0.5) => select name from customers group by phone, name order by random()
ROW => select name, 1 / (length(name) - 1), (case name when 'name 1' then name else '1' end)::int from customers group by phone, name
ROW => select id, count(*) over (partition by phone) from customers
ROW => select id, row_number() over (), count(*) over (partition by phone) from customers order by id
ROW => select phone, id from customers union select phone, id from customers
ROW => select phone, id from customers intersect select phone, id from customers
ROW => select phone, id from customers except select phone, 0 from customers
ROW => select a.id from customers a join customers b using (phone)
ROW => select a.id from customers a join customers b on a.phone = b.phone
ROW => select a.id from customers a, customers b where a.phone = b.phone limit 1
ROW => select s.id from (select a.id, a.phone = b.phone as same from customers a, customers b) s where same
ROW => select a.id from customers a left join customers b on a.phone = b.phone
ROW => select array_agg(a.id) from customers a join customers b using (phone)
ROW => select count(case a.id when 99 then 1 / (a.id - 99) when 1 then ('x' || a.id)::int end) from customers a join customers b using (phone)
ROW => select id from customers where phone in (select phone from customers)
ROW => select id from customers where phone = any (select b.phone from customers b where b.id > 0)
ROW => select id from customers a where exists (select from customers b where b.phone = a.phone)
ROW => update customers a set city = 'Chur' from customers b where b.phone = a.phone returning a.id
JOINED => select c.id from customers c full join (values ('+41 ?'), ('+41 ?!')) g(p) on g.p = c.phone
JOINED => explain (analyze, costs off, timing off, summary off) select count(*) from customers c join (values ('+41 ?'), ('+41 ?!')) g(p) on g.p = c.phone
JOINED => explain (analyze, costs off, timing off, summary off) select count(*) from customers where phone in (select g.p from (values ('+41 ?'), ('+41 ?!')) g(p))
`;
/** It sorts and merges where it could hash: it may at any time, and it does on tables that are large enough. */
export const SORTING = ["enable_hashagg", "enable_hashjoin", "enable_nestloop"] as const;
/** Of what may be asked, and tells nothing. */
const ORDERLESS_SQL = `
ROW => select count(*) from (select distinct phone, name from customers) x
ROW => select count(*) from (select name from customers group by phone, name) x
ROW => select count(*) from (select phone from customers union select phone from customers) x
ROW => select id, count(*) over (partition by phone) from customers order by id
ROW => select count(distinct phone), count(*) from customers
ROW => explain (analyze, costs off, timing off, summary off) select count(*) from (select name from customers group by phone, name) x
`;
const ROW = "insert into customers (id, name, phone) values (99, 'x', '+41 ?')";
const PREPARED: Readonly<Record<string, string>> = { ROW: `begin; ${ROW}`, JOINED: "begin" };
/** What comes out is in an order that nobody can foresee. */
export const SHUFFLED = {
  before: PREPARED["ROW"] ?? "",
  sql: "select name from customers group by phone, name order by gen_random_uuid()",
} as const;

export interface Oracle {
  readonly before: string | undefined;
  readonly sql: string;
}

export const ORDER_ORACLES = oracles(ORDER_SQL);
export const ORDERLESS = oracles(ORDERLESS_SQL);
export const ORACLES: readonly Oracle[] = [...oracles(SQL), ...ORDER_ORACLES, ...ORDERLESS];

function oracles(lines: string): readonly Oracle[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [first = "", second] = line.replace(/^[A-Z]+(?=[; ])(?=.*=>)/, (word) => PREPARED[word] ?? word).split(" => ");
      return second === undefined ? { before: undefined, sql: first } : { before: first, sql: second };
    });
}
