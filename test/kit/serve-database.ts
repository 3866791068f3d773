/** A gate in a process of its own with a database behind it, `shop-db`, which ana may ask for in each of its roles. */
import { findFreePort } from "./free-port.ts";
import type { PostgresServer } from "./postgres.ts";
import { connectPostgres, type PostgresClient } from "./postgres-client.ts";
import { startServing, type Serving, type ServingOptions } from "./serving.ts";

export interface ServeDatabaseOptions extends Pick<ServingOptions, "dataDir" | "durability" | "gateLines" | "under"> {
  /** Names of roles, and what they are: `{ postgres: … }`. */
  readonly roles: Readonly<Record<string, string>>;
  /** Names of the server's roles, and their passwords. */
  readonly logins: Readonly<Record<string, string>>;
  /** More lines of the target, with their four spaces. */
  readonly target?: string;
}

export interface ServedDatabase extends AsyncDisposable {
  readonly gate: Serving;
  /** As ana, under a grant of its own. `parameters`: more of what the client says of itself. */
  readonly connect: (role: string, parameters?: Readonly<Record<string, string>>) => Promise<PostgresClient>;
}

export async function serveDatabase(server: PostgresServer, options: ServeDatabaseOptions): Promise<ServedDatabase> {
  const { roles, logins, target = "", gateLines = "", ...serving } = options;
  const port = await findFreePort();
  const entries = Object.entries(logins).map(([name, password], index) => {
    const variable = `TEST_SERVED_PASSWORD_${index}`;
    process.env[variable] = password;
    return `${name}: env:${variable}`;
  });
  const gate = await startServing({
    ...serving,
    gateLines: `${gateLines}\n  postgres: 127.0.0.1:${port}`,
    roles: Object.entries(roles)
      .map(([name, role]) => `  ${name}: ${role}`)
      .join("\n"),
  });
  const names = Object.keys(roles).join(", ");
  await gate.configure({
    rules: `  - { name: db, who: [ana], roles: [${names}], targets: { labels: { service: shop } }, max: 4h, approval: 1 of leads }`,
    targets: `  shop-db:
    kind: postgres
    address: 127.0.0.1:${server.port}
    labels: { service: shop }
    database: postgres
    tls: off
${target}
    logins: { ${entries.join(", ")} }`,
  });
  await gate.client("olga").call("config.reload");
  return {
    gate,
    connect: async (role, parameters = {}) => {
      const grant = await gate.grant({ role, targets: ["shop-db"] });
      const { password } = await gate.client("ana").call("grants.password", { params: { id: grant.id }, body: { target: "shop-db" } });
      return connectPostgres(port, password, { user: "ana", database: "shop-db", ...parameters });
    },
    [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
  };
}
