/** Terminals and files in browsers, with the gate's ssh door behind them and login certificates to come through it with. */
import type { AuditLog } from "../audit/port.ts";
import type { Authorities } from "../identity/authority.ts";
import type { IdentityService } from "../identity/service.ts";
import { BufferPool } from "../kernel/buffer-pool.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { SshDoor } from "../proxy/ssh/ssh-proxy.ts";
import { FileSessions } from "../terminal/files/file-sessions.ts";
import { Files } from "../terminal/files/files.ts";
import type { InnerDoor } from "../terminal/inner-connection.ts";
import { Terminals } from "../terminal/terminals.ts";
import { encodePublicKeyLine } from "../wire/ssh/keys/public-key.ts";
import { loginCertificates } from "./services/login-certificates.ts";

const RECHECK_MS = 1_000;

export interface BrowsingDeps {
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

export function openBrowsing({ door, authorities, identity, log, clock, random, onFault }: BrowsingDeps): Browsing {
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
  const terminals = new Terminals({ door: inner, random, onFault });
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
