-- Emitted by SQLAlchemy 2.1.9, as the server was sent it: one statement a line, its parameters in the line before.
-- kind: transaction
BEGIN
SAVEPOINT "_pg3_1"
ROLLBACK
BEGIN
ROLLBACK
-- kind: connect
select pg_catalog.version()
select current_schema()
show transaction isolation level
show standard_conforming_strings
-- params: ["hstore"]
SELECT typname AS name, oid, typarray AS array_oid, oid::regtype::text AS regtype, typdelim AS delimiter FROM pg_type t WHERE t.oid = to_regtype($1) ORDER BY t.oid
select 1
-- kind: introspection
-- params: ["r","p","t","pg_catalog"]
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$1::VARCHAR, $2::VARCHAR]) AND pg_catalog.pg_class.relpersistence != $3::VARCHAR AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $4::VARCHAR
-- params: ["v","t","pg_catalog"]
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$1::VARCHAR]) AND pg_catalog.pg_class.relpersistence != $2::VARCHAR AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $3::VARCHAR
-- params: ["","always","a","start","increment","minvalue","maxvalue","cache","cycle","","0","name","schema","0","r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(pg_catalog.pg_attribute.atttypid, pg_catalog.pg_attribute.atttypmod) AS format_type, CASE WHEN pg_catalog.pg_attribute.atthasdef THEN (SELECT pg_catalog.pg_get_expr(pg_catalog.pg_attrdef.adbin, pg_catalog.pg_attrdef.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef WHERE pg_catalog.pg_attribute.atthasdef AND pg_catalog.pg_attrdef.adrelid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attrdef.adnum = pg_catalog.pg_attribute.attnum) ELSE NULL END AS "default", pg_catalog.pg_attribute.attnotnull AS not_null, pg_catalog.pg_class.relname AS table_name, pg_catalog.pg_description.description AS comment, pg_catalog.pg_attribute.attgenerated AS generated, CASE WHEN (pg_catalog.pg_attribute.attidentity != $1::VARCHAR) THEN (SELECT json_build_object($2::VARCHAR, pg_catalog.pg_attribute.attidentity = $3::VARCHAR, $4::VARCHAR, pg_catalog.pg_sequence.seqstart, $5::VARCHAR, pg_catalog.pg_sequence.seqincrement, $6::VARCHAR, pg_catalog.pg_sequence.seqmin, $7::VARCHAR, pg_catalog.pg_sequence.seqmax, $8::VARCHAR, pg_catalog.pg_sequence.seqcache, $9::VARCHAR, pg_catalog.pg_sequence.seqcycle) AS json_build_object_1 FROM pg_catalog.pg_sequence WHERE pg_catalog.pg_attribute.attidentity != $10::VARCHAR AND pg_catalog.pg_sequence.seqrelid = CAST(CAST(pg_catalog.pg_get_serial_sequence(CAST(CAST(pg_catalog.pg_attribute.attrelid AS REGCLASS) AS TEXT), pg_catalog.pg_attribute.attname) AS REGCLASS) AS OID)) ELSE NULL END AS identity_options, CASE WHEN (pg_catalog.pg_attribute.attcollation != $11::INTEGER AND (SELECT pg_catalog.pg_type.typcollation FROM pg_catalog.pg_type WHERE pg_catalog.pg_type.oid = pg_catalog.pg_attribute.atttypid) != pg_catalog.pg_attribute.attcollation) THEN (SELECT json_build_object($12::VARCHAR, pg_catalog.pg_collation.collname, $13::VARCHAR, CASE WHEN pg_catalog.pg_collation_is_visible(pg_catalog.pg_collation.oid) THEN NULL ELSE pg_catalog.pg_namespace.nspname END) AS json_build_object_9 FROM pg_catalog.pg_collation JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_collation.collnamespace WHERE pg_catalog.pg_collation.oid = pg_catalog.pg_attribute.attcollation) ELSE NULL END AS collation FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_class.oid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attribute.attnum > $14::SMALLINT AND NOT pg_catalog.pg_attribute.attisdropped LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_description.objsubid = pg_catalog.pg_attribute.attnum JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $20::VARCHAR AND pg_catalog.pg_class.relname IN ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR, $40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR) ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_attribute.attnum
-- params: ["e"]
SELECT pg_catalog.pg_type.typname AS name, pg_catalog.pg_type_is_visible(pg_catalog.pg_type.oid) AS visible, pg_catalog.pg_namespace.nspname AS schema, lbl_agg.labels AS labels FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_type.typnamespace LEFT OUTER JOIN (SELECT pg_catalog.pg_enum.enumtypid AS enumtypid, array_agg(CAST(pg_catalog.pg_enum.enumlabel AS TEXT) ORDER BY pg_catalog.pg_enum.enumsortorder) AS labels FROM pg_catalog.pg_enum GROUP BY pg_catalog.pg_enum.enumtypid) AS lbl_agg ON pg_catalog.pg_type.oid = lbl_agg.enumtypid WHERE pg_catalog.pg_type.typtype = $1::VARCHAR ORDER BY pg_catalog.pg_namespace.nspname, pg_catalog.pg_type.typname
-- params: ["r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_class.oid, pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $6::VARCHAR AND pg_catalog.pg_class.relname IN ($7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)
-- params: ["1","pg_constraint","p","16617","16628","16639","16406","16440","16456","16472","16559","16571","16595","16606","16584","16425","16488","16542","16511","16529","16673","16650","16661","16687","16712","16748","16753","16758","16762"]
SELECT attr.conrelid, array_agg(CAST(attr.attname AS TEXT) ORDER BY attr.ord) AS cols, attr.conname, min(attr.description) AS description, min(attr.indnkeyatts) AS indnkeyatts, bool_and(attr.indnullsnotdistinct) AS indnullsnotdistinct FROM (SELECT con.conrelid AS conrelid, con.conname AS conname, con.description AS description, con.ord AS ord, con.indnkeyatts AS indnkeyatts, con.indnullsnotdistinct AS indnullsnotdistinct, pg_catalog.pg_attribute.attname AS attname FROM pg_catalog.pg_attribute JOIN (SELECT pg_catalog.pg_constraint.conrelid AS conrelid, pg_catalog.pg_constraint.conname AS conname, unnest(pg_catalog.pg_index.indkey) AS attnum, generate_subscripts(pg_catalog.pg_index.indkey, $1::INTEGER) AS ord, pg_catalog.pg_index.indnkeyatts AS indnkeyatts, pg_catalog.pg_index.indnullsnotdistinct AS indnullsnotdistinct, pg_catalog.pg_description.description AS description FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_index ON pg_catalog.pg_constraint.conindid = pg_catalog.pg_index.indexrelid LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($2 AS REGCLASS) WHERE pg_catalog.pg_constraint.contype = $3::VARCHAR AND pg_catalog.pg_constraint.conrelid IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)) AS con ON pg_catalog.pg_attribute.attnum = con.attnum AND pg_catalog.pg_attribute.attrelid = con.conrelid WHERE con.conrelid IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)) AS attr GROUP BY attr.conrelid, attr.conname ORDER BY attr.conrelid, attr.conname
-- params: ["t","f","pg_constraint","r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname, CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, $1) END AS anon_1, nsp_ref.nspname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = $2::VARCHAR LEFT OUTER JOIN pg_catalog.pg_class AS cls_ref ON cls_ref.oid = pg_catalog.pg_constraint.confrelid LEFT OUTER JOIN pg_catalog.pg_namespace AS nsp_ref ON cls_ref.relnamespace = nsp_ref.oid LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($3 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $9::VARCHAR AND pg_catalog.pg_class.relname IN ($10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR) ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname
-- params: ["btree"]
SELECT pg_catalog.pg_am.oid, pg_catalog.pg_am.amname FROM pg_catalog.pg_am WHERE pg_catalog.pg_am.amname = $1::VARCHAR
SELECT pg_catalog.pg_opclass.oid, pg_catalog.pg_opclass.opcname FROM pg_catalog.pg_opclass WHERE NOT pg_catalog.pg_opclass.opcdefault
-- params: ["0","1","t","0","1","16617","16628","16639","16406","16440","16456","16472","16559","16571","16595","16606","16584","16425","16488","16542","16511","16529","16673","16650","16661","16687","16712","16748","16753","16758","16762","p","u","x"]
SELECT pg_catalog.pg_index.indrelid, pg_catalog.pg_class.relname, pg_catalog.pg_index.indisunique, pg_catalog.pg_index.indisvalid, pg_catalog.pg_constraint.conrelid IS NOT NULL AS has_constraint, pg_catalog.pg_index.indoption, pg_catalog.pg_class.reloptions, pg_catalog.pg_class.relam, CASE WHEN (pg_catalog.pg_index.indpred IS NOT NULL) THEN pg_catalog.pg_get_expr(pg_catalog.pg_index.indpred, pg_catalog.pg_index.indrelid) END AS filter_definition, pg_catalog.pg_index.indnkeyatts, pg_catalog.pg_index.indnullsnotdistinct, idx_cols.elements, idx_cols.elements_is_expr, idx_cols.elements_opclass FROM pg_catalog.pg_index JOIN pg_catalog.pg_class ON pg_catalog.pg_index.indexrelid = pg_catalog.pg_class.oid LEFT OUTER JOIN (SELECT idx_attr.indexrelid AS indexrelid, min(idx_attr.indrelid) AS min_1, array_agg(idx_attr.element ORDER BY idx_attr.ord) AS elements, array_agg(idx_attr.is_expr ORDER BY idx_attr.ord) AS elements_is_expr, array_agg(idx_attr.att_opclass ORDER BY idx_attr.ord) AS elements_opclass FROM (SELECT idx.indexrelid AS indexrelid, idx.indrelid AS indrelid, idx.ord AS ord, CASE WHEN (idx.attnum = $1::INTEGER) THEN pg_catalog.pg_get_indexdef(idx.indexrelid, idx.ord + $2::INTEGER, $3) ELSE CAST(pg_catalog.pg_attribute.attname AS TEXT) END AS element, idx.attnum = $4::INTEGER AS is_expr, CAST(idx.att_opclass AS BIGINT) AS att_opclass FROM (SELECT pg_catalog.pg_index.indexrelid AS indexrelid, pg_catalog.pg_index.indrelid AS indrelid, unnest(pg_catalog.pg_index.indkey) AS attnum, unnest(pg_catalog.pg_index.indclass) AS att_opclass, generate_subscripts(pg_catalog.pg_index.indkey, $5::INTEGER) AS ord FROM pg_catalog.pg_index WHERE NOT pg_catalog.pg_index.indisprimary AND pg_catalog.pg_index.indrelid IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)) AS idx LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_attribute.attnum = idx.attnum AND pg_catalog.pg_attribute.attrelid = idx.indrelid WHERE idx.indrelid IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)) AS idx_attr GROUP BY idx_attr.indexrelid) AS idx_cols ON pg_catalog.pg_index.indexrelid = idx_cols.indexrelid LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_index.indrelid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_index.indexrelid = pg_catalog.pg_constraint.conindid AND pg_catalog.pg_constraint.contype = ANY (ARRAY[$32::VARCHAR, $33::VARCHAR, $34::VARCHAR]) WHERE pg_catalog.pg_index.indrelid IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31) AND NOT pg_catalog.pg_index.indisprimary ORDER BY pg_catalog.pg_index.indrelid, pg_catalog.pg_class.relname
SELECT pg_catalog.pg_am.oid, pg_catalog.pg_am.amname FROM pg_catalog.pg_am
-- params: ["1","pg_constraint","u","16617","16628","16639","16406","16440","16456","16472","16559","16571","16595","16606","16584","16425","16488","16542","16511","16529","16673","16650","16661","16687","16712","16748","16753","16758","16762"]
SELECT attr.conrelid, array_agg(CAST(attr.attname AS TEXT) ORDER BY attr.ord) AS cols, attr.conname, min(attr.description) AS description, min(attr.indnkeyatts) AS indnkeyatts, bool_and(attr.indnullsnotdistinct) AS indnullsnotdistinct FROM (SELECT con.conrelid AS conrelid, con.conname AS conname, con.description AS description, con.ord AS ord, con.indnkeyatts AS indnkeyatts, con.indnullsnotdistinct AS indnullsnotdistinct, pg_catalog.pg_attribute.attname AS attname FROM pg_catalog.pg_attribute JOIN (SELECT pg_catalog.pg_constraint.conrelid AS conrelid, pg_catalog.pg_constraint.conname AS conname, unnest(pg_catalog.pg_index.indkey) AS attnum, generate_subscripts(pg_catalog.pg_index.indkey, $1::INTEGER) AS ord, pg_catalog.pg_index.indnkeyatts AS indnkeyatts, pg_catalog.pg_index.indnullsnotdistinct AS indnullsnotdistinct, pg_catalog.pg_description.description AS description FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_index ON pg_catalog.pg_constraint.conindid = pg_catalog.pg_index.indexrelid LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($2 AS REGCLASS) WHERE pg_catalog.pg_constraint.contype = $3::VARCHAR AND pg_catalog.pg_constraint.conrelid IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)) AS con ON pg_catalog.pg_attribute.attnum = con.attnum AND pg_catalog.pg_attribute.attrelid = con.conrelid WHERE con.conrelid IN ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)) AS attr GROUP BY attr.conrelid, attr.conname ORDER BY attr.conrelid, attr.conname
-- params: ["0","pg_class","r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_class.oid = pg_catalog.pg_description.objoid AND pg_catalog.pg_description.objsubid = $1::INTEGER AND pg_catalog.pg_description.classoid = CAST($2 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $8::VARCHAR AND pg_catalog.pg_class.relname IN ($9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR)
-- params: ["t","c","pg_constraint","r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname, CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, $1) END AS anon_1, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = $2::VARCHAR LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($3 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $9::VARCHAR AND pg_catalog.pg_class.relname IN ($10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR) ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname
-- params: ["default_table_access_method","r","p","f","v","m","pg_catalog","events_2026_03","events_2026_04","events_2026_05","customers","categories","products","product_categories","refunds","sessions","events_2026_01","events_2026_02","events","addresses","orders","invoices","order_items","payments","employees","events_2026_06","events_other","support_tickets","audit_log","order_totals","customer_overview","staff_directory","daily_sales"]
SELECT pg_catalog.pg_class.oid, pg_catalog.pg_class.relname, pg_catalog.pg_class.reloptions, NULL AS relhasoids, CASE WHEN (pg_catalog.pg_am.amname IS NOT NULL AND pg_catalog.pg_am.amname != current_setting($1::VARCHAR)) THEN pg_catalog.pg_am.amname ELSE NULL END AS access_method_name, pg_catalog.pg_tablespace.spcname AS tablespace_name, inherits.parent_table_names FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_am ON pg_catalog.pg_class.relam = pg_catalog.pg_am.oid LEFT OUTER JOIN (SELECT pg_catalog.pg_inherits.inhrelid AS inhrelid, array_agg(pg_catalog.pg_class.relname ORDER BY pg_catalog.pg_inherits.inhseqno) AS parent_table_names FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class ON pg_catalog.pg_inherits.inhparent = pg_catalog.pg_class.oid GROUP BY pg_catalog.pg_inherits.inhrelid) AS inherits ON pg_catalog.pg_class.oid = inherits.inhrelid LEFT OUTER JOIN pg_catalog.pg_tablespace ON pg_catalog.pg_tablespace.oid = pg_catalog.pg_class.reltablespace JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $7::VARCHAR AND pg_catalog.pg_class.relname IN ($8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR)
-- params: ["","always","a","start","increment","minvalue","maxvalue","cache","cycle","","0","name","schema","0","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(pg_catalog.pg_attribute.atttypid, pg_catalog.pg_attribute.atttypmod) AS format_type, CASE WHEN pg_catalog.pg_attribute.atthasdef THEN (SELECT pg_catalog.pg_get_expr(pg_catalog.pg_attrdef.adbin, pg_catalog.pg_attrdef.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef WHERE pg_catalog.pg_attribute.atthasdef AND pg_catalog.pg_attrdef.adrelid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attrdef.adnum = pg_catalog.pg_attribute.attnum) ELSE NULL END AS "default", pg_catalog.pg_attribute.attnotnull AS not_null, pg_catalog.pg_class.relname AS table_name, pg_catalog.pg_description.description AS comment, pg_catalog.pg_attribute.attgenerated AS generated, CASE WHEN (pg_catalog.pg_attribute.attidentity != $1::VARCHAR) THEN (SELECT json_build_object($2::VARCHAR, pg_catalog.pg_attribute.attidentity = $3::VARCHAR, $4::VARCHAR, pg_catalog.pg_sequence.seqstart, $5::VARCHAR, pg_catalog.pg_sequence.seqincrement, $6::VARCHAR, pg_catalog.pg_sequence.seqmin, $7::VARCHAR, pg_catalog.pg_sequence.seqmax, $8::VARCHAR, pg_catalog.pg_sequence.seqcache, $9::VARCHAR, pg_catalog.pg_sequence.seqcycle) AS json_build_object_1 FROM pg_catalog.pg_sequence WHERE pg_catalog.pg_attribute.attidentity != $10::VARCHAR AND pg_catalog.pg_sequence.seqrelid = CAST(CAST(pg_catalog.pg_get_serial_sequence(CAST(CAST(pg_catalog.pg_attribute.attrelid AS REGCLASS) AS TEXT), pg_catalog.pg_attribute.attname) AS REGCLASS) AS OID)) ELSE NULL END AS identity_options, CASE WHEN (pg_catalog.pg_attribute.attcollation != $11::INTEGER AND (SELECT pg_catalog.pg_type.typcollation FROM pg_catalog.pg_type WHERE pg_catalog.pg_type.oid = pg_catalog.pg_attribute.atttypid) != pg_catalog.pg_attribute.attcollation) THEN (SELECT json_build_object($12::VARCHAR, pg_catalog.pg_collation.collname, $13::VARCHAR, CASE WHEN pg_catalog.pg_collation_is_visible(pg_catalog.pg_collation.oid) THEN NULL ELSE pg_catalog.pg_namespace.nspname END) AS json_build_object_9 FROM pg_catalog.pg_collation JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_collation.collnamespace WHERE pg_catalog.pg_collation.oid = pg_catalog.pg_attribute.attcollation) ELSE NULL END AS collation FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_class.oid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attribute.attnum > $14::SMALLINT AND NOT pg_catalog.pg_attribute.attisdropped LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_description.objsubid = pg_catalog.pg_attribute.attnum JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $20::VARCHAR ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_attribute.attnum
-- params: ["r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.oid, pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $6::VARCHAR
-- params: ["t","f","pg_constraint","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname, CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, $1) END AS anon_1, nsp_ref.nspname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = $2::VARCHAR LEFT OUTER JOIN pg_catalog.pg_class AS cls_ref ON cls_ref.oid = pg_catalog.pg_constraint.confrelid LEFT OUTER JOIN pg_catalog.pg_namespace AS nsp_ref ON cls_ref.relnamespace = nsp_ref.oid LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($3 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $9::VARCHAR ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname
-- params: ["0","pg_class","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_class.oid = pg_catalog.pg_description.objoid AND pg_catalog.pg_description.objsubid = $1::INTEGER AND pg_catalog.pg_description.classoid = CAST($2 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $8::VARCHAR
-- params: ["t","c","pg_constraint","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname, CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, $1) END AS anon_1, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = $2::VARCHAR LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($3 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $9::VARCHAR ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname
-- params: ["default_table_access_method","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.oid, pg_catalog.pg_class.relname, pg_catalog.pg_class.reloptions, NULL AS relhasoids, CASE WHEN (pg_catalog.pg_am.amname IS NOT NULL AND pg_catalog.pg_am.amname != current_setting($1::VARCHAR)) THEN pg_catalog.pg_am.amname ELSE NULL END AS access_method_name, pg_catalog.pg_tablespace.spcname AS tablespace_name, inherits.parent_table_names FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_am ON pg_catalog.pg_class.relam = pg_catalog.pg_am.oid LEFT OUTER JOIN (SELECT pg_catalog.pg_inherits.inhrelid AS inhrelid, array_agg(pg_catalog.pg_class.relname ORDER BY pg_catalog.pg_inherits.inhseqno) AS parent_table_names FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class ON pg_catalog.pg_inherits.inhparent = pg_catalog.pg_class.oid GROUP BY pg_catalog.pg_inherits.inhrelid) AS inherits ON pg_catalog.pg_class.oid = inherits.inhrelid LEFT OUTER JOIN pg_catalog.pg_tablespace ON pg_catalog.pg_tablespace.oid = pg_catalog.pg_class.reltablespace JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $7::VARCHAR
-- params: ["order_totals","v","m","pg_catalog"]
SELECT pg_catalog.pg_get_viewdef(pg_catalog.pg_class.oid) AS pg_get_viewdef_1 FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname = $1::VARCHAR AND pg_catalog.pg_class.relkind = ANY (ARRAY[$2::VARCHAR, $3::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $4::VARCHAR
-- params: ["t","c","pg_constraint","r","p","f","v","m","pg_catalog","orders"]
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname, CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, $1) END AS anon_1, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = $2::VARCHAR LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid AND pg_catalog.pg_description.classoid = CAST($3 AS REGCLASS) JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $9::VARCHAR AND pg_catalog.pg_class.relname IN ($10::VARCHAR) ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname
-- params: ["orders","r","p","f","v","m","pg_catalog"]
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname IN ($1::VARCHAR) AND pg_catalog.pg_class.relkind = ANY (ARRAY[$2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR]) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != $7::VARCHAR
-- params: ["pg/_"]
SELECT pg_catalog.pg_namespace.nspname FROM pg_catalog.pg_namespace WHERE (pg_catalog.pg_namespace.nspname NOT LIKE $1::VARCHAR || '%' ESCAPE '/') ORDER BY pg_catalog.pg_namespace.nspname
-- kind: list
-- params: ["5","80","20","20"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.is_active AND products.price BETWEEN $1::INTEGER AND $2::INTEGER ORDER BY products.name LIMIT $3::INTEGER OFFSET $4::INTEGER
-- params: ["paid","shipped","2026-03-01 00:00:00+00","25"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE orders.status IN ($1, $2) AND orders.placed_at >= $3::TIMESTAMP WITH TIME ZONE ORDER BY orders.placed_at DESC, orders.id DESC LIMIT $4::INTEGER
-- params: ["%chair%","A-"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.name ILIKE $1::VARCHAR OR (products.sku LIKE $2::VARCHAR || '%') ORDER BY products.price
-- params: ["garden"]
SELECT DISTINCT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products JOIN product_categories AS product_categories_1 ON products.id = product_categories_1.product_id JOIN categories ON categories.id = product_categories_1.category_id WHERE categories.slug = $1::VARCHAR
SELECT categories.id, categories.parent_id, categories.name, categories.slug, categories.position FROM categories WHERE categories.parent_id IS NULL
-- kind: list safe columns
-- params: ["CH","20"]
SELECT customers.id, customers.last_name, customers.country FROM customers WHERE customers.country = $1::VARCHAR LIMIT $2::INTEGER
SELECT customers.id, customers.last_name FROM customers ORDER BY customers.last_name
-- params: ["open"]
SELECT support_tickets.id, support_tickets.customer_id, support_tickets.order_id, support_tickets.assignee_id, support_tickets.subject, support_tickets.status, support_tickets.priority, support_tickets.created_at, support_tickets.closed_at FROM support_tickets WHERE support_tickets.status = $1::VARCHAR ORDER BY support_tickets.priority DESC
-- params: ["card"]
SELECT payments.id, payments.amount, payments.status FROM payments WHERE payments.method = $1::VARCHAR
-- kind: shows list models
-- params: ["CH","20"]
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at FROM customers WHERE customers.country = $1::VARCHAR ORDER BY customers.last_name LIMIT $2::INTEGER
-- params: ["open"]
SELECT support_tickets.id, support_tickets.customer_id, support_tickets.order_id, support_tickets.assignee_id, support_tickets.subject, support_tickets.body, support_tickets.status, support_tickets.priority, support_tickets.created_at, support_tickets.closed_at FROM support_tickets WHERE support_tickets.status = $1::VARCHAR
-- params: ["failed"]
SELECT payments.id, payments.order_id, payments.method, payments.status, payments.amount, payments.card_number, payments.iban, payments.paid_at, payments.created_at FROM payments WHERE payments.status = $1::VARCHAR
SELECT employees.id, employees.manager_id, employees.first_name, employees.last_name, employees.title, employees.department, employees.salary, employees.hired_on, employees.active FROM employees
-- kind: keyset
-- params: ["2026-06-01 00:00:00+00","500","20"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE (orders.placed_at, orders.id) < ($1::TIMESTAMP WITH TIME ZONE, $2::BIGINT) ORDER BY orders.placed_at DESC, orders.id DESC LIMIT $3::INTEGER
-- params: ["17","50"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.id > $1::BIGINT ORDER BY products.id LIMIT $2::INTEGER
-- kind: detail
-- params: ["3"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.id = $1::BIGINT
-- params: ["5"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE orders.id = $1::BIGINT
-- params: ["5"]
SELECT order_items.order_id, order_items.id, order_items.product_id, order_items.quantity, order_items.unit_price, order_items.total, products_1.id, products_1.sku, products_1.name, products_1.description, products_1.price, products_1.currency, products_1.stock, products_1.weight_grams, products_1.is_active, products_1.tags, products_1.attributes, products_1.search, products_1.created_at, products_1.updated_at FROM order_items LEFT OUTER JOIN products AS products_1 ON products_1.id = order_items.product_id WHERE order_items.order_id IN ($1::BIGINT)
-- kind: shows detail model
-- params: ["3"]
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at FROM customers WHERE customers.id = $1::BIGINT
-- params: ["4"]
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at, addresses_1.id AS id_1, addresses_1.customer_id, addresses_1.kind, addresses_1.line1, addresses_1.city, addresses_1.postal_code, addresses_1.country AS country_1, addresses_1.is_default FROM customers LEFT OUTER JOIN addresses AS addresses_1 ON customers.id = addresses_1.customer_id WHERE customers.id = $1::BIGINT
-- params: ["2"]
SELECT support_tickets.id, support_tickets.customer_id, support_tickets.order_id, support_tickets.assignee_id, support_tickets.subject, support_tickets.body, support_tickets.status, support_tickets.priority, support_tickets.created_at, support_tickets.closed_at, customers_1.id AS id_1, customers_1.first_name, customers_1.last_name, customers_1.email, customers_1.phone, customers_1.birth_date, customers_1.country, customers_1.locale, customers_1.newsletter, customers_1.tags, customers_1.preferences, customers_1.referrer_id, customers_1.created_at AS created_at_1, customers_1.updated_at, customers_1.deleted_at, employees_1.id AS id_2, employees_1.manager_id, employees_1.first_name AS first_name_1, employees_1.last_name AS last_name_1, employees_1.title, employees_1.department, employees_1.salary, employees_1.hired_on, employees_1.active, employees_2.id AS id_3, employees_2.manager_id AS manager_id_1, employees_2.first_name AS first_name_2, employees_2.last_name AS last_name_2, employees_2.title AS title_1, employees_2.department AS department_1, employees_2.salary AS salary_1, employees_2.hired_on AS hired_on_1, employees_2.active AS active_1 FROM support_tickets LEFT OUTER JOIN customers AS customers_1 ON customers_1.id = support_tickets.customer_id LEFT OUTER JOIN employees AS employees_2 ON employees_2.id = support_tickets.assignee_id LEFT OUTER JOIN employees AS employees_1 ON employees_1.id = employees_2.manager_id WHERE support_tickets.id = $1::BIGINT
-- params: ["8"]
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at FROM customers WHERE customers.id = $1::BIGINT
-- kind: detail model
-- params: ["4"]
SELECT orders.customer_id, orders.id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE orders.customer_id IN ($1::BIGINT) ORDER BY orders.placed_at DESC
-- params: ["1939","1349","759","169"]
SELECT order_items.order_id, order_items.id, order_items.product_id, order_items.quantity, order_items.unit_price, order_items.total FROM order_items WHERE order_items.order_id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT)
-- params: ["2"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders LIMIT $1::INTEGER
-- kind: joined load
-- params: ["20"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at, customers_1.id AS id_1, customers_1.last_name FROM orders LEFT OUTER JOIN customers AS customers_1 ON customers_1.id = orders.customer_id ORDER BY orders.id DESC LIMIT $1::INTEGER
-- params: ["5"]
SELECT anon_1.id, anon_1.customer_id, anon_1.shipping_address_id, anon_1.number, anon_1.status, anon_1.channel, anon_1.total, anon_1.currency, anon_1.discount, anon_1.note, anon_1.placed_at, anon_1.shipped_at, anon_1.created_at, anon_1.updated_at, order_items_1.id AS id_1, order_items_1.order_id, order_items_1.product_id, order_items_1.quantity, order_items_1.unit_price, order_items_1.total AS total_1, payments_1.id AS id_2, payments_1.amount FROM (SELECT orders.id AS id, orders.customer_id AS customer_id, orders.shipping_address_id AS shipping_address_id, orders.number AS number, orders.status AS status, orders.channel AS channel, orders.total AS total, orders.currency AS currency, orders.discount AS discount, orders.note AS note, orders.placed_at AS placed_at, orders.shipped_at AS shipped_at, orders.created_at AS created_at, orders.updated_at AS updated_at FROM orders LIMIT $1::INTEGER) AS anon_1 LEFT OUTER JOIN order_items AS order_items_1 ON anon_1.id = order_items_1.order_id LEFT OUTER JOIN payments AS payments_1 ON anon_1.id = payments_1.order_id
-- params: ["DE"]
SELECT customers.id, customers.last_name, orders.id AS id_1, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders JOIN customers ON customers.id = orders.customer_id WHERE customers.country = $1::VARCHAR
-- kind: select-in load
-- params: ["1","2","3","4"]
SELECT product_categories.category_id, products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM product_categories JOIN products ON products.id = product_categories.product_id WHERE product_categories.category_id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT)
-- params: ["5"]
SELECT customers.id, customers.last_name, customers.country FROM customers LIMIT $1::INTEGER
-- params: ["5"]
SELECT support_tickets.id AS support_tickets_id, support_tickets.subject AS support_tickets_subject, anon_1.customers_id AS anon_1_customers_id FROM (SELECT customers.id AS customers_id FROM customers LIMIT $1::INTEGER) AS anon_1 JOIN support_tickets ON anon_1.customers_id = support_tickets.customer_id
-- params: ["1","2","3","4","5"]
SELECT orders.customer_id, orders.id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE orders.customer_id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::BIGINT) ORDER BY orders.placed_at DESC
-- kind: subquery load
-- params: ["5"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products ORDER BY products.id LIMIT $1::INTEGER
-- params: ["5"]
SELECT categories.id AS categories_id, categories.parent_id AS categories_parent_id, categories.name AS categories_name, categories.slug AS categories_slug, categories.position AS categories_position, anon_1.products_id AS anon_1_products_id FROM (SELECT products.id AS products_id FROM products ORDER BY products.id LIMIT $1::INTEGER) AS anon_1 JOIN product_categories AS product_categories_1 ON anon_1.products_id = product_categories_1.product_id JOIN categories ON categories.id = product_categories_1.category_id
-- params: ["paid"]
SELECT orders.id, orders.customer_id, orders.shipping_address_id, orders.number, orders.status, orders.channel, orders.total, orders.currency, orders.discount, orders.note, orders.placed_at, orders.shipped_at, orders.created_at, orders.updated_at FROM orders WHERE orders.status = $1
-- params: ["paid"]
SELECT order_items.id AS order_items_id, order_items.order_id AS order_items_order_id, order_items.product_id AS order_items_product_id, order_items.quantity AS order_items_quantity, order_items.unit_price AS order_items_unit_price, order_items.total AS order_items_total, anon_1.orders_id AS anon_1_orders_id FROM (SELECT orders.id AS orders_id FROM orders WHERE orders.status = $1) AS anon_1 JOIN order_items ON anon_1.orders_id = order_items.order_id
-- kind: count
SELECT count(*) AS count_1 FROM orders
SELECT count(DISTINCT orders.customer_id) AS count_1 FROM orders
-- params: ["CH"]
SELECT count(*) AS count_1 FROM (SELECT customers.id AS id, customers.first_name AS first_name, customers.last_name AS last_name, customers.email AS email, customers.phone AS phone, customers.birth_date AS birth_date, customers.country AS country, customers.locale AS locale, customers.newsletter AS newsletter, customers.tags AS tags, customers.preferences AS preferences, customers.referrer_id AS referrer_id, customers.created_at AS created_at, customers.updated_at AS updated_at, customers.deleted_at AS deleted_at FROM customers WHERE customers.country = $1::VARCHAR) AS anon_1
-- params: ["paid"]
SELECT count(customers.id) AS count_1 FROM customers JOIN orders ON customers.id = orders.customer_id WHERE orders.status = $1
-- params: ["100","50"]
SELECT count(*) AS count_1 FROM (SELECT orders.id AS id FROM orders WHERE orders.total > $1::INTEGER LIMIT $2::INTEGER) AS anon_1
-- kind: exists
-- params: ["4"]
SELECT EXISTS (SELECT * FROM orders WHERE orders.customer_id = $1::BIGINT) AS anon_1
-- params: ["200"]
SELECT customers.id, customers.last_name, customers.country FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customers.id = orders.customer_id AND orders.total > $1::INTEGER)
SELECT customers.id FROM customers WHERE NOT (EXISTS (SELECT 1 FROM support_tickets WHERE customers.id = support_tickets.customer_id))
-- params: ["DE"]
SELECT orders.id FROM orders WHERE EXISTS (SELECT 1 FROM customers WHERE customers.id = orders.customer_id AND customers.country = $1::VARCHAR)
-- params: ["3"]
SELECT EXISTS (SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at FROM customers WHERE customers.id = $1::BIGINT) AS anon_1
-- kind: aggregate
SELECT sum(orders.total) AS sum_1, avg(orders.total) AS avg_1, count(orders.id) AS count_1 FROM orders
SELECT orders.status, count(orders.id) AS n, sum(orders.total) AS sum_1 FROM orders GROUP BY orders.status ORDER BY n DESC
-- params: ["2"]
SELECT customers.country, count(*) AS count_1 FROM customers GROUP BY customers.country HAVING count(*) >= $1::INTEGER
-- params: ["0","10"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at, coalesce(sum(order_items.quantity), $1::INTEGER) AS sold FROM products LEFT OUTER JOIN order_items ON products.id = order_items.product_id GROUP BY products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at ORDER BY sold DESC LIMIT $2::INTEGER
-- params: ["settled"]
SELECT payments.method, sum(payments.amount) FILTER (WHERE payments.status = $1::VARCHAR) AS anon_1 FROM payments GROUP BY payments.method
SELECT employees.department, count(*) AS count_1, min(employees.hired_on) AS min_1 FROM employees GROUP BY employees.department
SELECT employees.last_name, count(support_tickets.id) AS count_1 FROM employees LEFT OUTER JOIN support_tickets ON employees.id = support_tickets.assignee_id GROUP BY employees.id ORDER BY count(support_tickets.id) DESC
-- params: ["100"]
SELECT customers.last_name, sum(orders.total) AS sum_1 FROM customers JOIN orders ON customers.id = orders.customer_id GROUP BY customers.id, customers.last_name HAVING sum(orders.total) > $1::INTEGER ORDER BY customers.id
-- kind: shows whole rows in groups
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at, count(orders.id) AS count_1 FROM customers LEFT OUTER JOIN orders ON customers.id = orders.customer_id GROUP BY customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at
-- kind: grouping sets
SELECT orders.status, orders.currency, sum(orders.total) AS sum_1 FROM orders GROUP BY ROLLUP(orders.status, orders.currency) ORDER BY orders.status, orders.currency
SELECT orders.status, orders.currency, count(*) AS count_1 FROM orders GROUP BY CUBE(orders.status, orders.currency) ORDER BY orders.status, orders.currency
SELECT grouping(orders.status) AS grouping_1, orders.status, count(*) AS count_1 FROM orders GROUP BY GROUPING SETS((orders.status), ()) ORDER BY orders.status
-- kind: postgres aggregates
SELECT orders.status, array_agg(orders.id ORDER BY orders.id DESC) AS array_agg_1 FROM orders GROUP BY orders.status ORDER BY orders.status
-- params: [", ","5"]
SELECT orders.id, string_agg(products.name, $1::VARCHAR) AS string_agg_1 FROM orders JOIN order_items ON orders.id = order_items.order_id JOIN products ON products.id = order_items.product_id GROUP BY orders.id ORDER BY orders.id LIMIT $2::INTEGER
-- params: ["0.5"]
SELECT percentile_cont($1) WITHIN GROUP (ORDER BY orders.total) AS percentile_cont_1 FROM orders
-- params: ["id","name","5"]
SELECT json_agg(json_build_object($1::VARCHAR, products.id, $2::VARCHAR, products.name)) AS json_agg_1 FROM products WHERE products.id < $3::BIGINT
SELECT mode() WITHIN GROUP (ORDER BY orders.status) AS mode_1 FROM orders
-- kind: date
-- params: ["month"]
SELECT date_trunc($1::VARCHAR, orders.placed_at) AS m, sum(orders.total) AS sum_1 FROM orders GROUP BY m ORDER BY m
SELECT EXTRACT(dow FROM orders.placed_at) AS d, count(*) AS count_1 FROM orders GROUP BY EXTRACT(dow FROM orders.placed_at) ORDER BY d
-- params: ["2026-02-01 00:00:00+00","2026-03-01 00:00:00+00"]
SELECT events.kind, count(*) AS count_1 FROM events WHERE events.occurred_at >= $1::TIMESTAMP WITH TIME ZONE AND events.occurred_at < $2::TIMESTAMP WITH TIME ZONE GROUP BY events.kind
-- params: ["2026-03-04"]
SELECT orders.id FROM orders WHERE CAST(orders.placed_at AS DATE) = $1::DATE
SELECT orders.id FROM orders WHERE orders.placed_at > now() - interval '30 days'
-- params: ["2026-01-01","2026-01-05"]
SELECT generate_series($1::DATE, $2::DATE, interval '1 day') AS d
-- kind: case
-- params: ["50","small","200","medium","large"]
SELECT CASE WHEN (orders.total < $1::INTEGER) THEN $2::VARCHAR WHEN (orders.total < $3::INTEGER) THEN $4::VARCHAR ELSE $5::VARCHAR END AS size, count(*) AS count_1 FROM orders GROUP BY CASE WHEN (orders.total < $1::INTEGER) THEN $2::VARCHAR WHEN (orders.total < $3::INTEGER) THEN $4::VARCHAR ELSE $5::VARCHAR END ORDER BY size
-- params: ["paid","0","cancelled","0"]
SELECT sum(CASE WHEN (orders.status = $1) THEN orders.total ELSE $2::INTEGER END) AS sum_1, sum(CASE WHEN (orders.status = $3) THEN orders.total ELSE $4::INTEGER END) AS sum_2 FROM orders
-- params: ["open","0","pending","1","2","10"]
SELECT support_tickets.id, support_tickets.subject FROM support_tickets ORDER BY CASE support_tickets.status WHEN $1::VARCHAR THEN $2::INTEGER WHEN $3::VARCHAR THEN $4::INTEGER ELSE $5::INTEGER END, support_tickets.id LIMIT $6::INTEGER
-- kind: window
-- params: ["30"]
SELECT orders.id, row_number() OVER (PARTITION BY orders.customer_id ORDER BY orders.placed_at DESC) AS anon_1 FROM orders LIMIT $1::INTEGER
-- params: ["1"]
SELECT anon_1.id FROM (SELECT orders.id AS id, orders.customer_id AS customer_id, orders.shipping_address_id AS shipping_address_id, orders.number AS number, orders.status AS status, orders.channel AS channel, orders.total AS total, orders.currency AS currency, orders.discount AS discount, orders.note AS note, orders.placed_at AS placed_at, orders.shipped_at AS shipped_at, orders.created_at AS created_at, orders.updated_at AS updated_at, row_number() OVER (PARTITION BY orders.customer_id ORDER BY orders.placed_at DESC) AS rn FROM orders) AS anon_1 WHERE anon_1.rn = $1::INTEGER
-- params: ["10"]
SELECT orders.id, sum(orders.total) OVER (ORDER BY orders.placed_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS anon_1 FROM orders ORDER BY orders.placed_at LIMIT $1::INTEGER
-- params: ["4"]
SELECT products.name, ntile($1::INTEGER) OVER (ORDER BY products.price) AS anon_1 FROM products
SELECT date_trunc('day', orders.placed_at) AS d, sum(orders.total) AS sum_1, lag(sum(orders.total)) OVER (ORDER BY date_trunc('day', orders.placed_at)) AS anon_1 FROM orders GROUP BY date_trunc('day', orders.placed_at)
-- params: ["2"]
SELECT anon_1.id, anon_1.customer_id, anon_1.shipping_address_id, anon_1.number, anon_1.status, anon_1.channel, anon_1.total, anon_1.currency, anon_1.discount, anon_1.note, anon_1.placed_at, anon_1.shipped_at, anon_1.created_at, anon_1.updated_at FROM (SELECT orders.id AS id, orders.customer_id AS customer_id, orders.shipping_address_id AS shipping_address_id, orders.number AS number, orders.status AS status, orders.channel AS channel, orders.total AS total, orders.currency AS currency, orders.discount AS discount, orders.note AS note, orders.placed_at AS placed_at, orders.shipped_at AS shipped_at, orders.created_at AS created_at, orders.updated_at AS updated_at, row_number() OVER (PARTITION BY orders.customer_id ORDER BY orders.placed_at DESC) AS rn FROM orders) AS anon_1 WHERE anon_1.rn <= $1::INTEGER
SELECT customers.last_name, rank() OVER (ORDER BY sum(orders.total) DESC) AS anon_1 FROM customers JOIN orders ON customers.id = orders.customer_id GROUP BY customers.id, customers.last_name
-- kind: subquery
-- params: ["1"]
SELECT customers.id, customers.last_name, (SELECT orders.placed_at FROM orders WHERE orders.customer_id = customers.id ORDER BY orders.placed_at DESC LIMIT $1::INTEGER) AS last FROM customers
-- params: ["DE"]
SELECT orders.id FROM orders WHERE orders.customer_id IN (SELECT customers.id FROM customers WHERE customers.country = $1::VARCHAR)
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.price > (SELECT avg(products.price) AS avg_1 FROM products)
-- params: ["2"]
SELECT customers.last_name, recent.total FROM customers JOIN LATERAL (SELECT orders.id AS id, orders.total AS total FROM orders WHERE orders.customer_id = customers.id ORDER BY orders.placed_at DESC LIMIT $1::INTEGER) AS recent ON true ORDER BY customers.id, recent.id
-- params: ["CH"]
SELECT anon_1.last_name FROM (SELECT customers.id AS id, customers.first_name AS first_name, customers.last_name AS last_name, customers.email AS email, customers.phone AS phone, customers.birth_date AS birth_date, customers.country AS country, customers.locale AS locale, customers.newsletter AS newsletter, customers.tags AS tags, customers.preferences AS preferences, customers.referrer_id AS referrer_id, customers.created_at AS created_at, customers.updated_at AS updated_at, customers.deleted_at AS deleted_at FROM customers WHERE customers.country = $1::VARCHAR) AS anon_1
-- kind: cte
WITH spent AS (SELECT orders.customer_id AS customer_id, sum(orders.total) AS spent FROM orders GROUP BY orders.customer_id) SELECT customers.last_name, spent.spent FROM customers JOIN spent ON spent.customer_id = customers.id ORDER BY spent.spent DESC
WITH spent AS (SELECT orders.customer_id AS customer_id, sum(orders.total) AS spent FROM orders GROUP BY orders.customer_id) SELECT avg(spent.spent) AS avg_1 FROM spent
-- kind: tree
-- params: ["0","1"]
WITH RECURSIVE tree(id, name, depth) AS (SELECT categories.id AS id, categories.name AS name, $1::INTEGER AS depth FROM categories WHERE categories.parent_id IS NULL UNION ALL SELECT categories.id AS id, categories.name AS name, tree.depth + $2::INTEGER AS anon_1 FROM categories JOIN tree ON categories.parent_id = tree.id) SELECT tree.id, tree.name, tree.depth FROM tree ORDER BY tree.depth, tree.id
WITH RECURSIVE boss(id, last_name, manager_id) AS (SELECT employees.id AS id, employees.last_name AS last_name, employees.manager_id AS manager_id FROM employees WHERE employees.manager_id IS NULL UNION ALL SELECT employees.id AS id, employees.last_name AS last_name, employees.manager_id AS manager_id FROM employees JOIN boss ON employees.manager_id = boss.id) SELECT boss.id, boss.last_name, boss.manager_id FROM boss ORDER BY boss.id
SELECT employees.last_name, employees_1.last_name AS last_name_1 FROM employees LEFT OUTER JOIN employees AS employees_1 ON employees.manager_id = employees_1.id
-- params: ["1","2","3","4"]
SELECT categories.parent_id, categories.id, categories.name, categories.slug, categories.position FROM categories WHERE categories.parent_id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT)
-- params: ["5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24"]
SELECT categories.parent_id, categories.id, categories.name, categories.slug, categories.position FROM categories WHERE categories.parent_id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::BIGINT, $6::BIGINT, $7::BIGINT, $8::BIGINT, $9::BIGINT, $10::BIGINT, $11::BIGINT, $12::BIGINT, $13::BIGINT, $14::BIGINT, $15::BIGINT, $16::BIGINT, $17::BIGINT, $18::BIGINT, $19::BIGINT, $20::BIGINT)
SELECT categories.id, categories.parent_id, categories.name, categories.slug, categories.position, categories_1.id AS id_1, categories_1.parent_id AS parent_id_1, categories_1.name AS name_1, categories_1.slug AS slug_1, categories_1.position AS position_1, categories_2.id AS id_2, categories_2.parent_id AS parent_id_2, categories_2.name AS name_2, categories_2.slug AS slug_2, categories_2.position AS position_2 FROM categories LEFT OUTER JOIN categories AS categories_2 ON categories.id = categories_2.parent_id LEFT OUTER JOIN categories AS categories_1 ON categories_2.id = categories_1.parent_id WHERE categories.parent_id IS NULL
-- kind: many to many
-- params: ["2"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products WHERE products.id = $1::BIGINT
-- params: ["2"]
SELECT categories.id, categories.parent_id, categories.name, categories.slug, categories.position FROM categories, product_categories WHERE $1::BIGINT = product_categories.product_id AND categories.id = product_categories.category_id
SELECT products.name, categories.name AS name_1 FROM products JOIN product_categories AS product_categories_1 ON products.id = product_categories_1.product_id JOIN categories ON categories.id = product_categories_1.category_id
-- params: ["1","2","3","2"]
SELECT products.id FROM products JOIN product_categories AS product_categories_1 ON products.id = product_categories_1.product_id JOIN categories ON categories.id = product_categories_1.category_id WHERE categories.id IN ($1::BIGINT, $2::BIGINT, $3::BIGINT) GROUP BY products.id HAVING count(*) >= $4::INTEGER
-- params: ["2"]
SELECT categories.id, categories.parent_id, categories.name, categories.slug, categories.position FROM categories WHERE categories.id = $1::BIGINT
-- params: ["2"]
SELECT products.id, products.sku, products.name, products.description, products.price, products.currency, products.stock, products.weight_grams, products.is_active, products.tags, products.attributes, products.search, products.created_at, products.updated_at FROM products, product_categories AS product_categories_1 WHERE $1::BIGINT = product_categories_1.category_id AND products.id = product_categories_1.product_id
-- kind: json
-- params: ["version","3"]
SELECT audit_log.id FROM audit_log WHERE (audit_log.changes ->> $1::TEXT) = $2::VARCHAR
-- params: ["version","{\"version\": 3}"]
SELECT audit_log.id, audit_log.changes[$1::TEXT] AS anon_1 FROM audit_log WHERE audit_log.changes @> $2::JSONB
-- params: ["color"]
SELECT products.attributes ->> $1::TEXT AS c, count(*) AS count_1 FROM products GROUP BY c
-- params: ["color"]
SELECT products.id FROM products WHERE products.attributes ? $1::VARCHAR
-- params: ["10"]
SELECT audit_log.id, jsonb_object_keys(audit_log.changes) AS jsonb_object_keys_1 FROM audit_log LIMIT $1::INTEGER
-- params: ["object"]
SELECT audit_log.id FROM audit_log WHERE jsonb_typeof(audit_log.changes) = $1::VARCHAR
-- kind: search
-- params: ["english","english","chair"]
SELECT products.id FROM products WHERE to_tsvector($1::REGCONFIG, products.name) @@ plainto_tsquery($2::REGCONFIG, $3::VARCHAR)
-- params: ["^(oak|pine)"]
SELECT products.id FROM products WHERE products.name ~ $1::VARCHAR
-- params: ["ann"]
SELECT customers.id, customers.last_name FROM customers WHERE (customers.last_name ILIKE '%' || $1::VARCHAR || '%')
-- params: ["%oak%"]
SELECT products.id FROM products WHERE lower(products.name) LIKE $1::VARCHAR
-- params: ["chair"]
SELECT products.id FROM products WHERE products.name @@ plainto_tsquery($1::VARCHAR)
-- kind: union
-- params: ["paid","300"]
SELECT orders.id FROM orders WHERE orders.status = $1 UNION ALL SELECT orders.id FROM orders WHERE orders.total > $2::INTEGER
SELECT customers.id, customers.last_name FROM customers UNION SELECT employees.id, employees.last_name FROM employees
SELECT orders.customer_id FROM orders EXCEPT SELECT support_tickets.customer_id FROM support_tickets
-- params: ["paid","shipped"]
SELECT anon_1.id FROM (SELECT orders.id AS id, orders.customer_id AS customer_id, orders.shipping_address_id AS shipping_address_id, orders.number AS number, orders.status AS status, orders.channel AS channel, orders.total AS total, orders.currency AS currency, orders.discount AS discount, orders.note AS note, orders.placed_at AS placed_at, orders.shipped_at AS shipped_at, orders.created_at AS created_at, orders.updated_at AS updated_at FROM orders WHERE orders.status = $1 UNION ALL SELECT orders.id AS id, orders.customer_id AS customer_id, orders.shipping_address_id AS shipping_address_id, orders.number AS number, orders.status AS status, orders.channel AS channel, orders.total AS total, orders.currency AS currency, orders.discount AS discount, orders.note AS note, orders.placed_at AS placed_at, orders.shipped_at AS shipped_at, orders.created_at AS created_at, orders.updated_at AS updated_at FROM orders WHERE orders.status = $2) AS anon_1
-- kind: functions
-- params: [" (",")"]
SELECT customers.last_name || $1::VARCHAR || customers.country || $2::VARCHAR AS anon_1 FROM customers
-- params: ["","1"]
SELECT coalesce(products.description, $1::VARCHAR) AS coalesce_1, length(products.name) AS length_1, round(products.price, $2::INTEGER) AS round_1 FROM products
-- params: ["50"]
SELECT order_items.order_id, sum(order_items.quantity * order_items.unit_price) AS sum_1 FROM order_items GROUP BY order_items.order_id HAVING sum(order_items.quantity * order_items.unit_price) > $1::INTEGER
-- params: ["3"]
SELECT CAST(orders.total AS INTEGER) AS total, CAST(orders.placed_at AS VARCHAR) AS placed_at FROM orders LIMIT $1::INTEGER
-- params: ["5"]
SELECT products.id FROM products ORDER BY products.description ASC NULLS LAST LIMIT $1::INTEGER
-- params: ["0","0"]
SELECT greatest(products.stock, $1::INTEGER) AS greatest_1, nullif(products.stock, $2::INTEGER) AS nullif_1 FROM products
-- params: ["paid"]
SELECT orders.id FROM orders WHERE orders.status IS DISTINCT FROM $1
SELECT DISTINCT ON (orders.customer_id) orders.id FROM orders ORDER BY orders.customer_id, orders.placed_at DESC
-- params: ["1","x","2","y"]
SELECT v.a, v.b FROM (VALUES ($1::INTEGER, $2::VARCHAR), ($3::INTEGER, $4::VARCHAR)) AS v (a, b)
-- params: ["{1,2,3}"]
SELECT products.id FROM products WHERE products.id = ANY ($1)
SELECT products.name AS n, products.price AS price FROM products
-- params: ["2"]
SELECT random() < $1::INTEGER AS anon_1
-- params: ["3"]
select * from orders where id = $1::INTEGER
-- params: ["100"]
SELECT products_1.id FROM products AS products_1 TABLESAMPLE bernoulli($1::INTEGER)
-- kind: by id
-- params: ["9"]
SELECT customers.id, customers.last_name FROM customers WHERE customers.id = $1::BIGINT
-- params: ["3"]
SELECT orders.status FROM orders WHERE orders.id = $1::BIGINT
-- params: ["3","1"]
SELECT events.kind FROM events WHERE events.customer_id = $1::BIGINT ORDER BY events.occurred_at LIMIT $2::INTEGER
-- kind: queue poll
-- params: ["open","1"]
SELECT support_tickets.id FROM support_tickets WHERE support_tickets.status = $1::VARCHAR AND support_tickets.assignee_id IS NULL ORDER BY support_tickets.priority, support_tickets.created_at LIMIT $2::INTEGER
-- kind: shows masked plain values
SELECT customers.id, customers.email FROM customers
-- params: ["5"]
SELECT payments.card_number, customers.email FROM payments JOIN orders ON orders.id = payments.order_id JOIN customers ON customers.id = orders.customer_id LIMIT $1::INTEGER
-- params: ["3"]
SELECT customers.email AS mail FROM customers LIMIT $1::INTEGER
-- params: ["3"]
SELECT support_tickets.subject, support_tickets.body FROM support_tickets LIMIT $1::INTEGER
-- params: ["3"]
SELECT lower(customers.email) AS lower_1 FROM customers LIMIT $1::INTEGER
-- params: [" <",">","3"]
SELECT customers.last_name || $1::VARCHAR || customers.email || $2::VARCHAR AS anon_1 FROM customers LIMIT $3::INTEGER
-- params: ["3"]
SELECT orders.id, (SELECT customers.email FROM customers WHERE customers.id = orders.customer_id) AS anon_1 FROM orders ORDER BY orders.id LIMIT $1::INTEGER
-- params: ["id","email"]
SELECT json_agg(json_build_object($1::VARCHAR, customers.id, $2::VARCHAR, customers.email)) AS json_agg_1 FROM customers
-- params: ["none","3"]
SELECT coalesce(customers.email, $1::VARCHAR) AS coalesce_1 FROM customers LIMIT $2::INTEGER
-- kind: masked plain values
SELECT count(customers.email) AS count_1 FROM customers
-- kind: look-up by equality
-- params: ["ann@example.org"]
SELECT customers.id, customers.first_name, customers.last_name, customers.email, customers.phone, customers.birth_date, customers.country, customers.locale, customers.newsletter, customers.tags, customers.preferences, customers.referrer_id, customers.created_at, customers.updated_at, customers.deleted_at FROM customers WHERE customers.email = $1::VARCHAR
SELECT count(DISTINCT customers.email) AS count_1 FROM customers
-- params: ["CHE-1"]
SELECT invoices.id FROM invoices WHERE invoices.vat_number = $1::VARCHAR
-- params: ["a@example.org","b@example.org"]
SELECT customers.id FROM customers WHERE customers.email IN ($1::VARCHAR, $2::VARCHAR)
-- kind: shows look-up by equality
SELECT DISTINCT customers.email FROM customers
-- kind: is null
SELECT customers.id FROM customers WHERE customers.phone IS NULL
SELECT count(*) AS count_1 FROM customers WHERE customers.birth_date IS NOT NULL
-- kind: asks look-up
SELECT customers.id FROM customers ORDER BY customers.email
-- params: ["%@example.org"]
SELECT customers.id FROM customers WHERE customers.email ILIKE $1::VARCHAR
SELECT customers.birth_date, count(*) AS count_1 FROM customers GROUP BY customers.birth_date
-- params: ["5000"]
SELECT employees.id, employees.manager_id, employees.first_name, employees.last_name, employees.title, employees.department, employees.salary, employees.hired_on, employees.active FROM employees WHERE employees.salary > $1::INTEGER
SELECT customers.last_name, support_tickets.id FROM customers JOIN support_tickets ON (support_tickets.body LIKE '%' || customers.last_name || '%')
-- params: ["ann@example.org"]
SELECT customers.id FROM customers WHERE lower(customers.email) = $1::VARCHAR
SELECT EXTRACT(year FROM customers.birth_date) AS anon_1 FROM customers
SELECT customers.email FROM customers UNION SELECT customers.phone FROM customers
-- kind: shows aggregate of masked
SELECT max(employees.salary) AS max_1 FROM employees
SELECT avg(employees.salary) AS avg_1 FROM employees
-- kind: shows what is made of aggregate of masked
SELECT employees.department, sum(employees.salary) AS sum_1 FROM employees GROUP BY employees.department ORDER BY employees.department
-- kind: server-side cursor
DECLARE "c_7f9d00b37f90_1" CURSOR FOR SELECT orders.id FROM orders
-- kind: view
-- params: ["5"]
SELECT order_totals.order_id, order_totals.number, order_totals.status, order_totals.placed_at, order_totals.items, order_totals.quantity, order_totals.goods, order_totals.paid FROM order_totals LIMIT $1::INTEGER
-- params: ["5"]
SELECT staff_directory.id, staff_directory.name, staff_directory.title, staff_directory.department, staff_directory.manager FROM staff_directory LIMIT $1::INTEGER
-- params: ["5"]
SELECT daily_sales.day, daily_sales.channel, daily_sales.orders, daily_sales.revenue FROM daily_sales LIMIT $1::INTEGER
-- kind: shows view
-- params: ["5"]
SELECT customer_overview.id, customer_overview.name, customer_overview.email, customer_overview.country, customer_overview.orders, customer_overview.spent, customer_overview.last_order_at FROM customer_overview LIMIT $1::INTEGER
