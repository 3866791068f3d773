/** A whole gate in front of a real PostgreSQL, with people and a grant: what tests of databases stand on. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Grant } from "../../src/access/model.ts";
import { systemClock, type Clock } from "../../src/kernel/clock.ts";
import type { Authenticated } from "../../src/identity/model.ts";
import type { GrantId, PrincipalName, TargetName } from "../../src/kernel/ids.ts";
import type { Hold } from "../../src/session/holds.ts";
import { startGate, type TestGate } from "./gate.ts";
import type { Peer } from "./peers.ts";
import { startPostgres, type PostgresServer } from "./postgres.ts";
import { run, type RunOptions, type RunResult } from "./process.ts";
import { until } from "./until.ts";

export const APP_PASSWORD = "what no client ever sees";
export const ADMIN_PASSWORD = "nor this one";

/** Whoever approves what ana asks for. */
export const LEA = { name: "lea" as PrincipalName, groups: ["leads"] };

/** Everything but what nobody may. */
const ALL = "[read, write, ddl, dcl, copy, function, opaque, session, transaction, utility]";

export interface Database extends AsyncDisposable {
  readonly test: TestGate;
  readonly server: PostgresServer;
  grant(role?: string, durationMs?: number, target?: string): Promise<Grant>;
  /** A password for ana under a grant, as the API gives it. */
  password(grant: GrantId, target?: string): Promise<string>;
  /** libpq's connection string to the gate, and one to the server itself with the same account. */
  conninfo(more?: string): string;
  direct(account?: "app" | "admin"): { conninfo: string; password: string };
  /** psql through the gate, without start-up files. */
  psql(password: string, args: readonly string[], options?: RunOptions & { conninfo?: string }): Promise<RunResult>;
}

const SHOP = `
create role app login password '${APP_PASSWORD}';
create role admin login superuser password '${ADMIN_PASSWORD}';
create database shop;
`;
const TABLES = `
create table orders (id int primary key, customer text not null, email text not null, total numeric(10,2) not null, paid boolean not null default false);
insert into orders select n, 'customer ' || n, 'c' || n || '@example.com', n * 1.5, n % 3 = 0 from generate_series(1, 1000) n;
create function stamp(int) returns int language sql volatile as 'select $1';
grant select, insert, update, delete on all tables in schema public to app;
`;

export interface DatabaseOptions {
  /** Another than the machine's own. */
  readonly server?: Peer;
  readonly tls?: boolean;
  /** More settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly durability?: "process" | "power";
  readonly clock?: Clock;
  /** Run as the superuser in the target's database, after the tables. */
  readonly sql?: string;
  /** Of the target, as it stands in YAML. */
  readonly masking?: string;
  readonly previewFunctions?: string;
  /** What each statement takes that a role holds; otherwise what the access takes. */
  readonly holds?: string;
  /** Lines under `roles`, which the people of `oncall` may request. */
  readonly roles?: Readonly<Record<string, string>>;
  /** Further lines of the target, with their four spaces. */
  readonly target?: string;
  /** Further entries of the target's `logins`: `, maker: env:NAME`. */
  readonly logins?: string;
  /** Targets beside it, as they stand in YAML; those with its label may be requested too. */
  readonly targets?: string;
  /** A line of `gate`: `  limits: { handshake: 1s }`. */
  readonly limits?: string;
}

export async function startDatabase(options: DatabaseOptions = {}): Promise<Database> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startPostgres(options));
  await server.sql(SHOP);
  await server.sql(TABLES, "shop");
  if (options.sql !== undefined) await server.sql(options.sql, "shop");
  const roles = Object.entries(options.roles ?? {});
  process.env["TEST_APP_PASSWORD"] = APP_PASSWORD;
  process.env["TEST_ADMIN_PASSWORD"] = ADMIN_PASSWORD;
  const authority = join(server.dir, "ca.crt");
  const test = opened.use(
    await startGate(
      `
groups:
  oncall: [ana]
  leads: [lea]
  owners: [olga]
roles:
  read: { postgres: { account: app, allow: [read, transaction, session] } }
  fix: { postgres: { account: app, allow: [read, write, transaction, session, copy, function stamp] } }
  all: { postgres: { account: admin, allow: ${ALL}, databases: [postgres] } }
  two: { postgres: { account: app, allow: [read] }, budget: { sessions: 1 } }
${roles.map(([name, role]) => `  ${name}: ${role}\n`).join("")}  owner: { gate: ["*"] }
holders:
  - { role: owner, who: ["group:owners"] }
rules:
  - { name: oncall-reads, who: ["group:oncall"], roles: [read, fix, all, two${roles.map(([name]) => `, ${name}`).join("")}], targets: { labels: { service: shop } }, max: 4h, approval: 1 of leads${options.holds === undefined ? "" : `, holds: ${options.holds}`} }
targets:
  shop-db:
    kind: postgres
    address: ${options.tls === true ? "localhost" : "127.0.0.1"}:${server.port}
    labels: { service: shop }
    database: shop
    tls: ${options.tls === true ? "verify-full" : "off"}
${options.tls === true ? `    authorityFile: ${authority}` : ""}
    logins: { app: env:TEST_APP_PASSWORD, admin: env:TEST_ADMIN_PASSWORD${options.logins ?? ""} }
${options.target ?? ""}
${options.masking === undefined ? "" : `    masking: ${options.masking}\n`}${options.previewFunctions === undefined ? "" : `    previewFunctions: ${options.previewFunctions}\n`}
${options.targets ?? ""}`,
      {
        postgres: true,
        ...(options.durability && { durability: options.durability }),
        ...(options.clock && { clock: options.clock }),
        // The same certificate will do for the gate: both are `localhost`.
        limits: `${options.limits ?? ""}
${
  options.tls === true
    ? `  public: { postgres: localhost:0 }
  tls: { cert: file:${join(server.dir, "gate.crt")}, key: file:${join(server.dir, "gate.key")} }`
    : ""
}`,
      },
    ),
  );
  for (const person of ["ana", "lea"]) await test.addPerson(person);
  const { gate } = test;
  const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
  const everything = opened.move();
  const conninfo = (more = ""): string => `host=127.0.0.1 port=${gate.postgres?.port ?? 0} user=ana dbname=shop-db ${more}`;
  return {
    test,
    server,
    conninfo,
    direct: (account = "app") => ({
      conninfo: `host=127.0.0.1 port=${server.port} user=${account} dbname=shop`,
      password: account === "app" ? APP_PASSWORD : ADMIN_PASSWORD,
    }),
    grant: async (role = "read", durationMs = 3_600_000, target = "shop-db") => {
      const asked = await gate.access.request(ana, { reason: "checkout is slow", role, targets: [target], durationMs });
      if (!asked.allowed) throw new Error(`${asked.code}: ${asked.detail ?? ""}`);
      const approved = await gate.access.approve(asked.request.id, LEA);
      if (!approved.allowed || !approved.grant) throw new Error("not approved");
      return approved.grant;
    },
    password: async (grant, target = "shop-db") => {
      const by: Authenticated = {
        principal: { ...ana, type: "human" },
        method: "password",
        credential: "password",
        at: 0,
        remote: "127.0.0.1:1",
      };
      const made = await gate.identity.createAccessToken(by, {
        grant,
        target: target as TargetName,
        expiresAt: (options.clock ?? systemClock).now() + 600_000,
      });
      if ("allowed" in made) throw new Error(made.code);
      return made.secret.reveal();
    },
    psql: (password, args, { conninfo: to = conninfo(), ...more } = {}) =>
      run("psql", ["-X", to, ...args], { ...more, env: { ...process.env, ...more.env, PGPASSWORD: password } }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** The held statement that waits, once one does. */
export async function waitingHold({ test: { gate } }: Database): Promise<Hold> {
  let found: Hold | undefined;
  await until(() => {
    found = gate.holds.list().find(({ state }) => state === "waiting");
    return found !== undefined;
  });
  if (!found) throw new Error("nothing waits");
  return found;
}

/** For psql's `\\i` and `-f`. */
export async function sqlFile(database: Database, name: string, text: string): Promise<string> {
  const path = join(database.test.dir, name);
  await writeFile(path, text);
  return path;
}
