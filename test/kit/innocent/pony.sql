-- Emitted by Pony 0.7.20, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: introspection
SELECT "addresses"."id", "addresses"."customer_id", "addresses"."kind", "addresses"."line1", "addresses"."city" FROM "addresses" "addresses" WHERE 0 = 1
SELECT "categories"."id", "categories"."parent_id", "categories"."name", "categories"."slug" FROM "categories" "categories" WHERE 0 = 1
SELECT "customers"."id", "customers"."first_name", "customers"."last_name", "customers"."email", "customers"."phone", "customers"."birth_date", "customers"."country", "customers"."created_at" FROM "customers" "customers" WHERE 0 = 1
SELECT "employees"."id", "employees"."manager_id", "employees"."last_name", "employees"."department", "employees"."salary", "employees"."hired_on" FROM "employees" "employees" WHERE 0 = 1
SELECT "invoices"."id", "invoices"."order_id", "invoices"."number", "invoices"."vat_number", "invoices"."gross", "invoices"."due_on" FROM "invoices" "invoices" WHERE 0 = 1
SELECT "order_items"."id", "order_items"."order_id", "order_items"."product_id", "order_items"."quantity", "order_items"."unit_price" FROM "order_items" "order_items" WHERE 0 = 1
SELECT "orders"."id", "orders"."customer_id", "orders"."number", "orders"."status", "orders"."channel", "orders"."total", "orders"."placed_at" FROM "orders" "orders" WHERE 0 = 1
SELECT "payments"."id", "payments"."order_id", "payments"."method", "payments"."status", "payments"."amount", "payments"."card_number", "payments"."iban" FROM "payments" "payments" WHERE 0 = 1
SELECT "product_categories"."category_id", "product_categories"."product_id" FROM "product_categories" "product_categories" WHERE 0 = 1
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."stock", "products"."is_active", "products"."attributes" FROM "products" "products" WHERE 0 = 1
SELECT "support_tickets"."id", "support_tickets"."customer_id", "support_tickets"."assignee_id", "support_tickets"."subject", "support_tickets"."body", "support_tickets"."status", "support_tickets"."priority" FROM "support_tickets" "support_tickets" WHERE 0 = 1
-- kind: list
SELECT "p"."id", "p"."sku", "p"."name", "p"."description", "p"."price", "p"."stock", "p"."is_active", "p"."attributes" FROM "products" "p" WHERE "p"."is_active" AND "p"."price" BETWEEN 5 AND 80 ORDER BY "p"."name" LIMIT 20 OFFSET 20
SELECT "o"."id", "o"."customer_id", "o"."number", "o"."status", "o"."channel", "o"."total", "o"."placed_at" FROM "orders" "o" WHERE "o"."channel" IN ('web', 'app') AND "o"."placed_at" >= '2026-03-01T00:00:00'::timestamp ORDER BY "o"."placed_at" DESC LIMIT 25
SELECT "p"."id", "p"."sku", "p"."name", "p"."description", "p"."price", "p"."stock", "p"."is_active", "p"."attributes" FROM "products" "p" WHERE ("p"."name" LIKE '%Chair%' OR "p"."sku" LIKE 'SKU-000%')
SELECT DISTINCT "p"."id", "p"."sku", "p"."name", "p"."description", "p"."price", "p"."stock", "p"."is_active", "p"."attributes" FROM "products" "p", "product_categories" "t-1", "categories" "c" WHERE "c"."slug" = 'category-7' AND "p"."id" = "t-1"."product_id" AND "t-1"."category_id" = "c"."id"
SELECT "c"."id", "c"."parent_id", "c"."name", "c"."slug" FROM "categories" "c" WHERE "c"."parent_id" IS NULL
-- kind: list safe columns
SELECT "c"."id", "c"."last_name" FROM "customers" "c" WHERE "c"."country" = 'CH' LIMIT 10
SELECT "t-1"."id", "t-1"."subject", "customer"."last_name" FROM "support_tickets" "t-1", "customers" "customer" WHERE "t-1"."status" = 'open' AND "t-1"."customer_id" = "customer"."id"
-- kind: shows list models
SELECT "c"."id", "c"."first_name", "c"."last_name", "c"."email", "c"."phone", "c"."birth_date", "c"."country", "c"."created_at" FROM "customers" "c" WHERE "c"."country" = 'CH' LIMIT 5
SELECT "p"."id", "p"."order_id", "p"."method", "p"."status", "p"."amount", "p"."card_number", "p"."iban" FROM "payments" "p" WHERE "p"."status" = 'failed'
SELECT "e"."id", "e"."manager_id", "e"."last_name", "e"."department", "e"."salary", "e"."hired_on" FROM "employees" "e"
SELECT "c"."id", "c"."first_name", "c"."last_name", "c"."email", "c"."phone", "c"."birth_date", "c"."country", "c"."created_at" FROM "customers" "c" WHERE EXISTS ( SELECT 1 FROM "orders" "o" WHERE "c"."id" = "o"."customer_id" AND "o"."total" > 800 ) LIMIT 3
-- kind: detail
SELECT "id", "sku", "name", "description", "price", "stock", "is_active", "attributes" FROM "products" WHERE "id" = 3
SELECT "id", "customer_id", "number", "status", "channel", "total", "placed_at" FROM "orders" WHERE "id" = 5
SELECT "id", "order_id", "product_id", "quantity", "unit_price" FROM "order_items" WHERE "order_id" = 5
SELECT "id", "sku", "name", "description", "price", "stock", "is_active", "attributes" FROM "products" WHERE "id" = 2
SELECT "T1"."category_id" FROM "product_categories" "T1" WHERE "T1"."product_id" = 2
SELECT "id", "customer_id", "number", "status", "channel", "total", "placed_at" FROM "orders" WHERE "number" = 'O-2026-000005' LIMIT 2
-- kind: shows detail model
SELECT "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "created_at" FROM "customers" WHERE "id" = 3
SELECT "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "created_at" FROM "customers" WHERE "id" = 4
SELECT "id", "customer_id", "assignee_id", "subject", "body", "status", "priority" FROM "support_tickets" WHERE "id" = 2
SELECT "id", "manager_id", "last_name", "department", "salary", "hired_on" FROM "employees" WHERE "id" = 10
SELECT "id", "manager_id", "last_name", "department", "salary", "hired_on" FROM "employees" WHERE "id" = 2
-- kind: detail model
SELECT "id", "customer_id", "number", "status", "channel", "total", "placed_at" FROM "orders" WHERE "customer_id" = 4
-- kind: shows whole rows once in no order
SELECT DISTINCT "customer"."id", "customer"."first_name", "customer"."last_name", "customer"."email", "customer"."phone", "customer"."birth_date", "customer"."country", "customer"."created_at" FROM "orders" "o", "customers" "customer" WHERE "o"."total" > 500 AND "o"."customer_id" = "customer"."id" LIMIT 5
SELECT DISTINCT "c"."id", "c"."first_name", "c"."last_name", "c"."email", "c"."phone", "c"."birth_date", "c"."country", "c"."created_at" FROM "customers" "c", "orders" "o" WHERE "o"."total" > 800 AND "c"."id" = "o"."customer_id"
-- kind: select-in load
SELECT "o"."id", "o"."customer_id", "o"."number", "o"."status", "o"."channel", "o"."total", "o"."placed_at" FROM "orders" "o" WHERE "o"."id" < 4
SELECT "id", "order_id", "product_id", "quantity", "unit_price" FROM "order_items" WHERE "order_id" IN (1, 2, 3)
SELECT "c"."id", "c"."parent_id", "c"."name", "c"."slug" FROM "categories" "c" WHERE "c"."id" < 4
SELECT "id", "parent_id", "name", "slug" FROM "categories" WHERE "parent_id" IN (1, 2, 3)
SELECT "id", "parent_id", "name", "slug" FROM "categories" WHERE "parent_id" IN (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
-- kind: count
SELECT COUNT(*) FROM "orders" "o"
SELECT COUNT(DISTINCT "c"."id") FROM "customers" "c", "orders" "o" WHERE "o"."total" > 500 AND "c"."id" = "o"."customer_id"
SELECT COUNT(*) FROM "customers" "c" WHERE "c"."country" = 'CH'
SELECT "o"."id", "o"."customer_id", "o"."number", "o"."status", "o"."channel", "o"."total", "o"."placed_at" FROM "orders" "o" WHERE "o"."customer_id" = 4 LIMIT 1
-- kind: aggregate
SELECT coalesce(SUM("o"."total"), 0) FROM "orders" "o"
SELECT "o"."channel", COUNT(DISTINCT "o"."id"), coalesce(SUM("o"."total"), 0) FROM "orders" "o" GROUP BY "o"."channel"
SELECT "c"."last_name", coalesce(SUM("order"."total"), 0) FROM "customers" "c" LEFT JOIN "orders" "order" ON "c"."id" = "order"."customer_id" GROUP BY "c"."last_name" LIMIT 5
SELECT "p"."name", coalesce(SUM("item"."quantity"), 0) FROM "products" "p" LEFT JOIN "order_items" "item" ON "p"."id" = "item"."product_id" GROUP BY "p"."name" ORDER BY 2 DESC LIMIT 10
SELECT "e"."department", COUNT(*), MIN("e"."hired_on") FROM "employees" "e" GROUP BY "e"."department"
SELECT AVG("p"."price") FROM "products" "p"
-- kind: group whole model
SELECT "c"."id", COUNT(DISTINCT "order"."id") FROM "customers" "c" LEFT JOIN "orders" "order" ON "c"."id" = "order"."customer_id" GROUP BY "c"."id" ORDER BY 2 DESC LIMIT 5
-- kind: subquery
SELECT "p"."id" FROM "products" "p" WHERE "p"."stock" > ( SELECT AVG("q"."stock") FROM "products" "q" )
SELECT "c"."id" FROM "customers" "c" WHERE NOT EXISTS ( SELECT 1 FROM "support_tickets" "ticket" WHERE "c"."id" = "ticket"."customer_id" )
SELECT "o"."id" FROM "orders" "o" WHERE "o"."customer_id" IN ( SELECT "c"."id" FROM "customers" "c" WHERE "c"."country" = 'DE' )
SELECT "c"."id", ( SELECT MAX("o"."placed_at") FROM "orders" "o" WHERE "o"."customer_id" = "c"."id" ) FROM "customers" "c" LIMIT 5
-- kind: date
SELECT EXTRACT(YEAR FROM "o"."placed_at"), EXTRACT(MONTH FROM "o"."placed_at"), coalesce(SUM("o"."total"), 0) FROM "orders" "o" GROUP BY EXTRACT(YEAR FROM "o"."placed_at"), EXTRACT(MONTH FROM "o"."placed_at")
SELECT DISTINCT "i"."number" FROM "invoices" "i" WHERE "i"."due_on" < DATE '2026-03-01'
-- kind: json
SELECT "p"."id" FROM "products" "p" WHERE ("p"."attributes" #>> '{color}') = 'red'
-- kind: queue poll
SELECT "t-1"."id" FROM "support_tickets" "t-1" WHERE "t-1"."status" = 'open' AND "t-1"."assignee_id" IS NULL ORDER BY 1 LIMIT 1
-- kind: tree
SELECT DISTINCT "e"."last_name", "employee"."last_name" FROM "employees" "e", "employees" "employee" WHERE "e"."manager_id" = "employee"."id"
-- kind: is null
SELECT COUNT(*) FROM "customers" "c" WHERE "c"."phone" IS NULL
-- kind: shows masked plain values
SELECT "c"."id", "c"."email" FROM "customers" "c" LIMIT 4
-- kind: look-up by equality
SELECT "id", "first_name", "last_name", "email", "phone", "birth_date", "country", "created_at" FROM "customers" WHERE "email" = 'ann@example.org' LIMIT 2
-- kind: asks look-up
SELECT "c"."id", "c"."first_name", "c"."last_name", "c"."email", "c"."phone", "c"."birth_date", "c"."country", "c"."created_at" FROM "customers" "c" WHERE "c"."email" LIKE '%example.org%'
SELECT "c"."id", "c"."first_name", "c"."last_name", "c"."email", "c"."phone", "c"."birth_date", "c"."country", "c"."created_at" FROM "customers" "c" ORDER BY "c"."email" LIMIT 3
SELECT "e"."id", "e"."manager_id", "e"."last_name", "e"."department", "e"."salary", "e"."hired_on" FROM "employees" "e" WHERE "e"."salary" > 5000
