/** SSH's way into the gate: the proxy with everything it needs of the layers below, and the console behind `ssh gate`. */
import { printApproval } from "../access/approval.ts";
import { awaitingOf, refuseApprover, stillMissing } from "../access/approvals.ts";
import { roleInWords } from "../policy/role-in-words.ts";
import { remainingMs } from "../access/remaining.ts";
import { approversOf, findRule } from "../access/rules.ts";
import type { AccessService } from "../access/service.ts";
import type { Config } from "../config/model.ts";
import type { Authorities } from "../identity/authority.ts";
import type { Holdings } from "../identity/holdings.ts";
import type { Principal } from "../identity/model.ts";
import type { IdentityService } from "../identity/service.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Denial } from "../kernel/result.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { ConsoleDeps } from "../proxy/ssh/console-commands.ts";
import { Asking } from "../proxy/ssh/ssh-asking.ts";
import { StepUpAsking } from "../proxy/ssh/ssh-step-up.ts";
import { openConsole } from "../proxy/ssh/ssh-console.ts";
import { startSshProxy, type SshDoor } from "../proxy/ssh/ssh-proxy.ts";
import type { MintAccess } from "../proxy/ssh/ssh-upstream.ts";
import type { Gatekeeper } from "../session/gatekeeper.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { Waiting } from "../session/waiting.ts";
import type { Store } from "../store/open.ts";
import { BufferPool } from "../kernel/buffer-pool.ts";
import { stepUpWays } from "./services/factors.ts";
import { openSshIdentity } from "./ssh-identity.ts";

export interface SshDoorDeps {
  readonly config: () => Config;
  /** With the people that identity providers put into its groups. */
  readonly rulebook: () => Config;
  readonly store: Store;
  readonly authorities: Authorities;
  readonly identity: IdentityService<GatePermission>;
  readonly holdings: Holdings<GatePermission>;
  readonly access: AccessService;
  readonly gatekeeper: Gatekeeper;
  readonly registry: SessionRegistry;
  readonly waiting: Waiting;
  readonly principalNow: (name: Principal["name"]) => Promise<Principal | Denial>;
  readonly lockedFor: (principal: Principal, target: string) => Denial | undefined;
  readonly locks: { readonly ofPerson: (principal: Principal) => Denial | undefined; readonly ofGate: () => Denial | undefined };
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** Listening when it resolves. */
export async function openSshDoor(deps: SshDoorDeps): Promise<SshDoor> {
  const { config, store, authorities, identity, access, gatekeeper, registry, waiting, clock, onFault } = deps;
  const { ssh, public: reach, name } = config().gate;
  const hostKeys = await openSshIdentity({ secrets: store.secrets, authorities, log: store.log }, [reach.sshHost, "gate", name]);
  const consoleDeps = consoleOf(deps);
  return startSshProxy({
    host: ssh.host,
    port: ssh.port,
    hostKeys,
    limits: () => config().gate.limits,
    identity,
    gatekeeper,
    registry,
    log: store.log,
    onFault,
    upstream: { now: () => clock.now(), pool: new BufferPool(), mintAccess: minting(deps) },
    asking: new Asking({
      waiting,
      askable: (principal, target) => {
        const wanted = config().targets.get(target);
        if (wanted?.kind !== "ssh" || deps.lockedFor(principal, target)) return [];
        return [...config().roles.keys()].flatMap((role) => {
          const rule = findRule(config(), principal, role, wanted);
          return rule ? [{ role, maxDurationMs: rule.maxDurationMs }] : [];
        });
      },
      request: (principal, draft) => access.request(principal, draft),
      approvers: (request) => approversOf(request.demands, deps.rulebook().groups, request.requester),
    }),
    stepUp: new StepUpAsking(stepUpWays(identity.factors, "ssh", () => config().gate.public.url)),
    openConsole: (link, authenticated) => openConsole(link, authenticated, consoleDeps),
  });
}

/** The certificate for one session, in the log before anybody has it. */
function minting({ authorities, store }: SshDoorDeps): MintAccess {
  return async ({ publicKey, permit, session, sourceAddress, ttlMs }) => {
    const { grant, scoped, authenticated } = permit;
    const { shell = false, exec = false } = grant.role.ssh ?? {};
    const { certificate, event } = await authorities.issueAccess({
      publicKey,
      account: scoped.account,
      principal: authenticated.principal.name,
      grant: grant.id,
      session,
      sourceAddresses: [sourceAddress],
      ttlMs,
      terminal: shell || exec !== false,
    });
    await store.log.append([{ ...event, target: scoped.target.name }], grant.breakGlass === undefined ? "ordinary" : "reserved");
    return certificate;
  };
}

function consoleOf({ identity, access, store, registry, holdings, principalNow, locks, clock, onFault }: SshDoorDeps): ConsoleDeps {
  return {
    principal: principalNow,
    lockOf: locks.ofPerson,
    gateLock: locks.ofGate,
    permissionsOf: (person) => holdings.permissionsOf(person, person),
    shown: (authenticated) => identity.shownBy(authenticated),
    pending: () => store.access.listRequests({ state: "pending", limit: 500 }),
    isApprover: (request, actor) => refuseApprover(awaitingOf(request), actor) === undefined,
    allows: ({ role, scope }) =>
      roleInWords(
        role,
        scope.map(({ target }) => target.kind),
      ),
    stillMissing: (request) => stillMissing(awaitingOf(request)),
    approvalInWords: ({ demands }) => demands.map(printApproval).join(" and ") || "nobody",
    approve: (id, principal, change) => access.approve(id, principal, change),
    deny: (id, principal, reason) => access.deny(id, principal, reason),
    grants: ({ name }) => store.access.listGrants({ state: "active", principal: name, limit: 100 }),
    revoke: (id, principal, reason) => access.revoke(id, principal, reason),
    remainingMs: (grant) => remainingMs(grant, clock),
    sessions: () =>
      registry.list().map(({ id, permit, startedAt }) => {
        return { id, principal: permit.authenticated.principal.name, target: permit.scoped.target.name, startedAt };
      }),
    kill: (id, by, reason) => registry.kill(id, by, reason),
    now: () => clock.now(),
    onFault,
  };
}
