import type { Reply } from "../../contract/types.ts";
import type { Handlers } from "../handler.ts";
import type { GrantService, MatrixService } from "../services/access.ts";
import type { GroupDirectory, UserService } from "../services/people.ts";
import type { TargetService } from "../services/targets.ts";

interface Needs {
  readonly users: Pick<UserService, "listUsers">;
  readonly directory: Pick<GroupDirectory, "groupsOf">;
  readonly targets: Pick<TargetService, "listTargets">;
  readonly access: Pick<GrantService, "listGrants" | "remainingMs">;
  readonly matrix: MatrixService;
}

const MAX_GRANTS = 5_000;

type Matrix = Reply<"access.matrix">;

export function accessHandlers({ users, directory, targets, access, matrix }: Needs): Handlers<"access.matrix"> {
  return {
    "access.matrix": async ({ query: { principal, target, role, group, limit } }) => {
      const people = (await users.listUsers())
        .filter(({ name, disabled }) => disabled === undefined && (principal === undefined || name === principal))
        .map(({ name, type }) => ({ name, type, groups: [...directory.groupsOf(name)] }))
        .filter(({ groups }) => group === undefined || groups.includes(group));
      const wanted = targets.listTargets().filter(({ name }) => target === undefined || name === target);
      const { entries, isPart } = matrix.compute(people, wanted, role, limit);
      const grants = await access.listGrants({ state: "active", ...(principal && { principal }), limit: MAX_GRANTS });
      const known = new Set(people.map(({ name }) => name));
      const active = grants
        .filter((grant) => known.has(grant.principal) && access.remainingMs(grant) > 0 && (role === undefined || grant.role.name === role))
        .flatMap(({ id, principal: holder, role: held, scope, end }) =>
          scope.map(({ target: { name } }) => ({ grant: id, principal: holder, target: name, role: held.name, end })),
        )
        .filter((each) => target === undefined || each.target === target);
      return {
        principals: people,
        targets: wanted.map(({ name, kind, labels }) => ({ name, kind, labels: { ...labels } })),
        entries: entries as Matrix["entries"],
        active,
        more: isPart || grants.length === MAX_GRANTS,
      };
    },
  };
}
