/** Terminals and files in browsers, with the gate's ssh door behind them and login certificates to come through it with. */
import type { Grant } from "../access/model.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Authorities } from "../identity/authority.ts";
import type { IdentityService } from "../identity/service.ts";
import { BufferPool } from "../kernel/buffer-pool.ts";
import type { Clock } from "../kernel/clock.ts";
import type { GrantId, SessionId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { Role } from "../policy/role.ts";
import { refuseElsewhere } from "../policy/second-factor.ts";
import type { SshDoor } from "../proxy/ssh/ssh-proxy.ts";
import { formatAddress } from "../session/dial.ts";
import type { SessionStore } from "../session/port.ts";
import { FileSessions } from "../terminal/files/file-sessions.ts";
import { Files } from "../terminal/files/files.ts";
import type { InnerDoor } from "../terminal/inner-connection.ts";
import { Terminals } from "../terminal/terminals.ts";
import { encodePublicKeyLine } from "../wire/ssh/keys/public-key.ts";
import type { Visitor } from "../terminal/visitor.ts";
import { loginCertificates } from "./services/login-certificates.ts";

const RECHECK_MS = 1_000;

export interface BrowsingDeps {
  readonly sessions: Pick<SessionStore, "find">;
  readonly findGrant: (id: GrantId) => Promise<Grant | undefined>;
  readonly roleNow: (name: string) => Role | undefined;
  readonly door: SshDoor;
  readonly authorities: Authorities;
  readonly identity: IdentityService<GatePermission>;
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (error: unknown) => void;
}

/** Terminals and files for browsers, which come through the same door. */
export interface Browsing extends AsyncDisposable {
  readonly terminals: Terminals;
  readonly files: Files;
  /** Whenever somebody's credentials change. */
  recheckAll(): Promise<void>;
}

export function openBrowsing(deps: BrowsingDeps): Browsing {
  const { door, authorities, identity, log, clock, random, onFault } = deps;
  const certify = loginCertificates({ authorities, log, findToken: (id) => identity.findToken(id), clock });
  const inner: InnerDoor = {
    admit: (socket, from, inside) => door.admit(socket, from, inside),
    isHostKey: (blob) => door.hostKeys.some((each) => each.equals(blob)),
    certify: async (authenticated, publicKey, ttlMs) => {
      const made = await certify(authenticated, encodePublicKeyLine(publicKey, "console"), ttlMs);
      return "allowed" in made ? made : Buffer.from(made.certificate.split(" ")[1] ?? "", "base64");
    },
    pool: new BufferPool(),
  };
  const terminals = new Terminals({ door: inner, random, resuming: (session, visitor) => resuming(deps, session, visitor), onFault });
  const sessions = new FileSessions(inner);
  const recheckAll = async (): Promise<void> => {
    await Promise.all([terminals.recheckAll(), sessions.recheckAll()]);
  };
  const watch = setInterval(() => void recheckAll(), RECHECK_MS).unref();
  return {
    terminals,
    files: new Files(sessions, random),
    recheckAll,
    [Symbol.asyncDispose]: async () => {
      clearInterval(watch);
      await Promise.all([terminals[Symbol.asyncDispose](), sessions.close()]);
    },
  };
}

/** A role that binds what was made to its address binds the terminal to the one it was opened at. */
async function resuming(
  { sessions, findGrant, roleNow, log }: Pick<BrowsingDeps, "sessions" | "findGrant" | "roleNow" | "log">,
  id: SessionId,
  visitor: Visitor,
): Promise<Denial | undefined> {
  const session = await sessions.find(id);
  const grant = session && (await findGrant(session.grant));
  if (!session || !grant) return deny("not-found", { detail: `session "${id}"` });
  const { principal, target, remote: madeAt } = session;
  const remote = formatAddress(visitor.remote.address, visitor.remote.port);
  const subjects = { principal, target, grant: grant.id, session: id };
  const elsewhere = refuseElsewhere([grant.role, roleNow(grant.role.name)], `a terminal on "${target}"`, { remote, madeAt });
  if (elsewhere) {
    const body = { protocol: "ssh", remote, code: elsewhere.code, detail: elsewhere.detail ?? "" };
    await log.append([{ kind: "session.refused", ...subjects, decision: "deny", body }]);
    return elsewhere;
  }
  await log.append([{ kind: "session.resumed", ...subjects, body: { remote } }]);
  return undefined;
}
