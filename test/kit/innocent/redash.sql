-- Written by hand: Redash's look at the schema, and questions as people keep them there (cohorts, funnels, retention, pivots), with the limit that it adds.
-- kind: schema browser
SELECT s.nspname as table_schema, c.relname as table_name, a.attname as column_name, null as data_type FROM pg_class c JOIN pg_namespace s ON c.relnamespace = s.oid AND s.nspname NOT IN ('pg_catalog', 'information_schema') JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind = 'm' OR (c.relkind = 'f' AND has_table_privilege(s.nspname || '.' || c.relname, 'select')) UNION SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND has_table_privilege(table_schema || '."' || table_name || '"', 'select') ORDER BY 1, 2, 3
-- kind: revenue
SELECT date_trunc('month', placed_at) AS month, sum(total) AS revenue, count(*) AS orders, round(sum(total) / count(*), 2) AS average FROM orders WHERE status <> 'cancelled' GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT to_char(placed_at, 'IYYY-"W"IW') AS week, sum(total) FILTER (WHERE channel = 'web') AS web, sum(total) FILTER (WHERE channel = 'app') AS app, sum(total) FILTER (WHERE channel = 'store') AS store FROM orders GROUP BY 1 ORDER BY 1 LIMIT 1000
WITH monthly AS (SELECT date_trunc('month', placed_at) m, sum(total) r FROM orders GROUP BY 1) SELECT m, r, r - lag(r) OVER (ORDER BY m) AS change, round(100 * (r / lag(r) OVER (ORDER BY m) - 1), 1) AS percent FROM monthly ORDER BY m LIMIT 1000
SELECT coalesce(channel, 'all') AS channel, coalesce(status::text, 'all') AS status, sum(total), grouping(channel, status) AS level FROM orders GROUP BY ROLLUP (channel, status) ORDER BY 4, 1, 2 LIMIT 1000
-- kind: funnel
WITH steps AS (SELECT session_id, min(occurred_at) FILTER (WHERE kind = 'view') AS viewed, min(occurred_at) FILTER (WHERE kind = 'cart') AS carted, min(occurred_at) FILTER (WHERE kind = 'checkout') AS checked FROM events GROUP BY 1) SELECT count(viewed) AS viewed, count(carted) FILTER (WHERE carted > viewed) AS carted, count(checked) FILTER (WHERE checked > carted) AS checked FROM steps LIMIT 1000
SELECT e.kind, count(DISTINCT e.session_id) AS sessions, round(100.0 * count(DISTINCT e.session_id) / first_value(count(DISTINCT e.session_id)) OVER (ORDER BY count(DISTINCT e.session_id) DESC), 1) AS percent FROM events e GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000
-- kind: baskets
SELECT a.product_id AS this, b.product_id AS that, count(*) AS together FROM order_items a JOIN order_items b ON a.order_id = b.order_id AND a.product_id < b.product_id GROUP BY 1, 2 HAVING count(*) > 2 ORDER BY 3 DESC, 1, 2 LIMIT 100
WITH RECURSIVE tree AS (SELECT id, parent_id, name, name AS path, 1 AS depth FROM categories WHERE parent_id IS NULL UNION ALL SELECT c.id, c.parent_id, c.name, t.path || ' > ' || c.name, t.depth + 1 FROM categories c JOIN tree t ON t.id = c.parent_id) SELECT t.path, count(DISTINCT pc.product_id) AS products, coalesce(sum(i.total), 0) AS sold FROM tree t LEFT JOIN product_categories pc ON pc.category_id = t.id LEFT JOIN order_items i ON i.product_id = pc.product_id GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT p.name, s.units, ntile(4) OVER (ORDER BY s.units DESC, p.id) AS quartile FROM products p JOIN (SELECT product_id, sum(quantity) AS units FROM order_items GROUP BY 1) s ON s.product_id = p.id ORDER BY s.units DESC, p.id LIMIT 50
SELECT tag, count(*) FROM products, unnest(tags) AS tag GROUP BY tag ORDER BY 2 DESC, 1 LIMIT 1000
SELECT key, count(*) FROM products, jsonb_object_keys(attributes) AS key GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT name, ts_rank(search, q) AS rank FROM products, plainto_tsquery('english', 'sturdy red lamp') q WHERE search @@ q ORDER BY rank DESC, id LIMIT 10
-- kind: parameters
SELECT number, status, total FROM orders WHERE placed_at BETWEEN '2026-02-01' AND '2026-02-08' AND channel IN ('web','app') ORDER BY placed_at LIMIT 1000
-- kind: cohorts beside masked columns
WITH first AS (SELECT customer_id, date_trunc('month', min(placed_at)) AS cohort FROM orders GROUP BY 1) SELECT f.cohort, extract(year from age(date_trunc('month', o.placed_at), f.cohort)) * 12 + extract(month from age(date_trunc('month', o.placed_at), f.cohort)) AS month, count(DISTINCT o.customer_id) AS customers FROM first f JOIN orders o USING (customer_id) JOIN customers c ON c.id = f.customer_id WHERE c.country = 'CH' GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000
SELECT date_trunc('month', c.created_at) AS signed_up, count(*) AS people, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)) AS bought FROM customers c GROUP BY 1 ORDER BY 1 LIMIT 1000
-- kind: customers beside masked columns
SELECT c.id, c.first_name, c.last_name, count(o.id) AS orders, sum(o.total) AS spent, max(o.placed_at)::date AS last_order FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.status = 'delivered' GROUP BY c.id ORDER BY spent DESC, c.id LIMIT 20
SELECT width_bucket(spent, 0, 5000, 10) AS bucket, count(*) FROM (SELECT c.id, coalesce(sum(o.total), 0) AS spent FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id) s GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT country, count(*) AS customers, count(phone) AS with_phone, count(birth_date) AS with_birthday, round(100.0 * count(phone) / count(*), 1) AS percent FROM customers GROUP BY country ORDER BY country LIMIT 1000
SELECT r.id AS referrer, r.first_name, count(*) AS brought FROM customers c JOIN customers r ON r.id = c.referrer_id GROUP BY r.id ORDER BY brought DESC, r.id LIMIT 20
SELECT c.id, c.last_name FROM customers c LEFT JOIN LATERAL (SELECT placed_at FROM orders o WHERE o.customer_id = c.id ORDER BY placed_at DESC LIMIT 1) l ON true WHERE l.placed_at < '2026-03-01' ORDER BY c.id LIMIT 100
SELECT tag, count(*) FROM customers, unnest(tags) tag GROUP BY tag ORDER BY tag LIMIT 1000
-- kind: money beside masked columns
SELECT o.number, o.total, sum(p.amount) AS paid FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND p.status = 'settled' GROUP BY o.id HAVING coalesce(sum(p.amount), 0) <> o.total ORDER BY o.number LIMIT 100
SELECT r.reason, count(*), sum(r.amount), round(100 * sum(r.amount) / sum(p.amount), 1) AS percent FROM refunds r JOIN payments p ON p.id = r.payment_id GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT date_trunc('month', issued_on) AS month, sum(vat) AS vat, count(*) FILTER (WHERE vat_number IS NOT NULL) AS companies FROM invoices GROUP BY 1 ORDER BY 1 LIMIT 1000
-- kind: staff beside masked columns
WITH RECURSIVE chain AS (SELECT id, manager_id, first_name, 0 AS depth FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.manager_id, e.first_name, c.depth + 1 FROM employees e JOIN chain c ON c.id = e.manager_id) SELECT depth, count(*) FROM chain GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT e.department, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.closed_at - t.created_at)) AS seconds FROM support_tickets t JOIN employees e ON e.id = t.assignee_id WHERE t.closed_at IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 1000
-- kind: shows masks: lists for people
SELECT c.email, c.first_name, sum(o.total) AS spent FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.newsletter GROUP BY c.id HAVING sum(o.total) > 3000 ORDER BY spent DESC LIMIT 100
SELECT DISTINCT c.id, c.email, c.phone FROM customers c JOIN orders o ON o.customer_id = c.id JOIN order_items i ON i.order_id = o.id WHERE i.product_id = 11 ORDER BY c.id LIMIT 100
SELECT c.id, c.email, l.placed_at FROM customers c JOIN LATERAL (SELECT placed_at FROM orders o WHERE o.customer_id = c.id ORDER BY placed_at DESC LIMIT 1) l ON true ORDER BY c.id LIMIT 50
SELECT i.number, i.vat_number, i.gross FROM invoices i WHERE i.vat_number IS NOT NULL ORDER BY i.id LIMIT 100
SELECT vat_number, count(*), sum(gross) FROM invoices WHERE vat_number IS NOT NULL GROUP BY vat_number ORDER BY 3 DESC LIMIT 20
WITH recent AS (SELECT DISTINCT ON (customer_id) customer_id, number, placed_at FROM orders ORDER BY customer_id, placed_at DESC) SELECT c.email, r.number FROM recent r JOIN customers c ON c.id = r.customer_id ORDER BY r.placed_at DESC LIMIT 20
-- kind: shows what is made of masked columns: lists for people
SELECT department, round(avg(salary), 2) AS average, min(salary), max(salary) FROM employees GROUP BY department ORDER BY department LIMIT 1000
SELECT c.id, c.first_name || ' <' || c.email || '>' AS recipient FROM customers c ORDER BY c.id LIMIT 10
SELECT o.number, string_agg(p.card_number, ', ') AS cards FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.id < 30 GROUP BY o.id ORDER BY o.number LIMIT 10
-- kind: asks: about masked columns
SELECT split_part(email, '@', 2) AS domain, count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC LIMIT 20
SELECT extract(year from age(birth_date)) AS age, count(*) FROM customers GROUP BY 1 ORDER BY 1 LIMIT 1000
SELECT phone, count(*) FROM customers GROUP BY phone HAVING count(*) > 1 LIMIT 100
SELECT id FROM support_tickets WHERE body ILIKE '%refund%' LIMIT 100
SELECT left(iban, 2) AS country, count(*) FROM payments WHERE iban IS NOT NULL GROUP BY 1 LIMIT 100
SELECT department FROM employees GROUP BY department HAVING avg(salary) > 5000 LIMIT 100
