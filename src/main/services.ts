/** The gate as its API sees it: the services of the layers below, and small adapters where one of them alone is not enough. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { couldApprove } from "../access/admission.ts";
import { awaitingOf, refuseApprover, stillMissing } from "../access/approvals.ts";
import { printApproval } from "../access/approval.ts";
import { refuseSession } from "../policy/second-factor.ts";
import { roleInWords } from "../policy/role-in-words.ts";
import { remainingMs } from "../access/remaining.ts";
import { accountsOn, approversOf, findRule } from "../access/rules.ts";
import { accessMatrix } from "../access/matrix.ts";
import { explainAccess } from "../access/why.ts";
import type { Services } from "../api/services.ts";
import { diffConfig } from "../config/diff.ts";
import { explainConfig } from "../config/explain.ts";
import { parseConfig } from "../config/load.ts";
import type { Problem } from "../config/problem.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import { isName } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { deny } from "../kernel/result.ts";
import { makeBackup } from "../store/backup.ts";
import { dataPaths } from "../store/data-dir.ts";
import { fingerprint } from "../wire/ssh/keys/public-key.ts";
import { VERSION, type Gate } from "./gate.ts";
import { loginCertificates } from "./services/login-certificates.ts";
import { sessionRoles, upstreamDeps } from "./postgres-door.ts";
import { factorService } from "./services/factors.ts";
import { healthService } from "./services/health.ts";
import { columnService } from "./services/columns.ts";
import { hostService } from "./services/hosts.ts";
import { logProofs } from "./services/log-proofs.ts";
import { providerService } from "./services/providers.ts";
import { liveSessions } from "./services/live-sessions.ts";
import { publishedLog } from "./services/published.ts";
import { recordingService } from "./services/recordings.ts";
import { statisticsService } from "./services/statistics.ts";

export function gateServices(gate: Gate, dataDir: string, clock: Clock = systemClock): Services {
  const { access, authorities, configuration, identity, locks, registry, store } = gate;
  const { published, recordings } = dataPaths(dataDir);
  const config = (): typeof configuration.current => configuration.current;
  const { name, public: reach } = config().gate;
  const upstream = upstreamDeps({ config, random: systemRandom, onFault: () => undefined });
  return {
    login: identity,
    providers: providerService(gate),
    users: identity,
    unproven: (by, role, target) =>
      refuseSession({ role, roleNow: config().roles.get(role.name) }, [config().targets.get(target)], by, clock.now()),
    factors: factorService(identity.factors, reach.url),
    keys: identity,
    tokens: identity,
    directory: { groupsOf: (person) => gate.directory.groupsOf(person), groups: () => [...config().groups.keys()] },
    locks,
    gate: {
      version: VERSION,
      name,
      url: reach.url,
      sshHost: reach.sshHost,
      sshPort: gate.sshPort,
      ...(gate.postgres && { postgres: gate.postgres }),
      now: () => clock.now(),
    },
    audit: store.log,
    published: publishedLog(published, recordings, store.logSource),
    proofs: logProofs(published, store.logSource),
    recordings: recordingService({ directory: recordings, keys: [store.keyWrap], sessions: store.sessions, registry, log: store.log }),
    health: healthService(gate, dataDir, VERSION, clock),
    terminals: gate.browsing.terminals,
    files: gate.browsing.files,
    sessions: {
      findSession: (id) => store.sessions.find(id),
      listSessions: (filter) => store.sessions.list(filter),
      kill: (id, by, reason) => registry.kill(id, by, reason),
      ...liveSessions(registry),
      freeze: (id, by, reason) => registry.controls.freeze(id, by, reason),
      thaw: (id, by, reason, behind) => registry.controls.thaw(id, by, reason, behind),
      message: (id, by, text) => registry.controls.message(id, by, text),
    },
    access: {
      request: (actor, draft) => access.request(actor, draft),
      preview: (actor, draft) => access.preview(actor, draft),
      approve: (id, actor, change) => access.approve(id, actor, change),
      deny: (id, actor, reason) => access.deny(id, actor, reason),
      cancel: (id, actor, reason) => access.cancel(id, actor, reason),
      extend: (id, actor, draft) => access.extend(id, actor, draft),
      revoke: (id, actor, reason) => access.revoke(id, actor, reason),
      narrow: (id, actor, change) => access.narrow(id, actor, change),
      review: (id, actor, review) => access.review(id, actor, review),
      subscribe: (listener) => access.subscribe(listener),
      findRequest: (id) => store.access.findRequest(id),
      listRequests: (filter) => store.access.listRequests(filter),
      findGrant: (id) => store.access.findGrant(id),
      listGrants: (filter) => store.access.listGrants(filter),
      isApprover: (request, actor) => refuseApprover(awaitingOf(request), actor) === undefined,
      allows: ({ role, scope }) =>
        roleInWords(
          role,
          scope.map(({ target }) => target.kind),
        ),
      stillMissing: (request) => stillMissing(awaitingOf(request)),
      approvers: ({ requester, demands, approvals }) =>
        approversOf(demands, gate.rulebook().groups, requester).filter((name) => !approvals.some(({ by }) => by === name)),
      inWords: printApproval,
      remainingMs: (grant) => remainingMs(grant, clock),
      mayReview: (grant, actor) => couldApprove(gate.rulebook(), gate.actorNow(grant.principal), grant, actor),
    },
    targets: {
      listTargets: () => [...config().targets.values()],
      findTarget: (target) => config().targets.get(target),
      requestable: (actor, target) =>
        [...config().roles.values()].flatMap((role) => {
          const rule = findRule(config(), actor, role.name, target);
          if (!rule) return [];
          const { maxDurationMs, breakGlass, approval } = rule;
          const allows = roleInWords(role, [target.kind]);
          return [{ role: role.name, rule: rule.name, maxDurationMs, breakGlass, allows, ...(approval && { approval }) }];
        }),
    },
    holds: {
      list: () => gate.holds.list(),
      find: (id) => gate.holds.find(id),
      subscribe: (listener) => gate.holds.subscribe(listener),
      mayDecide: (hold, actor) => gate.holds.mayDecide(hold, actor),
      decide: async (id, actor, approved, reason) =>
        (await gate.isPerson(actor.name))
          ? gate.holds.decide(id, actor, approved, reason)
          : deny("not-approver", { detail: "people decide, nobody and nothing else" }),
      inWords: printApproval,
    },
    hosts: hostService({
      gatekeeper: gate.gatekeeper,
      authorities,
      log: store.log,
      accounts: () => [...config().roles.values()].flatMap(({ ssh }) => (ssh ? [ssh.account] : [])),
      databases: {
        accounts: (target) => ({
          logins: [...(config().logins.get(target.name)?.keys() ?? [])],
          memberships: accountsOn(config(), target),
        }),
        upstream,
        roles: sessionRoles({ config, store, gatekeeper: gate.gatekeeper, registry }, upstream),
      },
      clock,
    }),
    columns: columnService({ config, gatekeeper: gate.gatekeeper, upstream }),
    authorities: {
      publicKeys: () => {
        const view = (which: "login" | "access" | "host"): { publicKey: string; fingerprint: string } => {
          const blob = authorities.publicKey(which);
          return { publicKey: authorities.publicLine(which), fingerprint: fingerprint(blob) };
        };
        return { gate: name, login: view("login"), access: view("access"), host: view("host"), log: gate.publishing.vkey };
      },
      issueLogin: loginCertificates({ authorities, log: store.log, findToken: (id) => identity.findToken(id), clock }),
    },
    config: {
      show: () => {
        const { held } = configuration;
        return {
          hash: config().hash,
          source: configuration.source,
          text: configuration.text,
          loadedAt: configuration.loadedAt,
          ...(held && { held: { hash: held.config.hash, by: held.by, at: held.at, widening: held.widening, diff: held.diff } }),
        };
      },
      explain: () => {
        const explained = explainConfig(configuration.text, configuration.source);
        if (!explained.ok) throw new GateError("internal");
        return explained.lines;
      },
      validate: (text) => {
        const parsed = parseConfig(text, "pasted");
        const shown = (problems: readonly Problem[]) =>
          problems.map(({ path, line, column, expected, found, suggestion }) => ({
            path,
            line,
            column,
            expected,
            ...(found !== undefined && { found }),
            ...(suggestion !== undefined && { suggestion }),
          }));
        if (!parsed.ok) return { ok: false, problems: shown(parsed.problems), warnings: [], diff: [], widening: [], narrowing: [] };
        const { lines, widening, narrowing } = diffConfig(config(), parsed.config);
        return { ok: true, problems: [], warnings: shown(parsed.warnings), diff: lines, widening, narrowing };
      },
      reload: ({ name: by }) => configuration.reload(by),
      confirm: async (hash, { name: by }) =>
        (await gate.isPerson(by))
          ? configuration.confirm(hash, by)
          : deny("not-approver", { detail: "people confirm, nobody and nothing else" }),
    },
    matrix: { compute: (actors, targets, role, limit) => accessMatrix(gate.rulebook(), actors, targets, { role, limit }) },
    statistics: statisticsService({ store: store.statistics, kindOf: (target) => config().targets.get(target)?.kind, clock }),
    why: { explain: (who, what, target, about) => explainAccess(gate.rulebook(), who, what, target, about) },
    backup: {
      make: async ({ name: principal }, wanted = `backup-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-")}`) => {
        if (!isName(wanted)) return deny("bad-request", { detail: "a backup has a plain name" });
        const folder = join(dataDir, "backups");
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const path = join(folder, wanted);
        const { size, root } = await makeBackup({ log: store.log, dataDir, to: path, principal, clock });
        return { path, size, root };
      },
    },
  };
}
