-- Emitted by Kysely 0.29.9, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: introspection
-- params: ["r","v","p","f","^pg_","information_schema","crdb_internal","0","t","kysely_migration","kysely_migration_lock"]
select "a"."attname" as "column", "a"."attnotnull" as "not_null", "a"."atthasdef" as "has_default", "c"."relname" as "table", "c"."relkind" as "table_type", "ns"."nspname" as "schema", "typ"."typname" as "type", "dtns"."nspname" as "type_schema", col_description(a.attrelid, a.attnum) as "column_description", pg_get_serial_sequence(quote_ident(ns.nspname) || '.' || quote_ident(c.relname), a.attname) as "auto_incrementing" from "pg_catalog"."pg_attribute" as "a" inner join "pg_catalog"."pg_class" as "c" on "a"."attrelid" = "c"."oid" inner join "pg_catalog"."pg_namespace" as "ns" on "c"."relnamespace" = "ns"."oid" inner join "pg_catalog"."pg_type" as "typ" on "a"."atttypid" = "typ"."oid" inner join "pg_catalog"."pg_namespace" as "dtns" on "typ"."typnamespace" = "dtns"."oid" where "c"."relkind" in ($1, $2, $3, $4) and "ns"."nspname" !~ $5 and "ns"."nspname" != $6 and "ns"."nspname" != $7 and has_schema_privilege(ns.nspname, 'USAGE') and "a"."attnum" >= $8 and "a"."attisdropped" != $9 and "c"."relname" != $10 and "c"."relname" != $11 order by "ns"."nspname", "c"."relname", "a"."attnum"
select "nspname" from "pg_catalog"."pg_namespace"
-- kind: list
-- params: ["t","5","20","20"]
select * from "products" where "is_active" = $1 and "price" > $2 order by "name" limit $3 offset $4
-- params: ["paid","shipped","2026-03-01 00:00:00+00","25"]
select * from "orders" where "status" in ($1, $2) and "placed_at" >= $3 order by "placed_at" desc limit $4
-- params: ["%chair%","A-%"]
select "products".* from "products" where ("name" ilike $1 or "sku" like $2)
-- kind: list safe columns
-- params: ["CH"]
select "id", "last_name" from "customers" where "country" = $1
-- params: ["open"]
select "t"."id", "t"."subject", "c"."last_name" from "support_tickets" as "t" inner join "customers" as "c" on "c"."id" = "t"."customer_id" where "t"."status" = $1
-- kind: shows list models
-- params: ["5"]
select * from "customers" limit $1
-- params: ["5"]
select * from "orders" inner join "customers" on "customers"."id" = "orders"."customer_id" limit $1
-- params: ["failed"]
select "payments".* from "payments" where "status" = $1
-- kind: json load
-- params: ["5"]
select "orders"."id", (select coalesce(json_agg(agg), '[]') from (select "products"."name", "order_items"."quantity" from "order_items" inner join "products" on "products"."id" = "order_items"."product_id" where "order_items"."order_id" = "orders"."id" order by "order_items"."id") as agg) as "items" from "orders" where "orders"."id" = $1
select "c"."name", (select to_json(obj) from (select "p"."name" from "categories" as "p" where "p"."id" = "c"."parent_id") as obj) as "parent" from "categories" as "c"
-- kind: json load beside
-- params: ["3","5"]
select "c"."id", "c"."last_name", (select coalesce(json_agg(agg), '[]') from (select "o"."id", "o"."total" from "orders" as "o" where "o"."customer_id" = "c"."id" order by "o"."placed_at" desc limit $1) as agg) as "orders" from "customers" as "c" limit $2
-- params: ["5"]
select "o"."id", (select to_json(obj) from (select "c"."id", "c"."last_name" from "customers" as "c" where "c"."id" = "o"."customer_id") as obj) as "customer", (select coalesce(json_agg(agg), '[]') from (select "p"."amount", "p"."status" from "payments" as "p" where "p"."order_id" = "o"."id") as agg) as "payments" from "orders" as "o" order by "o"."id" limit $1
select "e"."last_name", json_build_object('dept', "e"."department", 'hired', "e"."hired_on") as "job" from "employees" as "e"
-- kind: shows json load models
-- params: ["5"]
select "o"."id", (select to_json(obj) from (select * from "customers" as "c" where "c"."id" = "o"."customer_id") as obj) as "customer" from "orders" as "o" limit $1
-- params: ["5"]
select "c"."last_name", (select coalesce(json_agg(agg), '[]') from (select "a".* from "addresses" as "a" where "a"."customer_id" = "c"."id") as agg) as "addresses" from "customers" as "c" limit $1
-- kind: count
-- params: ["paid"]
select count(distinct "customer_id") as "n", sum("total") filter(where "status" = $1) as "paid" from "orders"
-- params: ["DE"]
select count(*) as "n" from "customers" where "country" = $1
-- kind: exists
select "c"."id" from "customers" as "c" where exists (select "o"."id" from "orders" as "o" where "o"."customer_id" = "c"."id")
-- params: ["3"]
select exists (select from "customers" where "id" = $1) as "there"
select "id" from "products" where not exists (select 1 as "one" from "order_items" where "order_items"."product_id" = "products"."id")
-- kind: aggregate
-- params: ["1"]
select "status", count("id") as "n", sum("total") as "total" from "orders" group by "status" having count("id") > $1 order by "n" desc
select "c"."last_name", sum("o"."total") as "spent" from "customers" as "c" inner join "orders" as "o" on "o"."customer_id" = "c"."id" group by "c"."id", "c"."last_name" order by "spent" desc
select "p"."name", coalesce(sum("i"."quantity"), 0) as "sold" from "products" as "p" left join "order_items" as "i" on "i"."product_id" = "p"."id" group by "p"."id"
-- params: ["4"]
select json_agg("products") as "all" from "products" where "id" < $1
select array_agg("last_name") as "names" from "customers"
-- kind: window
select "id", row_number() over(partition by "customer_id" order by "placed_at" desc) as "rn" from "orders"
select "name", avg("price") over() as "mean" from "products"
-- kind: case
-- params: ["50","small","200","medium","large"]
select case when "total" < $1 then $2 when "total" < $3 then $4 else $5 end as "size", count(*) as "n" from "orders" group by "size" order by "size"
-- kind: cte
with "spent" as (select "customer_id", sum("total") as "s" from "orders" group by "customer_id") select "customers"."last_name", "spent"."s" from "spent" inner join "customers" on "customers"."id" = "spent"."customer_id" order by "s" desc
with recursive "tree"("id", "name", "depth") as (select "id", "name", 0 as "depth" from "categories" where "parent_id" is null union all select "c"."id", "c"."name", t.depth + 1 as "depth" from "categories" as "c" inner join "tree" as "t" on "t"."id" = "c"."parent_id") select * from "tree" order by "depth"
-- params: ["9"]
with recursive "chain"("id", "name", "boss") as (select "id", "last_name", "manager_id" from "employees" where "id" = $1 union all select "e"."id", "e"."last_name", "e"."manager_id" from "employees" as "e" inner join "chain" as "c" on "c"."boss" = "e"."id") select "id", "name" from "chain"
-- kind: subquery
-- params: ["1"]
select "c"."last_name", (select "o"."placed_at" from "orders" as "o" where "o"."customer_id" = "c"."id" order by "o"."placed_at" desc limit $1) as "last" from "customers" as "c"
select avg("x"."top") as "mean" from (select "customer_id", max("total") as "top" from "orders" group by "customer_id") as "x"
-- params: ["DE"]
select "id" from "orders" where "customer_id" in (select "id" from "customers" where "country" = $1)
-- kind: lateral
-- params: ["2"]
select "c"."last_name", "r"."total" from "customers" as "c" inner join lateral (select "o"."id", "o"."total" from "orders" as "o" where "o"."customer_id" = "c"."id" order by "o"."placed_at" desc limit $1) as "r" on true
-- kind: keyset
-- params: ["2026-06-01 00:00:00+00","500","20"]
select "id", "placed_at" from "orders" where ("placed_at", "id") < ($1, $2) order by "placed_at" desc, "id" desc limit $3
-- kind: date
select date_trunc('month', "placed_at") as "m", sum("total") as "s" from "orders" group by "m" order by "m"
-- params: ["2026-02-01 00:00:00+00","2026-03-01 00:00:00+00"]
select "kind", count(*) as "n" from "events" where "occurred_at" between $1 and $2 group by "kind"
-- kind: json
select "id", "changes"->>'version' as "status" from "audit_log"
-- params: ["red"]
select "id" from "products" where "attributes"->>'color' = $1
-- kind: union
-- params: ["paid","300"]
select "id" from "orders" where "status" = $1 union select "id" from "orders" where "total" > $2 order by "id"
select "last_name" from "customers" union all select "last_name" from "employees"
select "customer_id" from "orders" except select "customer_id" from "support_tickets"
-- kind: functions
select distinct on ("customer_id") "customer_id", "id" from "orders" order by "customer_id", "placed_at" desc
select "last_name" || ' ' || "country" as "l", cast("id" as text) as "t", left("last_name", 3) as "x" from "customers"
select "id" from "customers" where "phone" is not null
select "order_id", sum("quantity" * "unit_price") as "s" from "order_items" group by "order_id"
-- kind: shows masked plain values
select "id", "email" as "mail" from "customers"
-- params: ["3"]
select "p"."card_number", "c"."email" from "payments" as "p" inner join "orders" as "o" on "o"."id" = "p"."order_id" inner join "customers" as "c" on "c"."id" = "o"."customer_id" limit $1
-- params: ["3"]
select lower("email") as "l" from "customers" limit $1
-- kind: look-up by equality
-- params: ["ann@example.org"]
select * from "customers" where "email" = $1
-- kind: asks look-up
select "id" from "customers" order by "email"
-- params: ["ann@example.org"]
select "id" from "customers" where lower(email) = $1
-- kind: transaction
start transaction isolation level serializable
-- params: ["1"]
select "id" from "orders" limit $1
commit
