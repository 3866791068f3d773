/** The gate's own errand to a database: does each login work, over the connection that the target demands. */
import type { Target } from "../../access/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError } from "../../kernel/errors.ts";
import { openUpstream } from "../../session/dial.ts";
import type { ErrandPermit } from "../../session/gatekeeper.ts";
import { parseParameterStatus } from "../../wire/postgres/backend.ts";
import { encodeTerminate } from "../../wire/postgres/frontend.ts";
import { logIn, type UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 10_000;

export interface Finding {
  check: string;
  ok: boolean;
  detail: string;
}

/** One connection for each account. Never throws: what fails is what was found. */
export async function testDatabase(
  permit: ErrandPermit,
  target: Target,
  accounts: readonly string[],
  deps: UpstreamDeps,
): Promise<Finding[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const check = `login as ${account}`;
      try {
        return { check, ok: true, detail: await tryLogin(permit, target, account, deps) };
      } catch (error) {
        return { check, ok: false, detail: asGateError(error).message };
      }
    }),
  );
}

async function tryLogin(permit: ErrandPermit, target: Target, account: string, deps: UpstreamDeps): Promise<string> {
  const password = await deps.password(target.name, account);
  const plain = await openUpstream(permit);
  plain.on("error", () => undefined);
  try {
    const startup = { user: account, database: target.postgres?.database ?? "", application_name: "sallyport", client_encoding: "UTF8" };
    const { socket, parameters } = await withDeadline(logIn(plain, target, startup, password, deps), TIMEOUT_MS, "no answer to the login");
    const version = parameters.map(parseParameterStatus).find(({ name }) => name === "server_version")?.value ?? "of unknown version";
    socket.end(encodeTerminate());
    return `PostgreSQL ${version.replaceAll(/[^\x20-\x7E]/g, "?").slice(0, 64)}`;
  } finally {
    setTimeout(() => plain.destroy(), 1000).unref();
  }
}
