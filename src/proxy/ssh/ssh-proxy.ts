/**
 * SSH through the gate, put together: listener (session/) → front → upstream → relay. This file is the map.
 *
 *   ssh-front      who is it, may they pass, the questions at the prompt
 *   ssh-upstream   the connection to the target
 *   ssh-relay      packets between the two, decided and recorded
 *   ssh-facts      messages → actions and events        ssh-refuse   refusals in SSH's own form
 *   ssh-console    `ssh gate …`: approve and look without a CLI
 */
import type { Authenticated } from "../../identity/model.ts";
import type { KeySigner } from "../../wire/ssh/keys/signer.ts";
import { SshFront, type FrontDeps } from "./ssh-front.ts";
import { SOFTWARE, SshLink } from "./ssh-link.ts";
import { startListener, type Accepted, type Listener, type ListenerLimits } from "../../session/listener.ts";
import { SshRelay } from "./ssh-relay.ts";

export interface SshProxyDeps extends FrontDeps {
  readonly host: string;
  readonly port: number;
  readonly hostKeys: readonly KeySigner[];
  readonly limits: () => ListenerLimits;
  readonly openConsole: (link: SshLink, authenticated: Authenticated) => void;
}

/** Disposing of it waits for what cut sessions have left on their hosts: registry.stop() comes before. */
export async function startSshProxy(deps: SshProxyDeps): Promise<Listener> {
  const { host, port, limits, onFault } = deps;
  const relays = new Set<Promise<void>>();
  const listener = await startListener({
    protocol: "SSH",
    host,
    port,
    limits,
    onFault,
    onConnection: (accepted) => serve(accepted, deps, relays),
  });
  return {
    port: listener.port,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await Promise.all(relays);
    },
  };
}

function serve(accepted: Accepted, deps: SshProxyDeps, relays: Set<Promise<void>>): void {
  const { gatekeeper, onFault, hostKeys, upstream } = deps;
  const link = new SshLink(accepted.socket, { role: "server", software: SOFTWARE, hostKeys, pool: upstream.pool });
  const front = new SshFront(link, accepted.remote, deps, {
    onKnown: () => accepted.known(),
    onExpectAnswer: () => accepted.expectAnswer(),
    onConsole: (authenticated) => deps.openConsole(link, authenticated),
    onReady: (session, target) => {
      const relay = new SshRelay({ client: link, target, session, gatekeeper, onFault }).run();
      relays.add(relay);
      void relay.then(() => relays.delete(relay));
    },
  });
  link.onEnd = () => front.close();
}
