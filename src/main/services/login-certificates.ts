import type { TokenService } from "../../api/services/people.ts";
import type { AuthorityService } from "../../api/services/targets.ts";
import type { AuditLog } from "../../audit/port.ts";
import type { Authorities } from "../../identity/authority.ts";
import type { Clock } from "../../kernel/clock.ts";
import { parseId } from "../../kernel/ids.ts";
import { deny } from "../../kernel/result.ts";
import { encodePublicKeyLine, parseAuthorizedKey } from "../../wire/ssh/keys/public-key.ts";

const USUAL_MS = 8 * 3_600_000;
/** The shortest one that is of any use. */
const LEAST_MS = 1000;

export interface LoginCertificateDeps {
  readonly authorities: Pick<Authorities, "issueLogin">;
  readonly log: Pick<AuditLog, "append">;
  readonly findToken: TokenService["findToken"];
  readonly clock: Clock;
}

/** Signs a key of somebody logged in, for no longer than the login: what is logged in with the certificate adds no time. */
export function loginCertificates({ authorities, log, findToken, clock }: LoginCertificateDeps): AuthorityService["issueLogin"] {
  return async ({ principal, credential }, publicKey, wantedMs = USUAL_MS) => {
    const id = parseId("tok", credential);
    const token = id && (await findToken(id));
    const ttlMs = Math.min(wantedMs, token === undefined ? wantedMs : token.expiresAt - clock.now());
    if (ttlMs < LEAST_MS) return deny("token-expired");
    const { key } = parseAuthorizedKey(publicKey);
    const { certificate, serial, event } = await authorities.issueLogin({
      publicKey: key.blob,
      person: principal.name,
      ttlMs,
      ...(id && { token: id }),
    });
    await log.append([event]);
    return {
      certificate: encodePublicKeyLine(certificate, principal.name),
      serial: serial.toString(),
      principals: [principal.name],
      validBefore: clock.now() + ttlMs,
    };
  };
}
