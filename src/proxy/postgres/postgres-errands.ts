/** The gate's own errand to a database: does each login work, over the connection that the target demands. */
import type { Target } from "../../access/model.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { ErrandPermit } from "../../session/gatekeeper.ts";
import { parseParameterStatus } from "../../wire/postgres/backend.ts";
import type { SessionRoles } from "./roles/session-roles.ts";
import { overOwnConnection } from "./own-connection.ts";
import type { UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 10_000;
const WEAK = {
  sasl: "",
  md5: "; warning: it asks by MD5, which shows enough to find out the password (set password_encryption to scram-sha-256)",
  cleartext: "; warning: it asks for the password in clear (set password_encryption to scram-sha-256)",
} as const;

export interface Finding {
  check: string;
  ok: boolean;
  detail: string;
}

export interface Accounts {
  /** Login roles that the gate has passwords of. */
  readonly logins: readonly string[];
  /** What session roles are members of, where the target makes them. */
  readonly memberships: readonly string[];
}

/** One connection for each account. Never throws: what fails is what was found. */
export async function testDatabase(
  permit: ErrandPermit,
  target: Target,
  { logins, memberships }: Accounts,
  deps: UpstreamDeps,
  roles: Pick<SessionRoles, "test">,
): Promise<Finding[]> {
  const found = await Promise.all(logins.map((account) => finding(`login as ${account}`, () => tryLogin(permit, target, account, deps))));
  if (target.postgres?.ephemeral === undefined) return found;
  const made = memberships.map((account) =>
    finding(`role of a session, member of ${account}`, async () => {
      await roles.test(permit, target, account);
      return "made, handed over and dropped, in a transaction that was rolled back";
    }),
  );
  return [...found, ...(await Promise.all(made))];
}

async function finding(check: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await work() };
  } catch (error) {
    const { code, detail, message, cause } = asGateError(error);
    const said = code === "target-refused" && typeof cause === "string" && detail?.includes(cause) !== true ? `; it says: ${cause}` : "";
    return { check, ok: false, detail: `${message}${said.replaceAll(/[^\x20-\x7E]/g, "?")}` };
  }
}

async function tryLogin(permit: ErrandPermit, target: Target, account: string, deps: UpstreamDeps): Promise<string> {
  const connection = { permit, target, user: account, database: target.postgres?.database ?? "", timeoutMs: TIMEOUT_MS };
  return overOwnConnection(connection, deps, async ({ parameters, asked }) => {
    const version = parameters.map(parseParameterStatus).find(({ name }) => name === "server_version")?.value ?? "of unknown version";
    return `PostgreSQL ${version.replaceAll(/[^\x20-\x7E]/g, "?").slice(0, 64)}${WEAK[asked]}`;
  });
}
