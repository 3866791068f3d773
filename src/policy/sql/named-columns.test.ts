import { afterAll, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());

async function columnsOf(sql: string): Promise<readonly string[]> {
  const parsed = await parser.parse(sql);
  if (!parsed.ok) throw new Error(`${parsed.why}: ${parsed.message}`);
  return parsed.statements.flatMap(({ columns }) => columns).toSorted();
}

test.each([
  ["select email, total from orders", ["orders.email", "orders.total"]],
  ["select * from public.orders where id = 1", ["public.orders.*", "public.orders.id"]],
  [
    "select o.email, u.name from orders o join shop.users u on u.id = o.user_id",
    ["orders.email", "orders.user_id", "shop.users.id", "shop.users.name"],
  ],
  ["select public.orders.email from public.orders", ["public.orders.email"]],
  ["select orders.email from public.orders", ["public.orders.email"]],
  ["select email from orders, users", ["email"]],
  ["select o.* from orders o", ["orders.*"]],
  ["select o from orders o", ["orders.*"]],
  ["select a.x from t a where exists (select from u a where a.y = 1)", ["x", "y"]],
  ["select s.email from (select email from orders) s", ["email", "orders.email"]],
  ["update orders set email = 'x', total = total + 1 where id = 1", ["orders.email", "orders.id", "orders.total"]],
  ["update orders set (email, paid) = ('x', true)", ["orders.email", "orders.paid"]],
  ["insert into shop.orders (id, email) values (1, 'x')", ["shop.orders.email", "shop.orders.id"]],
  ["insert into orders (id) values (1) on conflict (id) do update set email = excluded.email", ["email", "orders.email", "orders.id"]],
  ["merge into orders o using n on o.id = n.id when matched then update set email = n.mail", ["email", "n.id", "n.mail", "orders.id"]],
  ["delete from orders where email like 'a%'", ["orders.email"]],
  ["copy orders (id, email) to stdout", ["orders.email", "orders.id"]],
  ["select 1", []],
  ["begin", []],
])("%s", async (sql, expected) => expect(await columnsOf(sql)).toEqual(expected));

test("a statement that names thousands is found by its first ones", async () => {
  const many = Array.from({ length: 1000 }, (_, at) => `c${at}`).join(", ");
  expect(await columnsOf(`select ${many} from wide`)).toHaveLength(200);
});
