-- Emitted by ActiveRecord 6.1.7, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: connect
SET client_min_messages TO 'warning'
SET standard_conforming_strings = on
SET intervalstyle = iso_8601
SET SESSION timezone TO 'UTC'
SELECT t.oid, t.typname FROM pg_type as t WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamp', 'timestamptz')
SELECT t.oid, t.typname, t.typelem, t.typdelim, t.typinput, r.rngsubtype, t.typtype, t.typbasetype FROM pg_type as t LEFT JOIN pg_range as r ON oid = rngtypid WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'text', 'varchar', 'char', 'name', 'bpchar', 'bool', 'bit', 'varbit', 'timestamptz', 'date', 'money', 'bytea', 'point', 'hstore', 'json', 'jsonb', 'cidr', 'inet', 'uuid', 'xml', 'tsvector', 'macaddr', 'citext', 'ltree', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'time', 'timestamp', 'numeric', 'interval') OR t.typtype IN ('r', 'e', 'd') OR t.typinput = 'array_in(cstring,oid,integer)'::regprocedure OR t.typelem != 0
SHOW TIME ZONE
-- kind: introspection
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r','p')
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('v','m')
SELECT distinct i.relname, d.indisunique, d.indkey, pg_get_indexdef(d.indexrelid), t.oid, pg_catalog.obj_description(i.oid, 'pg_class') AS comment FROM pg_class t INNER JOIN pg_index d ON t.oid = d.indrelid INNER JOIN pg_class i ON d.indexrelid = i.oid LEFT JOIN pg_namespace n ON n.oid = i.relnamespace WHERE i.relkind IN ('i', 'I') AND d.indisprimary = 'f' AND t.relname = 'orders' AND n.nspname = ANY (current_schemas(false)) ORDER BY i.relname
SELECT a.attnum, a.attname FROM pg_attribute a WHERE a.attrelid = 16488 AND a.attnum IN (2)
SELECT a.attnum, a.attname FROM pg_attribute a WHERE a.attrelid = 16488 AND a.attnum IN (4)
SELECT t2.oid::regclass::text AS to_table, a1.attname AS column, a2.attname AS primary_key, c.conname AS name, c.confupdtype AS on_update, c.confdeltype AS on_delete, c.convalidated AS valid FROM pg_constraint c JOIN pg_class t1 ON c.conrelid = t1.oid JOIN pg_class t2 ON c.confrelid = t2.oid JOIN pg_attribute a1 ON a1.attnum = c.conkey[1] AND a1.attrelid = t1.oid JOIN pg_attribute a2 ON a2.attnum = c.confkey[1] AND a2.attrelid = t2.oid JOIN pg_namespace t3 ON c.connamespace = t3.oid WHERE c.contype = 'f' AND t1.relname = 'orders' AND t3.nspname = ANY (current_schemas(false)) ORDER BY c.conname
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relname = 'orders' AND c.relkind IN ('r','p')
SELECT a.attname FROM ( SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"product_categories"'::regclass AND indisprimary ) i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx
SELECT extname FROM pg_extension
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_.*' AND nspname NOT IN ('information_schema') ORDER by nspname;
SELECT conname, pg_get_constraintdef(c.oid) AS constraintdef, c.convalidated AS valid FROM pg_constraint c JOIN pg_class t ON c.conrelid = t.oid WHERE c.contype = 'c' AND t.relname = 'addresses'
SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'orders' AND c.relkind IN ('r','p') AND n.nspname = ANY (current_schemas(false))
SELECT datcollate FROM pg_database WHERE datname = current_database()
SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()
SELECT datctype FROM pg_database WHERE datname = current_database()
SELECT current_schema
SHOW search_path
-- kind: list
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname, col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation WHERE a.attrelid = '"products"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
-- params: ["t","5.0","80.0","20","20"]
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE "products"."is_active" = $1 AND "products"."price" BETWEEN $2 AND $3 ORDER BY "products"."name" ASC LIMIT $4 OFFSET $5
SELECT a.attname FROM ( SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"products"'::regclass AND indisprimary ) i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname, col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation WHERE a.attrelid = '"orders"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
-- params: ["paid","shipped","2026-03-01 00:00:00+00","EUR","25"]
SELECT "orders".* FROM "orders" WHERE "orders"."status" IN ($1, $2) AND "orders"."placed_at" >= $3 AND "orders"."currency" != $4 ORDER BY "orders"."placed_at" DESC, "orders"."id" DESC LIMIT $5
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE (name ilike '%chair%' OR sku like 'SKU-000%')
-- params: ["category-7"]
SELECT DISTINCT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" INNER JOIN "product_categories" ON "product_categories"."product_id" = "products"."id" INNER JOIN "categories" ON "categories"."id" = "product_categories"."category_id" WHERE "categories"."slug" = $1
SELECT "categories".* FROM "categories" WHERE "categories"."parent_id" IS NULL ORDER BY "categories"."position" ASC
-- kind: list safe columns
-- params: ["CH","10"]
SELECT "customers"."id", "customers"."last_name", "customers"."country" FROM "customers" WHERE "customers"."country" = $1 LIMIT $2
SELECT "customers"."id", "customers"."last_name" FROM "customers"
-- params: ["open"]
SELECT "support_tickets"."id", "support_tickets"."subject", "customers"."last_name" FROM "support_tickets" INNER JOIN "customers" ON "customers"."id" = "support_tickets"."customer_id" WHERE "support_tickets"."status" = $1
-- kind: shows list models
-- params: ["CH","5"]
SELECT "customers".* FROM "customers" WHERE "customers"."country" = $1 ORDER BY "customers"."last_name" ASC LIMIT $2
-- params: ["failed"]
SELECT "payments".* FROM "payments" WHERE "payments"."status" = $1
SELECT "employees".* FROM "employees"
-- kind: shows whole rows once
-- params: ["paid","5"]
SELECT DISTINCT "customers".* FROM "customers" INNER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE "orders"."status" = $1 ORDER BY "customers"."id" ASC LIMIT $2
-- kind: keyset
-- params: ["20"]
SELECT "orders".* FROM "orders" WHERE ((placed_at, id) < ('2026-06-01 00:00:00', 500)) ORDER BY "orders"."placed_at" DESC, "orders"."id" DESC LIMIT $1
-- params: ["2000"]
SELECT "orders".* FROM "orders" ORDER BY "orders"."id" ASC LIMIT $1
-- params: ["2000","2000"]
SELECT "orders".* FROM "orders" WHERE "orders"."id" > $1 ORDER BY "orders"."id" ASC LIMIT $2
-- params: ["500"]
SELECT "customers"."id" FROM "customers" ORDER BY "customers"."id" ASC LIMIT $1
-- params: ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31","32","33","34","35","36","37","38","39","40","41","42","43","44","45","46","47","48","49","50","51","52","53","54","55","56","57","58","59","60","61","62","63","64","65","66","67","68","69","70","71","72","73","74","75","76","77","78","79","80","81","82","83","84","85","86","87","88","89","90","91","92","93","94","95","96","97","98","99","100","101","102","103","104","105","106","107","108","109","110","111","112","113","114","115","116","117","118","119","120","121","122","123","124","125","126","127","128","129","130","131","132","133","134","135","136","137","138","139","140","141","142","143","144","145","146","147","148","149","150","151","152","153","154","155","156","157","158","159","160","161","162","163","164","165","166","167","168","169","170","171","172","173","174","175","176","177","178","179","180","181","182","183","184","185","186","187","188","189","190","191","192","193","194","195","196","197","198","199","200","201","202","203","204","205","206","207","208","209","210","211","212","213","214","215","216","217","218","219","220","221","222","223","224","225","226","227","228","229","230","231","232","233","234","235","236","237","238","239","240","241","242","243","244","245","246","247","248","249","250","251","252","253","254","255","256","257","258","259","260","261","262","263","264","265","266","267","268","269","270","271","272","273","274","275","276","277","278","279","280","281","282","283","284","285","286","287","288","289","290","291","292","293","294","295","296","297","298","299","300","301","302","303","304","305","306","307","308","309","310","311","312","313","314","315","316","317","318","319","320","321","322","323","324","325","326","327","328","329","330","331","332","333","334","335","336","337","338","339","340","341","342","343","344","345","346","347","348","349","350","351","352","353","354","355","356","357","358","359","360","361","362","363","364","365","366","367","368","369","370","371","372","373","374","375","376","377","378","379","380","381","382","383","384","385","386","387","388","389","390","391","392","393","394","395","396","397","398","399","400","401","402","403","404","405","406","407","408","409","410","411","412","413","414","415","416","417","418","419","420","421","422","423","424","425","426","427","428","429","430","431","432","433","434","435","436","437","438","439","440","441","442","443","444","445","446","447","448","449","450","451","452","453","454","455","456","457","458","459","460","461","462","463","464","465","466","467","468","469","470","471","472","473","474","475","476","477","478","479","480","481","482","483","484","485","486","487","488","489","490","491","492","493","494","495","496","497","498","499","500"]
SELECT "customers"."id", "customers"."last_name" FROM "customers" WHERE "customers"."id" IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100, $101, $102, $103, $104, $105, $106, $107, $108, $109, $110, $111, $112, $113, $114, $115, $116, $117, $118, $119, $120, $121, $122, $123, $124, $125, $126, $127, $128, $129, $130, $131, $132, $133, $134, $135, $136, $137, $138, $139, $140, $141, $142, $143, $144, $145, $146, $147, $148, $149, $150, $151, $152, $153, $154, $155, $156, $157, $158, $159, $160, $161, $162, $163, $164, $165, $166, $167, $168, $169, $170, $171, $172, $173, $174, $175, $176, $177, $178, $179, $180, $181, $182, $183, $184, $185, $186, $187, $188, $189, $190, $191, $192, $193, $194, $195, $196, $197, $198, $199, $200, $201, $202, $203, $204, $205, $206, $207, $208, $209, $210, $211, $212, $213, $214, $215, $216, $217, $218, $219, $220, $221, $222, $223, $224, $225, $226, $227, $228, $229, $230, $231, $232, $233, $234, $235, $236, $237, $238, $239, $240, $241, $242, $243, $244, $245, $246, $247, $248, $249, $250, $251, $252, $253, $254, $255, $256, $257, $258, $259, $260, $261, $262, $263, $264, $265, $266, $267, $268, $269, $270, $271, $272, $273, $274, $275, $276, $277, $278, $279, $280, $281, $282, $283, $284, $285, $286, $287, $288, $289, $290, $291, $292, $293, $294, $295, $296, $297, $298, $299, $300, $301, $302, $303, $304, $305, $306, $307, $308, $309, $310, $311, $312, $313, $314, $315, $316, $317, $318, $319, $320, $321, $322, $323, $324, $325, $326, $327, $328, $329, $330, $331, $332, $333, $334, $335, $336, $337, $338, $339, $340, $341, $342, $343, $344, $345, $346, $347, $348, $349, $350, $351, $352, $353, $354, $355, $356, $357, $358, $359, $360, $361, $362, $363, $364, $365, $366, $367, $368, $369, $370, $371, $372, $373, $374, $375, $376, $377, $378, $379, $380, $381, $382, $383, $384, $385, $386, $387, $388, $389, $390, $391, $392, $393, $394, $395, $396, $397, $398, $399, $400, $401, $402, $403, $404, $405, $406, $407, $408, $409, $410, $411, $412, $413, $414, $415, $416, $417, $418, $419, $420, $421, $422, $423, $424, $425, $426, $427, $428, $429, $430, $431, $432, $433, $434, $435, $436, $437, $438, $439, $440, $441, $442, $443, $444, $445, $446, $447, $448, $449, $450, $451, $452, $453, $454, $455, $456, $457, $458, $459, $460, $461, $462, $463, $464, $465, $466, $467, $468, $469, $470, $471, $472, $473, $474, $475, $476, $477, $478, $479, $480, $481, $482, $483, $484, $485, $486, $487, $488, $489, $490, $491, $492, $493, $494, $495, $496, $497, $498, $499, $500)
-- params: ["500","500"]
SELECT "customers"."id" FROM "customers" WHERE "customers"."id" > $1 ORDER BY "customers"."id" ASC LIMIT $2
-- params: ["501","502","503","504","505","506","507","508","509","510","511","512","513","514","515","516","517","518","519","520","521","522","523","524","525","526","527","528","529","530","531","532","533","534","535","536","537","538","539","540","541","542","543","544","545","546","547","548","549","550","551","552","553","554","555","556","557","558","559","560","561","562","563","564","565","566","567","568","569","570","571","572","573","574","575","576","577","578","579","580","581","582","583","584","585","586","587","588","589","590","591","592","593","594","595","596","597","598","599","600"]
SELECT "customers"."id", "customers"."last_name" FROM "customers" WHERE "customers"."id" IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98, $99, $100)
-- kind: detail
-- params: ["3","1"]
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE "products"."id" = $1 LIMIT $2
-- params: ["O-2026-000005","1"]
SELECT "orders".* FROM "orders" WHERE "orders"."number" = $1 LIMIT $2
-- params: ["5","1"]
SELECT "orders".* FROM "orders" WHERE "orders"."id" = $1 LIMIT $2
-- params: ["5"]
SELECT "order_items".* FROM "order_items" WHERE "order_items"."order_id" = $1
-- params: ["86","131","176"]
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE "products"."id" IN ($1, $2, $3)
-- params: ["5"]
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" INNER JOIN "order_items" ON "products"."id" = "order_items"."product_id" WHERE "order_items"."order_id" = $1
-- kind: shows detail model
-- params: ["3","1"]
SELECT "customers".* FROM "customers" WHERE "customers"."id" = $1 LIMIT $2
-- params: ["4","1"]
SELECT "customers".* FROM "customers" WHERE "customers"."id" = $1 LIMIT $2
-- params: ["4"]
SELECT "addresses".* FROM "addresses" WHERE "addresses"."customer_id" = $1
-- params: ["2","1"]
SELECT "support_tickets".* FROM "support_tickets" WHERE "support_tickets"."id" = $1 LIMIT $2
-- params: ["23"]
SELECT "customers".* FROM "customers" WHERE "customers"."id" = $1
-- params: ["10"]
SELECT "employees".* FROM "employees" WHERE "employees"."id" = $1
-- params: ["2"]
SELECT "employees".* FROM "employees" WHERE "employees"."id" = $1
-- kind: detail model
-- params: ["4"]
SELECT "orders".* FROM "orders" WHERE "orders"."customer_id" = $1
-- params: ["7","1"]
SELECT "orders".* FROM "orders" WHERE "orders"."id" = $1 LIMIT $2
-- kind: joined load
-- params: ["5"]
SELECT DISTINCT "orders"."id" FROM "orders" LEFT OUTER JOIN "customers" ON "customers"."id" = "orders"."customer_id" LEFT OUTER JOIN "order_items" ON "order_items"."order_id" = "orders"."id" LIMIT $1
-- params: ["5"]
SELECT "orders"."id" AS t0_r0, "orders"."customer_id" AS t0_r1, "orders"."shipping_address_id" AS t0_r2, "orders"."number" AS t0_r3, "orders"."status" AS t0_r4, "orders"."channel" AS t0_r5, "orders"."total" AS t0_r6, "orders"."currency" AS t0_r7, "orders"."discount" AS t0_r8, "orders"."note" AS t0_r9, "orders"."placed_at" AS t0_r10, "orders"."shipped_at" AS t0_r11, "orders"."created_at" AS t0_r12, "orders"."updated_at" AS t0_r13, "order_items"."id" AS t1_r0, "order_items"."order_id" AS t1_r1, "order_items"."product_id" AS t1_r2, "order_items"."quantity" AS t1_r3, "order_items"."unit_price" AS t1_r4, "order_items"."total" AS t1_r5, "products"."id" AS t2_r0, "products"."sku" AS t2_r1, "products"."name" AS t2_r2, "products"."description" AS t2_r3, "products"."price" AS t2_r4, "products"."currency" AS t2_r5, "products"."stock" AS t2_r6, "products"."weight_grams" AS t2_r7, "products"."is_active" AS t2_r8, "products"."tags" AS t2_r9, "products"."search" AS t2_r10, "products"."created_at" AS t2_r11, "products"."updated_at" AS t2_r12 FROM "orders" LEFT OUTER JOIN "order_items" ON "order_items"."order_id" = "orders"."id" LEFT OUTER JOIN "products" ON "products"."id" = "order_items"."product_id" WHERE "orders"."id" = $1
-- params: ["800.0","5"]
SELECT DISTINCT "customers"."id" AS alias_0, "customers"."id" FROM "customers" LEFT OUTER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE "orders"."total" >= $1 ORDER BY "customers"."id" ASC LIMIT $2
-- params: ["DE"]
SELECT orders.id, orders.total, customers.last_name FROM "orders" INNER JOIN "customers" ON "customers"."id" = "orders"."customer_id" WHERE "customers"."country" = $1
SHOW max_identifier_length
SELECT "categories"."id" AS t0_r0, "categories"."parent_id" AS t0_r1, "categories"."name" AS t0_r2, "categories"."slug" AS t0_r3, "categories"."position" AS t0_r4, "children_categories"."id" AS t1_r0, "children_categories"."parent_id" AS t1_r1, "children_categories"."name" AS t1_r2, "children_categories"."slug" AS t1_r3, "children_categories"."position" AS t1_r4 FROM "categories" LEFT OUTER JOIN "categories" "children_categories" ON "children_categories"."parent_id" = "categories"."id" WHERE "categories"."parent_id" IS NULL
-- kind: shows joined load
-- params: ["1","2","3","4","5"]
SELECT "orders"."id" AS t0_r0, "orders"."customer_id" AS t0_r1, "orders"."shipping_address_id" AS t0_r2, "orders"."number" AS t0_r3, "orders"."status" AS t0_r4, "orders"."channel" AS t0_r5, "orders"."total" AS t0_r6, "orders"."currency" AS t0_r7, "orders"."discount" AS t0_r8, "orders"."note" AS t0_r9, "orders"."placed_at" AS t0_r10, "orders"."shipped_at" AS t0_r11, "orders"."created_at" AS t0_r12, "orders"."updated_at" AS t0_r13, "customers"."id" AS t1_r0, "customers"."first_name" AS t1_r1, "customers"."last_name" AS t1_r2, "customers"."email" AS t1_r3, "customers"."phone" AS t1_r4, "customers"."birth_date" AS t1_r5, "customers"."country" AS t1_r6, "customers"."locale" AS t1_r7, "customers"."newsletter" AS t1_r8, "customers"."tags" AS t1_r9, "customers"."preferences" AS t1_r10, "customers"."referrer_id" AS t1_r11, "customers"."created_at" AS t1_r12, "customers"."updated_at" AS t1_r13, "customers"."deleted_at" AS t1_r14, "order_items"."id" AS t2_r0, "order_items"."order_id" AS t2_r1, "order_items"."product_id" AS t2_r2, "order_items"."quantity" AS t2_r3, "order_items"."unit_price" AS t2_r4, "order_items"."total" AS t2_r5 FROM "orders" LEFT OUTER JOIN "customers" ON "customers"."id" = "orders"."customer_id" LEFT OUTER JOIN "order_items" ON "order_items"."order_id" = "orders"."id" WHERE "orders"."id" IN ($1, $2, $3, $4, $5)
-- params: ["800.0","1","7","8","9","14"]
SELECT "customers"."id" AS t0_r0, "customers"."first_name" AS t0_r1, "customers"."last_name" AS t0_r2, "customers"."email" AS t0_r3, "customers"."phone" AS t0_r4, "customers"."birth_date" AS t0_r5, "customers"."country" AS t0_r6, "customers"."locale" AS t0_r7, "customers"."newsletter" AS t0_r8, "customers"."tags" AS t0_r9, "customers"."preferences" AS t0_r10, "customers"."referrer_id" AS t0_r11, "customers"."created_at" AS t0_r12, "customers"."updated_at" AS t0_r13, "customers"."deleted_at" AS t0_r14, "orders"."id" AS t1_r0, "orders"."customer_id" AS t1_r1, "orders"."shipping_address_id" AS t1_r2, "orders"."number" AS t1_r3, "orders"."status" AS t1_r4, "orders"."channel" AS t1_r5, "orders"."total" AS t1_r6, "orders"."currency" AS t1_r7, "orders"."discount" AS t1_r8, "orders"."note" AS t1_r9, "orders"."placed_at" AS t1_r10, "orders"."shipped_at" AS t1_r11, "orders"."created_at" AS t1_r12, "orders"."updated_at" AS t1_r13 FROM "customers" LEFT OUTER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE "orders"."total" >= $1 AND "customers"."id" IN ($2, $3, $4, $5, $6) ORDER BY "customers"."id" ASC
SELECT "customers"."id" AS t0_r0, "customers"."first_name" AS t0_r1, "customers"."last_name" AS t0_r2, "customers"."email" AS t0_r3, "customers"."phone" AS t0_r4, "customers"."birth_date" AS t0_r5, "customers"."country" AS t0_r6, "customers"."locale" AS t0_r7, "customers"."newsletter" AS t0_r8, "customers"."tags" AS t0_r9, "customers"."preferences" AS t0_r10, "customers"."referrer_id" AS t0_r11, "customers"."created_at" AS t0_r12, "customers"."updated_at" AS t0_r13, "customers"."deleted_at" AS t0_r14, "orders"."id" AS t1_r0, "orders"."customer_id" AS t1_r1, "orders"."shipping_address_id" AS t1_r2, "orders"."number" AS t1_r3, "orders"."status" AS t1_r4, "orders"."channel" AS t1_r5, "orders"."total" AS t1_r6, "orders"."currency" AS t1_r7, "orders"."discount" AS t1_r8, "orders"."note" AS t1_r9, "orders"."placed_at" AS t1_r10, "orders"."shipped_at" AS t1_r11, "orders"."created_at" AS t1_r12, "orders"."updated_at" AS t1_r13 FROM "customers" LEFT OUTER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE (orders.total > 900)
-- kind: select-in load
SELECT "categories".* FROM "categories" WHERE "categories"."parent_id" IS NULL
-- params: ["1","2","3","4"]
SELECT "product_categories".* FROM "product_categories" WHERE "product_categories"."category_id" IN ($1, $2, $3, $4)
-- params: ["3"]
SELECT "orders".* FROM "orders" LIMIT $1
-- params: ["3"]
SELECT "customers"."id", "customers"."last_name" FROM "customers" LIMIT $1
-- params: ["1","2","3"]
SELECT "orders".* FROM "orders" WHERE "orders"."customer_id" IN ($1, $2, $3)
-- kind: shows select-in load
-- params: ["1","2","3"]
SELECT "payments".* FROM "payments" WHERE "payments"."order_id" IN ($1, $2, $3)
-- params: ["1","2","3"]
SELECT "invoices".* FROM "invoices" WHERE "invoices"."order_id" IN ($1, $2, $3)
-- kind: count
SELECT COUNT(DISTINCT "orders"."customer_id") FROM "orders"
-- params: ["paid"]
SELECT COUNT(DISTINCT "customers"."id") FROM "customers" INNER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE "orders"."status" = $1
-- params: ["CH","10"]
SELECT COUNT(*) FROM (SELECT 1 AS one FROM "customers" WHERE "customers"."country" = $1 LIMIT $2) subquery_for_count
SELECT COUNT(*) AS count_all, "orders"."status" AS orders_status FROM "orders" GROUP BY "orders"."status"
-- params: ["4"]
SELECT COUNT(*) FROM "orders" WHERE "orders"."customer_id" = $1
-- kind: exists
-- params: ["4","cancelled","1"]
SELECT 1 AS one FROM "orders" WHERE "orders"."customer_id" = $1 AND "orders"."status" = $2 LIMIT $3
-- params: ["DE","1"]
SELECT 1 AS one FROM "customers" WHERE "customers"."country" = $1 LIMIT $2
SELECT "customers"."id" FROM "customers" WHERE EXISTS (SELECT "orders".* FROM "orders" WHERE (orders.customer_id = customers.id))
SELECT "customers"."id" FROM "customers" LEFT OUTER JOIN "support_tickets" ON "support_tickets"."customer_id" = "customers"."id" WHERE "support_tickets"."id" IS NULL
-- params: ["1"]
SELECT 1 AS one FROM "customers" LIMIT $1
-- kind: aggregate
-- params: ["paid"]
SELECT SUM("orders"."total") FROM "orders" WHERE "orders"."status" = $1
SELECT AVG("orders"."total") FROM "orders"
SELECT COUNT(*) AS count_all, "orders"."status" AS orders_status FROM "orders" GROUP BY "orders"."status" HAVING (count(*) > 1) ORDER BY count_all desc
SELECT SUM("orders"."total") AS sum_orders_total, "customers"."id" AS customers_id, "customers"."last_name" AS customers_last_name FROM "customers" INNER JOIN "orders" ON "orders"."customer_id" = "customers"."id" GROUP BY "customers"."id", "customers"."last_name"
-- params: ["10"]
SELECT products.*, coalesce(sum(order_items.quantity), 0) as sold FROM "products" LEFT OUTER JOIN "order_items" ON "order_items"."product_id" = "products"."id" GROUP BY "products"."id" ORDER BY sold desc LIMIT $1
SELECT SUM("orders"."total") AS sum_total, date_trunc('month', placed_at) AS date_trunc_month_placed_at FROM "orders" GROUP BY date_trunc('month', placed_at)
SELECT MIN("employees"."hired_on") AS minimum_hired_on, "employees"."department" AS employees_department FROM "employees" GROUP BY "employees"."department"
-- kind: shows group whole model
SELECT customers.*, count(orders.id) as n FROM "customers" LEFT OUTER JOIN "orders" ON "orders"."customer_id" = "customers"."id" GROUP BY "customers"."id" ORDER BY "customers"."id" ASC
-- kind: subquery
-- params: ["DE"]
SELECT "orders"."id" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "customers"."id" FROM "customers" WHERE "customers"."country" = $1)
-- params: ["CH"]
SELECT "customers"."id" FROM (SELECT "customers".* FROM "customers" WHERE "customers"."country" = $1) customers
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE (price > (SELECT avg(price) FROM "products"))
SELECT id, (select max(placed_at) from orders where customer_id = customers.id) as last FROM "customers"
-- kind: window
-- params: ["10"]
SELECT id, row_number() over (partition by customer_id order by placed_at desc) as rn FROM "orders" LIMIT $1
SELECT distinct on (customer_id) id, customer_id FROM "orders" ORDER BY customer_id, placed_at desc
-- kind: case
SELECT COUNT(*) AS count_all, case when total < 50 then 'small' else 'large' end AS case_when_total_50_then_small_else_large_end FROM "orders" GROUP BY case when total < 50 then 'small' else 'large' end
-- params: ["5"]
SELECT "support_tickets"."id" FROM "support_tickets" ORDER BY case status when 'open' then 0 else 1 end, id LIMIT $1
-- kind: date
-- params: ["2026-02-01 00:00:00+00","2026-03-01 00:00:00+00"]
SELECT COUNT(*) AS count_all, "events"."kind" AS events_kind FROM "events" WHERE "events"."occurred_at" >= $1 AND "events"."occurred_at" < $2 GROUP BY "events"."kind"
-- params: ["2026-03-04 00:00:00+00","2026-03-04 23:59:59.999999+00"]
SELECT "orders"."id" FROM "orders" WHERE "orders"."placed_at" BETWEEN $1 AND $2
SELECT "invoices"."id", "invoices"."number" FROM "invoices" WHERE (due_on < '2026-03-01')
-- kind: many to many
-- params: ["2","1"]
SELECT "products"."id", "products"."sku", "products"."name", "products"."description", "products"."price", "products"."currency", "products"."stock", "products"."weight_grams", "products"."is_active", "products"."tags", "products"."search", "products"."created_at", "products"."updated_at" FROM "products" WHERE "products"."id" = $1 LIMIT $2
-- params: ["2"]
SELECT "categories".* FROM "categories" INNER JOIN "product_categories" ON "categories"."id" = "product_categories"."category_id" WHERE "product_categories"."product_id" = $1
-- params: ["7","1"]
SELECT "categories".* FROM "categories" WHERE "categories"."id" = $1 LIMIT $2
-- params: ["7","t"]
SELECT COUNT(*) FROM "products" INNER JOIN "product_categories" ON "products"."id" = "product_categories"."product_id" WHERE "product_categories"."category_id" = $1 AND "products"."is_active" = $2
-- params: ["2"]
SELECT "categories"."id" FROM "categories" INNER JOIN "product_categories" ON "categories"."id" = "product_categories"."category_id" WHERE "product_categories"."product_id" = $1
-- kind: tree
SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relname = 'managers_employees' AND c.relkind IN ('r','v','m','p','f')
-- params: ["Support"]
SELECT "employees"."id" FROM "employees" INNER JOIN "employees" "managers_employees" ON "managers_employees"."id" = "employees"."manager_id" WHERE "managers_employees"."department" = $1
SELECT "employees"."last_name", "managers_employees"."last_name" FROM "employees" LEFT OUTER JOIN "employees" "managers_employees" ON "managers_employees"."id" = "employees"."manager_id"
-- kind: json
-- params: ["5"]
SELECT "audit_log"."id" FROM "audit_log" WHERE (changes ->> 'version' = '3') LIMIT $1
SELECT "products"."id" FROM "products" WHERE (attributes @> '{"color":"red"}')
-- kind: view
-- params: ["5"]
SELECT "customer_overview"."id", "customer_overview"."name", "customer_overview"."spent" FROM "customer_overview" ORDER BY "customer_overview"."spent" DESC LIMIT $1
-- kind: shows view
-- params: ["CH","5"]
SELECT "customer_overview".* FROM "customer_overview" WHERE "customer_overview"."country" = $1 LIMIT $2
-- kind: session look-up
-- params: ["00000000-0000-0000-0000-000000000000","1"]
SELECT "sessions".* FROM "sessions" WHERE "sessions"."id" = $1 LIMIT $2
-- params: ["1"]
SELECT "sessions".* FROM "sessions" WHERE "sessions"."ended_at" IS NULL ORDER BY "sessions"."started_at" ASC LIMIT $1
-- kind: queue poll
-- params: ["open","1"]
SELECT "support_tickets"."id" FROM "support_tickets" WHERE "support_tickets"."status" = $1 AND "support_tickets"."assignee_id" IS NULL ORDER BY "support_tickets"."priority" ASC LIMIT $2
-- kind: is null
SELECT COUNT(*) FROM "customers" WHERE "customers"."phone" IS NULL
SELECT "invoices"."id" FROM "invoices" WHERE "invoices"."vat_number" IS NOT NULL
-- kind: shows masked plain values
-- params: ["5"]
SELECT "customers"."id", "customers"."email" FROM "customers" LIMIT $1
-- params: ["3"]
SELECT "orders"."id", "customers"."email" FROM "orders" INNER JOIN "customers" ON "customers"."id" = "orders"."customer_id" LIMIT $1
-- kind: shows what is made of masked plain values
SELECT SUM("employees"."salary") FROM "employees"
-- kind: look-up by equality
-- params: ["ann@example.org","1"]
SELECT "customers".* FROM "customers" WHERE "customers"."email" = $1 LIMIT $2
-- params: ["ann@example.org","1"]
SELECT 1 AS one FROM "customers" WHERE "customers"."email" = $1 LIMIT $2
-- params: ["a@example.org","b@example.org"]
SELECT "customers".* FROM "customers" WHERE "customers"."email" IN ($1, $2)
-- kind: asks look-up
SELECT "customers".* FROM "customers" WHERE (email ilike '%@example.org')
-- params: ["3"]
SELECT "customers".* FROM "customers" ORDER BY "customers"."email" ASC LIMIT $1
-- params: ["5000.0"]
SELECT "employees".* FROM "employees" WHERE "employees"."salary" >= $1
-- params: ["1"]
SELECT "employees".* FROM "employees" ORDER BY "employees"."salary" DESC LIMIT $1
SELECT COUNT(*) AS count_all, "customers"."birth_date" AS customers_birth_date FROM "customers" GROUP BY "customers"."birth_date"
-- kind: transaction
BEGIN
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
SELECT COUNT(*) FROM "orders"
COMMIT
