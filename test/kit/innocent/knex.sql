-- Emitted by Knex 3.3.0, literal values compiled in; one statement a line.
-- kind: clean detail
select "id", "customer_id", "amount", "note" from "purchases" where "id" = 1 limit 1
select "id", "customer_id", "amount", "note" from "purchases" where "id" = 7 limit 1
-- kind: clean list
select "id", "customer_id", "amount", "note" from "purchases" order by "id" asc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "id" desc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "customer_id" asc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "customer_id" desc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "amount" asc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "amount" desc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "note" asc, "id" asc limit 10 offset 5
select "id", "customer_id", "amount", "note" from "purchases" order by "note" desc, "id" asc limit 10 offset 5
-- kind: clean keyset
select "id", "customer_id", "amount", "note" from "purchases" where "id" > 5 order by "id" asc limit 5
-- kind: clean count
select count(*) as "n" from "purchases"
select count(distinct "id") as "n" from "purchases"
select count(distinct "customer_id") as "n" from "purchases"
select count(distinct "amount") as "n" from "purchases"
select count(distinct "note") as "n" from "purchases"
-- kind: clean aggregate
select "id", count(*) as "n" from "purchases" group by "id" order by "id" asc
select min("id") as "low", max("id") as "high" from "purchases"
select "customer_id", count(*) as "n" from "purchases" group by "customer_id" order by "customer_id" asc
select min("customer_id") as "low", max("customer_id") as "high" from "purchases"
select "amount", count(*) as "n" from "purchases" group by "amount" order by "amount" asc
select min("amount") as "low", max("amount") as "high" from "purchases"
select "note", count(*) as "n" from "purchases" group by "note" order by "note" asc
select min("note") as "low", max("note") as "high" from "purchases"
-- kind: clean window
select "id", row_number() over (order by "id", "id") as "position" from "purchases" order by "id" asc
select "id", row_number() over (order by "customer_id", "id") as "position" from "purchases" order by "id" asc
select "id", row_number() over (order by "amount", "id") as "position" from "purchases" order by "id" asc
select "id", row_number() over (order by "note", "id") as "position" from "purchases" order by "id" asc
-- kind: clean subselect
select "source"."id" from (select "id", "customer_id", "amount", "note" from "purchases") as "source" order by "source"."id" asc limit 20
select "source"."customer_id" from (select "id", "customer_id", "amount", "note" from "purchases") as "source" order by "source"."id" asc limit 20
select "source"."amount" from (select "id", "customer_id", "amount", "note" from "purchases") as "source" order by "source"."id" asc limit 20
select "source"."note" from (select "id", "customer_id", "amount", "note" from "purchases") as "source" order by "source"."id" asc limit 20
-- kind: clean cte
with "page" as (select "id", "customer_id", "amount", "note" from "purchases" where "id" < 9) select "id" from "page" order by "id" asc
with "page" as (select "id", "customer_id", "amount", "note" from "purchases" where "id" < 9) select "customer_id" from "page" order by "id" asc
with "page" as (select "id", "customer_id", "amount", "note" from "purchases" where "id" < 9) select "amount" from "page" order by "id" asc
with "page" as (select "id", "customer_id", "amount", "note" from "purchases" where "id" < 9) select "note" from "page" order by "id" asc
-- kind: beside masked detail
select "id", "name", "city", "created" from "customers" where "id" = 1 limit 1
select "id", "name", "city", "created" from "customers" where "id" = 7 limit 1
-- kind: beside masked list
select "id", "name", "city", "created" from "customers" order by "id" asc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "id" desc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "name" asc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "name" desc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "city" asc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "city" desc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "created" asc, "id" asc limit 10 offset 5
select "id", "name", "city", "created" from "customers" order by "created" desc, "id" asc limit 10 offset 5
-- kind: beside masked keyset
select "id", "name", "city", "created" from "customers" where "id" > 5 order by "id" asc limit 5
-- kind: beside masked count
select count(*) as "n" from "customers"
select count(distinct "id") as "n" from "customers"
select count(distinct "name") as "n" from "customers"
select count(distinct "city") as "n" from "customers"
select count(distinct "created") as "n" from "customers"
-- kind: beside masked aggregate
select "id", count(*) as "n" from "customers" group by "id" order by "id" asc
select min("id") as "low", max("id") as "high" from "customers"
select "name", count(*) as "n" from "customers" group by "name" order by "name" asc
select min("name") as "low", max("name") as "high" from "customers"
select "city", count(*) as "n" from "customers" group by "city" order by "city" asc
select min("city") as "low", max("city") as "high" from "customers"
select "created", count(*) as "n" from "customers" group by "created" order by "created" asc
select min("created") as "low", max("created") as "high" from "customers"
-- kind: beside masked window
select "id", row_number() over (order by "id", "id") as "position" from "customers" order by "id" asc
select "id", row_number() over (order by "name", "id") as "position" from "customers" order by "id" asc
select "id", row_number() over (order by "city", "id") as "position" from "customers" order by "id" asc
select "id", row_number() over (order by "created", "id") as "position" from "customers" order by "id" asc
-- kind: beside masked subselect
select "source"."id" from (select "id", "name", "city", "created" from "customers") as "source" order by "source"."id" asc limit 20
select "source"."name" from (select "id", "name", "city", "created" from "customers") as "source" order by "source"."id" asc limit 20
select "source"."city" from (select "id", "name", "city", "created" from "customers") as "source" order by "source"."id" asc limit 20
select "source"."created" from (select "id", "name", "city", "created" from "customers") as "source" order by "source"."id" asc limit 20
-- kind: beside masked cte
with "page" as (select "id", "name", "city", "created" from "customers" where "id" < 9) select "id" from "page" order by "id" asc
with "page" as (select "id", "name", "city", "created" from "customers" where "id" < 9) select "name" from "page" order by "id" asc
with "page" as (select "id", "name", "city", "created" from "customers" where "id" < 9) select "city" from "page" order by "id" asc
with "page" as (select "id", "name", "city", "created" from "customers" where "id" < 9) select "created" from "page" order by "id" asc
-- kind: beside masked join
select "p"."id", "c"."id" from "purchases" as "p" inner join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."name" from "purchases" as "p" inner join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."city" from "purchases" as "p" inner join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."created" from "purchases" as "p" inner join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."id" from "purchases" as "p" left join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."name" from "purchases" as "p" left join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."city" from "purchases" as "p" left join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
select "p"."id", "c"."created" from "purchases" as "p" left join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 20
-- kind: beside masked exists
select "c"."id", "c"."name" from "customers" as "c" where exists (select 1 from "purchases" as "p" where p.customer_id = c.id) order by "c"."id" asc
select "c"."id", "c"."name" from "customers" as "c" where not exists (select 1 from "purchases" as "p" where p.customer_id = c.id) order by "c"."id" asc
-- kind: beside masked eager
select "id", "customer_id", "amount", "note" from "purchases" where "customer_id" in (1, 2, 3) order by "id" asc
select "id", "name", "city", "created" from "customers" where "id" in (1, 2, 3) order by "id" asc
-- kind: shows masks detail
select * from "customers" where "id" = 1 limit 1
select * from "customers" where "id" = 3 limit 1
select * from "customers" where "id" = 5 limit 1
-- kind: shows masks list
select * from "customers" order by "id" asc, "id" asc limit 5
select * from "customers" order by "id" desc, "id" asc limit 5
select * from "customers" order by "name" asc, "id" asc limit 5
select * from "customers" order by "name" desc, "id" asc limit 5
select * from "customers" order by "city" asc, "id" asc limit 5
select * from "customers" order by "city" desc, "id" asc limit 5
select * from "customers" order by "created" asc, "id" asc limit 5
select * from "customers" order by "created" desc, "id" asc limit 5
-- kind: shows masks join
select "p".*, "c"."email", "c"."phone" from "purchases" as "p" inner join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 10
select "p".*, "c"."email", "c"."phone" from "purchases" as "p" left join "customers" as "c" on "c"."id" = "p"."customer_id" order by "p"."id" asc limit 10
-- kind: shows masks subselect
select "source".* from (select * from "customers" where "id" < 9) as "source" order by "source"."id" asc
-- kind: shows masks cte
with "page" as (select * from "customers" where "id" < 9) select * from "page" order by "id" asc
-- kind: shows masks window
select "id", "email", row_number() over (order by "id") as "position" from "customers" order by "id" asc
-- kind: shows masks eager
select * from "customers" where "id" in (1, 2, 3) order by "id" asc
