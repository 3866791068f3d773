import type { PrincipalName } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import type { GroupDirectory, KeyService, UserService, UserSummary } from "../services.ts";
import { actorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

type UserRoutes =
  | "users.list"
  | "users.create"
  | "users.disable"
  | "users.enable"
  | "users.reset"
  | "keys.list"
  | "keys.add"
  | "keys.remove";

export function userHandlers(users: UserService, keys: KeyService, directory: GroupDirectory): Handlers<UserRoutes> {
  const view = (user: UserSummary) => ({ ...user, groups: directory.groupsOf(user.name) });
  return {
    "users.list": async () => ({ users: (await users.listUsers()).map(view) }),
    "users.create": async ({ caller, body }) => {
      const user = await users.createUser(actorOf(caller), body);
      return isRefusal(user) ? user : view(user);
    },
    "users.disable": async ({ caller, params: { name }, body }) => emptyOr(await users.disableUser(actorOf(caller), name, body.reason)),
    "users.enable": async ({ caller, params: { name } }) => emptyOr(await users.enableUser(actorOf(caller), name)),
    "users.reset": async ({ caller, params: { name } }) => {
      const issued = await users.issueReset(actorOf(caller), name);
      return isRefusal(issued) ? issued : { secret: issued.secret.reveal(), expiresAt: issued.expiresAt };
    },
    "keys.list": async ({ caller, params: { name } }) => refuseOthers(caller, name, "user.read") ?? { keys: await keys.listKeys(name) },
    "keys.add": async ({ caller, params: { name }, body }) =>
      refuseOthers(caller, name, "user.write") ?? (await keys.addKey(actorOf(caller), name, body.publicKey)),
    "keys.remove": async ({ caller, params: { name, key } }) =>
      refuseOthers(caller, name, "user.write") ?? emptyOr(await keys.removeKey(actorOf(caller), name, key)),
  };
}

function refuseOthers({ principal, permissions }: Caller, name: PrincipalName, permission: GatePermission): Denial | undefined {
  return principal.name === name || permissions.has(permission) ? undefined : refusePermission(permission);
}
