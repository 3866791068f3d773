/** Terminals in browsers, with the gate's ssh door behind them and login certificates to come through it with. */
import type { AuditLog } from "../audit/port.ts";
import type { Authorities } from "../identity/authority.ts";
import type { IdentityService } from "../identity/service.ts";
import { BufferPool } from "../kernel/buffer-pool.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { SshDoor } from "../proxy/ssh/ssh-proxy.ts";
import { Terminals } from "../terminal/terminals.ts";
import { encodePublicKeyLine } from "../wire/ssh/keys/public-key.ts";
import { loginCertificates } from "./services/login-certificates.ts";

export interface TerminalsDeps {
  readonly door: SshDoor;
  readonly authorities: Authorities;
  readonly identity: IdentityService<GatePermission>;
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (error: unknown) => void;
}

export function openTerminals({ door, authorities, identity, log, clock, random, onFault }: TerminalsDeps): Terminals {
  const certify = loginCertificates({ authorities, log, findToken: (id) => identity.findToken(id), clock });
  return new Terminals({
    door: {
      admit: (socket, from, inside) => door.admit(socket, from, inside),
      isHostKey: (blob) => door.hostKeys.some((each) => each.equals(blob)),
      certify: async (authenticated, publicKey, ttlMs) => {
        const made = await certify(authenticated, encodePublicKeyLine(publicKey, "console"), ttlMs);
        return "allowed" in made ? made : Buffer.from(made.certificate.split(" ")[1] ?? "", "base64");
      },
      pool: new BufferPool(),
    },
    random,
    onFault,
  });
}
