-- Emitted by Sequelize 6.37.8, literal values compiled in; one statement a line.
-- kind: clean detail
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" = 1 LIMIT 1;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" = 4 LIMIT 1;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" = 9 LIMIT 1;
-- kind: clean list
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "id" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "id" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "id" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "id" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "customer_id" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "customer_id" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "customer_id" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "customer_id" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "amount" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "amount" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "amount" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "amount" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "note" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "note" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "note" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" ORDER BY "note" DESC, "id" ASC LIMIT 10 OFFSET 10;
-- kind: clean filter
SELECT "id", "id" FROM "purchases" WHERE "purchases"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "purchases" WHERE ("purchases"."id" IS NULL OR "purchases"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "customer_id" FROM "purchases" WHERE "purchases"."customer_id" IS NOT NULL AND "purchases"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "purchases" WHERE ("purchases"."customer_id" IS NULL OR "purchases"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "amount" FROM "purchases" WHERE "purchases"."amount" IS NOT NULL AND "purchases"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "purchases" WHERE ("purchases"."amount" IS NULL OR "purchases"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "note" FROM "purchases" WHERE "purchases"."note" IS NOT NULL AND "purchases"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "purchases" WHERE ("purchases"."note" IS NULL OR "purchases"."id" BETWEEN 2 AND 6) ORDER BY "id";
-- kind: clean aggregate
SELECT "id", count("id") AS "n" FROM "purchases" GROUP BY "id" ORDER BY "id";
SELECT min("id") AS "low", max("id") AS "high" FROM "purchases";
SELECT "customer_id", count("id") AS "n" FROM "purchases" GROUP BY "customer_id" ORDER BY "customer_id";
SELECT min("customer_id") AS "low", max("customer_id") AS "high" FROM "purchases";
SELECT "amount", count("id") AS "n" FROM "purchases" GROUP BY "amount" ORDER BY "amount";
SELECT min("amount") AS "low", max("amount") AS "high" FROM "purchases";
SELECT "note", count("id") AS "n" FROM "purchases" GROUP BY "note" ORDER BY "note";
SELECT min("note") AS "low", max("note") AS "high" FROM "purchases";
-- kind: clean keyset
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" > 3 ORDER BY "id" LIMIT 5;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" > 6 ORDER BY "id" LIMIT 5;
SELECT "id", "customer_id", "amount", "note" FROM "purchases" WHERE "purchases"."id" > 12 ORDER BY "id" LIMIT 5;
-- kind: beside masked detail
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" = 1 LIMIT 1;
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" = 4 LIMIT 1;
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" = 9 LIMIT 1;
-- kind: beside masked list
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "id" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "id" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "id" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "id" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "name" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "name" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "name" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "name" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "city" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "city" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "city" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "city" DESC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "created" ASC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "created" ASC, "id" ASC LIMIT 10 OFFSET 10;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "created" DESC, "id" ASC LIMIT 10 OFFSET 0;
SELECT "id", "name", "city", "created" FROM "customers" ORDER BY "created" DESC, "id" ASC LIMIT 10 OFFSET 10;
-- kind: beside masked filter
SELECT "id", "id" FROM "customers" WHERE "customers"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "customers" WHERE ("customers"."id" IS NULL OR "customers"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "name" FROM "customers" WHERE "customers"."name" IS NOT NULL AND "customers"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "customers" WHERE ("customers"."name" IS NULL OR "customers"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "city" FROM "customers" WHERE "customers"."city" IS NOT NULL AND "customers"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "customers" WHERE ("customers"."city" IS NULL OR "customers"."id" BETWEEN 2 AND 6) ORDER BY "id";
SELECT "id", "created" FROM "customers" WHERE "customers"."created" IS NOT NULL AND "customers"."id" IN (1, 2, 3) ORDER BY "id";
SELECT "id" FROM "customers" WHERE ("customers"."created" IS NULL OR "customers"."id" BETWEEN 2 AND 6) ORDER BY "id";
-- kind: beside masked aggregate
SELECT "id", count("id") AS "n" FROM "customers" GROUP BY "id" ORDER BY "id";
SELECT min("id") AS "low", max("id") AS "high" FROM "customers";
SELECT "name", count("id") AS "n" FROM "customers" GROUP BY "name" ORDER BY "name";
SELECT min("name") AS "low", max("name") AS "high" FROM "customers";
SELECT "city", count("id") AS "n" FROM "customers" GROUP BY "city" ORDER BY "city";
SELECT min("city") AS "low", max("city") AS "high" FROM "customers";
SELECT "created", count("id") AS "n" FROM "customers" GROUP BY "created" ORDER BY "created";
SELECT min("created") AS "low", max("created") AS "high" FROM "customers";
-- kind: beside masked keyset
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" > 3 ORDER BY "id" LIMIT 5;
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" > 6 ORDER BY "id" LIMIT 5;
SELECT "id", "name", "city", "created" FROM "customers" WHERE "customers"."id" > 12 ORDER BY "id" LIMIT 5;
-- kind: shows masks list
SELECT * FROM "customers" ORDER BY "id" ASC, "id" ASC LIMIT 5;
SELECT * FROM "customers" ORDER BY "name" ASC, "id" ASC LIMIT 5;
SELECT * FROM "customers" ORDER BY "city" ASC, "id" ASC LIMIT 5;
SELECT * FROM "customers" ORDER BY "created" ASC, "id" ASC LIMIT 5;
