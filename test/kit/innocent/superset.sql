-- Emitted by Apache Superset 6.1.0 (SQLAlchemy 1.4.54): SqlaTable.get_query_str_extended over datasets of this schema, and values_for_column; white space folded.
-- kind: time series
SELECT DATE_TRUNC('second', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('second', placed_at) LIMIT 10000
SELECT DATE_TRUNC('minute', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('minute', placed_at) LIMIT 10000
SELECT DATE_TRUNC('hour', placed_at) + INTERVAL '5 minutes' * FLOOR(EXTRACT(MINUTE FROM placed_at) / 5) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('hour', placed_at) + INTERVAL '5 minutes' * FLOOR(EXTRACT(MINUTE FROM placed_at) / 5) LIMIT 10000
SELECT DATE_TRUNC('hour', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('hour', placed_at) LIMIT 10000
SELECT DATE_TRUNC('day', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('day', placed_at) LIMIT 10000
SELECT DATE_TRUNC('week', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('week', placed_at) LIMIT 10000
SELECT DATE_TRUNC('month', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('month', placed_at) LIMIT 10000
SELECT DATE_TRUNC('quarter', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('quarter', placed_at) LIMIT 10000
SELECT DATE_TRUNC('year', placed_at) AS __timestamp, COUNT(*) AS count FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('year', placed_at) LIMIT 10000
SELECT DATE_TRUNC('hour', occurred_at) AS __timestamp, kind AS kind, COUNT(*) AS count, count(DISTINCT customer_id) AS "COUNT_DISTINCT(customer_id)" FROM public.events WHERE occurred_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND occurred_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY kind, DATE_TRUNC('hour', occurred_at) LIMIT 10000
SELECT DATE_TRUNC('day', occurred_at) AS __timestamp, kind AS kind, COUNT(*) AS count, count(DISTINCT customer_id) AS "COUNT_DISTINCT(customer_id)" FROM public.events WHERE occurred_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND occurred_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY kind, DATE_TRUNC('day', occurred_at) LIMIT 10000
SELECT DATE_TRUNC('day', day) AS __timestamp, channel AS channel, SUM(revenue) AS revenue FROM public.daily_sales WHERE day >= TO_DATE('2026-01-01', 'YYYY-MM-DD') AND day < TO_DATE('2026-05-01', 'YYYY-MM-DD') GROUP BY channel, DATE_TRUNC('day', day) LIMIT 10000
SELECT DATE_TRUNC('month', day) AS __timestamp, channel AS channel, SUM(revenue) AS revenue FROM public.daily_sales WHERE day >= TO_DATE('2026-01-01', 'YYYY-MM-DD') AND day < TO_DATE('2026-05-01', 'YYYY-MM-DD') GROUP BY channel, DATE_TRUNC('month', day) LIMIT 10000
-- kind: time series by dimension
SELECT DATE_TRUNC('month', placed_at) AS __timestamp, channel AS channel, sum(total) AS "SUM(total)" FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY channel, DATE_TRUNC('month', placed_at) LIMIT 10000
-- kind: time series of a limited number
SELECT DATE_TRUNC('week', placed_at) AS __timestamp, status AS status, SUM(total) AS revenue FROM public.orders JOIN (SELECT status AS status__, SUM(total) AS mme_inner__ FROM public.orders WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY status ORDER BY SUM(total) DESC LIMIT 3) AS series_limit ON status = status__ WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY status, DATE_TRUNC('week', placed_at) LIMIT 10000
-- kind: big number
SELECT SUM(total) AS revenue FROM public.orders LIMIT 10000
SELECT count(DISTINCT customer_id) AS "COUNT_DISTINCT(customer_id)" FROM public.orders LIMIT 10000
-- kind: pie
SELECT channel AS channel, COUNT(*) AS count FROM public.orders GROUP BY channel ORDER BY count DESC LIMIT 100
-- kind: bar
SELECT status AS status, channel AS channel, SUM(total) AS revenue, AVG(total) AS average_order FROM public.orders GROUP BY status, channel ORDER BY revenue DESC LIMIT 10000
SELECT properties ->> 'referrer' AS referrer, COUNT(*) AS count, AVG(CAST((properties ->> 'ms') AS INT)) AS ms FROM public.events GROUP BY properties ->> 'referrer' LIMIT 10000
SELECT is_active AS is_active, sum(stock) AS "SUM(stock)", AVG(price) AS "AVG(price)", min(price) AS "MIN(price)", max(price) AS "MAX(price)" FROM public.products GROUP BY is_active LIMIT 10000
-- kind: table with filters
SELECT channel AS channel, COUNT(*) AS count FROM public.orders WHERE status IN ('paid', 'shipped') AND total >= 100 GROUP BY channel LIMIT 10000
SELECT channel AS channel, COUNT(*) AS count FROM public.orders WHERE note IS NOT NULL GROUP BY channel LIMIT 10000
SELECT currency AS currency, COUNT(*) AS count FROM public.orders WHERE number LIKE 'O-2026-0001%' AND channel != 'store' GROUP BY currency LIMIT 10000
SELECT currency AS currency, COUNT(*) AS count FROM public.orders WHERE number ILIKE '%9%' AND (channel NOT IN ('store')) GROUP BY currency LIMIT 10000
SELECT sku AS sku, name AS name, sum(stock) AS "SUM(stock)" FROM public.products WHERE is_active IS true GROUP BY sku, name LIMIT 50
-- kind: having
SELECT customer_id AS customer_id, COUNT(*) AS count FROM public.orders WHERE ((total > 10)) GROUP BY customer_id HAVING (COUNT(*) > 4) ORDER BY count DESC LIMIT 10000
-- kind: custom metric
SELECT channel AS channel, SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) * 100.0 / COUNT(*) AS cancelled_percent FROM public.orders GROUP BY channel LIMIT 10000
-- kind: raw rows
SELECT number AS number, status AS status, total AS total, placed_at AS placed_at FROM public.orders ORDER BY placed_at DESC LIMIT 100
SELECT day AS day, channel AS channel, orders AS orders, revenue AS revenue FROM public.daily_sales ORDER BY day ASC, channel ASC LIMIT 1000
-- kind: row count
SELECT COUNT(*) AS rowcount FROM (SELECT number AS number FROM public.orders LIMIT 10000) AS rowcount_qry
-- kind: custom column
SELECT EXTRACT(HOUR FROM placed_at) AS hour, COUNT(*) AS count FROM public.orders GROUP BY EXTRACT(HOUR FROM placed_at) LIMIT 10000
-- kind: histogram
SELECT total AS total FROM public.orders WHERE total IS NOT NULL GROUP BY total LIMIT 10000
-- kind: time series beside masked columns
SELECT DATE_TRUNC('day', created_at) AS __timestamp, COUNT(*) AS count FROM public.customers WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('day', created_at) LIMIT 10000
SELECT DATE_TRUNC('month', created_at) AS __timestamp, COUNT(*) AS count FROM public.customers WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('month', created_at) LIMIT 10000
SELECT DATE_TRUNC('year', created_at) AS __timestamp, COUNT(*) AS count FROM public.customers WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('year', created_at) LIMIT 10000
SELECT DATE_TRUNC('month', created_at) AS __timestamp, country AS country, COUNT(*) AS count FROM public.customers JOIN (SELECT country AS country__, COUNT(*) AS mme_inner__ FROM public.customers WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY country ORDER BY COUNT(*) DESC LIMIT 2) AS series_limit ON country = country__ WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY country, DATE_TRUNC('month', created_at) LIMIT 10000
SELECT DATE_TRUNC('day', created_at) AS __timestamp, method AS method, sum(amount) AS "SUM(amount)" FROM public.payments WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY method, DATE_TRUNC('day', created_at) LIMIT 10000
SELECT DATE_TRUNC('week', created_at) AS __timestamp, method AS method, sum(amount) AS "SUM(amount)" FROM public.payments WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY method, DATE_TRUNC('week', created_at) LIMIT 10000
-- kind: pie beside masked columns
SELECT country AS country, COUNT(*) AS count FROM public.customers GROUP BY country ORDER BY count DESC LIMIT 100
SELECT method AS method, status AS status, COUNT(*) AS count, sum(amount) AS "SUM(amount)" FROM public.payments GROUP BY method, status LIMIT 10000
-- kind: bar beside masked columns
SELECT locale AS locale, newsletter AS newsletter, COUNT(*) AS count, count(DISTINCT id) AS "COUNT_DISTINCT(id)" FROM public.customers GROUP BY locale, newsletter LIMIT 10000
SELECT department AS department, title AS title, COUNT(*) AS count FROM public.employees GROUP BY department, title LIMIT 10000
-- kind: raw rows beside masked columns
SELECT id AS id, first_name AS first_name, last_name AS last_name, country AS country, created_at AS created_at FROM public.customers ORDER BY id ASC LIMIT 100
-- kind: table with filters beside masked columns
SELECT country AS country, COUNT(*) AS count FROM public.customers WHERE deleted_at IS NULL AND last_name LIKE 'Me%' GROUP BY country LIMIT 10000
SELECT country AS country, COUNT(*) AS count FROM public.customers WHERE phone IS NOT NULL GROUP BY country LIMIT 10000
-- kind: counts of masked columns
SELECT COUNT(phone) AS with_phone, COUNT(*) AS "all" FROM public.customers LIMIT 10000
-- kind: shows masks: raw rows
SELECT id AS id, email AS email, phone AS phone, birth_date AS birth_date, country AS country FROM public.customers ORDER BY id ASC LIMIT 100
-- kind: shows masks: samples
SELECT birth_date AS birth_date, country AS country, created_at AS created_at, deleted_at AS deleted_at, email AS email, first_name AS first_name, id AS id, last_name AS last_name, locale AS locale, newsletter AS newsletter, phone AS phone, preferences AS preferences, referrer_id AS referrer_id, tags AS tags, updated_at AS updated_at FROM public.customers LIMIT 1000
-- kind: shows masks: grouped by every column
SELECT id AS id, email AS email, phone AS phone, birth_date AS birth_date, country AS country FROM public.customers GROUP BY id, email, phone, birth_date, country ORDER BY id ASC LIMIT 100
-- kind: grouped by every column
SELECT number AS number, status AS status, total AS total FROM public.orders GROUP BY number, status, total LIMIT 100
-- kind: shows masks: grouped by what may be compared
SELECT email AS email, COUNT(*) AS count FROM public.customers WHERE id < 20 GROUP BY email LIMIT 10000
-- kind: asks: birthdays by month
SELECT EXTRACT(MONTH FROM birth_date) AS m, COUNT(*) AS count FROM public.customers GROUP BY EXTRACT(MONTH FROM birth_date) LIMIT 10000
-- kind: asks: filter of a masked column
SELECT country AS country, COUNT(*) AS count FROM public.customers WHERE phone LIKE '+41%' GROUP BY country LIMIT 10000
-- kind: asks: grouped by a masked column
SELECT phone AS phone, COUNT(*) AS count FROM public.customers GROUP BY phone LIMIT 100
-- kind: asks: time series over a masked date
SELECT DATE_TRUNC('year', birth_date) AS __timestamp, COUNT(*) AS count FROM public.customers GROUP BY DATE_TRUNC('year', birth_date) LIMIT 10000
-- kind: big number beside masked columns
SELECT sum(amount) AS "SUM(amount)", AVG(amount) AS "AVG(amount)" FROM public.payments WHERE status = 'settled' LIMIT 10000
-- kind: shows what is made of masked columns: averages
SELECT department AS department, AVG(salary) AS "AVG(salary)", sum(salary) AS "SUM(salary)" FROM public.employees GROUP BY department LIMIT 10000
-- kind: asks: sorted by a masked sum
SELECT department AS department, sum(salary) AS "SUM(salary)" FROM public.employees GROUP BY department ORDER BY "SUM(salary)" DESC LIMIT 10000
-- kind: virtual dataset beside masked columns
SELECT DATE_TRUNC('day', placed_at) AS __timestamp, country AS country, COUNT(*) AS count, sum(total) AS "SUM(total)" FROM (SELECT o.id, o.number, o.status, o.channel, o.total, o.placed_at, c.country, c.newsletter, c.first_name || ' ' || c.last_name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id ) AS virtual_table WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY country, DATE_TRUNC('day', placed_at) LIMIT 10000
SELECT DATE_TRUNC('month', placed_at) AS __timestamp, country AS country, COUNT(*) AS count, sum(total) AS "SUM(total)" FROM (SELECT o.id, o.number, o.status, o.channel, o.total, o.placed_at, c.country, c.newsletter, c.first_name || ' ' || c.last_name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id ) AS virtual_table WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY country, DATE_TRUNC('month', placed_at) LIMIT 10000
SELECT DATE_TRUNC('quarter', placed_at) AS __timestamp, country AS country, COUNT(*) AS count, sum(total) AS "SUM(total)" FROM (SELECT o.id, o.number, o.status, o.channel, o.total, o.placed_at, c.country, c.newsletter, c.first_name || ' ' || c.last_name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id ) AS virtual_table WHERE placed_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY country, DATE_TRUNC('quarter', placed_at) LIMIT 10000
SELECT country AS country, newsletter AS newsletter, sum(total) AS "SUM(total)" FROM (SELECT o.id, o.number, o.status, o.channel, o.total, o.placed_at, c.country, c.newsletter, c.first_name || ' ' || c.last_name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id ) AS virtual_table GROUP BY country, newsletter ORDER BY "SUM(total)" DESC LIMIT 20
SELECT customer AS customer, COUNT(*) AS count, sum(total) AS "SUM(total)" FROM (SELECT o.id, o.number, o.status, o.channel, o.total, o.placed_at, c.country, c.newsletter, c.first_name || ' ' || c.last_name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id ) AS virtual_table WHERE country IN ('CH', 'DE') GROUP BY customer ORDER BY count DESC LIMIT 20
SELECT country AS country, sum(orders) AS "SUM(orders)", sum(spent) AS "SUM(spent)" FROM (SELECT c.id, c.email, c.phone, c.country, COUNT(o.id) AS orders, SUM(o.total) AS spent FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ) AS virtual_table GROUP BY country LIMIT 10000
SELECT DATE_TRUNC('week', created_at) AS __timestamp, status AS status, COUNT(*) AS count FROM (SELECT t.id, t.subject, t.status, t.priority, t.created_at, t.closed_at, e.department, e.first_name || ' ' || e.last_name AS agent FROM support_tickets t LEFT JOIN employees e ON e.id = t.assignee_id ) AS virtual_table WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY status, DATE_TRUNC('week', created_at) LIMIT 10000
SELECT DATE_TRUNC('month', created_at) AS __timestamp, status AS status, COUNT(*) AS count FROM (SELECT t.id, t.subject, t.status, t.priority, t.created_at, t.closed_at, e.department, e.first_name || ' ' || e.last_name AS agent FROM support_tickets t LEFT JOIN employees e ON e.id = t.assignee_id ) AS virtual_table WHERE created_at >= TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2026-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY status, DATE_TRUNC('month', created_at) LIMIT 10000
SELECT agent AS agent, COUNT(*) AS count, AVG(closed_at - created_at) AS time_to_close FROM (SELECT t.id, t.subject, t.status, t.priority, t.created_at, t.closed_at, e.department, e.first_name || ' ' || e.last_name AS agent FROM support_tickets t LEFT JOIN employees e ON e.id = t.assignee_id ) AS virtual_table GROUP BY agent LIMIT 10000
SELECT department AS department, priority AS priority, COUNT(*) AS count FROM (SELECT t.id, t.subject, t.status, t.priority, t.created_at, t.closed_at, e.department, e.first_name || ' ' || e.last_name AS agent FROM support_tickets t LEFT JOIN employees e ON e.id = t.assignee_id ) AS virtual_table GROUP BY department, priority LIMIT 10000
-- kind: shows masks: virtual dataset
SELECT id AS id, email AS email, phone AS phone, orders AS orders, spent AS spent FROM (SELECT c.id, c.email, c.phone, c.country, COUNT(o.id) AS orders, SUM(o.total) AS spent FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ) AS virtual_table ORDER BY spent DESC LIMIT 50
-- kind: values of a filter
SELECT DISTINCT channel AS column_values FROM public.orders LIMIT 1000
SELECT DISTINCT status AS column_values FROM public.orders LIMIT 1000
SELECT DISTINCT sku AS column_values FROM public.products LIMIT 1000
-- kind: values of a filter beside masked columns
SELECT DISTINCT country AS column_values FROM public.customers LIMIT 1000
SELECT DISTINCT first_name AS column_values FROM public.customers LIMIT 1000
