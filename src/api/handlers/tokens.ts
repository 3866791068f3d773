import { deny } from "../../kernel/result.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Handlers } from "../handler.ts";
import type { TokenService } from "../services/people.ts";
import { actorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

export function tokenHandlers(tokens: TokenService): Handlers<"tokens.list" | "tokens.create" | "tokens.revoke" | "tokens.revoke-all"> {
  return {
    "tokens.list": async ({ caller, query: { user = caller.principal.name } }) => {
      if (user !== caller.principal.name && !caller.permissions.has("token.revoke")) return refusePermission("token.revoke", caller);
      return { tokens: await tokens.listTokens(user) };
    },
    "tokens.create": async ({ caller, body }) => {
      const others = body.for !== undefined && body.for !== caller.principal.name;
      if (others && !caller.permissions.has("user.write")) return refusePermission("user.write", caller);
      const made = await tokens.createToken(caller.authenticated, body);
      return isRefusal(made) ? made : { token: made.token, secret: made.secret.reveal() };
    },
    "tokens.revoke": async ({ caller, params: { id } }) => {
      const token = await tokens.findToken(id);
      const own = token?.user === caller.principal.name;
      // The same answer for what is not there and what is not theirs.
      if (!token || !(own || caller.permissions.has("token.revoke"))) return deny("not-found", { detail: `token "${id}"` });
      return emptyOr(await tokens.revokeToken(actorOf(caller), id, own ? "by its owner" : "by an administrator"));
    },
    "tokens.revoke-all": async ({ caller, query: { user = caller.principal.name, type, grant, target } }) => {
      const own = user === caller.principal.name;
      if (!own && !caller.permissions.has("token.revoke")) return refusePermission("token.revoke", caller);
      const revoked = await tokens.revokeTokens(
        actorOf(caller),
        user,
        own ? "by its owner" : "by an administrator",
        (token) =>
          token.id !== caller.authenticated.credential &&
          (type === undefined || token.type === type) &&
          (grant === undefined || token.access?.grant === grant) &&
          (target === undefined || token.access?.target === target),
      );
      return { revoked: [...revoked] };
    },
  };
}
