-- Emitted by Drizzle 0.45.4, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: connect
select 1
-- kind: list
-- params: ["5","80","20","20"]
select "id", "sku", "name", "description", "price", "stock", "is_active", "attributes", "created_at" from "products" where ("products"."is_active" and "products"."price" between $1 and $2) order by "products"."name" limit $3 offset $4
-- params: ["paid","shipped","2026-03-01 00:00:00+00","25"]
select "id", "customer_id", "shipping_address_id", "status", "currency", "total", "placed_at" from "orders" where ("orders"."status" in ($1, $2) and "orders"."placed_at" >= $3) order by "orders"."placed_at" desc, "orders"."id" desc limit $4
-- params: ["%chair%","A-%"]
select "id", "sku", "name", "description", "price", "stock", "is_active", "attributes", "created_at" from "products" where ("products"."name" ilike $1 or "products"."sku" like $2)
-- params: ["t","10"]
select "id", "name" from "products" "products" where "products"."is_active" = $1 order by "products"."name" asc limit $2
-- kind: list safe columns
-- params: ["CH","20"]
select "id", "last_name" from "customers" where "customers"."country" = $1 limit $2
-- params: ["5"]
select "id", "first_name", "last_name", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" "customers" limit $1
-- params: ["open"]
select "id", "customer_id", "assignee_id", "subject", "status", "priority", "created_at" from "support_tickets" "tickets" where "tickets"."status" = $1
-- kind: shows list models
-- params: ["20"]
select "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" limit $1
-- params: ["5"]
select "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" "customers" limit $1
-- params: ["failed"]
select "id", "order_id", "method", "card_number", "iban", "amount", "status", "paid_at" from "payments" where "payments"."status" = $1
-- params: ["1"]
select "id", "manager_id", "last_name", "title", "department", "salary", "hired_on" from "employees" "employees" limit $1
-- kind: keyset
-- params: ["2026-06-01 00:00:00+00","2026-06-01 00:00:00+00","500","20"]
select "id", "customer_id", "shipping_address_id", "status", "currency", "total", "placed_at" from "orders" where ("orders"."placed_at" < $1 or ("orders"."placed_at" = $2 and "orders"."id" < $3)) order by "orders"."placed_at" desc, "orders"."id" desc limit $4
-- kind: detail
-- params: ["3","1"]
select "id", "sku", "name", "description", "price", "stock", "is_active", "attributes", "created_at" from "products" "products" where "products"."id" = $1 limit $2
-- params: ["1","5","1"]
select "orders"."id", "orders"."customer_id", "orders"."shipping_address_id", "orders"."status", "orders"."currency", "orders"."total", "orders"."placed_at", "orders_items"."data" as "items" from "orders" "orders" left join lateral (select coalesce(json_agg(json_build_array("orders_items"."id", "orders_items"."order_id", "orders_items"."product_id", "orders_items"."quantity", "orders_items"."unit_price", "orders_items_product"."data")), '[]'::json) as "data" from "order_items" "orders_items" left join lateral (select json_build_array("orders_items_product"."id", "orders_items_product"."sku", "orders_items_product"."name", "orders_items_product"."description", "orders_items_product"."price", "orders_items_product"."stock", "orders_items_product"."is_active", "orders_items_product"."attributes", "orders_items_product"."created_at") as "data" from (select * from "products" "orders_items_product" where "orders_items_product"."id" = "orders_items"."product_id" limit $1) "orders_items_product") "orders_items_product" on true where "orders_items"."order_id" = "orders"."id") "orders_items" on true where "orders"."id" = $2 limit $3
-- params: ["1","3","1"]
select "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."stock", "products"."is_active", "products"."attributes", "products"."created_at", "products_productCategories"."data" as "productCategories" from "products" "products" left join lateral (select coalesce(json_agg(json_build_array("products_productCategories"."product_id", "products_productCategories"."category_id", "products_productCategories_category"."data")), '[]'::json) as "data" from "product_categories" "products_productCategories" left join lateral (select json_build_array("products_productCategories_category"."id", "products_productCategories_category"."parent_id", "products_productCategories_category"."name", "products_productCategories_category"."slug") as "data" from (select * from "categories" "products_productCategories_category" where "products_productCategories_category"."id" = "products_productCategories"."category_id" limit $1) "products_productCategories_category") "products_productCategories_category" on true where "products_productCategories"."product_id" = "products"."id") "products_productCategories" on true where "products"."id" = $2 limit $3
-- params: ["1","1","5","1"]
select "orders"."id", "orders"."customer_id", "orders"."shipping_address_id", "orders"."status", "orders"."currency", "orders"."total", "orders"."placed_at", "orders_customer"."data" as "customer", "orders_items"."data" as "items", "orders_payments"."data" as "payments", "orders_invoice"."data" as "invoice" from "orders" "orders" left join lateral (select json_build_array("orders_customer"."id", "orders_customer"."last_name") as "data" from (select * from "customers" "orders_customer" where "orders_customer"."id" = "orders"."customer_id" limit $1) "orders_customer") "orders_customer" on true left join lateral (select coalesce(json_agg(json_build_array("orders_items"."id", "orders_items"."order_id", "orders_items"."product_id", "orders_items"."quantity", "orders_items"."unit_price")), '[]'::json) as "data" from "order_items" "orders_items" where "orders_items"."order_id" = "orders"."id") "orders_items" on true left join lateral (select coalesce(json_agg(json_build_array("orders_payments"."amount", "orders_payments"."status")), '[]'::json) as "data" from "payments" "orders_payments" where "orders_payments"."order_id" = "orders"."id") "orders_payments" on true left join lateral (select json_build_array("orders_invoice"."number") as "data" from (select * from "invoices" "orders_invoice" where "orders_invoice"."order_id" = "orders"."id" limit $2) "orders_invoice") "orders_invoice" on true where "orders"."id" = $3 limit $4
-- kind: shows detail model
-- params: ["3","1"]
select "customers"."id", "customers"."first_name", "customers"."last_name", "customers"."email", "customers"."phone", "customers"."birth_date", "customers"."country", "customers"."locale", "customers"."newsletter", "customers"."tags", "customers"."preferences", "customers"."created_at", "customers_orders"."data" as "orders", "customers_addresses"."data" as "addresses" from "customers" "customers" left join lateral (select coalesce(json_agg(json_build_array("customers_orders"."id", "customers_orders"."customer_id", "customers_orders"."shipping_address_id", "customers_orders"."status", "customers_orders"."currency", "customers_orders"."total", "customers_orders"."placed_at", "customers_orders_items"."data")), '[]'::json) as "data" from "orders" "customers_orders" left join lateral (select coalesce(json_agg(json_build_array("customers_orders_items"."id", "customers_orders_items"."order_id", "customers_orders_items"."product_id", "customers_orders_items"."quantity", "customers_orders_items"."unit_price")), '[]'::json) as "data" from "order_items" "customers_orders_items" where "customers_orders_items"."order_id" = "customers_orders"."id") "customers_orders_items" on true where "customers_orders"."customer_id" = "customers"."id") "customers_orders" on true left join lateral (select coalesce(json_agg(json_build_array("customers_addresses"."id", "customers_addresses"."customer_id", "customers_addresses"."kind", "customers_addresses"."line1", "customers_addresses"."city", "customers_addresses"."postal_code", "customers_addresses"."country")), '[]'::json) as "data" from "addresses" "customers_addresses" where "customers_addresses"."customer_id" = "customers"."id") "customers_addresses" on true where "customers"."id" = $1 limit $2
-- params: ["1","1","3"]
select "orders"."id", "orders"."customer_id", "orders"."shipping_address_id", "orders"."status", "orders"."currency", "orders"."total", "orders"."placed_at", "orders_customer"."data" as "customer", "orders_payments"."data" as "payments", "orders_invoice"."data" as "invoice" from "orders" "orders" left join lateral (select json_build_array("orders_customer"."id", "orders_customer"."first_name", "orders_customer"."last_name", "orders_customer"."email", "orders_customer"."phone", "orders_customer"."birth_date", "orders_customer"."country", "orders_customer"."locale", "orders_customer"."newsletter", "orders_customer"."tags", "orders_customer"."preferences", "orders_customer"."created_at") as "data" from (select * from "customers" "orders_customer" where "orders_customer"."id" = "orders"."customer_id" limit $1) "orders_customer") "orders_customer" on true left join lateral (select coalesce(json_agg(json_build_array("orders_payments"."id", "orders_payments"."order_id", "orders_payments"."method", "orders_payments"."card_number", "orders_payments"."iban", "orders_payments"."amount", "orders_payments"."status", "orders_payments"."paid_at")), '[]'::json) as "data" from "payments" "orders_payments" where "orders_payments"."order_id" = "orders"."id") "orders_payments" on true left join lateral (select json_build_array("orders_invoice"."id", "orders_invoice"."order_id", "orders_invoice"."number", "orders_invoice"."vat_number", "orders_invoice"."gross", "orders_invoice"."issued_on", "orders_invoice"."due_on") as "data" from (select * from "invoices" "orders_invoice" where "orders_invoice"."order_id" = "orders"."id" limit $2) "orders_invoice") "orders_invoice" on true limit $3
-- params: ["1","1","1","3"]
select "refunds"."id", "refunds"."payment_id", "refunds"."amount", "refunds"."reason", "refunds"."created_at", "refunds_payment"."data" as "payment" from "refunds" "refunds" left join lateral (select json_build_array("refunds_payment"."id", "refunds_payment"."order_id", "refunds_payment"."method", "refunds_payment"."card_number", "refunds_payment"."iban", "refunds_payment"."amount", "refunds_payment"."status", "refunds_payment"."paid_at", "refunds_payment_order"."data") as "data" from (select * from "payments" "refunds_payment" where "refunds_payment"."id" = "refunds"."payment_id" limit $1) "refunds_payment" left join lateral (select json_build_array("refunds_payment_order"."id", "refunds_payment_order"."customer_id", "refunds_payment_order"."shipping_address_id", "refunds_payment_order"."status", "refunds_payment_order"."currency", "refunds_payment_order"."total", "refunds_payment_order"."placed_at", "refunds_payment_order_customer"."data") as "data" from (select * from "orders" "refunds_payment_order" where "refunds_payment_order"."id" = "refunds_payment"."order_id" limit $2) "refunds_payment_order" left join lateral (select json_build_array("refunds_payment_order_customer"."id", "refunds_payment_order_customer"."first_name", "refunds_payment_order_customer"."last_name", "refunds_payment_order_customer"."email", "refunds_payment_order_customer"."phone", "refunds_payment_order_customer"."birth_date", "refunds_payment_order_customer"."country", "refunds_payment_order_customer"."locale", "refunds_payment_order_customer"."newsletter", "refunds_payment_order_customer"."tags", "refunds_payment_order_customer"."preferences", "refunds_payment_order_customer"."created_at") as "data" from (select * from "customers" "refunds_payment_order_customer" where "refunds_payment_order_customer"."id" = "refunds_payment_order"."customer_id" limit $3) "refunds_payment_order_customer") "refunds_payment_order_customer" on true) "refunds_payment_order" on true) "refunds_payment" on true limit $4
-- kind: shows what is made of detail model
-- params: ["1","1","1","1"]
select "tickets"."id", "tickets"."customer_id", "tickets"."assignee_id", "tickets"."subject", "tickets"."body", "tickets"."status", "tickets"."priority", "tickets"."created_at", "tickets_customer"."data" as "customer", "tickets_assignee"."data" as "assignee" from "support_tickets" "tickets" left join lateral (select json_build_array("tickets_customer"."id", "tickets_customer"."first_name", "tickets_customer"."last_name", "tickets_customer"."email", "tickets_customer"."phone", "tickets_customer"."birth_date", "tickets_customer"."country", "tickets_customer"."locale", "tickets_customer"."newsletter", "tickets_customer"."tags", "tickets_customer"."preferences", "tickets_customer"."created_at") as "data" from (select * from "customers" "tickets_customer" where "tickets_customer"."id" = "tickets"."customer_id" limit $1) "tickets_customer") "tickets_customer" on true left join lateral (select json_build_array("tickets_assignee"."id", "tickets_assignee"."manager_id", "tickets_assignee"."last_name", "tickets_assignee"."title", "tickets_assignee"."department", "tickets_assignee"."salary", "tickets_assignee"."hired_on", "tickets_assignee_manager"."data") as "data" from (select * from "employees" "tickets_assignee" where "tickets_assignee"."id" = "tickets"."assignee_id" limit $2) "tickets_assignee" left join lateral (select json_build_array("tickets_assignee_manager"."id", "tickets_assignee_manager"."manager_id", "tickets_assignee_manager"."last_name", "tickets_assignee_manager"."title", "tickets_assignee_manager"."department", "tickets_assignee_manager"."salary", "tickets_assignee_manager"."hired_on") as "data" from (select * from "employees" "tickets_assignee_manager" where "tickets_assignee_manager"."id" = "tickets_assignee"."manager_id" limit $3) "tickets_assignee_manager") "tickets_assignee_manager" on true) "tickets_assignee" on true limit $4
-- kind: json load beside
select "categories"."id", "categories"."parent_id", "categories"."name", "categories"."slug", "categories_children"."data" as "children" from "categories" "categories" left join lateral (select coalesce(json_agg(json_build_array("categories_children"."id", "categories_children"."parent_id", "categories_children"."name", "categories_children"."slug", "categories_children_children"."data")), '[]'::json) as "data" from "categories" "categories_children" left join lateral (select coalesce(json_agg(json_build_array("categories_children_children"."id", "categories_children_children"."parent_id", "categories_children_children"."name", "categories_children_children"."slug")), '[]'::json) as "data" from "categories" "categories_children_children" where "categories_children_children"."parent_id" = "categories_children"."id") "categories_children_children" on true where "categories_children"."parent_id" = "categories"."id") "categories_children" on true where "categories"."parent_id" is null
-- params: ["3","5"]
select "customers"."id", "customers"."last_name", "customers_orders"."data" as "orders" from "customers" "customers" left join lateral (select coalesce(json_agg(json_build_array("customers_orders"."id", "customers_orders"."total") order by "customers_orders"."placed_at" desc), '[]'::json) as "data" from (select * from "orders" "customers_orders" where "customers_orders"."customer_id" = "customers"."id" order by "customers_orders"."placed_at" desc limit $1) "customers_orders") "customers_orders" on true limit $2
select "employees"."last_name", "employees_reports"."data" as "reports", "employees_tickets"."data" as "tickets" from "employees" "employees" left join lateral (select coalesce(json_agg(json_build_array("employees_reports"."last_name")), '[]'::json) as "data" from "employees" "employees_reports" where "employees_reports"."manager_id" = "employees"."id") "employees_reports" on true left join lateral (select coalesce(json_agg(json_build_array("employees_tickets"."subject")), '[]'::json) as "data" from "support_tickets" "employees_tickets" where "employees_tickets"."assignee_id" = "employees"."id") "employees_tickets" on true
-- params: ["1","5"]
select "tickets"."subject", "tickets"."subject" || '!' as "label", "tickets_customer"."data" as "customer" from "support_tickets" "tickets" left join lateral (select json_build_array("tickets_customer"."last_name") as "data" from (select * from "customers" "tickets_customer" where "tickets_customer"."id" = "tickets"."customer_id" limit $1) "tickets_customer") "tickets_customer" on true limit $2
-- params: ["orders","5"]
select "id", "at", "actor", "action", "table_name", "row_id", "changes" from "audit_log" "audit" where ("audit"."table_name" = $1 and "audit"."row_id" = $2) order by "audit"."at" desc
-- kind: joined load
-- params: ["5"]
select "order_items"."id", "order_items"."order_id", "order_items"."product_id", "order_items"."quantity", "order_items"."unit_price", "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."stock", "products"."is_active", "products"."attributes", "products"."created_at" from "order_items" inner join "products" on "order_items"."product_id" = "products"."id" where "order_items"."order_id" = $1
-- params: ["10"]
select "orders"."id", "orders"."customer_id", "orders"."shipping_address_id", "orders"."status", "orders"."currency", "orders"."total", "orders"."placed_at", "customers"."id", "customers"."last_name" from "orders" left join "customers" on "orders"."customer_id" = "customers"."id" limit $1
-- kind: shows joined load
-- params: ["10"]
select "orders"."id", "orders"."customer_id", "orders"."shipping_address_id", "orders"."status", "orders"."currency", "orders"."total", "orders"."placed_at", "customers"."id", "customers"."first_name", "customers"."last_name", "customers"."email", "customers"."phone", "customers"."birth_date", "customers"."country", "customers"."locale", "customers"."newsletter", "customers"."tags", "customers"."preferences", "customers"."created_at" from "orders" left join "customers" on "orders"."customer_id" = "customers"."id" limit $1
-- kind: count
select count(*) from "orders"
-- params: ["CH"]
select count(*) as count from "customers" where "customers"."country" = $1;
select count(distinct "customer_id") from "orders"
-- params: ["5"]
select "id", (select count(*) from "orders" where "orders"."customer_id" = "customers"."id") from "customers" limit $1
-- kind: exists
select "id" from "customers" where exists (select 1 from "orders" where "orders"."customer_id" = "customers"."id")
select "id" from "products" where not exists (select "id", "order_id", "product_id", "quantity", "unit_price" from "order_items" where "order_items"."product_id" = "products"."id")
-- kind: aggregate
select "status", count(*), sum("total"), max("total") from "orders" group by "orders"."status" order by count(*) desc
-- params: ["100"]
select "customers"."last_name", sum("orders"."total") from "customers" inner join "orders" on "orders"."customer_id" = "customers"."id" group by "customers"."id", "customers"."last_name" having sum("orders"."total") > $1
select "method", sum("amount") filter (where "status" = 'settled') from "payments" group by "payments"."method"
-- params: ["10"]
select "products"."name", coalesce(sum("order_items"."quantity"), 0) from "products" left join "order_items" on "order_items"."product_id" = "products"."id" group by "products"."id" order by 2 desc limit $1
-- kind: date
select date_trunc('day', "placed_at"), count(*) from "orders" group by date_trunc('day', "orders"."placed_at") order by date_trunc('day', "orders"."placed_at")
-- params: ["2026-02-01 00:00:00+00","2026-03-01 00:00:00+00"]
select "kind", count(*) from "events" where ("events"."occurred_at" >= $1 and "events"."occurred_at" < $2) group by "events"."kind"
-- kind: case
select case when "total" < 50 then 'small' else 'large' end, count(*) from "orders" group by 1
-- kind: window
-- params: ["10"]
select "id", row_number() over (partition by "customer_id" order by "placed_at" desc) from "orders" limit $1
-- kind: subquery
select "customers"."last_name", "spent" from "customers" left join (select "customer_id", sum("total") as "spent" from "orders" group by "orders"."customer_id") "s" on "s"."customer_id" = "customers"."id"
-- params: ["100"]
with "big" as (select "id", "customer_id", "shipping_address_id", "status", "currency", "total", "placed_at" from "orders" where "orders"."total" > $1) select count(*) from "big"
select "id", "sku", "name", "description", "price", "stock", "is_active", "attributes", "created_at" from "products" where "products"."price" > (select avg("price") from "products")
select distinct on ("orders"."customer_id") "id" from "orders" order by "orders"."customer_id", "orders"."placed_at" desc
-- params: ["DE"]
select "id" from "orders" where "orders"."customer_id" in (select "id" from "customers" where "customers"."country" = $1)
-- kind: lateral
-- params: ["2","10"]
select "customers"."last_name", "recent"."total" from "customers" left join lateral (select "id", "total" from "orders" where "orders"."customer_id" = "customers"."id" order by "orders"."placed_at" desc limit $1) "recent" on true limit $2
-- kind: tree
select "employees"."last_name", "boss"."last_name" from "employees" left join "employees" "boss" on "employees"."manager_id" = "boss"."id"
-- kind: union
-- params: ["paid","300"]
(select "id" from "orders" where "orders"."status" = $1) union (select "id" from "orders" where "orders"."total" > $2)
(select "customer_id" from "orders") except (select "customer_id" from "support_tickets")
(select "last_name" from "customers") union all (select "last_name" from "employees")
-- kind: json
-- params: ["3"]
select "id" from "audit_log" where "audit_log"."changes" ->> 'version' = $1
select "attributes" ->> 'color', count(*) from "products" group by 1
-- kind: queue poll
-- params: ["open","1"]
select "id" from "support_tickets" where ("support_tickets"."status" = $1 and "support_tickets"."assignee_id" is null) order by "support_tickets"."priority" limit $2
-- kind: shows masked plain values
select "id", "email" from "customers"
-- params: ["5"]
select "id", "email" from "customers" "customers" limit $1
-- params: ["1","5"]
select "orders"."id", "orders_customer"."data" as "customer" from "orders" "orders" left join lateral (select json_build_array("orders_customer"."email") as "data" from (select * from "customers" "orders_customer" where "orders_customer"."id" = "orders"."customer_id" limit $1) "orders_customer") "orders_customer" on true limit $2
-- kind: look-up by equality
-- params: ["ann@example.org","1"]
select "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" "customers" where "customers"."email" = $1 limit $2
-- kind: asks look-up
-- params: ["%@example.org"]
select "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" where "customers"."email" ilike $1
-- params: ["3"]
select "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "locale", "newsletter", "tags", "preferences", "created_at" from "customers" "customers" order by "customers"."email" asc limit $1
-- kind: transaction
begin isolation level repeatable read read only
-- params: ["1"]
select "id" from "orders" limit $1
commit
