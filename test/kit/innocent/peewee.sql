-- Emitted by peewee 4.5.3, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: introspection
select oid, typname, format_type(oid, NULL) from pg_type;
SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = COALESCE(NULL, current_schema()) ORDER BY tablename
SELECT i.relname, idxs.indexdef, idx.indisunique, ARRAY( SELECT pg_get_indexdef(idx.indexrelid, k + 1, TRUE) FROM generate_subscripts(idx.indkey, 1) AS k ORDER BY k) FROM pg_catalog.pg_class AS t INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid INNER JOIN pg_catalog.pg_index AS idx ON t.oid = idx.indrelid INNER JOIN pg_catalog.pg_class AS i ON idx.indexrelid = i.oid INNER JOIN pg_catalog.pg_indexes AS idxs ON ( idxs.tablename = t.relname AND idxs.indexname = i.relname AND idxs.schemaname = n.nspname) WHERE t.relname = 'addresses' AND t.relkind = 'r' AND n.nspname = COALESCE(NULL, current_schema()) ORDER BY idx.indisunique DESC, i.relname;
SELECT c.column_name, c.is_nullable, c.data_type, c.column_default, pg_catalog.format_type(a.atttypid, a.atttypmod), c.is_identity FROM information_schema.columns AS c INNER JOIN pg_catalog.pg_namespace AS n ON (n.nspname = c.table_schema) INNER JOIN pg_catalog.pg_class AS t ON (t.relname = c.table_name AND t.relnamespace = n.oid) INNER JOIN pg_catalog.pg_attribute AS a ON (a.attrelid = t.oid AND a.attname = c.column_name) WHERE c.table_name = 'addresses' AND c.table_schema = COALESCE(NULL, current_schema()) AND NOT a.attisdropped ORDER BY c.ordinal_position
SELECT kc.column_name FROM information_schema.table_constraints AS tc INNER JOIN information_schema.key_column_usage AS kc ON ( tc.table_name = kc.table_name AND tc.table_schema = kc.table_schema AND tc.constraint_name = kc.constraint_name) WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_name = 'addresses' AND tc.table_schema = COALESCE(NULL, current_schema()) ORDER BY kc.ordinal_position
SELECT a.attname, a.atttypid FROM pg_catalog.pg_attribute AS a INNER JOIN pg_catalog.pg_class AS t ON a.attrelid = t.oid INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid WHERE t.relname = 'addresses' AND n.nspname = COALESCE(NULL, current_schema()) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
SELECT DISTINCT kcu.column_name, ccu.table_name, ccu.column_name, tc.constraint_name, rc.delete_rule, rc.update_rule FROM information_schema.table_constraints AS tc JOIN information_schema.key_column_usage AS kcu ON (tc.constraint_name = kcu.constraint_name AND tc.constraint_schema = kcu.constraint_schema AND tc.table_name = kcu.table_name AND tc.table_schema = kcu.table_schema) JOIN information_schema.constraint_column_usage AS ccu ON (ccu.constraint_name = tc.constraint_name AND ccu.constraint_schema = tc.constraint_schema) JOIN information_schema.referential_constraints AS rc ON (rc.constraint_name = tc.constraint_name AND rc.constraint_schema = tc.constraint_schema) WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'addresses' AND tc.table_schema = COALESCE(NULL, current_schema())
SELECT i.relname, idxs.indexdef, idx.indisunique, ARRAY( SELECT pg_get_indexdef(idx.indexrelid, k + 1, TRUE) FROM generate_subscripts(idx.indkey, 1) AS k ORDER BY k) FROM pg_catalog.pg_class AS t INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid INNER JOIN pg_catalog.pg_index AS idx ON t.oid = idx.indrelid INNER JOIN pg_catalog.pg_class AS i ON idx.indexrelid = i.oid INNER JOIN pg_catalog.pg_indexes AS idxs ON ( idxs.tablename = t.relname AND idxs.indexname = i.relname AND idxs.schemaname = n.nspname) WHERE t.relname = 'audit_log' AND t.relkind = 'r' AND n.nspname = COALESCE(NULL, current_schema()) ORDER BY idx.indisunique DESC, i.relname;
SELECT c.column_name, c.is_nullable, c.data_type, c.column_default, pg_catalog.format_type(a.atttypid, a.atttypmod), c.is_identity FROM information_schema.columns AS c INNER JOIN pg_catalog.pg_namespace AS n ON (n.nspname = c.table_schema) INNER JOIN pg_catalog.pg_class AS t ON (t.relname = c.table_name AND t.relnamespace = n.oid) INNER JOIN pg_catalog.pg_attribute AS a ON (a.attrelid = t.oid AND a.attname = c.column_name) WHERE c.table_name = 'audit_log' AND c.table_schema = COALESCE(NULL, current_schema()) AND NOT a.attisdropped ORDER BY c.ordinal_position
SELECT kc.column_name FROM information_schema.table_constraints AS tc INNER JOIN information_schema.key_column_usage AS kc ON ( tc.table_name = kc.table_name AND tc.table_schema = kc.table_schema AND tc.constraint_name = kc.constraint_name) WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_name = 'audit_log' AND tc.table_schema = COALESCE(NULL, current_schema()) ORDER BY kc.ordinal_position
SELECT a.attname, a.atttypid FROM pg_catalog.pg_attribute AS a INNER JOIN pg_catalog.pg_class AS t ON a.attrelid = t.oid INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid WHERE t.relname = 'audit_log' AND n.nspname = COALESCE(NULL, current_schema()) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
SELECT DISTINCT kcu.column_name, ccu.table_name, ccu.column_name, tc.constraint_name, rc.delete_rule, rc.update_rule FROM information_schema.table_constraints AS tc JOIN information_schema.key_column_usage AS kcu ON (tc.constraint_name = kcu.constraint_name AND tc.constraint_schema = kcu.constraint_schema AND tc.table_name = kcu.table_name AND tc.table_schema = kcu.table_schema) JOIN information_schema.constraint_column_usage AS ccu ON (ccu.constraint_name = tc.constraint_name AND ccu.constraint_schema = tc.constraint_schema) JOIN information_schema.referential_constraints AS rc ON (rc.constraint_name = tc.constraint_name AND rc.constraint_schema = tc.constraint_schema) WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'audit_log' AND tc.table_schema = COALESCE(NULL, current_schema())
SELECT viewname, definition FROM pg_catalog.pg_views WHERE schemaname = COALESCE(NULL, current_schema()) ORDER BY viewname
SELECT COUNT(*) FROM pg_class, pg_namespace WHERE relkind='S' AND pg_class.relnamespace = pg_namespace.oid AND relname='orders_id_seq' AND nspname=COALESCE(NULL, current_schema())
-- kind: list
SELECT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" WHERE ("t1"."is_active" AND ("t1"."price" BETWEEN 5 AND 80)) ORDER BY "t1"."name" LIMIT 20 OFFSET 20
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at" FROM "orders" AS "t1" WHERE (("t1"."status" IN ('paid', 'shipped')) AND ("t1"."placed_at" >= '2026-03-01T00:00:00+00:00'::timestamptz)) ORDER BY "t1"."placed_at" DESC, "t1"."id" DESC LIMIT 25
SELECT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" WHERE (("t1"."name" ILIKE '%chair%') OR ("t1"."sku" ILIKE 'SKU-000%'))
SELECT DISTINCT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" INNER JOIN "product_categories" AS "t2" ON ("t2"."product_id" = "t1"."id") INNER JOIN "categories" AS "t3" ON ("t2"."category_id" = "t3"."id") WHERE ("t3"."slug" = 'category-7')
SELECT "t1"."id", "t1"."parent_id", "t1"."name", "t1"."slug", "t1"."position" FROM "categories" AS "t1" WHERE ("t1"."parent_id" IS NULL)
-- kind: list safe columns
SELECT "t1"."id", "t1"."last_name" FROM "customers" AS "t1" WHERE ("t1"."country" = 'CH') LIMIT 10
SELECT "t1"."id", "t1"."last_name" FROM "customers" AS "t1"
SELECT "t1"."id", "t1"."subject", "t2"."last_name" FROM "support_tickets" AS "t1" INNER JOIN "customers" AS "t2" ON ("t1"."customer_id" = "t2"."id") WHERE ("t1"."status" = 'open')
-- kind: shows list models
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" WHERE ("t1"."country" = 'CH') LIMIT 5
SELECT "t1"."id", "t1"."order_id", "t1"."method", "t1"."status", "t1"."amount", "t1"."card_number", "t1"."iban", "t1"."paid_at", "t1"."created_at" FROM "payments" AS "t1" WHERE ("t1"."status" = 'failed')
SELECT "t1"."id", "t1"."manager_id", "t1"."first_name", "t1"."last_name", "t1"."title", "t1"."department", "t1"."salary", "t1"."hired_on", "t1"."active" FROM "employees" AS "t1"
SELECT "t1"."id", "t1"."customer_id", "t1"."order_id", "t1"."assignee_id", "t1"."subject", "t1"."body", "t1"."status", "t1"."priority", "t1"."created_at", "t1"."closed_at", "t2"."id", "t2"."first_name", "t2"."last_name", "t2"."email", "t2"."phone", "t2"."birth_date", "t2"."country", "t2"."locale", "t2"."newsletter", "t2"."tags", "t2"."preferences", "t2"."referrer_id", "t2"."created_at", "t2"."updated_at", "t2"."deleted_at" FROM "support_tickets" AS "t1" INNER JOIN "customers" AS "t2" ON ("t1"."customer_id" = "t2"."id") LIMIT 5
-- kind: keyset
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at" FROM "orders" AS "t1" WHERE (("t1"."placed_at", "t1"."id") < ('2026-06-01T00:00:00+00:00'::timestamptz, 500)) ORDER BY "t1"."placed_at" DESC, "t1"."id" DESC LIMIT 20
-- kind: detail
SELECT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" WHERE ("t1"."id" = 3) LIMIT 1 OFFSET 0
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at" FROM "orders" AS "t1" WHERE ("t1"."number" = 'O-2026-000005') LIMIT 1 OFFSET 0
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at" FROM "orders" AS "t1" WHERE ("t1"."id" = 5) LIMIT 1 OFFSET 0
SELECT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" WHERE ("t1"."id" = 0) LIMIT 1 OFFSET 0
-- kind: transaction
ROLLBACK
-- kind: shows detail model
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" WHERE ("t1"."id" = 3) LIMIT 1 OFFSET 0
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" WHERE ("t1"."id" = 36) LIMIT 1 OFFSET 0
-- kind: select-in load
SELECT "t1"."id", "t1"."sku", "t1"."name", "t1"."description", "t1"."price", "t1"."currency", "t1"."stock", "t1"."weight_grams", "t1"."is_active", "t1"."tags", "t1"."attributes", "t1"."search", "t1"."created_at", "t1"."updated_at" FROM "products" AS "t1" WHERE ("t1"."id" IN (SELECT "t2"."product_id" FROM "order_items" AS "t2" WHERE ("t2"."order_id" IN (SELECT "t3"."id" FROM "orders" AS "t3" WHERE ("t3"."id" < 6)))))
SELECT "t1"."id", "t1"."order_id", "t1"."product_id", "t1"."quantity", "t1"."unit_price", "t1"."total" FROM "order_items" AS "t1" WHERE ("t1"."order_id" IN (SELECT "t2"."id" FROM "orders" AS "t2" WHERE ("t2"."id" < 6)))
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at" FROM "orders" AS "t1" WHERE ("t1"."id" < 6)
SELECT "t1"."id", "t1"."customer_id", "t1"."total" FROM "orders" AS "t1" WHERE ("t1"."customer_id" IN (SELECT "t2"."id" FROM "customers" AS "t2" WHERE ("t2"."id" < 9)))
SELECT "t1"."id", "t1"."last_name" FROM "customers" AS "t1" WHERE ("t1"."id" < 9)
-- kind: joined load
SELECT "t1"."id", "t1"."customer_id", "t1"."shipping_address_id", "t1"."number", "t1"."status", "t1"."channel", "t1"."total", "t1"."currency", "t1"."discount", "t1"."note", "t1"."placed_at", "t1"."shipped_at", "t1"."created_at", "t1"."updated_at", "t2"."id", "t2"."last_name" FROM "orders" AS "t1" INNER JOIN "customers" AS "t2" ON ("t1"."customer_id" = "t2"."id") WHERE ("t2"."country" = 'DE')
SELECT "t1"."id", "t1"."payment_id", "t1"."amount", "t1"."reason", "t1"."created_at", "t2"."amount" FROM "refunds" AS "t1" INNER JOIN "payments" AS "t2" ON ("t1"."payment_id" = "t2"."id")
-- kind: count
SELECT COUNT(1) FROM (SELECT 1 FROM "orders" AS "t1") AS "_wrapped" LIMIT 1
SELECT COUNT(1) FROM (SELECT 1 FROM "customers" AS "t1" WHERE ("t1"."country" = 'CH')) AS "_wrapped" LIMIT 1
SELECT COUNT(1) FROM (SELECT DISTINCT "t1"."customer_id" FROM "orders" AS "t1") AS "_wrapped" LIMIT 1
SELECT EXISTS(SELECT 1 FROM "orders" AS "t1" WHERE ("t1"."customer_id" = 4)) LIMIT 1
-- kind: whole rows once
SELECT COUNT(1) FROM (SELECT DISTINCT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" INNER JOIN "orders" AS "t2" ON ("t2"."customer_id" = "t1"."id") WHERE ("t2"."status" = 'paid')) AS "_wrapped" LIMIT 1
-- kind: exists
SELECT "t1"."id" FROM "customers" AS "t1" WHERE EXISTS(SELECT "t2"."id" FROM "orders" AS "t2" WHERE (("t2"."customer_id" = "t1"."id") AND ("t2"."total" > 200)))
SELECT "t1"."id" FROM "customers" AS "t1" WHERE NOT EXISTS(SELECT "t2"."id" FROM "support_tickets" AS "t2" WHERE ("t2"."customer_id" = "t1"."id"))
SELECT "t1"."id" FROM "customers" AS "t1" WHERE ("t1"."id" NOT IN (SELECT "t2"."customer_id" FROM "support_tickets" AS "t2"))
-- kind: aggregate
SELECT SUM("t1"."total"), AVG("t1"."total") FROM "orders" AS "t1" LIMIT 1
SELECT "t1"."status", COUNT("t1"."id") AS "n", SUM("t1"."total") AS "t" FROM "orders" AS "t1" GROUP BY "t1"."status" HAVING (COUNT("t1"."id") > 1) ORDER BY n DESC
SELECT "t1"."last_name", SUM("t2"."total") AS "spent" FROM "customers" AS "t1" INNER JOIN "orders" AS "t2" ON ("t2"."customer_id" = "t1"."id") GROUP BY "t1"."id", "t1"."last_name" ORDER BY spent DESC
SELECT "t1"."name", COALESCE(SUM("t2"."quantity"), 0) AS "sold" FROM "products" AS "t1" LEFT OUTER JOIN "order_items" AS "t2" ON ("t2"."product_id" = "t1"."id") GROUP BY "t1"."id"
SELECT "t1"."method", SUM("t1"."amount") FILTER (WHERE ("t1"."status" = 'settled')) FROM "payments" AS "t1" GROUP BY "t1"."method"
SELECT "t1"."department", COUNT("t1"."id") FROM "employees" AS "t1" GROUP BY "t1"."department"
-- kind: shows group whole model
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at", COUNT("t2"."id") AS "n" FROM "customers" AS "t1" LEFT OUTER JOIN "orders" AS "t2" ON ("t2"."customer_id" = "t1"."id") GROUP BY "t1"."id"
-- kind: shows whole rows in groups
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at", COUNT("t2"."id") AS "n" FROM "customers" AS "t1" LEFT OUTER JOIN "orders" AS "t2" ON ("t2"."customer_id" = "t1"."id") GROUP BY "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at"
-- kind: date
SELECT DATE_TRUNC('month', "t1"."placed_at") AS "m", SUM("t1"."total") FROM "orders" AS "t1" GROUP BY m ORDER BY m
SELECT "t1"."id" FROM "orders" AS "t1" WHERE ((EXTRACT(year FROM "t1"."placed_at") = 2026) AND (EXTRACT(month FROM "t1"."placed_at") = 3))
SELECT "t1"."kind", COUNT("t1"."id") FROM "events" AS "t1" WHERE ("t1"."occurred_at" BETWEEN '2026-02-01T00:00:00+00:00'::timestamptz AND '2026-03-01T00:00:00+00:00'::timestamptz) GROUP BY "t1"."kind"
SELECT "t1"."id" FROM "orders" AS "t1" WHERE (date("t1"."placed_at") = '2026-03-04'::date)
-- kind: case
SELECT CASE WHEN ("t1"."total" < 50) THEN 'small' WHEN ("t1"."total" < 200) THEN 'medium' ELSE 'large' END AS "size", COUNT("t1"."id") FROM "orders" AS "t1" GROUP BY size
SELECT "t1"."id" FROM "support_tickets" AS "t1" ORDER BY CASE "t1"."status" WHEN 'open' THEN 0 ELSE 1 END, "t1"."id" LIMIT 5
-- kind: window
SELECT "t1"."id", ROW_NUMBER() OVER (PARTITION BY "t1"."customer_id" ORDER BY "t1"."placed_at" DESC) FROM "orders" AS "t1" LIMIT 10
SELECT "t1"."name", NTILE(4) OVER (ORDER BY "t1"."price") FROM "products" AS "t1"
SELECT "t1"."id", SUM("t1"."total") OVER (ORDER BY "t1"."placed_at", "t1"."id" ROWS UNBOUNDED PRECEDING) FROM "orders" AS "t1" LIMIT 9
-- kind: subquery
SELECT "t1"."id", (SELECT MAX("t2"."placed_at") FROM "orders" AS "t2" WHERE ("t2"."customer_id" = "t1"."id")) AS "last" FROM "customers" AS "t1" LIMIT 5
SELECT "t1"."id" FROM "orders" AS "t1" WHERE ("t1"."customer_id" IN (SELECT "t2"."id" FROM "customers" AS "t2" WHERE ("t2"."country" = 'DE')))
SELECT "t1"."id" FROM "products" AS "t1" WHERE ("t1"."price" > (SELECT AVG("t1"."price") FROM "products" AS "t1"))
-- kind: cte
WITH "spent" ("cid", "s") AS (SELECT "t1"."customer_id", SUM("t1"."total") AS "s" FROM "orders" AS "t1" GROUP BY "t1"."customer_id") SELECT "t2"."last_name", "spent"."s" FROM "customers" AS "t2" INNER JOIN "spent" ON ("spent"."cid" = "t2"."id") ORDER BY "spent"."s" DESC
WITH RECURSIVE "tree" ("id", "name", "depth") AS ((SELECT "t1"."id", "t1"."name", 0 AS "depth" FROM "categories" AS "t1" WHERE ("t1"."parent_id" IS NULL)) UNION ALL (SELECT "t2"."id", "t2"."name", ("tree"."depth" + 1) FROM "categories" AS "t2" INNER JOIN "tree" ON ("t2"."parent_id" = "tree"."id"))) SELECT "tree"."id", "tree"."name", "tree"."depth" FROM "tree"
-- kind: tree
SELECT "t1"."last_name", "t2"."last_name" FROM "employees" AS "t1" LEFT OUTER JOIN "employees" AS "t2" ON ("t1"."manager_id" = "t2"."id")
-- kind: union
(SELECT "t1"."id" FROM "orders" AS "t1" WHERE ("t1"."status" = 'paid')) UNION (SELECT "t2"."id" FROM "orders" AS "t2" WHERE ("t2"."total" > 300))
(SELECT "t1"."last_name" FROM "customers" AS "t1") UNION ALL (SELECT "t2"."last_name" FROM "employees" AS "t2")
(SELECT "t1"."customer_id" FROM "orders" AS "t1") EXCEPT (SELECT "t2"."customer_id" FROM "support_tickets" AS "t2")
-- kind: queue poll
SELECT "t1"."id" FROM "support_tickets" AS "t1" WHERE (("t1"."status" = 'open') AND ("t1"."assignee_id" IS NULL)) ORDER BY "t1"."priority" LIMIT 1
-- kind: is null
SELECT COUNT(1) FROM (SELECT 1 FROM "customers" AS "t1" WHERE ("t1"."phone" IS NULL)) AS "_wrapped" LIMIT 1
-- kind: shows masked plain values
SELECT "t1"."id", "t1"."email" FROM "customers" AS "t1" LIMIT 5
SELECT AVG("t1"."salary") FROM "employees" AS "t1"
SELECT LOWER("t1"."email") FROM "customers" AS "t1" LIMIT 3
-- kind: look-up by equality
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" WHERE ("t1"."email" = 'ann@example.org') LIMIT 1 OFFSET 0
-- kind: asks look-up
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" WHERE ("t1"."email" ILIKE '%example.org%')
SELECT "t1"."id", "t1"."first_name", "t1"."last_name", "t1"."email", "t1"."phone", "t1"."birth_date", "t1"."country", "t1"."locale", "t1"."newsletter", "t1"."tags", "t1"."preferences", "t1"."referrer_id", "t1"."created_at", "t1"."updated_at", "t1"."deleted_at" FROM "customers" AS "t1" ORDER BY "t1"."email" LIMIT 3
SELECT "t1"."id", "t1"."manager_id", "t1"."first_name", "t1"."last_name", "t1"."title", "t1"."department", "t1"."salary", "t1"."hired_on", "t1"."active" FROM "employees" AS "t1" WHERE ("t1"."salary" > 5000)
SELECT "t1"."id" FROM "customers" AS "t1" WHERE ("t1"."email" ILIKE 'ann%')
