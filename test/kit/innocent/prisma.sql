-- Emitted by Prisma 7.10.1, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: connect
select 1
-- kind: select-in load
-- params: ["5","1","0"]
SELECT "public"."orders"."id", "public"."orders"."customer_id", "public"."orders"."number", "public"."orders"."status"::text, "public"."orders"."channel", "public"."orders"."total", "public"."orders"."currency", "public"."orders"."note", "public"."orders"."placed_at" FROM "public"."orders" WHERE ("public"."orders"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3
-- params: ["5","0"]
SELECT "public"."order_items"."id", "public"."order_items"."order_id", "public"."order_items"."product_id", "public"."order_items"."quantity", "public"."order_items"."unit_price" FROM "public"."order_items" WHERE "public"."order_items"."order_id" = $1 OFFSET $2
-- params: ["86","131","176","0"]
SELECT "public"."products"."id", "public"."products"."sku", "public"."products"."name", "public"."products"."description", "public"."products"."price", "public"."products"."stock", "public"."products"."is_active", "public"."products"."tags", "public"."products"."attributes", "public"."products"."created_at" FROM "public"."products" WHERE "public"."products"."id" IN ($1,$2,$3) OFFSET $4
-- params: ["0"]
SELECT "public"."categories"."id", "public"."categories"."parent_id", "public"."categories"."name", "public"."categories"."slug" FROM "public"."categories" WHERE "public"."categories"."parent_id" IS NULL OFFSET $1
-- params: ["1","2","3","4","0"]
SELECT "public"."categories"."id", "public"."categories"."parent_id", "public"."categories"."name", "public"."categories"."slug" FROM "public"."categories" WHERE "public"."categories"."parent_id" IN ($1,$2,$3,$4) OFFSET $5
-- params: ["5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","0"]
SELECT "public"."categories"."id", "public"."categories"."parent_id", "public"."categories"."name", "public"."categories"."slug" FROM "public"."categories" WHERE "public"."categories"."parent_id" IN ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20) OFFSET $21
-- params: ["3","0"]
SELECT "public"."products"."id", "public"."products"."sku", "public"."products"."name", "public"."products"."description", "public"."products"."price", "public"."products"."stock", "public"."products"."is_active", "public"."products"."tags", "public"."products"."attributes", "public"."products"."created_at" FROM "public"."products" WHERE 1=1 ORDER BY "public"."products"."id" ASC LIMIT $1 OFFSET $2
-- params: ["1","2","3","0"]
SELECT "public"."product_categories"."product_id", "public"."product_categories"."category_id" FROM "public"."product_categories" WHERE "public"."product_categories"."product_id" IN ($1,$2,$3) OFFSET $4
-- params: ["8","11","14","15","18","21","0"]
SELECT "public"."categories"."id", "public"."categories"."name" FROM "public"."categories" WHERE "public"."categories"."id" IN ($1,$2,$3,$4,$5,$6) OFFSET $7
-- params: ["5","0"]
SELECT "public"."orders"."id", "public"."orders"."total", "public"."orders"."customer_id" FROM "public"."orders" WHERE 1=1 ORDER BY "public"."orders"."placed_at" DESC LIMIT $1 OFFSET $2
-- params: ["281","274","267","260","253","0"]
SELECT "public"."customers"."id", "public"."customers"."last_name" FROM "public"."customers" WHERE "public"."customers"."id" IN ($1,$2,$3,$4,$5) OFFSET $6
-- params: ["2400","2399","2398","2397","2396","0"]
SELECT "public"."payments"."id", "public"."payments"."amount", "public"."payments"."status", "public"."payments"."order_id" FROM "public"."payments" WHERE "public"."payments"."order_id" IN ($1,$2,$3,$4,$5) OFFSET $6
-- params: ["2400","2399","2398","2397","2396","0"]
SELECT "public"."invoices"."id", "public"."invoices"."number", "public"."invoices"."order_id" FROM "public"."invoices" WHERE "public"."invoices"."order_id" IN ($1,$2,$3,$4,$5) OFFSET $6
-- params: ["5","0"]
SELECT "public"."customers"."id", "public"."customers"."last_name", COALESCE("aggr_selection_0_orders"."_aggr_count_orders", 0) AS "_aggr_count_orders" FROM "public"."customers" LEFT JOIN (SELECT "public"."orders"."customer_id", COUNT(*) AS "_aggr_count_orders" FROM "public"."orders" WHERE 1=1 GROUP BY "public"."orders"."customer_id") AS "aggr_selection_0_orders" ON ("public"."customers"."id" = "aggr_selection_0_orders"."customer_id") WHERE 1=1 ORDER BY "public"."customers"."id" ASC LIMIT $1 OFFSET $2
-- params: ["1","2","3","4","5","0"]
SELECT "public"."orders"."id", "public"."orders"."total", "public"."orders"."customer_id" FROM "public"."orders" WHERE "public"."orders"."customer_id" IN ($1,$2,$3,$4,$5) ORDER BY "public"."orders"."placed_at" DESC OFFSET $6
-- params: ["4","0"]
SELECT "public"."orders"."id", "public"."orders"."customer_id", "public"."orders"."number", "public"."orders"."status"::text, "public"."orders"."channel", "public"."orders"."total", "public"."orders"."currency", "public"."orders"."note", "public"."orders"."placed_at" FROM "public"."orders" WHERE "public"."orders"."customer_id" = $1 OFFSET $2
-- params: ["169","759","1349","1939","0"]
SELECT "public"."order_items"."id", "public"."order_items"."order_id", "public"."order_items"."product_id", "public"."order_items"."quantity", "public"."order_items"."unit_price" FROM "public"."order_items" WHERE "public"."order_items"."order_id" IN ($1,$2,$3,$4) OFFSET $5
-- params: ["3","0"]
SELECT "public"."orders"."id", "public"."orders"."customer_id", "public"."orders"."number", "public"."orders"."status"::text, "public"."orders"."channel", "public"."orders"."total", "public"."orders"."currency", "public"."orders"."note", "public"."orders"."placed_at" FROM "public"."orders" WHERE 1=1 ORDER BY "public"."orders"."id" ASC LIMIT $1 OFFSET $2
-- params: ["0"]
SELECT "public"."employees"."id", "public"."employees"."last_name", "public"."employees"."manager_id" FROM "public"."employees" WHERE 1=1 OFFSET $1
-- params: [null,"1","1","1","1","1","1","2","2","2","2","3","3","3","3","4","4","4","4","5","5","5","5","6","6","6","6","7","7","7","7","8","8","8","8","9","9","9","9","10","0"]
SELECT "public"."employees"."id", "public"."employees"."last_name" FROM "public"."employees" WHERE "public"."employees"."id" IN ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40) OFFSET $41
-- params: ["open","1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31","32","33","34","35","36","37","38","39","40","0"]
SELECT "public"."support_tickets"."id", "public"."support_tickets"."subject", "public"."support_tickets"."assignee_id" FROM "public"."support_tickets" WHERE ("public"."support_tickets"."status" = $1 AND "public"."support_tickets"."assignee_id" IN ($2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41)) OFFSET $42
-- params: ["4","0"]
SELECT "public"."refunds"."id", "public"."refunds"."payment_id", "public"."refunds"."amount", "public"."refunds"."reason" FROM "public"."refunds" WHERE 1=1 ORDER BY "public"."refunds"."id" ASC LIMIT $1 OFFSET $2
-- params: ["19","38","57","76","0"]
SELECT "public"."payments"."id", "public"."payments"."amount", "public"."payments"."order_id" FROM "public"."payments" WHERE "public"."payments"."id" IN ($1,$2,$3,$4) OFFSET $5
-- params: ["19","38","57","76","0"]
SELECT "public"."orders"."id", "public"."orders"."number", "public"."orders"."customer_id" FROM "public"."orders" WHERE "public"."orders"."id" IN ($1,$2,$3,$4) OFFSET $5
-- params: ["134","267","400","533","0"]
SELECT "public"."customers"."id", "public"."customers"."country" FROM "public"."customers" WHERE "public"."customers"."id" IN ($1,$2,$3,$4) OFFSET $5
-- kind: shows select-in load
-- params: ["4","1","0"]
SELECT "public"."customers"."id", "public"."customers"."first_name", "public"."customers"."last_name", "public"."customers"."email", "public"."customers"."phone", "public"."customers"."birth_date", "public"."customers"."country", "public"."customers"."locale", "public"."customers"."newsletter", "public"."customers"."tags", "public"."customers"."preferences", "public"."customers"."referrer_id", "public"."customers"."created_at", "public"."customers"."deleted_at" FROM "public"."customers" WHERE ("public"."customers"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3
-- params: ["4","0"]
SELECT "public"."addresses"."id", "public"."addresses"."customer_id", "public"."addresses"."kind", "public"."addresses"."line1", "public"."addresses"."city", "public"."addresses"."postal_code", "public"."addresses"."country" FROM "public"."addresses" WHERE "public"."addresses"."customer_id" = $1 OFFSET $2
-- params: ["1","0"]
SELECT "public"."support_tickets"."id", "public"."support_tickets"."customer_id", "public"."support_tickets"."assignee_id", "public"."support_tickets"."subject", "public"."support_tickets"."body", "public"."support_tickets"."status", "public"."support_tickets"."priority", "public"."support_tickets"."created_at" FROM "public"."support_tickets" WHERE 1=1 LIMIT $1 OFFSET $2
-- params: ["12","0"]
SELECT "public"."customers"."id", "public"."customers"."first_name", "public"."customers"."last_name", "public"."customers"."email", "public"."customers"."phone", "public"."customers"."birth_date", "public"."customers"."country", "public"."customers"."locale", "public"."customers"."newsletter", "public"."customers"."tags", "public"."customers"."preferences", "public"."customers"."referrer_id", "public"."customers"."created_at", "public"."customers"."deleted_at" FROM "public"."customers" WHERE "public"."customers"."id" IN ($1) OFFSET $2
-- params: ["9","0"]
SELECT "public"."employees"."id", "public"."employees"."manager_id", "public"."employees"."last_name", "public"."employees"."department", "public"."employees"."salary", "public"."employees"."hired_on" FROM "public"."employees" WHERE "public"."employees"."id" IN ($1) OFFSET $2
-- params: ["2","0"]
SELECT "public"."employees"."id", "public"."employees"."manager_id", "public"."employees"."last_name", "public"."employees"."department", "public"."employees"."salary", "public"."employees"."hired_on" FROM "public"."employees" WHERE "public"."employees"."id" IN ($1) OFFSET $2
-- params: ["8","15","22","0"]
SELECT "public"."customers"."id", "public"."customers"."first_name", "public"."customers"."last_name", "public"."customers"."email", "public"."customers"."phone", "public"."customers"."birth_date", "public"."customers"."country", "public"."customers"."locale", "public"."customers"."newsletter", "public"."customers"."tags", "public"."customers"."preferences", "public"."customers"."referrer_id", "public"."customers"."created_at", "public"."customers"."deleted_at" FROM "public"."customers" WHERE "public"."customers"."id" IN ($1,$2,$3) OFFSET $4
-- params: ["1","2","3","0"]
SELECT "public"."payments"."id", "public"."payments"."order_id", "public"."payments"."method", "public"."payments"."status", "public"."payments"."amount", "public"."payments"."card_number", "public"."payments"."iban", "public"."payments"."paid_at" FROM "public"."payments" WHERE "public"."payments"."order_id" IN ($1,$2,$3) OFFSET $4
-- params: ["1","2","3","0"]
SELECT "public"."invoices"."id", "public"."invoices"."order_id", "public"."invoices"."number", "public"."invoices"."vat_number", "public"."invoices"."gross", "public"."invoices"."issued_on", "public"."invoices"."due_on" FROM "public"."invoices" WHERE "public"."invoices"."order_id" IN ($1,$2,$3) OFFSET $4
-- kind: lateral load
-- params: ["1","5","1"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at", "orders_items"."__prisma_data__" AS "items" FROM "public"."orders" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2"."id"::text, 'order_id', "t2"."order_id"::text, 'product_id', "t2"."product_id"::text, 'quantity', "t2"."quantity", 'unit_price', "t2"."unit_price", 'product_id', "t2"."product_id"::text, 'product', "order_items_product"."__prisma_data__") AS "__prisma_data__", "t2"."product_id" FROM (SELECT "t1".* FROM "public"."order_items" AS "t1" WHERE "t0"."id" = "t1"."order_id" /* root select */) AS "t2" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t5"."id"::text, 'sku', "t5"."sku", 'name', "t5"."name", 'description', "t5"."description", 'price', "t5"."price", 'stock', "t5"."stock", 'is_active', "t5"."is_active", 'tags', "t5"."tags", 'attributes', "t5"."attributes", 'created_at', "t5"."created_at") AS "__prisma_data__" FROM "public"."products" AS "t5" WHERE "t2"."product_id" = "t5"."id" LIMIT $1) AS "order_items_product" ON true /* inner select */) AS "t3" /* middle select */) AS "t4" /* outer select */) AS "orders_items" ON true WHERE ("t0"."id" = $2 AND 1=1) LIMIT $3
SELECT "t0"."id", "t0"."parent_id", "t0"."name", "t0"."slug", "categories_children"."__prisma_data__" AS "children" FROM "public"."categories" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2"."id"::text, 'parent_id', "t2"."parent_id"::text, 'name', "t2"."name", 'slug', "t2"."slug", 'children', "categories_children"."__prisma_data__") AS "__prisma_data__", "t2"."id" FROM (SELECT "t1".* FROM "public"."categories" AS "t1" WHERE "t0"."id" = "t1"."parent_id" /* root select */) AS "t2" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t7"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t6"."id"::text, 'parent_id', "t6"."parent_id"::text, 'name', "t6"."name", 'slug', "t6"."slug") AS "__prisma_data__" FROM (SELECT "t5".* FROM "public"."categories" AS "t5" WHERE "t2"."id" = "t5"."parent_id" /* root select */) AS "t6" /* inner select */) AS "t7" /* middle select */) AS "t8" /* outer select */) AS "categories_children" ON true /* inner select */) AS "t3" /* middle select */) AS "t4" /* outer select */) AS "categories_children" ON true WHERE "t0"."parent_id" IS NULL
-- params: ["1","3"]
SELECT "t0"."id", "t0"."sku", "t0"."name", "t0"."description", "t0"."price", "t0"."stock", "t0"."is_active", "t0"."tags", "t0"."attributes", "t0"."created_at", "products_product_categories"."__prisma_data__" AS "product_categories" FROM "public"."products" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('product_id', "t2"."product_id"::text, 'category_id', "t2"."category_id"::text, 'category_id', "t2"."category_id"::text, 'category', "product_categories_category"."__prisma_data__") AS "__prisma_data__", "t2"."category_id" FROM (SELECT "t1".* FROM "public"."product_categories" AS "t1" WHERE "t0"."id" = "t1"."product_id" /* root select */) AS "t2" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('name', "t5"."name") AS "__prisma_data__" FROM "public"."categories" AS "t5" WHERE "t2"."category_id" = "t5"."id" LIMIT $1) AS "product_categories_category" ON true /* inner select */) AS "t3" /* middle select */) AS "t4" /* outer select */) AS "products_product_categories" ON true ORDER BY "t0"."id" ASC LIMIT $2
-- params: ["1","1","5"]
SELECT "t0"."id", "t0"."total", "t0"."customer_id", "orders_customer"."__prisma_data__" AS "customer", "orders_payments"."__prisma_data__" AS "payments", "orders_invoice"."__prisma_data__" AS "invoice" FROM "public"."orders" AS "t0" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t1"."id"::text, 'last_name', "t1"."last_name") AS "__prisma_data__" FROM "public"."customers" AS "t1" WHERE "t0"."customer_id" = "t1"."id" LIMIT $1) AS "orders_customer" ON true LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t4"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('amount', "t3"."amount", 'status', "t3"."status") AS "__prisma_data__" FROM (SELECT "t2".* FROM "public"."payments" AS "t2" WHERE "t0"."id" = "t2"."order_id" /* root select */) AS "t3" /* inner select */) AS "t4" /* middle select */) AS "t5" /* outer select */) AS "orders_payments" ON true LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('number', "t6"."number") AS "__prisma_data__" FROM "public"."invoices" AS "t6" WHERE "t0"."id" = "t6"."order_id" LIMIT $2) AS "orders_invoice" ON true ORDER BY "t0"."placed_at" DESC LIMIT $3
-- params: ["3","5"]
SELECT "t0"."id", "t0"."last_name", "customers_orders"."__prisma_data__" AS "orders", JSONB_BUILD_OBJECT('orders', COALESCE("t5"."_aggr_count_orders", 0)) AS "_count" FROM "public"."customers" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2"."id"::text, 'total', "t2"."total") AS "__prisma_data__", "t2"."placed_at" FROM (SELECT "t1".* FROM "public"."orders" AS "t1" WHERE "t0"."id" = "t1"."customer_id" /* root select */) AS "t2" /* inner select */) AS "t3" ORDER BY "t3"."placed_at" DESC LIMIT $1 /* middle select */) AS "t4" /* outer select */) AS "customers_orders" ON true LEFT JOIN LATERAL (SELECT COUNT(*) AS "_aggr_count_orders" FROM "public"."orders" AS "t6" WHERE "t0"."id" = "t6"."customer_id") AS "t5" ON true ORDER BY "t0"."id" ASC LIMIT $2
-- params: ["1","open"]
SELECT "t0"."id", "t0"."last_name", "t0"."manager_id", "employees_manager"."__prisma_data__" AS "manager", "employees_tickets"."__prisma_data__" AS "tickets" FROM "public"."employees" AS "t0" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('last_name', "t1"."last_name") AS "__prisma_data__" FROM "public"."employees" AS "t1" WHERE "t0"."manager_id" = "t1"."id" LIMIT $1) AS "employees_manager" ON true LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t4"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('subject', "t3"."subject") AS "__prisma_data__", "t3"."status" FROM (SELECT "t2".* FROM "public"."support_tickets" AS "t2" WHERE "t0"."id" = "t2"."assignee_id" /* root select */) AS "t3" /* inner select */) AS "t4" WHERE "t4"."status" = $2 /* middle select */) AS "t5" /* outer select */) AS "employees_tickets" ON true
-- params: ["1","1","1","4"]
SELECT "t0"."id", "t0"."payment_id", "t0"."amount", "t0"."reason", "refunds_payment"."__prisma_data__" AS "payment" FROM "public"."refunds" AS "t0" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('amount', "t1"."amount", 'order_id', "t1"."order_id"::text, 'order', "payments_order"."__prisma_data__") AS "__prisma_data__" FROM "public"."payments" AS "t1" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('number', "t2"."number", 'customer_id', "t2"."customer_id"::text, 'customer', "orders_customer"."__prisma_data__") AS "__prisma_data__" FROM "public"."orders" AS "t2" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('country', "t3"."country") AS "__prisma_data__" FROM "public"."customers" AS "t3" WHERE "t2"."customer_id" = "t3"."id" LIMIT $1) AS "orders_customer" ON true WHERE "t1"."order_id" = "t2"."id" LIMIT $2) AS "payments_order" ON true WHERE "t0"."payment_id" = "t1"."id" LIMIT $3) AS "refunds_payment" ON true ORDER BY "t0"."id" ASC LIMIT $4
-- kind: shows lateral load
-- params: ["4","1"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at", "customers_orders"."__prisma_data__" AS "orders", "customers_addresses"."__prisma_data__" AS "addresses" FROM "public"."customers" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2"."id"::text, 'customer_id', "t2"."customer_id"::text, 'number', "t2"."number", 'status', "t2"."status", 'channel', "t2"."channel", 'total', "t2"."total", 'currency', "t2"."currency", 'note', "t2"."note", 'placed_at', "t2"."placed_at", 'items', "orders_items"."__prisma_data__") AS "__prisma_data__", "t2"."id" FROM (SELECT "t1".* FROM "public"."orders" AS "t1" WHERE "t0"."id" = "t1"."customer_id" /* root select */) AS "t2" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t7"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t6"."id"::text, 'order_id', "t6"."order_id"::text, 'product_id', "t6"."product_id"::text, 'quantity', "t6"."quantity", 'unit_price', "t6"."unit_price") AS "__prisma_data__" FROM (SELECT "t5".* FROM "public"."order_items" AS "t5" WHERE "t2"."id" = "t5"."order_id" /* root select */) AS "t6" /* inner select */) AS "t7" /* middle select */) AS "t8" /* outer select */) AS "orders_items" ON true /* inner select */) AS "t3" /* middle select */) AS "t4" /* outer select */) AS "customers_orders" ON true LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t11"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t10"."id"::text, 'customer_id', "t10"."customer_id"::text, 'kind', "t10"."kind", 'line1', "t10"."line1", 'city', "t10"."city", 'postal_code', "t10"."postal_code", 'country', "t10"."country") AS "__prisma_data__" FROM (SELECT "t9".* FROM "public"."addresses" AS "t9" WHERE "t0"."id" = "t9"."customer_id" /* root select */) AS "t10" /* inner select */) AS "t11" /* middle select */) AS "t12" /* outer select */) AS "customers_addresses" ON true WHERE ("t0"."id" = $1 AND 1=1) LIMIT $2
-- params: ["1","1","3"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at", "orders_customer"."__prisma_data__" AS "customer", "orders_payments"."__prisma_data__" AS "payments", "orders_invoice"."__prisma_data__" AS "invoice" FROM "public"."orders" AS "t0" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t1"."id"::text, 'first_name', "t1"."first_name", 'last_name', "t1"."last_name", 'email', "t1"."email", 'phone', "t1"."phone", 'birth_date', "t1"."birth_date", 'country', "t1"."country", 'locale', "t1"."locale", 'newsletter', "t1"."newsletter", 'tags', "t1"."tags", 'preferences', "t1"."preferences", 'referrer_id', "t1"."referrer_id"::text, 'created_at', "t1"."created_at", 'deleted_at', "t1"."deleted_at") AS "__prisma_data__" FROM "public"."customers" AS "t1" WHERE "t0"."customer_id" = "t1"."id" LIMIT $1) AS "orders_customer" ON true LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t4"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t3"."id"::text, 'order_id', "t3"."order_id"::text, 'method', "t3"."method", 'status', "t3"."status", 'amount', "t3"."amount", 'card_number', "t3"."card_number", 'iban', "t3"."iban", 'paid_at', "t3"."paid_at") AS "__prisma_data__" FROM (SELECT "t2".* FROM "public"."payments" AS "t2" WHERE "t0"."id" = "t2"."order_id" /* root select */) AS "t3" /* inner select */) AS "t4" /* middle select */) AS "t5" /* outer select */) AS "orders_payments" ON true LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t6"."id"::text, 'order_id', "t6"."order_id"::text, 'number', "t6"."number", 'vat_number', "t6"."vat_number", 'gross', "t6"."gross", 'issued_on', "t6"."issued_on", 'due_on', "t6"."due_on") AS "__prisma_data__" FROM "public"."invoices" AS "t6" WHERE "t0"."id" = "t6"."order_id" LIMIT $2) AS "orders_invoice" ON true ORDER BY "t0"."id" ASC LIMIT $3
-- kind: shows what is made of lateral load
-- params: ["1","1","1","1"]
SELECT "t0"."id", "t0"."customer_id", "t0"."assignee_id", "t0"."subject", "t0"."body", "t0"."status", "t0"."priority", "t0"."created_at", "support_tickets_customer"."__prisma_data__" AS "customer", "support_tickets_assignee"."__prisma_data__" AS "assignee" FROM "public"."support_tickets" AS "t0" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t1"."id"::text, 'first_name', "t1"."first_name", 'last_name', "t1"."last_name", 'email', "t1"."email", 'phone', "t1"."phone", 'birth_date', "t1"."birth_date", 'country', "t1"."country", 'locale', "t1"."locale", 'newsletter', "t1"."newsletter", 'tags', "t1"."tags", 'preferences', "t1"."preferences", 'referrer_id', "t1"."referrer_id"::text, 'created_at', "t1"."created_at", 'deleted_at', "t1"."deleted_at") AS "__prisma_data__" FROM "public"."customers" AS "t1" WHERE "t0"."customer_id" = "t1"."id" LIMIT $1) AS "support_tickets_customer" ON true LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t2"."id"::text, 'manager_id', "t2"."manager_id"::text, 'last_name', "t2"."last_name", 'department', "t2"."department", 'salary', "t2"."salary", 'hired_on', "t2"."hired_on", 'manager_id', "t2"."manager_id"::text, 'manager', "employees_manager"."__prisma_data__") AS "__prisma_data__" FROM "public"."employees" AS "t2" LEFT JOIN LATERAL (SELECT JSONB_BUILD_OBJECT('id', "t3"."id"::text, 'manager_id', "t3"."manager_id"::text, 'last_name', "t3"."last_name", 'department', "t3"."department", 'salary', "t3"."salary", 'hired_on', "t3"."hired_on") AS "__prisma_data__" FROM "public"."employees" AS "t3" WHERE "t2"."manager_id" = "t3"."id" LIMIT $2) AS "employees_manager" ON true WHERE "t0"."assignee_id" = "t2"."id" LIMIT $3) AS "support_tickets_assignee" ON true LIMIT $4
-- kind: list
-- params: ["t","5","80","20","20"]
SELECT "t0"."id", "t0"."sku", "t0"."name", "t0"."description", "t0"."price", "t0"."stock", "t0"."is_active", "t0"."tags", "t0"."attributes", "t0"."created_at" FROM "public"."products" AS "t0" WHERE ("t0"."is_active" = $1 AND "t0"."price" >= $2 AND "t0"."price" <= $3) ORDER BY "t0"."name" ASC LIMIT $4 OFFSET $5
-- params: ["paid","shipped","2026-03-01 00:00:00+00","EUR","25"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at" FROM "public"."orders" AS "t0" WHERE ("t0"."status" IN (CAST($1::text AS "public"."order_status"),CAST($2::text AS "public"."order_status")) AND "t0"."placed_at" >= $3 AND (NOT "t0"."currency" = $4)) ORDER BY "t0"."placed_at" DESC, "t0"."id" DESC LIMIT $5
-- params: ["chair","SKU-000"]
SELECT "t0"."id", "t0"."sku", "t0"."name", "t0"."description", "t0"."price", "t0"."stock", "t0"."is_active", "t0"."tags", "t0"."attributes", "t0"."created_at" FROM "public"."products" AS "t0" WHERE ("t0"."name" ILIKE ('%' || $1 || '%') OR "t0"."sku"::text LIKE ($2 || '%'))
-- params: ["category-7"]
SELECT "t0"."id", "t0"."sku", "t0"."name", "t0"."description", "t0"."price", "t0"."stock", "t0"."is_active", "t0"."tags", "t0"."attributes", "t0"."created_at" FROM "public"."products" AS "t0" WHERE EXISTS(SELECT "t1"."product_id" FROM "public"."product_categories" AS "t1" LEFT JOIN "public"."categories" AS "j2" ON ("j2"."id") = ("t1"."category_id") WHERE ("j2"."slug" = $1 AND ("j2"."id" IS NOT NULL) AND ("t0"."id") = ("t1"."product_id") AND "t1"."product_id" IS NOT NULL))
-- params: ["{red}"]
SELECT "t0"."id" FROM "public"."products" AS "t0" WHERE "t0"."tags" @> $1
SELECT DISTINCT ON ("t0"."channel") "t0"."id", "t0"."channel" FROM "public"."orders" AS "t0" WHERE "t0"."note" IS NULL
-- kind: list safe columns
-- params: ["CH","20"]
SELECT "t0"."id", "t0"."last_name" FROM "public"."customers" AS "t0" WHERE "t0"."country" = $1 ORDER BY "t0"."id" ASC LIMIT $2
-- params: ["5"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" ORDER BY "t0"."id" ASC LIMIT $1
-- params: ["open","DE"]
SELECT "t0"."id", "t0"."customer_id", "t0"."assignee_id", "t0"."subject", "t0"."status", "t0"."priority", "t0"."created_at" FROM "public"."support_tickets" AS "t0" LEFT JOIN "public"."customers" AS "j1" ON ("j1"."id") = ("t0"."customer_id") WHERE ("t0"."status" = $1 AND ("j1"."country" = $2 AND ("j1"."id" IS NOT NULL))) ORDER BY "t0"."priority" DESC, "t0"."created_at" ASC
-- params: ["200"]
SELECT "t0"."id" FROM "public"."customers" AS "t0" WHERE EXISTS(SELECT "t1"."customer_id" FROM "public"."orders" AS "t1" WHERE ("t1"."total" > $1 AND ("t0"."id") = ("t1"."customer_id") AND "t1"."customer_id" IS NOT NULL))
SELECT "t0"."id" FROM "public"."customers" AS "t0" WHERE NOT EXISTS(SELECT "t1"."customer_id" FROM "public"."support_tickets" AS "t1" WHERE (1=1 AND ("t0"."id") = ("t1"."customer_id") AND "t1"."customer_id" IS NOT NULL))
-- params: ["delivered"]
SELECT "t0"."id" FROM "public"."customers" AS "t0" WHERE NOT EXISTS(SELECT "t1"."customer_id" FROM "public"."orders" AS "t1" WHERE ((NOT "t1"."status" = CAST($1::text AS "public"."order_status")) AND ("t0"."id") = ("t1"."customer_id") AND "t1"."customer_id" IS NOT NULL))
-- kind: shows list models
-- params: ["CH","20"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" WHERE "t0"."country" = $1 ORDER BY "t0"."last_name" ASC LIMIT $2
-- params: ["failed"]
SELECT "t0"."id", "t0"."order_id", "t0"."method", "t0"."status", "t0"."amount", "t0"."card_number", "t0"."iban", "t0"."paid_at" FROM "public"."payments" AS "t0" WHERE "t0"."status" = $1
-- params: ["1"]
SELECT "t0"."id", "t0"."manager_id", "t0"."last_name", "t0"."department", "t0"."salary", "t0"."hired_on" FROM "public"."employees" AS "t0" LIMIT $1
-- kind: keyset
-- params: ["500","20","1"]
SELECT "public"."orders"."id", "public"."orders"."customer_id", "public"."orders"."number", "public"."orders"."status"::text, "public"."orders"."channel", "public"."orders"."total", "public"."orders"."currency", "public"."orders"."note", "public"."orders"."placed_at" FROM "public"."orders" WHERE "public"."orders"."id" >= (SELECT "public"."orders"."id" FROM "public"."orders" WHERE ("public"."orders"."id") = ($1)) ORDER BY "public"."orders"."id" ASC LIMIT $2 OFFSET $3
-- params: ["50","50","50","5","0"]
SELECT "public"."customers"."id", "public"."customers"."last_name" FROM "public"."customers" WHERE (("public"."customers"."last_name" = (SELECT "public"."customers"."last_name" FROM "public"."customers" WHERE ("public"."customers"."id") = ($1)) AND "public"."customers"."id" >= (SELECT "public"."customers"."id" FROM "public"."customers" WHERE ("public"."customers"."id") = ($2))) OR ("public"."customers"."last_name" > (SELECT "public"."customers"."last_name" FROM "public"."customers" WHERE ("public"."customers"."id") = ($3)))) ORDER BY "public"."customers"."last_name" ASC, "public"."customers"."id" ASC LIMIT $4 OFFSET $5
-- kind: detail
-- params: ["SKU-00003","1"]
SELECT "t0"."id", "t0"."sku", "t0"."name", "t0"."description", "t0"."price", "t0"."stock", "t0"."is_active", "t0"."tags", "t0"."attributes", "t0"."created_at" FROM "public"."products" AS "t0" WHERE ("t0"."sku" = $1 AND 1=1) LIMIT $2
-- params: ["O-2026-000005","1"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at" FROM "public"."orders" AS "t0" WHERE "t0"."number" = $1 LIMIT $2
-- kind: shows detail model
-- params: ["3","1"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" WHERE ("t0"."id" = $1 AND 1=1) LIMIT $2
-- kind: batch
-- params: ["1","2","3"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at" FROM "public"."orders" AS "t0" WHERE "t0"."id" IN ($1,$2,$3)
-- kind: count
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."orders"."id" FROM "public"."orders" WHERE 1=1 OFFSET $1) AS "sub"
-- params: ["paid","0"]
SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."customers"."id" FROM "public"."customers" WHERE EXISTS(SELECT "t0"."customer_id" FROM "public"."orders" AS "t0" WHERE ("t0"."status" = CAST($1::text AS "public"."order_status") AND ("public"."customers"."id") = ("t0"."customer_id") AND "t0"."customer_id" IS NOT NULL)) OFFSET $2) AS "sub"
-- params: ["0"]
SELECT COUNT("note") AS "_count$note", COUNT(*) AS "_count$_all" FROM (SELECT "public"."orders"."note" FROM "public"."orders" WHERE 1=1 OFFSET $1) AS "sub"
SELECT "t0"."id", "t0"."name", JSONB_BUILD_OBJECT('product_categories', COALESCE("t1"."_aggr_count_product_categories", 0), 'children', COALESCE("t3"."_aggr_count_children", 0)) AS "_count" FROM "public"."categories" AS "t0" LEFT JOIN LATERAL (SELECT COUNT(*) AS "_aggr_count_product_categories" FROM "public"."product_categories" AS "t2" WHERE "t0"."id" = "t2"."category_id") AS "t1" ON true LEFT JOIN LATERAL (SELECT COUNT(*) AS "_aggr_count_children" FROM "public"."categories" AS "t4" WHERE "t0"."id" = "t4"."parent_id") AS "t3" ON true
-- params: ["DE","10","0"]
SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."customers"."id" FROM "public"."customers" WHERE "public"."customers"."country" = $1 ORDER BY "public"."customers"."id" ASC LIMIT $2 OFFSET $3) AS "sub"
-- kind: aggregate
-- params: ["paid","0"]
SELECT SUM("total") AS "_sum$total", AVG("total") AS "_avg$total", MAX("placed_at") AS "_max$placed_at" FROM (SELECT "public"."orders"."total", "public"."orders"."placed_at" FROM "public"."orders" WHERE "public"."orders"."status" = CAST($1::text AS "public"."order_status") OFFSET $2) AS "sub"
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all", SUM("public"."orders"."total") AS "_sum$total", "public"."orders"."status"::text FROM "public"."orders" WHERE 1=1 GROUP BY "public"."orders"."status" ORDER BY COUNT("public"."orders"."id") DESC OFFSET $1
-- params: ["100","0"]
SELECT SUM("public"."orders"."total") AS "_sum$total", "public"."orders"."customer_id" FROM "public"."orders" WHERE 1=1 GROUP BY "public"."orders"."customer_id" HAVING SUM("public"."orders"."total") > $1 OFFSET $2
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all", "public"."customers"."country" FROM "public"."customers" WHERE 1=1 GROUP BY "public"."customers"."country" ORDER BY "public"."customers"."country" ASC OFFSET $1
-- params: ["0"]
SELECT MIN("public"."employees"."hired_on") AS "_min$hired_on", COUNT(*) AS "_count$_all", "public"."employees"."department" FROM "public"."employees" WHERE 1=1 GROUP BY "public"."employees"."department" OFFSET $1
-- kind: order by relation
-- params: ["0","5"]
SELECT "t0"."id", "t0"."last_name" FROM "public"."customers" AS "t0" LEFT JOIN (SELECT "public"."orders"."customer_id", COUNT(*) AS "orderby_aggregator" FROM "public"."orders" WHERE 1=1 GROUP BY "public"."orders"."customer_id") AS "orderby_1_orders" ON ("t0"."id" = "orderby_1_orders"."customer_id") ORDER BY COALESCE("orderby_1_orders"."orderby_aggregator", $1) DESC LIMIT $2
-- params: ["5"]
SELECT "t0"."id" FROM "public"."orders" AS "t0" LEFT JOIN "public"."customers" AS "orderby_1" ON ("orderby_1"."id") = ("t0"."customer_id") ORDER BY "orderby_1"."last_name" ASC LIMIT $1
-- kind: json
-- params: ["version","3","5"]
SELECT "t0"."id", "t0"."table_name", "t0"."row_id", "t0"."action", "t0"."actor", "t0"."changes", "t0"."at" FROM "public"."audit_log" AS "t0" WHERE ("t0"."changes"#>ARRAY[$1]::text[])::jsonb::jsonb = $2 ORDER BY "t0"."id" ASC LIMIT $3
-- params: ["color","re","color","string"]
SELECT "t0"."id" FROM "public"."products" AS "t0" WHERE (("t0"."attributes"#>>ARRAY[$1]::text[]) LIKE ('%' || $2 || '%') AND JSONB_TYPEOF(("t0"."attributes"#>ARRAY[$3]::text[])::jsonb) = $4)
-- kind: search
-- params: ["chair"]
SELECT "t0"."id" FROM "public"."products" AS "t0" WHERE to_tsvector(concat_ws(' ', "t0"."name")) @@ to_tsquery($1)
-- params: ["mei"]
SELECT "t0"."id", "t0"."last_name" FROM "public"."customers" AS "t0" WHERE "t0"."last_name" ILIKE ('%' || $1 || '%')
-- kind: date
-- params: ["2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","50"]
SELECT "t0"."id", "t0"."occurred_at", "t0"."customer_id", "t0"."kind", "t0"."path", "t0"."properties" FROM "public"."events" AS "t0" WHERE ("t0"."occurred_at" >= $1 AND "t0"."occurred_at" < $2) ORDER BY "t0"."id" ASC, "t0"."occurred_at" ASC LIMIT $3
-- params: ["2026-02-01 00:00:00+00","0"]
SELECT COUNT(*) AS "_count$_all", "public"."events"."kind" FROM "public"."events" WHERE "public"."events"."occurred_at" >= $1 GROUP BY "public"."events"."kind" OFFSET $2
-- params: ["2026-01-01 00:00:00+00"]
select date_trunc('month', placed_at) as m, sum(total) from orders where placed_at >= $1 group by 1 order by 1
-- kind: queue poll
-- params: ["open","1"]
SELECT "t0"."id" FROM "public"."support_tickets" AS "t0" WHERE ("t0"."status" = $1 AND "t0"."assignee_id" IS NULL) ORDER BY "t0"."priority" ASC, "t0"."created_at" ASC LIMIT $2
-- kind: view
-- params: ["CH","5"]
SELECT "t0"."id", "t0"."name", "t0"."country", "t0"."orders", "t0"."spent" FROM "public"."customer_overview" AS "t0" WHERE "t0"."country" = $1 ORDER BY "t0"."id" ASC LIMIT $2
-- kind: shows view
-- params: ["5"]
SELECT "t0"."id", "t0"."name", "t0"."email", "t0"."country", "t0"."orders", "t0"."spent" FROM "public"."customer_overview" AS "t0" ORDER BY "t0"."id" ASC LIMIT $1
-- kind: is null
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."customers"."id" FROM "public"."customers" WHERE "public"."customers"."phone" IS NULL OFFSET $1) AS "sub"
-- kind: shows masked plain values
-- params: ["4"]
SELECT "t0"."id", "t0"."email" FROM "public"."customers" AS "t0" ORDER BY "t0"."id" ASC LIMIT $1
-- params: ["0"]
SELECT AVG("salary") AS "_avg$salary" FROM (SELECT "public"."employees"."salary" FROM "public"."employees" WHERE 1=1 OFFSET $1) AS "sub"
-- kind: masked plain values
-- params: ["0"]
SELECT COUNT("email") AS "_count$email" FROM (SELECT "public"."customers"."email" FROM "public"."customers" WHERE 1=1 OFFSET $1) AS "sub"
-- kind: look-up by equality
-- params: ["ann@example.org","1"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" WHERE ("t0"."email" = $1 AND 1=1) LIMIT $2
-- params: ["a@example.org","b@example.org"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" WHERE "t0"."email" IN ($1,$2)
-- params: ["a@example.org"]
SELECT "t0"."id", "t0"."customer_id", "t0"."number", "t0"."status"::text, "t0"."channel", "t0"."total", "t0"."currency", "t0"."note", "t0"."placed_at" FROM "public"."orders" AS "t0" LEFT JOIN "public"."customers" AS "j1" ON ("j1"."id") = ("t0"."customer_id") WHERE ("j1"."email" = $1 AND ("j1"."id" IS NOT NULL))
-- kind: asks look-up
-- params: ["example.org"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" WHERE "t0"."email"::text LIKE ('%' || $1 || '%')
-- params: ["3"]
SELECT "t0"."id", "t0"."first_name", "t0"."last_name", "t0"."email", "t0"."phone", "t0"."birth_date", "t0"."country", "t0"."locale", "t0"."newsletter", "t0"."tags", "t0"."preferences", "t0"."referrer_id", "t0"."created_at", "t0"."deleted_at" FROM "public"."customers" AS "t0" ORDER BY "t0"."email" ASC LIMIT $1
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all", "public"."customers"."birth_date" FROM "public"."customers" WHERE 1=1 GROUP BY "public"."customers"."birth_date" OFFSET $1
-- params: ["5000"]
SELECT "t0"."id", "t0"."manager_id", "t0"."last_name", "t0"."department", "t0"."salary", "t0"."hired_on" FROM "public"."employees" AS "t0" WHERE "t0"."salary" > $1
-- kind: transaction
BEGIN
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
-- params: ["0"]
SELECT COUNT(*) AS "_count$_all" FROM (SELECT "public"."orders"."id" FROM "public"."orders" WHERE 1=1 OFFSET $1) AS "sub"
COMMIT
