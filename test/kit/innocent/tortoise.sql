-- Emitted by Tortoise 1.1.9, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: list
-- params: ["t","5","80","20","20"]
SELECT "price","stock","is_active","sku","name","id","attributes" FROM "products" WHERE "is_active"=$1 AND "price" BETWEEN $2 AND $3 ORDER BY "name" ASC LIMIT $4 OFFSET $5
SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;
-- params: ["%chair%","SKU-000%"]
SELECT "price","stock","is_active","sku","name","id","attributes" FROM "products" WHERE UPPER(CAST("name" AS VARCHAR)) LIKE UPPER($1) ESCAPE '\' OR CAST("sku" AS VARCHAR) LIKE $2 ESCAPE '\'
SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new
-- params: ["{16395}"]
WITH RECURSIVE typeinfo_tree( oid, ns, name, kind, basetype, elemtype, elemdelim, range_subtype, attrtypoids, attrnames, depth) AS ( SELECT ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, 0 FROM ( SELECT t.oid                           AS oid, ns.nspname                      AS ns, t.typname                       AS name, t.typtype                       AS kind, (CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE typebases(oid, depth) AS ( SELECT t2.typbasetype      AS oid, 0                   AS depth FROM pg_type t2 WHERE t2.oid = t.oid UNION ALL SELECT t2.typbasetype      AS oid, tb.depth + 1        AS depth FROM pg_type t2, typebases tb WHERE tb.oid = t2.oid AND t2.typbasetype != 0 ) SELECT oid FROM typebases ORDER BY depth DESC LIMIT 1) ELSE NULL END)                            AS basetype, t.typelem                       AS elemtype, elem_t.typdelim                 AS elemdelim, COALESCE( range_t.rngsubtype, multirange_t.rngsubtype)    AS range_subtype, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END)                            AS attrtypoids, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.attname::text ORDER BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END)                            AS attrnames FROM pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON ( ns.oid = t.typnamespace) LEFT JOIN pg_type elem_t ON ( t.typlen = -1 AND t.typelem != 0 AND t.typelem = elem_t.oid ) LEFT JOIN pg_range range_t ON ( t.oid = range_t.rngtypid ) LEFT JOIN pg_range multirange_t ON ( t.oid = multirange_t.rngmultitypid ) ) AS ti WHERE ti.oid = any($1::oid[]) UNION ALL SELECT ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, tt.depth + 1 FROM ( SELECT t.oid                           AS oid, ns.nspname                      AS ns, t.typname                       AS name, t.typtype                       AS kind, (CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE typebases(oid, depth) AS ( SELECT t2.typbasetype      AS oid, 0                   AS depth FROM pg_type t2 WHERE t2.oid = t.oid UNION ALL SELECT t2.typbasetype      AS oid, tb.depth + 1        AS depth FROM pg_type t2, typebases tb WHERE tb.oid = t2.oid AND t2.typbasetype != 0 ) SELECT oid FROM typebases ORDER BY depth DESC LIMIT 1) ELSE NULL END)                            AS basetype, t.typelem                       AS elemtype, elem_t.typdelim                 AS elemdelim, COALESCE( range_t.rngsubtype, multirange_t.rngsubtype)    AS range_subtype, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.atttypid ORDER BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END)                            AS attrtypoids, (CASE WHEN t.typtype = 'c' THEN (SELECT array_agg(ia.attname::text ORDER BY ia.attnum) FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND NOT ia.attisdropped AND c.reltype = t.oid) ELSE NULL END)                            AS attrnames FROM pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON ( ns.oid = t.typnamespace) LEFT JOIN pg_type elem_t ON ( t.typlen = -1 AND t.typelem != 0 AND t.typelem = elem_t.oid ) LEFT JOIN pg_range range_t ON ( t.oid = range_t.rngtypid ) LEFT JOIN pg_range multirange_t ON ( t.oid = multirange_t.rngmultitypid ) ) ti, typeinfo_tree tt WHERE (tt.elemtype IS NOT NULL AND ti.oid = tt.elemtype) OR (tt.attrtypoids IS NOT NULL AND ti.oid = any(tt.attrtypoids)) OR (tt.range_subtype IS NOT NULL AND ti.oid = tt.range_subtype) OR (tt.basetype IS NOT NULL AND ti.oid = tt.basetype) ) SELECT DISTINCT *, basetype::regtype::text AS basetype_name, elemtype::regtype::text AS elemtype_name, range_subtype::regtype::text AS range_subtype_name FROM typeinfo_tree ORDER BY depth DESC
-- params: ["on"]
SELECT set_config('jit', $1, false)
-- params: ["web","app","2026-03-01 00:00:00+00","50","25"]
SELECT "placed_at","id","channel","customer_id","total","number","status" FROM "orders" WHERE "channel" IN ($1,$2) AND "placed_at">=$3 AND NOT "total"<$4 ORDER BY "placed_at" DESC LIMIT $5
-- params: ["category-7"]
SELECT DISTINCT "products"."price","products"."stock","products"."is_active","products"."sku","products"."name","products"."id","products"."attributes" FROM "products" LEFT OUTER JOIN "product_categories" ON "products"."id"="product_categories"."product_id" LEFT OUTER JOIN "categories" "products__categories" ON "product_categories"."category_id"="products__categories"."id" WHERE "products__categories"."slug"=$1
SELECT "slug","id","name","parent_id" FROM "categories" WHERE "parent_id" IS NULL
-- kind: list safe columns
-- params: ["CH"]
SELECT "id" "id","last_name" "last_name" FROM "customers" WHERE "country"=$1
-- params: ["5"]
SELECT "id" "id","last_name" "last_name" FROM "customers" LIMIT $1
-- params: ["open"]
SELECT "support_tickets"."subject" "0","support_tickets__customer"."last_name" "1" FROM "support_tickets" LEFT OUTER JOIN "customers" "support_tickets__customer" ON "support_tickets__customer"."id"="support_tickets"."customer_id" WHERE "support_tickets"."status"=$1
-- kind: shows list models
-- params: ["CH","5"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" WHERE "country"=$1 LIMIT $2
-- params: ["failed"]
SELECT "order_id","iban","card_number","id","status","amount" FROM "payments" WHERE "status"=$1
SELECT "id","last_name","manager_id","salary","department" FROM "employees"
-- kind: shows whole rows once in no order
-- params: ["800"]
SELECT DISTINCT "customers"."email","customers"."country","customers"."created_at","customers"."first_name","customers"."id","customers"."phone","customers"."last_name","customers"."birth_date" FROM "customers" LEFT OUTER JOIN "orders" ON "customers"."id"="orders"."customer_id" WHERE "orders"."total">$1
-- kind: detail
-- params: ["3","2"]
SELECT "price","stock","is_active","sku","name","id","attributes" FROM "products" WHERE "id"=$1 LIMIT $2
-- params: ["5","2"]
SELECT "placed_at","id","channel","customer_id","total","number","status" FROM "orders" WHERE "id"=$1 LIMIT $2
-- params: ["5"]
SELECT "quantity","order_id","unit_price","id","product_id" FROM "order_items" WHERE "order_id" IN ($1)
-- params: ["86","131","176"]
SELECT "price","stock","is_active","sku","name","id","attributes" FROM "products" WHERE "id" IN ($1,$2,$3)
-- params: ["2","2"]
SELECT "price","stock","is_active","sku","name","id","attributes" FROM "products" WHERE "id"=$1 LIMIT $2
-- params: ["2"]
SELECT "product_id","category_id" FROM "product_categories" WHERE "product_id" IN ($1)
-- params: ["11","18"]
SELECT "slug","id","name","parent_id" FROM "categories" WHERE "id" IN ($1,$2)
-- kind: shows detail model
-- params: ["3","2"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" WHERE "id"=$1 LIMIT $2
-- params: ["4","2"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" WHERE "id"=$1 LIMIT $2
-- params: ["2","2"]
SELECT "support_tickets"."priority","support_tickets"."assignee_id","support_tickets"."body","support_tickets"."id","support_tickets"."customer_id","support_tickets"."status","support_tickets"."subject","support_tickets__customer"."email" "support_tickets__customer.email","support_tickets__customer"."country" "support_tickets__customer.country","support_tickets__customer"."created_at" "support_tickets__customer.created_at","support_tickets__customer"."first_name" "support_tickets__customer.first_name","support_tickets__customer"."id" "support_tickets__customer.id","support_tickets__customer"."phone" "support_tickets__customer.phone","support_tickets__customer"."last_name" "support_tickets__customer.last_name","support_tickets__customer"."birth_date" "support_tickets__customer.birth_date","support_tickets__assignee"."id" "support_tickets__assignee.id","support_tickets__assignee"."last_name" "support_tickets__assignee.last_name","support_tickets__assignee"."manager_id" "support_tickets__assignee.manager_id","support_tickets__assignee"."salary" "support_tickets__assignee.salary","support_tickets__assignee"."department" "support_tickets__assignee.department","support_tickets__assignee__manager"."id" "support_tickets__assignee__manager.id","support_tickets__assignee__manager"."last_name" "support_tickets__assignee__manager.last_name","support_tickets__assignee__manager"."manager_id" "support_tickets__assignee__manager.manager_id","support_tickets__assignee__manager"."salary" "support_tickets__assignee__manager.salary","support_tickets__assignee__manager"."department" "support_tickets__assignee__manager.department" FROM "support_tickets" LEFT OUTER JOIN "customers" "support_tickets__customer" ON "support_tickets__customer"."id"="support_tickets"."customer_id" LEFT OUTER JOIN "employees" "support_tickets__assignee" ON "support_tickets__assignee"."id"="support_tickets"."assignee_id" LEFT OUTER JOIN "employees" "support_tickets__assignee__manager" ON "support_tickets__assignee__manager"."id"="support_tickets__assignee"."manager_id" WHERE "support_tickets"."id"=$1 LIMIT $2
-- params: ["4"]
SELECT "orders"."placed_at","orders"."id","orders"."channel","orders"."customer_id","orders"."total","orders"."number","orders"."status","orders__customer"."email" "orders__customer.email","orders__customer"."country" "orders__customer.country","orders__customer"."created_at" "orders__customer.created_at","orders__customer"."first_name" "orders__customer.first_name","orders__customer"."id" "orders__customer.id","orders__customer"."phone" "orders__customer.phone","orders__customer"."last_name" "orders__customer.last_name","orders__customer"."birth_date" "orders__customer.birth_date" FROM "orders" LEFT OUTER JOIN "customers" "orders__customer" ON "orders__customer"."id"="orders"."customer_id" WHERE "orders"."id"<$1
-- kind: detail model
-- params: ["4"]
SELECT "placed_at","id","channel","customer_id","total","number","status" FROM "orders" WHERE "customer_id" IN ($1)
-- kind: count
-- params: ["500"]
SELECT COUNT(*) FROM "customers" LEFT OUTER JOIN "orders" ON "customers"."id"="orders"."customer_id" WHERE "orders"."total">$1
-- params: ["4","1"]
SELECT 1 FROM "orders" WHERE "customer_id"=$1 LIMIT $2
-- params: ["CH","1"]
SELECT 1 FROM "customers" WHERE "country"=$1 LIMIT $2
-- kind: aggregate
SELECT "channel" "channel",COUNT("id") "n",SUM("total") "t" FROM "orders" GROUP BY "channel"
-- params: ["t"]
SELECT "categories"."name" "name",COUNT(CASE WHEN "categories__products"."is_active"=$1 THEN "categories__products"."id" ELSE NULL END) "n" FROM "categories" LEFT OUTER JOIN "product_categories" ON "categories"."id"="product_categories"."category_id" LEFT OUTER JOIN "products" "categories__products" ON "product_categories"."product_id"="categories__products"."id" GROUP BY "categories"."slug","categories"."id","categories"."name","categories"."parent_id"
SELECT "employees"."department" "department",COUNT("support_tickets"."id") "n" FROM "employees" LEFT OUTER JOIN "support_tickets" ON "employees"."id"="support_tickets"."assignee_id" GROUP BY "employees"."department"
-- kind: whole rows in groups
-- params: ["500"]
SELECT "customers"."id" "id","customers"."last_name" "last_name",SUM("orders"."total") "spent" FROM "customers" LEFT OUTER JOIN "orders" ON "customers"."id"="orders"."customer_id" GROUP BY "customers"."email","customers"."country","customers"."created_at","customers"."first_name","customers"."id","customers"."phone","customers"."last_name","customers"."birth_date" HAVING SUM("orders"."total")>$1
-- kind: shows whole rows in groups
-- params: ["5"]
SELECT "customers"."email","customers"."country","customers"."created_at","customers"."first_name","customers"."id","customers"."phone","customers"."last_name","customers"."birth_date",COUNT("orders"."id") "n" FROM "customers" LEFT OUTER JOIN "orders" ON "customers"."id"="orders"."customer_id" GROUP BY "customers"."email","customers"."country","customers"."created_at","customers"."first_name","customers"."id","customers"."phone","customers"."last_name","customers"."birth_date" ORDER BY "n" DESC LIMIT $1
-- kind: subquery
-- params: ["DE"]
SELECT "id" "id" FROM "orders" WHERE "customer_id" IN (SELECT "id" "id" FROM "customers" WHERE "country"=$1)
SELECT "id" "id",attributes ->> 'color' "c" FROM "products"
-- kind: case
-- params: ["50","small","large"]
SELECT "id" "id",CASE WHEN "total"<$1 THEN $2 ELSE $3 END "size" FROM "orders"
-- kind: tree
SELECT "employees"."last_name" "last_name","employees__manager"."last_name" "manager__last_name" FROM "employees" LEFT OUTER JOIN "employees" "employees__manager" ON "employees__manager"."id"="employees"."manager_id"
-- params: ["Staff-1"]
SELECT "employees"."id" "id" FROM "employees" LEFT OUTER JOIN "employees" "employees__manager" ON "employees__manager"."id"="employees"."manager_id" LEFT OUTER JOIN "employees" "employees__manager__manager" ON "employees__manager__manager"."id"="employees__manager"."manager_id" WHERE "employees__manager__manager"."last_name"=$1
-- kind: json
-- params: ["{\"color\": \"red\"}"]
SELECT "id" "id" FROM "products" WHERE "attributes"@>$1
-- params: ["2"]
SELECT "id" "id" FROM "products" WHERE CAST("attributes"->>'warranty' AS NUMERIC)=$1
-- kind: queue poll
-- params: ["open","1"]
SELECT "id" "id" FROM "support_tickets" WHERE "status"=$1 AND "assignee_id" IS NULL ORDER BY "priority" ASC LIMIT $2
-- kind: is null
SELECT COUNT(*) FROM "customers" WHERE "phone" IS NULL
-- kind: shows masked plain values
SELECT LOWER("email") "l" FROM "customers"
-- kind: look-up by equality
-- params: ["ann@example.org","2"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" WHERE "email"=$1 LIMIT $2
-- kind: asks look-up
-- params: ["%example.org%"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" WHERE UPPER(CAST("email" AS VARCHAR)) LIKE UPPER($1) ESCAPE '\'
-- params: ["3"]
SELECT "email","country","created_at","first_name","id","phone","last_name","birth_date" FROM "customers" ORDER BY "email" ASC LIMIT $1
-- params: ["5000"]
SELECT "id","last_name","manager_id","salary","department" FROM "employees" WHERE "salary">$1
