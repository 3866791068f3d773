/** A database with values that nobody may see: each holds a mark, so that a leak is found in any bytes. */
import { ADMIN_PASSWORD, APP_PASSWORD, startDatabase, type Database } from "./database.ts";

/** In every masked text; nobody's statement has it in it. */
export const MARK = "zqxsecret";
/** A masked number, which is in no other column. */
export const NUMBER = 918_273_645;

const SECRETS_SQL = `
create table customers (
  id int primary key, name text not null, email text, phone varchar(40), card char(30), salary bigint, born date, tags text[], profile jsonb,
  city text not null default 'Bern', created timestamptz not null default '2026-01-02 03:04:05+00',
  email_lower text generated always as (lower(email)) stored
);
insert into customers
select n, 'name ' || n, '${MARK}' || n || '@' || case when n % 2 = 0 then 'example.org' else 'example.com' end, '+41 ${MARK} ' || (1000 + n),
       '4111 ${MARK} ' || lpad(n::text, 4, '0'), ${NUMBER}, date '1918-02-03', array['${MARK}tag', 'x'], jsonb_build_object('iban', '${MARK}CH93', 'vip', n % 5 = 0)
  from generate_series(1, 20) n;
insert into customers (id, name) values (21, 'nobody');
create table purchases (id int primary key, customer_id int references customers, amount numeric(10,2) not null, note text);
insert into purchases select n, 1 + n % 20, n * 1.25, case when n % 7 = 0 then 'late' end from generate_series(1, 200) n;
create table events (id bigint generated always as identity, at date not null, customer_email text, kind text) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
insert into events (at, customer_email, kind) select date '2025-06-01' + n * 20, '${MARK}' || n || '@example.org', 'click' from generate_series(1, 20) n;
create table people (id int, email text);
create table staff (desk text) inherits (people);
insert into staff values (1, '${MARK}staff@example.com', 'd1');
create view customer_contacts as select id, name, email as address, city from customers;
create view customer_counts as select city, count(*) as n, max(length(email)) as longest from customers group by city;
create view contact_copy as select address as reach, id from customer_contacts where address like '%org';
create view cities as select distinct city from customers;
create materialized view customer_cards as select id, card as digits, salary from customers;
create schema hr;
create table hr.customers (id int primary key, name text, iban text);
insert into hr.customers values (1, 'hr one', '${MARK}iban');
create function get_email(int) returns text language sql stable as 'select email from customers where id = $1';
create function all_customers() returns setof customers language sql stable as 'select * from customers';
create view by_function as select id, get_email(id) as found from customers;
create function lower(customers) returns text language sql stable as 'select $1.email';
create function shout(text) returns text language plpgsql as $$ begin raise notice 'got %', $1; return upper($1); end $$;
create operator ~~~ (leftarg = int, rightarg = int, function = int4pl);
create function note_change() returns trigger language plpgsql as $$ begin raise notice 'changing %', old.email; new.created := now(); return new; end $$;
create trigger on_change before update on customers for each row execute function note_change();
create index on customers (email);
create function guesses(text) returns boolean language sql stable security definer as 'select exists (select from public.customers where email like $1)';
create domain probe as text check (value is null or guesses(value));
create type probed as (p probe, n int);
create table probes (id int, p probe);
insert into probes values (1, null);
create type pair as (a text, b text);
create function pair_text(pair) returns text language sql as 'select email from public.customers where id = 1';
create cast (pair as text) with function pair_text(pair) as implicit;
create table pairs (id int, p pair);
insert into pairs values (1, row('a', 'b'));
create table logged (id int, note text);
create rule logged_tells as on insert to logged do also select upper(email) from customers;
create table chained (id int, note text);
create rule chained_logs as on insert to chained do also insert into logged values (new.id, new.note);
create view logged_view as select id, note from logged;
create table replaced (id int, note text);
create rule replaced_tells as on update to replaced do instead select upper(email) from customers;
create table tickets (id int, customer_email text, body text);
insert into tickets select n, '${MARK}' || n || '@example.org', 'help' from generate_series(1, 5) n;
alter table tickets enable row level security;
create policy own on tickets using (customer_email like current_setting('app.who', true));
create view asked_for as select id, name from customers where email like current_setting('app.who', true);
create view asked_again as select name from asked_for;
create table open_tickets (id int, body text);
insert into open_tickets values (1, 'open');
alter table open_tickets enable row level security;
create policy everybody on open_tickets using (id > 0);
create table accounts (id int primary key, iban text unique, owner text);
insert into accounts values (1, '${MARK}acct', 'o'), (2, '${MARK}other', 'p');
create table payouts (id int, to_account text references accounts (iban));
insert into payouts values (1, '${MARK}acct');
create table late (id int);
insert into late values (1);
alter table late add column iban text default '${MARK}late';
alter table late alter column iban drop default;
create function first_email(boolean) returns text language sql as 'select email from public.customers where id = 1';
create extension postgres_fdw;
create extension file_fdw;
do $$ begin
  execute format('create server here foreign data wrapper postgres_fdw options (host ''127.0.0.1'', port %L, dbname ''shop'')', current_setting('port'));
end $$;
create user mapping for app server here options (user 'app', password '${APP_PASSWORD}');
create user mapping for admin server here options (user 'admin', password '${ADMIN_PASSWORD}');
create foreign table far_customers (id int, reach text options (column_name 'email'), name text) server here options (schema_name 'public', table_name 'customers');
create view far_view as select id, reach as r from far_customers;
create server files foreign data wrapper file_fdw;
analyze customers, purchases, events, people, staff, customer_cards, hr.customers;
create table described (id int, nickname text, badge text, shift text);
insert into described values (1, '${MARK}nick', '${MARK}badge', 'late');
comment on column described.nickname is 'pii: what friends call them';
-- As SECURITY LABEL does it; a provider of labels has to be loaded for that.
insert into pg_seclabel (objoid, classoid, objsubid, provider, label)
  values ('described'::regclass, 'pg_class'::regclass, 3, 'anon', 'MASKED WITH VALUE NULL'), ('described'::regclass, 'pg_class'::regclass, 4, 'anon', 'NOT MASKED');
grant usage on schema hr to app;
grant select, insert, update, delete on all tables in schema public, hr to app;
grant usage on foreign server here to app;
`;

export const MASKING = `
      columns:
        - { columns: "public.customers.email", class: email, mask: domain }
        - { columns: "*.customer_email", class: email, mask: hash, compare: equality }
        - { columns: "public.people.email", class: email, mask: full }
        - { columns: "public.customers.phone", class: phone, mask: last4, compare: equality }
        - { columns: "public.customers.card", class: card, mask: last4 }
        - { pattern: "^public\\\\.customers\\\\.(salary|born|tags|profile)$", class: personal, mask: full }
        - { columns: "*.iban", class: bank, mask: "null" }
        - { columns: "public.no_such_table.*" }
        - { comment: "pii: *", class: personal, mask: full }
        - { label: "anon: MASKED *", class: personal, mask: full }
`;

const CHANGES = "read, write, transaction, session, copy";

export function startSecretsDatabase(): Promise<Database> {
  return startDatabase({
    sql: SECRETS_SQL,
    masking: MASKING,
    roles: {
      masked: "{ postgres: { account: app, allow: [read, transaction, session, copy] } }",
      changing: `{ postgres: { account: app, allow: [${CHANGES}, function shout, function get_email, function all_customers] } }`,
      everything: "{ postgres: { account: admin, allow: [read, write, ddl, dcl, copy, function, opaque, session, transaction, utility] } }",
      emails: "{ postgres: { account: app, allow: [read, transaction, session], unmasked: [email] } }",
      clear: '{ postgres: { account: app, allow: [read, transaction, session], unmasked: ["*"] } }',
      seeing: '{ postgres: { account: app, allow: [read, write, transaction, session], unmasked: ["*"] } }',
    },
  });
}
