import { parseId, type PrincipalName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import type { GroupDirectory, KeyService, TokenService, UserService, UserSummary } from "../services/people.ts";
import { actorOf, administratorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

interface Needs {
  readonly users: UserService;
  readonly keys: KeyService;
  readonly directory: GroupDirectory;
  readonly tokens: Pick<TokenService, "findToken">;
}

type UserRoutes =
  | "users.list"
  | "users.create"
  | "users.disable"
  | "users.enable"
  | "users.reset"
  | "keys.list"
  | "keys.add"
  | "keys.remove";

export function userHandlers({ users, keys, directory, tokens }: Needs): Handlers<UserRoutes> {
  const view = (user: UserSummary) => ({ ...user, groups: directory.groupsOf(user.name) });
  return {
    "users.list": async () => ({ users: (await users.listUsers()).map(view) }),
    "users.create": async ({ caller, body }) => {
      const user = await users.createUser(actorOf(caller), body);
      return isRefusal(user) ? user : view(user);
    },
    "users.disable": async ({ caller, params: { name }, body }) =>
      emptyOr(await users.disableUser(administratorOf(caller), name, body.reason)),
    "users.enable": async ({ caller, params: { name } }) => emptyOr(await users.enableUser(administratorOf(caller), name)),
    "users.reset": async ({ caller, params: { name } }) => {
      const issued = await users.issueReset(administratorOf(caller), name);
      return isRefusal(issued) ? issued : { secret: issued.secret.reveal(), expiresAt: issued.expiresAt };
    },
    "keys.list": async ({ caller, params: { name } }) => refuseOthers(caller, name, "user.read") ?? { keys: await keys.listKeys(name) },
    "keys.add": async ({ caller, params: { name }, body }) =>
      refuseOthers(caller, name, "user.write") ??
      (await refuseSuccessor(caller, name, tokens)) ??
      (await keys.addKey(administratorOf(caller), name, body.publicKey, caller.authenticated)),
    "keys.remove": async ({ caller, params: { name, key } }) =>
      refuseOthers(caller, name, "user.write") ?? emptyOr(await keys.removeKey(administratorOf(caller), name, key)),
  };
}

/** A personal token that leaked must not make itself a key that outlives it, as it makes no token. */
async function refuseSuccessor(
  { principal, authenticated }: Caller,
  name: PrincipalName,
  tokens: Pick<TokenService, "findToken">,
): Promise<Denial | undefined> {
  const id = principal.name === name ? parseId("tok", authenticated.credential) : undefined;
  const token = id && (await tokens.findToken(id));
  if (token?.type !== "personal") return undefined;
  return deny("not-permitted", { detail: "a personal token registers no key for its owner", next: "sallyport login" });
}

function refuseOthers(caller: Caller, name: PrincipalName, permission: GatePermission): Denial | undefined {
  const may = caller.principal.name === name || caller.permissions.has(permission);
  return may ? undefined : refusePermission(permission, caller);
}
