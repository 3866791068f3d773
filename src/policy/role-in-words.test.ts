import { expect, test } from "vitest";
import { roleInWords } from "./role-in-words.ts";
import type { Role } from "./role.ts";

const bare = { name: "r", gate: [], budget: {}, recording: { exec: "full" } } as const satisfies Role;
const support: Role = {
  ...bare,
  idleMs: 900_000,
  budget: { sessions: 1 },
  postgres: {
    account: "app",
    allow: ["read", "function order_total"],
    hold: ["write on public.orders", "ddl"],
    deny: ["read on public.pay"],
    unmasked: ["email"],
    databases: ["reports"],
    limits: { statementMs: 30_000, rows: 1000 },
    preview: { tolerance: { percent: 5 } },
  },
};

test("of a database: what runs at once, what waits, what never does, and what is seen", () => {
  expect(roleInWords(support, ["postgres"])).toEqual([
    "at once: reading; the function order_total",
    "each after an approval, within 15m: changing or locking rows of public.orders; changing tables and other definitions; 5% of the rows may be others than were approved",
    "never: reading public.pay",
    "sees masked columns as they are of class email; all others masked",
    "may open the databases reports too",
    "at most 30s a statement, 1000 rows a result",
    "at most 1 session at once, 15m idle",
  ]);
});

test("of a host", () => {
  const ssh = { account: "infra", shell: true, exec: true, files: "write", env: [] } as const;
  expect(roleInWords({ ...bare, ssh }, ["ssh"])).toEqual(["may: a shell; any command; reading and writing files"]);
  expect(roleInWords({ ...bare, ssh: { ...ssh, shell: false, exec: ["df -h"], files: "none" } }, ["ssh"])).toEqual([
    "may: the command `df -h`",
  ]);
  expect(roleInWords({ ...bare, ssh: { ...ssh, shell: false, exec: false, files: "none" } }, ["ssh"])).toEqual(["may: nothing"]);
});

test("only of the kinds that are asked for, and which is which where there are several", () => {
  const role: Role = { ...support, ssh: { account: "infra", shell: true, exec: false, files: "none", env: [] } };
  expect(roleInWords(role, ["ssh"])[0]).toBe("may: a shell");
  expect(roleInWords(role, ["ssh", "postgres"]).slice(0, 2)).toEqual([
    "on hosts: may: a shell",
    "on databases: at once: reading; the function order_total",
  ]);
});
