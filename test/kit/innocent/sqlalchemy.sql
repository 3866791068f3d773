-- Emitted by SQLAlchemy 2.1.9, literal values compiled in; one statement a line.
-- kind: clean detail
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases WHERE purchases.id = 1
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases WHERE purchases.id = 7
-- kind: clean list
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.id ASC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.id DESC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.customer_id ASC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.customer_id DESC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.amount ASC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.amount DESC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.note ASC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
SELECT purchases.id, purchases.customer_id, purchases.amount, purchases.note FROM purchases ORDER BY purchases.note DESC NULLS LAST, purchases.id LIMIT 10 OFFSET 5
-- kind: clean filter
SELECT purchases.id FROM purchases WHERE purchases.id IS NOT NULL AND purchases.id IN (1, 2, 3) ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.id IS NULL OR purchases.id BETWEEN 2 AND 6 ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.customer_id IS NOT NULL AND purchases.id IN (1, 2, 3) ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.customer_id IS NULL OR purchases.id BETWEEN 2 AND 6 ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.amount IS NOT NULL AND purchases.id IN (1, 2, 3) ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.amount IS NULL OR purchases.id BETWEEN 2 AND 6 ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.note IS NOT NULL AND purchases.id IN (1, 2, 3) ORDER BY purchases.id
SELECT purchases.id FROM purchases WHERE purchases.note IS NULL OR purchases.id BETWEEN 2 AND 6 ORDER BY purchases.id
-- kind: clean aggregate
SELECT purchases.id, count(*) AS n FROM purchases GROUP BY purchases.id HAVING count(*) >= 1 ORDER BY purchases.id
SELECT min(purchases.id) AS min_1, max(purchases.id) AS max_1, count(DISTINCT purchases.id) AS count_1 FROM purchases
SELECT purchases.customer_id, count(*) AS n FROM purchases GROUP BY purchases.customer_id HAVING count(*) >= 1 ORDER BY purchases.customer_id
SELECT min(purchases.customer_id) AS min_1, max(purchases.customer_id) AS max_1, count(DISTINCT purchases.customer_id) AS count_1 FROM purchases
SELECT purchases.amount, count(*) AS n FROM purchases GROUP BY purchases.amount HAVING count(*) >= 1 ORDER BY purchases.amount
SELECT min(purchases.amount) AS min_1, max(purchases.amount) AS max_1, count(DISTINCT purchases.amount) AS count_1 FROM purchases
SELECT purchases.note, count(*) AS n FROM purchases GROUP BY purchases.note HAVING count(*) >= 1 ORDER BY purchases.note
SELECT min(purchases.note) AS min_1, max(purchases.note) AS max_1, count(DISTINCT purchases.note) AS count_1 FROM purchases
-- kind: clean window
SELECT purchases.id, row_number() OVER (ORDER BY purchases.id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, rank() OVER (ORDER BY purchases.id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, lag(purchases.id) OVER (ORDER BY purchases.id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, count(*) OVER (ORDER BY purchases.id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, row_number() OVER (ORDER BY purchases.customer_id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, rank() OVER (ORDER BY purchases.customer_id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, lag(purchases.customer_id) OVER (ORDER BY purchases.customer_id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, count(*) OVER (ORDER BY purchases.customer_id, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, row_number() OVER (ORDER BY purchases.amount, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, rank() OVER (ORDER BY purchases.amount, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, lag(purchases.amount) OVER (ORDER BY purchases.amount, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, count(*) OVER (ORDER BY purchases.amount, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, row_number() OVER (ORDER BY purchases.note, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, rank() OVER (ORDER BY purchases.note, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, lag(purchases.note) OVER (ORDER BY purchases.note, purchases.id) AS w FROM purchases ORDER BY purchases.id
SELECT purchases.id, count(*) OVER (ORDER BY purchases.note, purchases.id) AS w FROM purchases ORDER BY purchases.id
-- kind: clean subselect
SELECT source.id, count(*) AS n FROM (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) AS source GROUP BY source.id ORDER BY source.id
SELECT source.customer_id, count(*) AS n FROM (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) AS source GROUP BY source.customer_id ORDER BY source.customer_id
SELECT source.amount, count(*) AS n FROM (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) AS source GROUP BY source.amount ORDER BY source.amount
SELECT source.note, count(*) AS n FROM (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) AS source GROUP BY source.note ORDER BY source.note
-- kind: clean cte
WITH page AS (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) SELECT page.id FROM page ORDER BY page.id
WITH page AS (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) SELECT page.customer_id FROM page ORDER BY page.id
WITH page AS (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) SELECT page.amount FROM page ORDER BY page.id
WITH page AS (SELECT purchases.id AS id, purchases.customer_id AS customer_id, purchases.amount AS amount, purchases.note AS note FROM purchases WHERE purchases.id < 9) SELECT page.note FROM page ORDER BY page.id
-- kind: clean case bucket
SELECT CASE WHEN (purchases.id IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM purchases GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (purchases.customer_id IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM purchases GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (purchases.amount IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM purchases GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (purchases.note IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM purchases GROUP BY 1 ORDER BY 1
-- kind: beside masked detail
SELECT customers.id, customers.name, customers.city, customers.created FROM customers WHERE customers.id = 1
SELECT customers.id, customers.name, customers.city, customers.created FROM customers WHERE customers.id = 7
-- kind: beside masked list
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.id ASC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.id DESC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.name ASC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.name DESC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.city ASC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.city DESC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.created ASC NULLS LAST, customers.id LIMIT 10 OFFSET 5
SELECT customers.id, customers.name, customers.city, customers.created FROM customers ORDER BY customers.created DESC NULLS LAST, customers.id LIMIT 10 OFFSET 5
-- kind: beside masked filter
SELECT customers.id FROM customers WHERE customers.id IS NOT NULL AND customers.id IN (1, 2, 3) ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.id IS NULL OR customers.id BETWEEN 2 AND 6 ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.name IS NOT NULL AND customers.id IN (1, 2, 3) ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.name IS NULL OR customers.id BETWEEN 2 AND 6 ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.city IS NOT NULL AND customers.id IN (1, 2, 3) ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.city IS NULL OR customers.id BETWEEN 2 AND 6 ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.created IS NOT NULL AND customers.id IN (1, 2, 3) ORDER BY customers.id
SELECT customers.id FROM customers WHERE customers.created IS NULL OR customers.id BETWEEN 2 AND 6 ORDER BY customers.id
-- kind: beside masked aggregate
SELECT customers.id, count(*) AS n FROM customers GROUP BY customers.id HAVING count(*) >= 1 ORDER BY customers.id
SELECT min(customers.id) AS min_1, max(customers.id) AS max_1, count(DISTINCT customers.id) AS count_1 FROM customers
SELECT customers.name, count(*) AS n FROM customers GROUP BY customers.name HAVING count(*) >= 1 ORDER BY customers.name
SELECT min(customers.name) AS min_1, max(customers.name) AS max_1, count(DISTINCT customers.name) AS count_1 FROM customers
SELECT customers.city, count(*) AS n FROM customers GROUP BY customers.city HAVING count(*) >= 1 ORDER BY customers.city
SELECT min(customers.city) AS min_1, max(customers.city) AS max_1, count(DISTINCT customers.city) AS count_1 FROM customers
SELECT customers.created, count(*) AS n FROM customers GROUP BY customers.created HAVING count(*) >= 1 ORDER BY customers.created
SELECT min(customers.created) AS min_1, max(customers.created) AS max_1, count(DISTINCT customers.created) AS count_1 FROM customers
-- kind: beside masked window
SELECT customers.id, row_number() OVER (ORDER BY customers.id, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, rank() OVER (ORDER BY customers.id, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, lag(customers.id) OVER (ORDER BY customers.id, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, count(*) OVER (ORDER BY customers.id, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, row_number() OVER (ORDER BY customers.name, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, rank() OVER (ORDER BY customers.name, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, lag(customers.name) OVER (ORDER BY customers.name, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, count(*) OVER (ORDER BY customers.name, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, row_number() OVER (ORDER BY customers.city, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, rank() OVER (ORDER BY customers.city, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, lag(customers.city) OVER (ORDER BY customers.city, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, count(*) OVER (ORDER BY customers.city, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, row_number() OVER (ORDER BY customers.created, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, rank() OVER (ORDER BY customers.created, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, lag(customers.created) OVER (ORDER BY customers.created, customers.id) AS w FROM customers ORDER BY customers.id
SELECT customers.id, count(*) OVER (ORDER BY customers.created, customers.id) AS w FROM customers ORDER BY customers.id
-- kind: beside masked subselect
SELECT source.id, count(*) AS n FROM (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) AS source GROUP BY source.id ORDER BY source.id
SELECT source.name, count(*) AS n FROM (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) AS source GROUP BY source.name ORDER BY source.name
SELECT source.city, count(*) AS n FROM (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) AS source GROUP BY source.city ORDER BY source.city
SELECT source.created, count(*) AS n FROM (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) AS source GROUP BY source.created ORDER BY source.created
-- kind: beside masked cte
WITH page AS (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) SELECT page.id FROM page ORDER BY page.id
WITH page AS (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) SELECT page.name FROM page ORDER BY page.id
WITH page AS (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) SELECT page.city FROM page ORDER BY page.id
WITH page AS (SELECT customers.id AS id, customers.name AS name, customers.city AS city, customers.created AS created FROM customers WHERE customers.id < 9) SELECT page.created FROM page ORDER BY page.id
-- kind: beside masked case bucket
SELECT CASE WHEN (customers.id IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (customers.name IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (customers.city IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT CASE WHEN (customers.created IS NULL) THEN 'none' ELSE 'some' END AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
-- kind: clean percentile
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY purchases.amount) AS percentile_cont_1 FROM purchases
-- kind: beside masked date bucket
SELECT date_trunc('day', customers.created) AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT date_trunc('week', customers.created) AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', customers.created) AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
SELECT date_trunc('year', customers.created) AS b, count(*) AS count_1 FROM customers GROUP BY 1 ORDER BY 1
-- kind: beside masked join
SELECT purchases.id, customers.id AS id_1 FROM purchases JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.id, sum(purchases.amount) AS sum_1 FROM purchases JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.id ORDER BY customers.id
SELECT purchases.id, customers.id AS id_1 FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.id, sum(purchases.amount) AS sum_1 FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.id ORDER BY customers.id
SELECT purchases.id, customers.name FROM purchases JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.name, sum(purchases.amount) AS sum_1 FROM purchases JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.name ORDER BY customers.name
SELECT purchases.id, customers.name FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.name, sum(purchases.amount) AS sum_1 FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.name ORDER BY customers.name
SELECT purchases.id, customers.city FROM purchases JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.city, sum(purchases.amount) AS sum_1 FROM purchases JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.city ORDER BY customers.city
SELECT purchases.id, customers.city FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.city, sum(purchases.amount) AS sum_1 FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.city ORDER BY customers.city
SELECT purchases.id, customers.created FROM purchases JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.created, sum(purchases.amount) AS sum_1 FROM purchases JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.created ORDER BY customers.created
SELECT purchases.id, customers.created FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id ORDER BY purchases.id LIMIT 20
SELECT customers.created, sum(purchases.amount) AS sum_1 FROM purchases LEFT OUTER JOIN customers ON customers.id = purchases.customer_id GROUP BY customers.created ORDER BY customers.created
-- kind: beside masked exists
SELECT customers.id, customers.name, customers.city, customers.created FROM customers WHERE EXISTS (SELECT * FROM purchases WHERE purchases.customer_id = customers.id) ORDER BY customers.id
SELECT customers.id, customers.name, customers.city, customers.created FROM customers WHERE NOT (EXISTS (SELECT * FROM purchases WHERE purchases.customer_id = customers.id)) ORDER BY customers.id
