-- Written by hand: queries of Grafana's PostgreSQL data source with its macros ($__timeFilter, $__timeGroupAlias, $__unixEpochFilter, …) as it expands them.
-- kind: time series
SELECT floor(extract(epoch from placed_at)/3600)*3600 AS "time", count(*) AS value FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' GROUP BY 1 ORDER BY 1
SELECT floor(extract(epoch from placed_at)/86400)*86400 AS "time", channel AS metric, sum(total) AS revenue FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
SELECT placed_at AS "time", total AS "total" FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-08T00:00:00Z' ORDER BY placed_at ASC
SELECT extract(epoch from occurred_at) as "time", (properties->>'ms')::int as "ms" FROM events WHERE occurred_at BETWEEN '2026-03-01T00:00:00Z' AND '2026-03-03T00:00:00Z' AND kind = 'checkout' ORDER BY 1
SELECT date_trunc('minute', occurred_at) AS "time", kind AS metric, count(*) AS value FROM events WHERE occurred_at >= '2026-03-01T00:00:00Z' AND occurred_at <= '2026-03-04T00:00:00Z' AND kind IN ('cart', 'checkout') GROUP BY 1, 2 ORDER BY 1, 2
SELECT floor(extract(epoch from occurred_at)/300)*300 AS "time", percentile_cont(0.95) within group (order by (properties->>'ms')::numeric) AS "p95", avg((properties->>'ms')::numeric) AS "mean" FROM events WHERE occurred_at BETWEEN '2026-03-01T00:00:00Z' AND '2026-03-05T00:00:00Z' GROUP BY 1 ORDER BY 1
SELECT floor(extract(epoch from at)/3600)*3600 AS "time", action AS metric, count(*) FROM audit_log WHERE at BETWEEN '2026-02-01T00:00:00Z' AND '2026-03-01T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
SELECT day AS "time", channel AS metric, revenue FROM daily_sales WHERE day BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-31T00:00:00Z' ORDER BY 1, 2
SELECT t AS "time", coalesce(n, 0) AS orders FROM generate_series('2026-01-01T00:00:00Z'::timestamptz, '2026-01-05T00:00:00Z', '1 hour') t LEFT JOIN (SELECT date_trunc('hour', placed_at) h, count(*) n FROM orders GROUP BY 1) o ON o.h = t ORDER BY 1
SELECT "time", sum(value) OVER (ORDER BY "time") AS running FROM (SELECT date_trunc('day', placed_at) AS "time", sum(total) AS value FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' GROUP BY 1) s ORDER BY 1
-- kind: stat and gauge
SELECT count(*) FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z'
SELECT 100.0 * count(*) FILTER (WHERE status = 'cancelled') / nullif(count(*), 0) AS "cancelled" FROM orders WHERE extract(epoch from placed_at) >= 1767225600 AND extract(epoch from placed_at) <= 1769904000
SELECT max(total) AS "largest", min(total) AS "smallest" FROM orders WHERE placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z'
SELECT avg(extract(epoch from (shipped_at - placed_at))) AS "seconds to ship" FROM orders WHERE shipped_at IS NOT NULL
-- kind: table
SELECT p.sku, p.name, p.stock FROM products p WHERE p.stock < 10 AND p.is_active ORDER BY p.stock, p.id LIMIT 50
SELECT path, count(*) AS hits, count(DISTINCT customer_id) AS customers FROM events WHERE occurred_at BETWEEN '2026-03-01T00:00:00Z' AND '2026-04-01T00:00:00Z' GROUP BY path ORDER BY hits DESC, path LIMIT 20
SELECT number AS "Order", status AS "Status", total AS "Total" FROM orders WHERE status IN ('pending', 'paid') ORDER BY placed_at DESC LIMIT 25
-- kind: variables
SELECT DISTINCT channel FROM orders ORDER BY 1
SELECT DISTINCT status::text FROM orders
SELECT name AS __text, id AS __value FROM categories WHERE parent_id IS NULL ORDER BY name
-- kind: annotations
SELECT extract(epoch from at) AS "time", table_name || ' ' || action AS text, actor AS tags FROM audit_log WHERE at BETWEEN '2026-02-01T00:00:00Z' AND '2026-02-03T00:00:00Z' AND action = 'delete' ORDER BY 1
-- kind: the query builder's looks at the catalogue
SELECT quote_ident(table_name) AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog') AND table_type = 'BASE TABLE' ORDER BY table_name
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE quote_ident(table_name) = 'orders' ORDER BY ordinal_position
SELECT quote_ident(column_name) FROM information_schema.columns WHERE quote_ident(table_name) = 'customers' AND data_type IN ('timestamp without time zone', 'timestamp with time zone', 'bigint', 'integer', 'double precision', 'real')
-- kind: database health
SELECT relname, n_live_tup > 0 AS filled FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname
SELECT datname, pg_database_size(datname) > 0 AS present FROM pg_database WHERE NOT datistemplate ORDER BY datname
SELECT c.relname, pg_indexes_size(c.oid) > 0 AS indexed FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname
SELECT state, count(*) > 0 AS any FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' GROUP BY state
-- kind: time series beside masked columns
SELECT floor(extract(epoch from created_at)/86400)*86400 AS "time", count(*) AS "new customers" FROM customers WHERE created_at BETWEEN '2025-06-01T00:00:00Z' AND '2025-09-01T00:00:00Z' GROUP BY 1 ORDER BY 1
SELECT floor(extract(epoch from p.created_at)/86400)*86400 AS "time", p.method AS metric, sum(p.amount) AS value FROM payments p WHERE p.created_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' AND p.status = 'settled' GROUP BY 1, 2 ORDER BY 1, 2
SELECT date_trunc('day', t.created_at) AS "time", c.country AS metric, count(*) AS tickets FROM support_tickets t JOIN customers c ON c.id = t.customer_id WHERE t.created_at BETWEEN '2025-10-01T00:00:00Z' AND '2026-02-01T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
SELECT date_trunc('hour', e.occurred_at) AS "time", c.locale AS metric, count(DISTINCT e.session_id) AS sessions FROM events e JOIN customers c ON c.id = e.customer_id WHERE e.occurred_at BETWEEN '2026-03-01T00:00:00Z' AND '2026-03-03T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
-- kind: stat and gauge beside masked columns
SELECT count(*) FILTER (WHERE status = 'failed') AS failed, count(*) AS "all" FROM payments WHERE created_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z'
SELECT count(*) AS open FROM support_tickets WHERE closed_at IS NULL AND priority <= 2
SELECT sum(gross) AS overdue FROM invoices WHERE due_on < '2026-01-01'
-- kind: table beside masked columns
SELECT e.first_name || ' ' || e.last_name AS agent, count(t.id) AS tickets FROM employees e LEFT JOIN support_tickets t ON t.assignee_id = e.id AND t.status <> 'closed' GROUP BY e.id ORDER BY tickets DESC, agent LIMIT 20
-- kind: variables beside masked columns
SELECT DISTINCT country FROM customers ORDER BY country
SELECT first_name || ' ' || last_name AS __text, id AS __value FROM customers WHERE country = 'CH' ORDER BY 1, 2 LIMIT 100
-- kind: shows masks: table
SELECT c.id, c.email, c.phone, max(o.placed_at) AS last_order FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.placed_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-08T00:00:00Z' GROUP BY c.id ORDER BY last_order DESC LIMIT 20
SELECT t.created_at AS "time", t.subject, t.body, c.email FROM support_tickets t JOIN customers c ON c.id = t.customer_id WHERE t.created_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' ORDER BY 1 DESC
-- kind: shows masks: variable of what may be compared
SELECT id AS __value, email AS __text FROM customers WHERE email = 'nobody@example.com' OR id < 5 ORDER BY id
-- kind: asks: variables of masked columns
SELECT DISTINCT email FROM customers ORDER BY email LIMIT 100
SELECT phone FROM customers WHERE phone LIKE '+41%' LIMIT 10
