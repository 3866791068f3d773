/**
 * SSH through the gate, put together: listener → front → upstream → relay. This file is the map; each step is its own.
 *
 *   ssh-listener   sockets, limits, the deadline of the handshake
 *   ssh-front      who is it, may they pass, the questions at the prompt
 *   ssh-upstream   the connection to the target
 *   ssh-relay      packets between the two, decided and recorded
 *   ssh-facts      messages → actions and events        ssh-refuse   refusals in SSH's own form
 *   ssh-console    `ssh gate …`: approve and look without a CLI
 */
import type { Authenticated } from "../../identity/model.ts";
import type { KeySigner } from "../../wire/ssh/keys/signer.ts";
import { SshFront, type FrontDeps } from "./ssh-front.ts";
import { SshLink } from "./ssh-link.ts";
import { startListener, type Accepted, type Listener, type ListenerLimits } from "./ssh-listener.ts";
import { SshRelay } from "./ssh-relay.ts";

export interface SshProxyDeps extends FrontDeps {
  readonly host: string;
  readonly port: number;
  readonly hostKeys: readonly KeySigner[];
  readonly limits: () => ListenerLimits;
  readonly openConsole: (link: SshLink, authenticated: Authenticated) => void;
}

export function startSshProxy(deps: SshProxyDeps): Promise<Listener> {
  const { host, port, limits } = deps;
  return startListener({ host, port, limits, onConnection: (accepted) => serve(accepted, deps) });
}

function serve(accepted: Accepted, deps: SshProxyDeps): void {
  const { socket, remote } = accepted;
  const link = new SshLink(socket, { role: "server", software: "Sallyport", hostKeys: deps.hostKeys });
  const front = new SshFront(link, remote, deps, {
    onKnown: () => accepted.known(),
    onConsole: (authenticated) => deps.openConsole(link, authenticated),
    onReady: (session, target) => {
      const relay = new SshRelay({ client: link, target, session, onOver: (how) => how === "cut" && target.destroy() });
      relay.start();
    },
  });
  link.onEnd = () => front.close();
}
