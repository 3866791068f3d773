-- Written by hand in the shape of Tableau's SQL for PostgreSQL: live connections, custom SQL, level-of-detail expressions, top N, filter values.
-- kind: connection
SELECT 1
SELECT "orders"."id" AS "id", "orders"."number" AS "number" FROM "public"."orders" "orders" LIMIT 0
BEGIN; DECLARE "SQL_CUR0x1" CURSOR FOR SELECT "orders"."channel" AS "channel", SUM("orders"."total") AS "sum:total:ok" FROM "public"."orders" "orders" GROUP BY 1; FETCH 2048 IN "SQL_CUR0x1"; CLOSE "SQL_CUR0x1"
-- kind: worksheet
SELECT CAST("orders"."channel" AS TEXT) AS "channel", SUM("orders"."total") AS "sum:total:ok" FROM "public"."orders" "orders" GROUP BY 1
SELECT DATE_TRUNC('MONTH', CAST("orders"."placed_at" AS TIMESTAMP)) AS "tmn:placed_at:ok", COUNT(1) AS "cnt:orders:ok" FROM "public"."orders" "orders" WHERE (CAST(EXTRACT(YEAR FROM "orders"."placed_at") AS INTEGER) = 2026) GROUP BY 1
SELECT CAST(EXTRACT(YEAR FROM "orders"."placed_at") AS BIGINT) AS "yr:placed_at:ok", CAST(TRUNC((6 + EXTRACT(MONTH FROM "orders"."placed_at")) / 3) AS BIGINT) AS "qr:placed_at:ok", COUNT(DISTINCT "orders"."customer_id") AS "ctd:customer_id:ok" FROM "public"."orders" "orders" GROUP BY 1, 2
SELECT (CASE WHEN ("orders"."total" > 500) THEN 'large' ELSE 'small' END) AS "Calculation_1", AVG(CAST("orders"."total" AS DOUBLE PRECISION)) AS "avg:total:ok" FROM "public"."orders" "orders" GROUP BY 1
SELECT CAST("products"."name" AS TEXT) AS "name", SUM("order_items"."quantity") AS "sum:quantity:ok" FROM "public"."order_items" "order_items" INNER JOIN "public"."products" "products" ON ("order_items"."product_id" = "products"."id") GROUP BY 1 HAVING (SUM("order_items"."quantity") >= 90)
SELECT FLOOR("orders"."total" / 50.0) AS "total (bin)", COUNT(1) AS "cnt" FROM "public"."orders" "orders" GROUP BY 1
-- kind: bounds
SELECT MAX("orders"."total") AS "TEMP(TC_MAX)", MIN("orders"."total") AS "TEMP(TC_MIN)" FROM "public"."orders" "orders" HAVING (COUNT(1) > 0)
SELECT MIN(CAST("orders"."placed_at" AS DATE)) AS "min", MAX(CAST("orders"."placed_at" AS DATE)) AS "max", COUNT(1) AS "n" FROM "public"."orders" "orders" HAVING (COUNT(1) > 0)
-- kind: custom SQL
SELECT "Custom SQL Query"."channel" AS "channel", SUM("Custom SQL Query"."n") AS "sum:n:ok" FROM ( select channel, status, count(*) as n from orders group by channel, status ) "Custom SQL Query" GROUP BY 1 HAVING (COUNT(1) > 0)
-- kind: top N
SELECT CAST("products"."name" AS TEXT) AS "name", SUM("order_items"."total") AS "sum:total:ok" FROM "public"."order_items" "order_items" INNER JOIN "public"."products" "products" ON ("order_items"."product_id" = "products"."id") INNER JOIN (SELECT "products"."name" AS "name", SUM("order_items"."total") AS "$__alias__0" FROM "public"."order_items" "order_items" INNER JOIN "public"."products" "products" ON ("order_items"."product_id" = "products"."id") GROUP BY 1 ORDER BY 2 DESC, 1 ASC LIMIT 10) "t0" ON ("products"."name" = "t0"."name") GROUP BY 1
-- kind: level of detail
SELECT CAST(EXTRACT(YEAR FROM "t0"."__measure__0") AS BIGINT) AS "yr:first", SUM("orders"."total") AS "sum:total:ok" FROM "public"."orders" "orders" INNER JOIN (SELECT "orders"."customer_id" AS "customer_id", MIN("orders"."placed_at") AS "__measure__0" FROM "public"."orders" "orders" GROUP BY 1) "t0" ON ("orders"."customer_id" = "t0"."customer_id") GROUP BY 1
SELECT AVG("t0"."n") AS "avg:n:ok" FROM (SELECT "orders"."customer_id" AS "customer_id", COUNT(1) AS "n" FROM "public"."orders" "orders" GROUP BY 1) "t0" HAVING (COUNT(1) > 0)
SELECT "t0"."note" AS "note", "t1"."n" AS "n" FROM (SELECT "orders"."note" AS "note" FROM "public"."orders" "orders" GROUP BY 1) "t0" LEFT JOIN (SELECT "orders"."note" AS "note", COUNT(1) AS "n" FROM "public"."orders" "orders" GROUP BY 1) "t1" ON (("t0"."note" = "t1"."note") OR (("t0"."note" IS NULL) AND ("t1"."note" IS NULL)))
-- kind: values of a filter
SELECT CAST("orders"."status" AS TEXT) AS "status" FROM "public"."orders" "orders" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST
SELECT DISTINCT CAST("events"."kind" AS TEXT) AS "kind" FROM "public"."events" "events" ORDER BY "kind" ASC NULLS FIRST
-- kind: worksheet beside masked columns
SELECT CAST("customers"."country" AS TEXT) AS "country", SUM("orders"."total") AS "sum:total:ok" FROM "public"."orders" "orders" LEFT JOIN "public"."customers" "customers" ON ("orders"."customer_id" = "customers"."id") GROUP BY 1
SELECT DATE_TRUNC('QUARTER', CAST("customers"."created_at" AS TIMESTAMP)) AS "tqr:created_at:ok", COUNT(1) AS "cnt" FROM "public"."customers" "customers" WHERE ((NOT ("customers"."deleted_at" IS NOT NULL)) AND ("customers"."country" IN ('CH', 'DE'))) GROUP BY 1
SELECT CAST("payments"."method" AS TEXT) AS "method", SUM((CASE WHEN ("payments"."status" = 'failed') THEN 1 ELSE 0 END)) AS "sum:failed:ok", COUNT("payments"."iban") AS "cnt:iban:ok" FROM "public"."payments" "payments" GROUP BY 1
SELECT CAST("employees"."department" AS TEXT) AS "department", COUNT(DISTINCT "support_tickets"."customer_id") AS "ctd:customer_id:ok" FROM "public"."support_tickets" "support_tickets" LEFT JOIN "public"."employees" "employees" ON ("support_tickets"."assignee_id" = "employees"."id") GROUP BY 1
-- kind: custom SQL beside masked columns
SELECT "Custom SQL Query"."country" AS "country", SUM("Custom SQL Query"."spent") AS "sum:spent:ok" FROM ( select c.*, o.total as spent from customers c join orders o on o.customer_id = c.id ) "Custom SQL Query" GROUP BY 1 HAVING (COUNT(1) > 0)
SELECT SUM(1) AS "cnt:1:ok" FROM ( select * from support_tickets where status = 'open' ) "Custom SQL Query" HAVING (COUNT(1) > 0)
-- kind: level of detail beside masked columns
SELECT CAST("customers"."country" AS TEXT) AS "country", AVG("t0"."__measure__0") AS "avg" FROM "public"."customers" "customers" INNER JOIN (SELECT "orders"."customer_id" AS "customer_id", SUM("orders"."total") AS "__measure__0" FROM "public"."orders" "orders" GROUP BY 1) "t0" ON ("customers"."id" = "t0"."customer_id") GROUP BY 1
-- kind: values of a filter beside masked columns
SELECT CAST("customers"."locale" AS TEXT) AS "locale" FROM "public"."customers" "customers" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST
-- kind: shows masks: underlying data
SELECT "customers"."id" AS "id", "customers"."email" AS "email", "customers"."phone" AS "phone", "customers"."birth_date" AS "birth_date", "customers"."country" AS "country" FROM "public"."customers" "customers" LIMIT 10000
SELECT "payments"."card_number" AS "card_number", "payments"."amount" AS "amount" FROM "public"."payments" "payments" WHERE ("payments"."order_id" = 25) LIMIT 10000
-- kind: shows what is made of masked columns: a measure
SELECT "customers"."id" AS "id", MIN(CAST("employees"."salary" AS DOUBLE PRECISION)) AS "min" FROM "public"."customers" "customers" CROSS JOIN "public"."employees" "employees" WHERE "customers"."id" < 3 GROUP BY 1
-- kind: asks: values of a masked filter
SELECT CAST("customers"."phone" AS TEXT) AS "phone" FROM "public"."customers" "customers" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST
SELECT CAST(EXTRACT(YEAR FROM "customers"."birth_date") AS BIGINT) AS "yr:birth_date:ok", COUNT(1) AS "cnt" FROM "public"."customers" "customers" GROUP BY 1
-- kind: asks: bounds of a masked column
SELECT MAX("customers"."phone") AS "max" FROM "public"."customers" "customers" HAVING (COUNT(1) > 0)
