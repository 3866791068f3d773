import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { KEYED, trace } from "../../../../../test/kit/traced-sql.ts";

beforeAll(() => loadModule());

describe("a masked column that may be asked whether it equals a value", () => {
  test.each([
    "select id from people where phone = 'x' or phone in ('y', $1) or phone = any ($2) or phone is not distinct from lower('X')",
    "select id, phone = $1, case phone when 'x' then 1 end, nullif(phone, 'x') from people order by phone = 'x', id",
    "select a.id from people a join plain b on b.id = a.id and a.phone = 'x'",
    "update people set name = 'n' where phone = 'x'",
    "delete from people where (phone, id) = ('x', 3) returning id",
    "select count(*) from (select distinct phone from people) x",
    "select count(*) from (select distinct on (phone) id from people) x",
    "select count(*) from (select phone from people group by phone having count(*) > 1) x",
    "select count(*) from (select phone from people union select phone from people) x",
    "select count(distinct phone), count(*), bool_or(id > 3) from people where name > 'm'",
    "select p.id, (select count(distinct phone) from people q where q.name = p.name) from people p",
    "select phone, count(*) as n from people where id > 3 group by phone order by n desc, gen_random_uuid() limit 5",
    "select a.phone, b.note, count(*) from people a join plain b on b.id = a.id group by 1, 2 order by pg_catalog.gen_random_uuid()",
    "select id, name, count(*) over (partition by phone) from people order by id",
    "select id, phone from people group by id, phone",
    "select distinct id, phone from people order by id",
    "select phone from people union all select phone from people",
  ])("%s", (sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: true });
  });

  const GROUP = "in a random order";
  const JOIN = "by = with values that the statement names";
  test.each([
    ["joined by", "select a.id from people a join people b using (phone)", JOIN],
    ["joined by", "select a.id from people a natural join (select phone from people) b", JOIN],
    ["compared", "select a.id from people a full join (values ('x')) g(p) on g.p = a.phone", JOIN],
    ["compared", "select a.id from people a, people b where a.phone = b.phone", JOIN],
    ["compared", "select s.id from (select a.id, a.phone = b.phone as same from people a, people b) s where same", JOIN],
    ["counted", "select count(*) from people a join people b on a.phone = b.phone", JOIN],
    ["sorted", "select a.id from people a join people b on a.phone = b.phone order by a.id, b.id", JOIN],
    ["IN", "select id from people where phone in (select phone from people where id > 3)", JOIN],
    ["ANY", "select id from people where phone = any (select note from plain)", JOIN],
    ["EXISTS", "select id from people a where exists (select 1 from people b where b.phone = a.phone)", JOIN],
    ["one value of a row", "select a.id from people a, plain b where a.phone = (select note from plain c where c.id = b.id)", JOIN],
    ["CASE", "select case a.phone when b.phone then 1 end from people a, people b", JOIN],
    ["UPDATE", "update people a set name = 'n' from plain b where b.note = a.phone", JOIN],
    ["DELETE", "delete from people a using plain b where b.note = a.phone returning a.id", JOIN],
    ["MERGE", "merge into plain b using people a on b.note = a.phone when matched then do nothing", JOIN],
    ["INTERSECT", "select count(*) from (select phone from people intersect select phone from people) x", JOIN],
    ["EXCEPT", "select count(*) from (select phone from people except select phone from people) x", JOIN],
    ["DISTINCT", "select distinct phone from people", GROUP],
    ["DISTINCT", "select distinct phone, name from people order by name", GROUP],
    ["DISTINCT", "select distinct phone, id from people", GROUP],
    ["DISTINCT ON", "select distinct on (phone) id from people", GROUP],
    ["GROUP BY", "select phone, count(*) from people group by phone", GROUP],
    ["GROUP BY", "select phone, count(*) from people group by phone order by count(*)", GROUP],
    ["GROUP BY below", "select n from (select phone, count(*) as n from people group by phone) x order by gen_random_uuid()", GROUP],
    ["numbered", "select phone, row_number() over () from people group by phone order by gen_random_uuid()", GROUP],
    ["collected", "select array_agg(id) from people group by phone order by gen_random_uuid()", GROUP],
    ["limited", "select count(*) from (select phone from people where id = 3 group by phone limit 1) x", GROUP],
    ["failing", "select count(*) from (select phone from people where 1 / id > 0 group by phone) x", GROUP],
    ["with effects", "select phone from people where nextval('s') > 3 group by phone order by gen_random_uuid()", GROUP],
    ["foreseen", "select phone from people group by phone order by random()", GROUP],
    ["of WITH", "with w as (select phone, 1 / id as x from people) select count(*) from (select phone from w group by phone) x", GROUP],
    ["locked", "select count(*) from (select phone from people group by phone for update) x", GROUP],
    ["PARTITION BY", "select count(*) over (partition by phone) from people", GROUP],
    ["PARTITION BY", "select id, row_number() over (partition by phone) from people order by id", GROUP],
    ["PARTITION BY", "select count(*) over (partition by phone rows unbounded preceding) from people order by id", GROUP],
    ["PARTITION BY", "select v.n, count(*) over (partition by phone) from people p, (values (1.0)) v(n) order by p.id", GROUP],
    ["UNION", "select phone from people union select phone from people", GROUP],
    ["UNION", "with recursive r as (select phone from people union select phone from r) select 1 from r", GROUP],
    ["DISTINCT in it", "select count(distinct phone), array_agg(id) from people", GROUP],
    ["DISTINCT in it", "select count(distinct phone), sum(id) from people", GROUP],
    ["DISTINCT in it", "select name, count(distinct phone) from people group by name order by gen_random_uuid()", GROUP],
  ])("not with rows, where their order would show: %s: %s", (_why, sql, next) => {
    expect(trace(sql, KEYED)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^public\.people\.(?:phone|email) is masked and cannot be/),
      next: expect.stringContaining(next),
    });
  });
});
