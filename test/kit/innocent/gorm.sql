-- Emitted by GORM 1.31.2, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: introspection
-- params: ["orders","BASE TABLE"]
SELECT count(*) FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND table_type = $2
-- params: ["orders","status"]
SELECT count(*) FROM INFORMATION_SCHEMA.columns WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND column_name = $2
-- params: ["orders","orders_number_key"]
SELECT count(*) FROM pg_indexes WHERE tablename = $1 AND indexname = $2 AND schemaname = CURRENT_SCHEMA()
-- params: ["orders","orders_pkey"]
SELECT count(*) FROM INFORMATION_SCHEMA.table_constraints WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND constraint_name = $2
-- params: ["BASE TABLE"]
SELECT table_name FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_type = $1
SELECT CURRENT_DATABASE()
-- params: ["shop","orders"]
SELECT c.column_name, c.is_nullable = 'YES', c.udt_name, c.character_maximum_length, c.numeric_precision, c.numeric_precision_radix, c.numeric_scale, c.datetime_precision, 8 * typlen, c.column_default, pd.description, c.identity_increment FROM information_schema.columns AS c JOIN pg_type AS pgt ON c.udt_name = pgt.typname LEFT JOIN pg_catalog.pg_description as pd ON pd.objsubid = c.ordinal_position AND pd.objoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = c.table_name AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = c.table_schema)) where table_catalog = $1 AND table_schema = CURRENT_SCHEMA() AND table_name = $2
SELECT * FROM "orders" LIMIT  '1'
-- params: ["shop","orders","UNIQUE"]
SELECT constraint_name FROM information_schema.table_constraints tc JOIN information_schema.constraint_column_usage AS ccu USING (constraint_schema, constraint_catalog, table_name, constraint_name) JOIN information_schema.columns AS c ON c.table_schema = tc.constraint_schema AND tc.table_name = c.table_name AND ccu.column_name = c.column_name WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND c.table_catalog = $1 AND c.table_schema = CURRENT_SCHEMA() AND c.table_name = $2 AND constraint_type = $3
-- params: ["shop","orders"]
SELECT c.column_name, constraint_name, constraint_type FROM information_schema.table_constraints tc JOIN information_schema.constraint_column_usage AS ccu USING (constraint_schema, constraint_catalog, table_name, constraint_name) JOIN information_schema.columns AS c ON c.table_schema = tc.constraint_schema AND tc.table_name = c.table_name AND ccu.column_name = c.column_name WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND c.table_catalog = $1 AND c.table_schema = CURRENT_SCHEMA() AND c.table_name = $2
-- params: ["orders"]
SELECT a.attname as column_name, format_type(a.atttypid, a.atttypmod) AS data_type	FROM pg_attribute a JOIN pg_class b ON a.attrelid = b.oid AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = CURRENT_SCHEMA())	WHERE a.attnum > 0	AND NOT a.attisdropped	AND b.relname = $1
-- params: ["orders"]
SELECT ct.relname AS table_name, ci.relname AS index_name, i.indisunique AS non_unique, i.indisprimary AS primary, a.attname AS column_name FROM pg_index i LEFT JOIN pg_class ct ON ct.oid = i.indrelid LEFT JOIN pg_class ci ON ci.oid = i.indexrelid LEFT JOIN pg_attribute a ON a.attrelid = ct.oid LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid WHERE a.attnum = ANY(i.indkey) AND con.oid IS NULL AND ct.relkind = 'r' AND ct.relname = $1 AND ct.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = CURRENT_SCHEMA())
-- kind: list
-- params: ["t","5","80","20","20"]
SELECT * FROM "products" WHERE is_active = $1 AND price BETWEEN $2 AND $3 ORDER BY name LIMIT $4 OFFSET $5
-- params: ["paid","shipped","2026-03-01 00:00:00+00","25"]
SELECT * FROM "orders" WHERE status IN ($1,$2) AND placed_at >= $3 ORDER BY placed_at desc, id desc LIMIT $4
-- params: ["%chair%","SKU-00003","0"]
SELECT * FROM "products" WHERE name ILIKE $1 OR "products"."sku" = $2 AND NOT stock = $3
-- params: ["category-7"]
SELECT DISTINCT "products"."id","products"."sku","products"."name","products"."description","products"."price","products"."stock","products"."is_active","products"."created_at" FROM "products" JOIN product_categories pc ON pc.product_id = products.id JOIN categories k ON k.id = pc.category_id AND k.slug = $1
SELECT * FROM "categories" WHERE parent_id IS NULL
-- kind: list safe columns
-- params: ["CH","10"]
SELECT "id","last_name" FROM "customers" WHERE country = $1 AND "customers"."deleted_at" IS NULL LIMIT $2
-- params: ["5"]
SELECT "customers"."id","customers"."last_name" FROM "customers" WHERE "customers"."deleted_at" IS NULL LIMIT $1
-- params: ["open"]
SELECT "support_tickets"."id","support_tickets"."customer_id","support_tickets"."assignee_id","support_tickets"."subject","support_tickets"."status","support_tickets"."priority","support_tickets"."created_at" FROM "support_tickets" WHERE "support_tickets"."status" = $1
-- params: ["DE"]
SELECT "last_name" FROM "customers" WHERE country = $1 AND "customers"."deleted_at" IS NULL
-- kind: shows list models
-- params: ["CH","5"]
SELECT * FROM "customers" WHERE country = $1 AND "customers"."deleted_at" IS NULL ORDER BY last_name LIMIT $2
-- params: ["failed"]
SELECT * FROM "payments" WHERE "payments"."status" = $1
SELECT * FROM "employees"
-- kind: shows whole rows once in no order
-- params: ["800"]
SELECT DISTINCT "customers"."id","customers"."first_name","customers"."last_name","customers"."email","customers"."phone","customers"."birth_date","customers"."country","customers"."locale","customers"."created_at","customers"."deleted_at" FROM "customers" JOIN orders o ON o.customer_id = customers.id AND o.total > $1 WHERE "customers"."deleted_at" IS NULL
-- kind: keyset
-- params: ["2026-03-01 00:00:00+00","500","20"]
SELECT * FROM "orders" WHERE (placed_at, id) < ($1, $2) ORDER BY placed_at desc, id desc LIMIT $3
-- params: ["100"]
SELECT * FROM "products" ORDER BY "products"."id" LIMIT $1
-- params: ["100","100"]
SELECT * FROM "products" WHERE "products"."id" > $1 ORDER BY "products"."id" LIMIT $2
-- params: ["200","100"]
SELECT * FROM "products" WHERE "products"."id" > $1 ORDER BY "products"."id" LIMIT $2
-- kind: detail
-- params: ["3","1"]
SELECT * FROM "products" WHERE "products"."id" = $1 ORDER BY "products"."id" LIMIT $2
-- params: ["5","1"]
SELECT * FROM "orders" WHERE "orders"."id" = $1 ORDER BY "orders"."id" LIMIT $2
-- params: ["5"]
SELECT * FROM "order_items" WHERE "order_items"."order_id" = $1
-- params: ["86","131","176"]
SELECT * FROM "products" WHERE "products"."id" IN ($1,$2,$3)
-- params: ["SKU-00003","1"]
SELECT * FROM "products" WHERE sku = $1 LIMIT $2
-- params: ["3"]
SELECT * FROM "product_categories" WHERE "product_categories"."product_id" = $1
-- params: ["14","21"]
SELECT * FROM "categories" WHERE "categories"."id" IN ($1,$2)
-- params: ["1"]
SELECT * FROM "orders" ORDER BY "orders"."id" DESC LIMIT $1
-- kind: shows detail model
-- params: ["3","1"]
SELECT * FROM "customers" WHERE "customers"."id" = $1 AND "customers"."deleted_at" IS NULL ORDER BY "customers"."id" LIMIT $2
-- params: ["4","1"]
SELECT * FROM "customers" WHERE "customers"."id" = $1 AND "customers"."deleted_at" IS NULL ORDER BY "customers"."id" LIMIT $2
-- params: ["4"]
SELECT * FROM "addresses" WHERE "addresses"."customer_id" = $1
-- params: ["2","1"]
SELECT "support_tickets"."id","support_tickets"."customer_id","support_tickets"."assignee_id","support_tickets"."subject","support_tickets"."body","support_tickets"."status","support_tickets"."priority","support_tickets"."created_at","Customer"."id" AS "Customer__id","Customer"."first_name" AS "Customer__first_name","Customer"."last_name" AS "Customer__last_name","Customer"."email" AS "Customer__email","Customer"."phone" AS "Customer__phone","Customer"."birth_date" AS "Customer__birth_date","Customer"."country" AS "Customer__country","Customer"."locale" AS "Customer__locale","Customer"."created_at" AS "Customer__created_at","Customer"."deleted_at" AS "Customer__deleted_at","Assignee"."id" AS "Assignee__id","Assignee"."manager_id" AS "Assignee__manager_id","Assignee"."last_name" AS "Assignee__last_name","Assignee"."department" AS "Assignee__department","Assignee"."salary" AS "Assignee__salary","Assignee"."hired_on" AS "Assignee__hired_on","Assignee__Manager"."id" AS "Assignee__Manager__id","Assignee__Manager"."manager_id" AS "Assignee__Manager__manager_id","Assignee__Manager"."last_name" AS "Assignee__Manager__last_name","Assignee__Manager"."department" AS "Assignee__Manager__department","Assignee__Manager"."salary" AS "Assignee__Manager__salary","Assignee__Manager"."hired_on" AS "Assignee__Manager__hired_on" FROM "support_tickets" LEFT JOIN "customers" "Customer" ON "support_tickets"."customer_id" = "Customer"."id" AND "Customer"."deleted_at" IS NULL LEFT JOIN "employees" "Assignee" ON "support_tickets"."assignee_id" = "Assignee"."id" LEFT JOIN "employees" "Assignee__Manager" ON "Assignee"."manager_id" = "Assignee__Manager"."id" WHERE "support_tickets"."id" = $1 ORDER BY "support_tickets"."id" LIMIT $2
-- params: ["4"]
SELECT "orders"."id","orders"."customer_id","orders"."number","orders"."status","orders"."channel","orders"."total","orders"."note","orders"."placed_at","Customer"."id" AS "Customer__id","Customer"."first_name" AS "Customer__first_name","Customer"."last_name" AS "Customer__last_name","Customer"."email" AS "Customer__email","Customer"."phone" AS "Customer__phone","Customer"."birth_date" AS "Customer__birth_date","Customer"."country" AS "Customer__country","Customer"."locale" AS "Customer__locale","Customer"."created_at" AS "Customer__created_at","Customer"."deleted_at" AS "Customer__deleted_at","Invoice"."id" AS "Invoice__id","Invoice"."order_id" AS "Invoice__order_id","Invoice"."number" AS "Invoice__number","Invoice"."vat_number" AS "Invoice__vat_number","Invoice"."gross" AS "Invoice__gross","Invoice"."due_on" AS "Invoice__due_on" FROM "orders" LEFT JOIN "customers" "Customer" ON "orders"."customer_id" = "Customer"."id" AND "Customer"."deleted_at" IS NULL LEFT JOIN "invoices" "Invoice" ON "orders"."id" = "Invoice"."order_id" WHERE orders.id < $1
-- params: ["43"]
SELECT * FROM "customers" WHERE "customers"."id" = $1 AND "customers"."deleted_at" IS NULL
-- params: ["6"]
SELECT * FROM "payments" WHERE "payments"."order_id" = $1
-- kind: detail model
-- params: ["4"]
SELECT * FROM "orders" WHERE "orders"."customer_id" = $1
-- params: ["169","759","1349","1939"]
SELECT * FROM "order_items" WHERE "order_items"."order_id" IN ($1,$2,$3,$4)
-- params: ["6","1"]
SELECT * FROM "orders" WHERE "orders"."id" = $1 ORDER BY "orders"."id" LIMIT $2
-- params: ["6"]
SELECT * FROM "invoices" WHERE "invoices"."order_id" = $1
-- kind: joined load
-- params: ["DE"]
SELECT "orders"."id","orders"."customer_id","orders"."number","orders"."status","orders"."channel","orders"."total","orders"."note","orders"."placed_at","Customer"."id" AS "Customer__id","Customer"."last_name" AS "Customer__last_name" FROM "orders" INNER JOIN "customers" "Customer" ON "orders"."customer_id" = "Customer"."id" AND ("Customer"."deleted_at" IS NULL AND "Customer"."country" = $1)
-- params: ["5"]
SELECT orders.id, orders.total, c.last_name FROM "orders" LEFT JOIN customers c ON c.id = orders.customer_id LIMIT $1
-- kind: select-in load
-- params: ["1","2","3","4"]
SELECT * FROM "product_categories" WHERE "product_categories"."category_id" IN ($1,$2,$3,$4)
-- params: ["3"]
SELECT "id","last_name" FROM "customers" WHERE "customers"."deleted_at" IS NULL LIMIT $1
-- params: ["1","2","3"]
SELECT "id","customer_id","total" FROM "orders" WHERE "orders"."customer_id" IN ($1,$2,$3) ORDER BY total desc
-- kind: count
SELECT COUNT(DISTINCT("customer_id")) FROM "orders"
-- params: ["paid"]
SELECT COUNT(DISTINCT("customers"."id")) FROM "customers" JOIN orders o ON o.customer_id = customers.id WHERE o.status = $1 AND "customers"."deleted_at" IS NULL
-- params: ["CH"]
SELECT count(*) FROM "customers" WHERE country = $1 AND "customers"."deleted_at" IS NULL
SELECT count(*) FROM "orders" GROUP BY "status"
-- kind: exists
-- params: ["200"]
SELECT "id" FROM "customers" WHERE EXISTS (SELECT 1 FROM "orders" WHERE orders.customer_id = customers.id AND total > $1) AND "customers"."deleted_at" IS NULL
-- params: ["3"]
SELECT count(*) > 0 FROM "customers" WHERE id = $1 AND "customers"."deleted_at" IS NULL
-- kind: aggregate
SELECT sum(total) as s, avg(total) as a FROM "orders"
-- params: ["1"]
SELECT status, count(*) as n, sum(total) as total FROM "orders" GROUP BY "status" HAVING count(*) > $1 ORDER BY n desc
SELECT customers.last_name, sum(o.total) as spent FROM "customers" JOIN orders o ON o.customer_id = customers.id WHERE "customers"."deleted_at" IS NULL GROUP BY "customers"."id"
SELECT avg(top) FROM (SELECT customer_id, max(total) as top FROM "orders" GROUP BY "customer_id") as u
-- kind: shows group whole model
SELECT customers.*, count(o.id) as n FROM "customers" LEFT JOIN orders o ON o.customer_id = customers.id WHERE "customers"."deleted_at" IS NULL GROUP BY "customers"."id"
-- kind: subquery
-- params: ["DE"]
SELECT "id" FROM "orders" WHERE customer_id IN (SELECT "id" FROM "customers" WHERE country = $1 AND "customers"."deleted_at" IS NULL)
SELECT * FROM "products" WHERE price > (SELECT avg(price) FROM "products")
-- params: ["5"]
SELECT id, (SELECT max(placed_at) FROM "orders" WHERE orders.customer_id = customers.id) as last FROM "customers" WHERE "customers"."deleted_at" IS NULL LIMIT $1
-- kind: date
SELECT date_trunc('month', placed_at) as m, sum(total) FROM "orders" GROUP BY "m" ORDER BY m
-- params: ["2026-03-01 00:00:00+00","2026-04-01 00:00:00+00"]
SELECT kind, count(*) FROM "events" WHERE occurred_at BETWEEN $1 AND $2 GROUP BY "kind"
-- kind: window
-- params: ["10"]
SELECT id, row_number() over (partition by customer_id order by placed_at desc) as rn FROM "orders" LIMIT $1
-- kind: many to many
-- params: ["2"]
SELECT count(*) FROM "categories" JOIN "product_categories" ON "product_categories"."category_id" = "categories"."id" AND "product_categories"."product_id" = $1
-- params: ["7"]
SELECT "products"."id","products"."sku","products"."name","products"."description","products"."price","products"."stock","products"."is_active","products"."created_at" FROM "products" JOIN "product_categories" ON "product_categories"."product_id" = "products"."id" AND "product_categories"."category_id" = $1 WHERE is_active
-- kind: tree
-- params: ["1","2","3","4"]
SELECT * FROM "categories" WHERE "categories"."parent_id" IN ($1,$2,$3,$4)
-- params: ["5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24"]
SELECT * FROM "categories" WHERE "categories"."parent_id" IN ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)
-- kind: shows tree
-- params: ["Support"]
SELECT employees.id,"Manager"."id" AS "Manager__id","Manager"."manager_id" AS "Manager__manager_id","Manager"."last_name" AS "Manager__last_name","Manager"."department" AS "Manager__department","Manager"."salary" AS "Manager__salary","Manager"."hired_on" AS "Manager__hired_on" FROM "employees" LEFT JOIN "employees" "Manager" ON "employees"."manager_id" = "Manager"."id" WHERE "Manager".department = $1
-- kind: queue poll
-- params: ["open","1"]
SELECT "id" FROM "support_tickets" WHERE status = $1 AND assignee_id IS NULL ORDER BY priority LIMIT $2
-- kind: is null
SELECT count(*) FROM "customers" WHERE phone IS NULL AND "customers"."deleted_at" IS NULL
SELECT count(*) FROM "customers" WHERE deleted_at IS NOT NULL
-- kind: shows masked plain values
-- params: ["5"]
SELECT "email" FROM "customers" WHERE "customers"."deleted_at" IS NULL LIMIT $1
SELECT avg(salary) FROM "employees"
-- kind: look-up by equality
-- params: ["ann@example.org"]
SELECT * FROM "customers" WHERE email = $1 AND "customers"."deleted_at" IS NULL
-- kind: asks look-up
-- params: ["%@example.org"]
SELECT * FROM "customers" WHERE email ILIKE $1 AND "customers"."deleted_at" IS NULL
-- params: ["3"]
SELECT * FROM "customers" WHERE "customers"."deleted_at" IS NULL ORDER BY email LIMIT $1
-- params: ["5000"]
SELECT * FROM "employees" WHERE salary > $1
-- kind: transaction
begin isolation level repeatable read read only
SELECT count(*) FROM "orders"
commit
