-- Written by hand in the shape of what Power Query folds and DirectQuery sends to PostgreSQL.
-- kind: navigation
select "$Table"."id" as "id", "$Table"."number" as "number", "$Table"."status" as "status", "$Table"."total" as "total", "$Table"."placed_at" as "placed_at" from "public"."orders" "$Table" limit 1000
select character_set_name from INFORMATION_SCHEMA.character_sets
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables where TABLE_SCHEMA not in ('information_schema', 'pg_catalog') order by TABLE_SCHEMA, TABLE_NAME
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when (data_type like '%unsigned%') then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = 'public' and TABLE_NAME = 'orders' order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
-- kind: folded steps
select "_"."id", "_"."number", "_"."status", "_"."total" from "public"."orders" "_" where "_"."channel" = 'web' and "_"."channel" is not null
select "_"."id", "_"."number", "_"."total", "_"."total" * 1.081 as "Gross" from (select "id", "number", "total" from "public"."orders" "$Table") "_" where "_"."total" > 100 order by "_"."id" limit 200
select "rows"."channel" as "channel", sum("rows"."total") as "Revenue", count(1) as "Count" from (select "_"."channel", "_"."total" from "public"."orders" "_") "rows" group by "channel"
select distinct "_"."channel", "_"."currency" from "public"."orders" "_"
select "$Outer"."id", "$Outer"."quantity", "$Inner"."name" from "public"."order_items" "$Outer" left outer join "public"."products" "$Inner" on ("$Outer"."product_id" = "$Inner"."id") order by "$Outer"."id" limit 1000
select "_"."sku", upper("_"."name") as "Upper", length("_"."name") as "Length", case when "_"."stock" = 0 then 'none' else 'some' end as "Left" from "public"."products" "_" order by "_"."sku" limit 100
-- kind: DirectQuery visual
select "basetable0"."a0" as "a0", "basetable0"."c1" as "c1" from (select sum("rows"."total") as "a0", "rows"."channel" as "c1" from (select "_"."total", "_"."channel" from "public"."orders" "_") "rows" group by "channel") "basetable0" where not "basetable0"."a0" is null order by "c1" limit 1000001
select "t1"."c1", count(distinct "t1"."customer_id") + max(case when "t1"."customer_id" is null then 1 else 0 end) as "a0" from (select "_"."status" as "c1", "_"."customer_id" from "public"."orders" "_") "t1" group by "t1"."c1" order by "t1"."c1" limit 1000001
select "t1"."y", "t1"."m", sum("t1"."total") as "a0" from (select extract(year from "_"."placed_at")::int as "y", extract(month from "_"."placed_at")::int as "m", "_"."total" from "public"."orders" "_" where "_"."placed_at" >= timestamp '2026-01-01 00:00:00' and "_"."placed_at" < timestamp '2026-07-01 00:00:00') "t1" group by "t1"."y", "t1"."m" order by 1, 2 limit 1000001
select "t2"."name" as "c1", sum("t1"."total") as "a0" from "public"."order_items" "t1" inner join "public"."products" "t2" on "t1"."product_id" = "t2"."id" group by "t2"."name" order by "a0" desc, "c1" limit 101
select min("_"."placed_at") as "a0", max("_"."placed_at") as "a1" from "public"."orders" "_"
-- kind: slicer
select "t1"."status" as "c1" from (select "_"."status" from "public"."orders" "_") "t1" group by "t1"."status" order by "c1" limit 101
-- kind: folded steps beside masked columns
select "rows"."country" as "country", count(1) as "Count" from (select "_"."id", "_"."country" from "public"."customers" "_" where "_"."deleted_at" is null) "rows" group by "country"
select "$Outer"."id", "$Outer"."total", "$Inner"."country" from "public"."orders" "$Outer" left outer join "public"."customers" "$Inner" on ("$Outer"."customer_id" = "$Inner"."id") order by "$Outer"."id" limit 1000
select "_"."id", "_"."first_name" || ' ' || "_"."last_name" as "Name", "_"."department" from "public"."employees" "_" where "_"."active" = true order by "_"."id"
-- kind: DirectQuery visual beside masked columns
select "basetable0"."c1" as "c1", "basetable0"."a0" as "a0" from (select "t2"."country" as "c1", sum("t1"."total") as "a0" from "public"."orders" "t1" left outer join "public"."customers" "t2" on "t1"."customer_id" = "t2"."id" group by "t2"."country") "basetable0" where not "basetable0"."a0" is null order by "c1" limit 1000001
select "t1"."method" as "c1", sum("t1"."amount") as "a0", avg("t1"."amount") as "a1" from (select "$Table"."id", "$Table"."method", "$Table"."status", "$Table"."amount", "$Table"."card_number", "$Table"."iban" from "public"."payments" "$Table") "t1" where "t1"."status" = 'settled' group by "t1"."method" order by "c1" limit 1000001
select "t3"."department" as "c1", "t1"."status" as "c2", count(1) as "a0" from "public"."support_tickets" "t1" left outer join "public"."employees" "t3" on "t1"."assignee_id" = "t3"."id" group by "t3"."department", "t1"."status" order by "c1", "c2" limit 1000001
-- kind: slicer beside masked columns
select "t1"."country" as "c1" from (select "$Table"."id", "$Table"."email", "$Table"."country" from "public"."customers" "$Table") "t1" group by "t1"."country" order by "c1" limit 101
-- kind: shows masks: preview
select "$Table"."id" as "id", "$Table"."first_name" as "first_name", "$Table"."email" as "email", "$Table"."phone" as "phone", "$Table"."birth_date" as "birth_date", "$Table"."preferences" as "preferences" from "public"."customers" "$Table" limit 1000
select "_"."id", "_"."salary" from "public"."employees" "_" order by "_"."id" limit 200
-- kind: shows masks: table visual beside the key
select "t1"."id" as "c1", "t1"."email" as "c2", "t1"."phone" as "c3", sum("t2"."total") as "a0" from "public"."customers" "t1" inner join "public"."orders" "t2" on "t2"."customer_id" = "t1"."id" group by "t1"."id", "t1"."email", "t1"."phone" order by "c1" limit 501
-- kind: asks: table visual without the key
select "t1"."phone" as "c1", count(1) as "a0" from "public"."customers" "t1" group by "t1"."phone" order by "c1" limit 501
select "_"."id" from "public"."customers" "_" where "_"."email" like 'a%'
