import type { Handlers } from "../handler.ts";
import type { GateFacts } from "../services/gate.ts";
import type { AuthorityService, TargetService } from "../services/targets.ts";
import { actorOf } from "../views.ts";

export function certificateHandlers(
  authorities: AuthorityService,
  targets: TargetService,
  gate: GateFacts,
): Handlers<"certificates.login" | "ssh-config.show"> {
  return {
    "certificates.login": ({ caller, body: { publicKey, ttlMs } }) => authorities.issueLogin(caller.authenticated, publicKey, ttlMs),
    "ssh-config.show": ({ caller }) => {
      const actor = actorOf(caller);
      const reachable = targets.listTargets().filter((target) => target.kind === "ssh" && targets.requestable(actor, target).length > 0);
      return {
        gate: { name: gate.name, sshHost: gate.sshHost, sshPort: gate.sshPort },
        hostAuthority: authorities.publicKeys().host.publicKey,
        targets: reachable.map(({ name, labels }) => ({ name, labels })),
      };
    },
  };
}
