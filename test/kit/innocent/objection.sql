-- Emitted by Objection 3.1.5 and Knex 3.3.0, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: connect
select version();
-- kind: introspection
-- params: ["customers"]
select * from information_schema.columns where table_name = $1 and table_catalog = current_database() and table_schema = current_schema()
-- params: ["orders"]
select * from information_schema.columns where table_name = $1 and table_catalog = current_database() and table_schema = current_schema()
-- params: ["orders"]
select * from information_schema.tables where table_name = $1 and table_schema = current_schema()
-- params: ["orders","status"]
select * from information_schema.columns where table_name = $1 and column_name = $2 and table_schema = current_schema()
-- kind: list
-- params: ["t","5","80","20","20"]
select "products".* from "products" where "is_active" = $1 and "price" between $2 and $3 order by "name" asc limit $4 offset $5
-- params: ["t","5","80"]
select count(*) as "count" from (select "products".* from "products" where "is_active" = $1 and "price" between $2 and $3) as "temp"
-- params: ["paid","shipped","2026-03-01 00:00:00+00","25"]
select "orders".* from "orders" where "status" in ($1, $2) and "placed_at" >= $3 order by "placed_at" desc limit $4
-- params: ["%chair%","A-%"]
select "products".* from "products" where ("name" ilike $1 or "sku" like $2)
-- params: ["cancelled","10","10"]
select "orders".* from "orders" where not "status" = $1 and "shipping_address_id" is not null limit $2 offset $3
-- params: ["cancelled"]
select count(*) as "count" from (select "orders".* from "orders" where not "status" = $1 and "shipping_address_id" is not null) as "temp"
-- kind: list safe columns
-- params: ["CH","10"]
select "id", "last_name" from "customers" where "country" = $1 limit $2
-- params: ["CH"]
select count(*) as "count" from (select "id", "last_name" from "customers" where "country" = $1) as "temp"
-- params: ["open"]
select "support_tickets"."id", "subject", "customer"."last_name" from "support_tickets" inner join "customers" as "customer" on "customer"."id" = "support_tickets"."customer_id" where "support_tickets"."status" = $1
-- params: ["3"]
select "id", "last_name" from "customers" where "customers"."id" = $1
-- kind: shows list models
-- params: ["5"]
select "customers".* from "customers" limit $1
-- params: ["failed"]
select "payments".* from "payments" where "status" = $1
-- params: ["3"]
select "customers".* from "customers" where "customers"."id" = $1
-- params: ["Support"]
select "employees".* from "employees" where "department" = $1
-- kind: list models
select count(*) as "count" from (select "customers".* from "customers") as "temp"
-- kind: select-in load
-- params: ["5"]
select "orders".* from "orders" where "orders"."id" = $1
-- params: ["5"]
select "order_items".* from "order_items" where "order_items"."order_id" in ($1)
-- params: ["86","131","176"]
select "products".* from "products" where "products"."id" in ($1, $2, $3)
-- params: ["86","131","176"]
select "categories".*, "product_categories"."product_id" as "objectiontmpjoin0" from "categories" inner join "product_categories" on "categories"."id" = "product_categories"."category_id" where "product_categories"."product_id" in ($1, $2, $3)
select "categories".* from "categories" where "parent_id" is null
-- params: ["1","2","3","4"]
select "categories".* from "categories" where "categories"."parent_id" in ($1, $2, $3, $4)
-- params: ["5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24"]
select "categories".* from "categories" where "categories"."parent_id" in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
-- params: ["3"]
select "id", "last_name" from "customers" limit $1
-- params: ["1","2","3"]
select "id", "customer_id", "total" from "orders" where "orders"."customer_id" in ($1, $2, $3)
-- params: ["1","2","3"]
select "id", "customer_id", "subject" from "support_tickets" where "support_tickets"."customer_id" in ($1, $2, $3)
-- params: ["253","506","590","843","1096","1180","1433","1686","1770","2023","2276","2360"]
select "order_items".* from "order_items" where "order_items"."order_id" in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
-- kind: shows detail model
-- params: ["4"]
select "customers".* from "customers" where "customers"."id" = $1
-- params: ["4"]
select "addresses".* from "addresses" where "addresses"."customer_id" in ($1)
-- params: ["169","759","1349","1939"]
select "payments".* from "payments" where "payments"."order_id" in ($1, $2, $3, $4)
-- params: ["169","759","1349","1939"]
select "invoices".* from "invoices" where "invoices"."order_id" in ($1, $2, $3, $4)
-- kind: detail model
-- params: ["4"]
select "orders".* from "orders" where "orders"."customer_id" in ($1)
-- params: ["4"]
select "support_tickets".* from "support_tickets" where "support_tickets"."customer_id" in ($1)
-- kind: joined load
-- params: ["5"]
select "orders"."id" as "id", "orders"."customer_id" as "customer_id", "orders"."shipping_address_id" as "shipping_address_id", "orders"."number" as "number", "orders"."status" as "status", "orders"."channel" as "channel", "orders"."total" as "total", "orders"."currency" as "currency", "orders"."discount" as "discount", "orders"."note" as "note", "orders"."placed_at" as "placed_at", "orders"."shipped_at" as "shipped_at", "orders"."created_at" as "created_at", "orders"."updated_at" as "updated_at", "items"."id" as "items:id", "items"."order_id" as "items:order_id", "items"."product_id" as "items:product_id", "items"."quantity" as "items:quantity", "items"."unit_price" as "items:unit_price", "items"."total" as "items:total", "items:product"."id" as "items:product:id", "items:product"."sku" as "items:product:sku", "items:product"."name" as "items:product:name", "items:product"."description" as "items:product:description", "items:product"."price" as "items:product:price", "items:product"."currency" as "items:product:currency", "items:product"."stock" as "items:product:stock", "items:product"."weight_grams" as "items:product:weight_grams", "items:product"."is_active" as "items:product:is_active", "items:product"."tags" as "items:product:tags", "items:product"."attributes" as "items:product:attributes", "items:product"."search" as "items:product:search", "items:product"."created_at" as "items:product:created_at", "items:product"."updated_at" as "items:product:updated_at" from "orders" left join "order_items" as "items" on "items"."order_id" = "orders"."id" left join "products" as "items:product" on "items:product"."id" = "items"."product_id" where "orders"."id" = $1
select "categories"."id" as "id", "categories"."parent_id" as "parent_id", "categories"."name" as "name", "categories"."slug" as "slug", "categories"."position" as "position", "children"."id" as "children:id", "children"."parent_id" as "children:parent_id", "children"."name" as "children:name", "children"."slug" as "children:slug", "children"."position" as "children:position", "children:children"."id" as "children:children:id", "children:children"."parent_id" as "children:children:parent_id", "children:children"."name" as "children:children:name", "children:children"."slug" as "children:children:slug", "children:children"."position" as "children:children:position" from "categories" left join "categories" as "children" on "children"."parent_id" = "categories"."id" left join "categories" as "children:children" on "children:children"."parent_id" = "children"."id" where "categories"."parent_id" is null
-- params: ["9"]
select "orders"."id", "orders"."total", "customer"."last_name" as "customer:last_name", "customer"."id" as "customer:id" from "orders" left join (select "last_name", "customers"."id" from "customers") as "customer" on "customer"."id" = "orders"."customer_id" where "orders"."id" < $1
-- kind: shows joined load
-- params: ["3"]
select "orders"."id" as "id", "orders"."customer_id" as "customer_id", "orders"."shipping_address_id" as "shipping_address_id", "orders"."number" as "number", "orders"."status" as "status", "orders"."channel" as "channel", "orders"."total" as "total", "orders"."currency" as "currency", "orders"."discount" as "discount", "orders"."note" as "note", "orders"."placed_at" as "placed_at", "orders"."shipped_at" as "shipped_at", "orders"."created_at" as "created_at", "orders"."updated_at" as "updated_at", "customer"."id" as "customer:id", "customer"."first_name" as "customer:first_name", "customer"."last_name" as "customer:last_name", "customer"."email" as "customer:email", "customer"."phone" as "customer:phone", "customer"."birth_date" as "customer:birth_date", "customer"."country" as "customer:country", "customer"."locale" as "customer:locale", "customer"."newsletter" as "customer:newsletter", "customer"."tags" as "customer:tags", "customer"."preferences" as "customer:preferences", "customer"."referrer_id" as "customer:referrer_id", "customer"."created_at" as "customer:created_at", "customer"."updated_at" as "customer:updated_at", "customer"."deleted_at" as "customer:deleted_at", "payments"."id" as "payments:id", "payments"."order_id" as "payments:order_id", "payments"."method" as "payments:method", "payments"."status" as "payments:status", "payments"."amount" as "payments:amount", "payments"."card_number" as "payments:card_number", "payments"."iban" as "payments:iban", "payments"."paid_at" as "payments:paid_at", "payments"."created_at" as "payments:created_at" from "orders" left join "customers" as "customer" on "customer"."id" = "orders"."customer_id" left join "payments" on "payments"."order_id" = "orders"."id" limit $1
-- kind: count
select count(*) as "count" from (select "orders".* from "orders") as "temp"
select count(distinct "customer_id") as "n" from "orders"
-- params: ["DE"]
select count(*) as "count" from (select "customers".* from "customers" where "country" = $1) as "temp"
select "customers"."id", (select count(*) from "orders" where "orders"."customer_id" = "customers"."id") as "n" from "customers"
-- kind: exists
-- params: ["200"]
select "id" from "customers" where exists (select "orders".* from "orders" where "orders"."customer_id" = "customers"."id" and "total" > $1)
select "id" from "products" where not exists (select "items".* from "order_items" as "items" where "items"."product_id" = "products"."id")
-- kind: aggregate
-- params: ["pending"]
select "status", count("id") as "n", sum("total") as "total" from "orders" group by "status" having "status" <> $1 order by "n" desc
-- params: ["100"]
select "customers"."last_name", sum("orders"."total") as "spent" from "customers" inner join "orders" on "orders"."customer_id" = "customers"."id" group by "customers"."id", "customers"."last_name" having sum(orders.total) > $1
select avg("total"), max("total"), min("total") from "orders"
select "status", "currency", sum("total") from "orders" group by rollup(status, currency) order by "status" asc, "currency" asc
-- kind: window
select "id", row_number() over (partition by "customer_id" order by "placed_at" desc) as "rn" from "orders"
select "name", rank() over (order by "price") as "r" from "products"
select dense_rank() over (partition by "is_active" order by "price", "stock") as "d" from "products"
-- kind: case
-- params: ["50","small","large"]
select case when total < $1 then $2 else $3 end as size, count(*) as "n" from "orders" group by 1
-- kind: cte
-- params: ["100"]
with "big" as (select * from "orders" where "total" > $1) select count(*) from "big"
with recursive "tree"("id", "name", "depth") as (select "id", "name", 0 from "categories" where "parent_id" is null union all select "c"."id", "c"."name", t.depth + 1 from "categories" as "c" inner join "tree" as "t" on "t"."id" = "c"."parent_id") select * from "tree" order by "depth" asc
with "s" as materialized (select "customer_id", sum("total") as "spent" from "orders" group by "customer_id") select "c"."last_name", "s"."spent" from "s" inner join "customers" as "c" on "c"."id" = "s"."customer_id"
-- kind: subquery
select "c"."last_name", (select max("o"."placed_at") from "orders" as "o" where o.customer_id = c.id) as "last" from "customers" as "c"
-- params: ["DE"]
select "id" from "orders" where "customer_id" in (select "id" from "customers" where "country" = $1)
select avg("top") from (select max("total") as "top" from "orders" group by "customer_id") as "x"
select "products".* from "products" where "price" > (select avg("price") from "products")
-- kind: many to many
-- params: ["2"]
select "categories".* from "categories" inner join "product_categories" on "categories"."id" = "product_categories"."category_id" where "product_categories"."product_id" in ($1)
-- params: ["garden"]
select distinct "products"."id" from "products" inner join "product_categories" as "categories_join" on "categories_join"."product_id" = "products"."id" inner join "categories" on "categories_join"."category_id" = "categories"."id" where "categories"."slug" = $1
-- params: ["garden"]
select "products".* from "products" inner join "product_categories" on "products"."id" = "product_categories"."product_id" where "product_categories"."category_id" in (select "categories"."id" from "categories" where "slug" = $1)
-- kind: tree
select "e"."last_name", "manager"."last_name" as "boss" from "employees" as "e" left join "employees" as "manager" on "manager"."id" = "e"."manager_id"
select "employees"."last_name" from "employees" inner join "employees" as "manager" on "manager"."id" = "employees"."manager_id" inner join "employees" as "manager:manager" on "manager:manager"."id" = "manager"."manager_id"
-- kind: date
select date_trunc('month', placed_at) as m, sum("total") from "orders" group by "m" order by "m" asc
-- params: ["2026-02-01 00:00:00+00","2026-02-28 00:00:00+00"]
select "kind", count(*) from "events" where "occurred_at" between $1 and $2 group by "kind"
-- kind: union
-- params: ["paid","300"]
(select "id" from "orders" where "status" = $1) union (select "id" from "orders" where "total" > $2)
select "last_name" from "customers" union all select "last_name" from "employees"
-- kind: json
-- params: ["3"]
select "id" from "audit_log" where CAST("changes"#>>'{version}' AS text) = $1
-- params: ["$.\"color\"","red"]
select "id" from "products" where jsonb_path_query_first("attributes", $1) #>> '{}' = $2
-- params: ["$.\"color\""]
select jsonb_path_query("attributes", $1) as "color" from "products"
-- params: ["{\"version\": 3}"]
select "id" from "audit_log" where "changes" @> $1
-- kind: queue poll
-- params: ["open"]
select "id" from "support_tickets" where "status" = $1 and "assignee_id" is null order by "priority" asc
-- kind: shows masked plain values
select "id", "email" as "mail" from "customers"
select "orders"."id", "customer"."email" from "orders" inner join "customers" as "customer" on "customer"."id" = "orders"."customer_id"
select "email" from "customers"
-- kind: look-up by equality
-- params: ["ann@example.org"]
select "customers".* from "customers" where "email" = $1
-- kind: asks look-up
-- params: ["3"]
select "customers".* from "customers" order by "email" asc limit $1
-- params: ["%@example.org"]
select "customers".* from "customers" where "email" ilike $1
-- kind: transaction
BEGIN;
-- params: ["1"]
select "id" from "orders" limit $1
COMMIT;
