import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { KEYED, NOBODYS, trace } from "../../../../../test/kit/traced-sql.ts";

beforeAll(() => loadModule());

describe("a masked column beside the key of its row may be grouped by, and asked for without repetition", () => {
  test.each([
    "select id, email, count(*) from people group by id, email",
    "select p.id, p.email, count(*) from people p join plain o on o.id = p.id group by p.id, p.email, p.name",
    "select id, email from people group by 1, 2",
    "select p.id as key, p.email as mail from people p group by key, mail",
    "select mail from people as p (key, n, mail) group by key, mail",
    "select id, email from people group by (id, email)",
    "select distinct id, email from people order by id",
    "select distinct email, id from people order by 2 desc limit 3",
    "select distinct p.id as key, p.email from people p order by key",
    "select distinct p.* from people p, plain order by p.id",
    "select distinct * from people order by id",
    "select distinct a.id, a.email, b.note from people a cross join plain b order by a.id, b.note",
    "select count(*) from (select distinct id, email from people) p",
    "select count(1) as n, count(*) <> 0, count(*) + 1 > 5 from (select distinct p.* from people p, plain) p",
  ])("%s", (sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: true });
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: false });
  });

  test.each([
    ["no key", "select email from people group by email"],
    ["another's key", "select o.id, p.email from people p join plain o on true group by o.id, p.email"],
    ["the key of another of the same", "select a.id, b.email from people a, people b group by a.id, b.email"],
    ["the key of an outer one", "select (select email from people b group by a.id, b.email) from people a"],
    ["something made of the key", "select id % 2, email from people group by id % 2, email"],
    ["a name of the key's", "select name as id, email from people p group by 1, 2"],
    ["some sets without the key", "select id, email from people group by grouping sets ((id), (email))"],
    ["all of several sets", "select id, email from people group by cube (id, email)"],
    ["a column made of the masked one", "select id, upper(email) from people group by id, upper(email)"],
    ["a query that hides it", "select id, email from (select 1 as id, email from people) p group by id, email"],
    [
      "WITH of the table's name",
      "with people as (select 1 as id, email from public.people) select id, email from people group by id, email",
    ],
    ["one column of two", "select distinct * from people a join plain b using (id)"],
    ["without the key", "select distinct email, name from people"],
    ["in the order in which they come", "select distinct id, email from people"],
    [
      "in an order that leaves open what is beside it",
      "select distinct a.id, a.email, b.note from people a cross join plain b order by a.id",
    ],
    ["in an order by something made of the key", "select distinct id, email from people order by id % 2"],
    ["by the key of another of the same", "select distinct a.id, a.email from people a, people b order by b.id"],
    ["in an order that another query gives", "select id from (select distinct id, email from people) p order by id"],
    ["numbered as they come", "select count(*), min(id) from (select distinct id, email from people) p"],
    ["counted one by one", "select count(*) over (rows unbounded preceding) from (select distinct id, email from people) p"],
    ["counted with a condition", "select count(*) from (select distinct email, id from people) p where id < 5"],
    ["counted as far as a limit goes", "select count(*) from (select distinct id, email from people limit 5) p"],
    ["counted beside a column", "select count(*), 1 / count(id) from (select distinct id, email from people) p"],
    ["counted by a filter", "select count(*) filter (where id < 5) from (select distinct email, id from people) p"],
    ["counted in groups", "select count(*) from (select distinct id, email from people) p group by id"],
    ["counted where it is one of two", "select count(*) from (select distinct id, email from people) p, plain"],
    ["counted below another", "select count(*) from (select id from (select distinct id, email from people) q limit 1) p"],
    ["another's row", "select distinct b.*, a.email from people a, plain b"],
    ["an array of it", "select distinct array[id], email from people"],
  ])("not with %s: %s", (_why, sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: false });
  });
});
