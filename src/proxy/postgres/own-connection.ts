/** A connection to a target that is the gate's own: opened for one piece of work, and closed whatever becomes of it. */
import type { Target } from "../../access/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { openUpstream } from "../../session/dial.ts";
import type { ErrandPermit, Permit } from "../../session/gatekeeper.ts";
import { encodeTerminate } from "../../wire/postgres/frontend.ts";
import { logIn, type Upstream, type UpstreamDeps } from "./postgres-upstream.ts";

/** How long a goodbye may take. */
const LINGER_MS = 1000;

export interface OwnConnection {
  readonly permit: Permit | ErrandPermit;
  readonly target: Target;
  /** A login of the target. */
  readonly user: string;
  readonly database: string;
  /** More startup parameters. */
  readonly startup?: Readonly<Record<string, string>>;
  /** For all of it, the login included. */
  readonly timeoutMs: number;
}

/** Throws what a login throws, `timeout`, and what `work` throws. */
export async function overOwnConnection<T>(
  { permit, target, user, database, startup, timeoutMs }: OwnConnection,
  deps: UpstreamDeps,
  work: (opened: Upstream) => Promise<T>,
): Promise<T> {
  const password = await deps.password(target.name, user);
  const plain = await openUpstream(permit);
  plain.on("error", () => undefined);
  try {
    const parameters = { application_name: "sallyport", client_encoding: "UTF8", ...startup, user, database };
    const working = logIn(plain, target, parameters, password, deps).then(async (opened) => {
      const result = await work(opened);
      opened.socket.end(encodeTerminate());
      return result;
    });
    const result = await withDeadline(working, timeoutMs, `"${target.name}" does not answer "${user}" in time`);
    setTimeout(() => plain.destroy(), LINGER_MS).unref();
    return result;
  } catch (error) {
    // What it has open there ends with it.
    plain.destroy();
    throw error;
  }
}
