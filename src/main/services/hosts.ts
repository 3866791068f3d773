import type { HostReport, HostService } from "../../api/services/targets.ts";
import type { Target } from "../../access/model.ts";
import type { Authorities } from "../../identity/authority.ts";
import type { AuditLog } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { checkHost, scanHost, testHost, type CheckDeps, type Finding } from "../../proxy/ssh/ssh-errands.ts";
import { testDatabase, type Accounts } from "../../proxy/postgres/postgres-errands.ts";
import type { SessionRoles } from "../../proxy/postgres/roles/session-roles.ts";
import type { UpstreamDeps } from "../../proxy/postgres/postgres-upstream.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";

const ERRAND_TTL_MS = 30_000;

export interface HostDeps {
  readonly gatekeeper: Gatekeeper;
  readonly authorities: Authorities;
  readonly log: Pick<AuditLog, "append">;
  /** The accounts that roles log in with: certificates are made for no other. */
  readonly accounts: () => readonly string[];
  /** Login roles of a database, and what it takes to log in as them. */
  readonly databases?: {
    readonly accounts: (target: Target) => Accounts;
    readonly upstream: UpstreamDeps;
    readonly roles: Pick<SessionRoles, "test">;
  };
  readonly clock: Clock;
}

/** Errands to hosts, each under a permit of its own; certificates for them are in the log before they are used. */
export function hostService({ gatekeeper, authorities, log, accounts, databases, clock }: HostDeps): HostService {
  const checks: CheckDeps = {
    now: () => clock.now(),
    mint: async (authority, publicKey, account, sourceAddress) => {
      const about = { publicKey, ttlMs: ERRAND_TTL_MS };
      const { certificate, event } =
        authority === "login"
          ? await authorities.issueLogin({ ...about, person: account })
          : await authorities.issueAccess({
              ...about,
              account,
              principal: "gate",
              grant: "errand",
              session: "host.check",
              sourceAddresses: [sourceAddress],
              terminal: false,
            });
      await log.append([{ ...event, principal: "gate" }]);
      return certificate;
    },
  };
  const report = (target: Target, findings: Finding[]): HostReport => {
    return { address: target.address, ok: findings.every(({ ok }) => ok), findings };
  };
  return {
    scan: async (address, by) => asDenial(async () => scanHost(await gatekeeper.authorizeErrand("host.scan", withPort(address), by))),
    test: async (target, by) =>
      asDenial(async () => {
        const permit = await gatekeeper.authorizeErrand("target.test", target.address, by);
        if (databases && target.kind === "postgres") {
          return report(target, await testDatabase(permit, target, databases.accounts(target), databases.upstream, databases.roles));
        }
        return report(target, await testHost(permit, target, checks));
      }),
    check: async (target, account = accounts()[0], by) =>
      asDenial(async () => {
        if (target.kind !== "ssh") throw new GateError("bad-request", `"${target.name}" is no host: try \`sallyport targets test\``);
        if (account === undefined || !accounts().includes(account)) {
          throw new GateError("bad-request", account === undefined ? "no role names an account" : `no role logs in as "${account}"`);
        }
        const permit = await gatekeeper.authorizeErrand("host.check", target.address, by);
        return report(target, await checkHost(permit, target, account, checks));
      }),
  };
}

/** `host` alone means the port of SSH. */
function withPort(address: string): string {
  return /^(\[.*\]|[^:]+)$/.test(address) ? `${address}:22` : address;
}

/** What a host answers, or does not, is an answer to the person who asked. */
async function asDenial<T>(work: () => Promise<T>): Promise<T | Denial> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GateError) return deny(error.code, error.detail === undefined ? {} : { detail: error.detail });
    throw error;
  }
}
