import type { Target } from "../../access/model.ts";
import type { AuditEvent } from "../../audit/event.ts";
import type { Reply } from "../../contract/types.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import type { Requestable, RequestService } from "../services/access.ts";
import type { AuditService } from "../services/record.ts";
import type { AuthorityService, ColumnService, HostReport, HostService, TargetService } from "../services/targets.ts";
import { actorOf } from "../views.ts";

type TargetRoutes =
  | "targets.list"
  | "targets.show"
  | "targets.test"
  | "targets.columns"
  | "hosts.scan"
  | "hosts.check"
  | "authorities.show";

interface Needs {
  readonly targets: TargetService;
  readonly hosts: HostService;
  readonly columns: ColumnService;
  readonly authorities: AuthorityService;
  readonly access: Pick<RequestService, "inWords">;
  readonly audit: Pick<AuditService, "append">;
}

type TargetView = Reply<"targets.list">["targets"][number];

export function targetHandlers({ targets, hosts, columns, authorities, access, audit }: Needs): Handlers<TargetRoutes> {
  const viewRole = ({ role, rule, maxDurationMs, approval, breakGlass, allows }: Requestable): TargetView["roles"][number] => {
    const shown = { role, rule, maxDurationMs, breakGlass, allows: [...allows] };
    return approval ? Object.assign(shown, { approval: access.inWords(approval) }) : shown;
  };
  const view = (target: Target, caller: Caller): TargetView => ({
    name: target.name,
    kind: target.kind,
    address: target.address,
    labels: target.labels,
    roles: targets.requestable(actorOf(caller), target).map(viewRole),
  });
  /** Logged before it is shown. */
  const report = async (caller: Caller, target: Target, result: HostReport | Denial): Promise<HostReport | Denial> => {
    const found: HostReport = isRefusal(result)
      ? { address: target.address, ok: false, findings: [{ check: "connection", ok: false, detail: result.detail ?? result.code }] }
      : result;
    const findings = found.findings.map(({ check, ok, detail }) => `${ok ? "ok" : "failed"} ${check}: ${detail}`);
    const body = { address: found.address, ok: found.ok, findings };
    await audit.append([{ kind: "host.checked", principal: caller.principal.name, target: target.name, body }]);
    return found;
  };
  return {
    "targets.list": ({ caller, query: { all } }) => {
      if (all && !caller.permissions.has("target.read")) return refusePermission("target.read", caller);
      const views = targets.listTargets().map((target) => view(target, caller));
      return { targets: all ? views : views.filter(({ roles }) => roles.length > 0) };
    },
    "targets.show": ({ caller, params: { name } }) => {
      const target = targets.findTarget(name);
      const found = target && view(target, caller);
      if (!target || !found || !(found.roles.length > 0 || caller.permissions.has("target.read"))) return noTarget(name);
      return { ...found, hostKeys: target.hostKeys, hostAuthorities: target.hostAuthorities };
    },
    "targets.test": async ({ caller, params: { name } }) => {
      const target = targets.findTarget(name);
      return target ? report(caller, target, await hosts.test(target, caller.principal.name)) : noTarget(name);
    },
    "targets.columns": async ({ caller, params: { name }, body }) => {
      const target = targets.findTarget(name);
      if (!target) return noTarget(name);
      const found = await columns.scan(target, caller.principal.name, body);
      const event = isRefusal(found)
        ? { database: body.database ?? "", account: body.account ?? "", columns: 0, code: found.code }
        : { database: found.database, account: found.account, columns: found.looked };
      await audit.append([{ kind: "columns.scanned", principal: caller.principal.name, target: target.name, body: event }]);
      return found;
    },
    "hosts.scan": async ({ caller, body: { address } }) => {
      const keys = await hosts.scan(address, caller.principal.name);
      const shown = isRefusal(keys) ? [] : keys.map(({ fingerprint }) => fingerprint);
      const event: AuditEvent = { kind: "host.scanned", principal: caller.principal.name, body: { address, keys: shown } };
      await audit.append([event]);
      return isRefusal(keys) ? keys : { address, keys };
    },
    "hosts.check": async ({ caller, body: { target: name, account } }) => {
      const target = targets.findTarget(name);
      return target ? report(caller, target, await hosts.check(target, account, caller.principal.name)) : noTarget(name);
    },
    "authorities.show": () => authorities.publicKeys(),
  };
}

function noTarget(name: string): Denial {
  return deny("not-found", { detail: `target "${name}"` });
}
