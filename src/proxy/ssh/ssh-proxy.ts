/**
 * SSH through the gate, put together: listener (session/) → front → upstream → relay. This file is the map.
 *
 *   ssh-front      who is it, may they pass, the questions at the prompt
 *   ssh-upstream   the connection to the target
 *   ssh-relay      packets between the two, decided and recorded
 *   ssh-facts      messages → actions and events        ssh-refuse   refusals in SSH's own form
 *   ssh-console    `ssh gate …`: approve and look without a CLI
 */
import type { Duplex } from "node:stream";
import type { Authenticated } from "../../identity/model.ts";
import type { KeySigner } from "../../wire/ssh/keys/signer.ts";
import { SshFront, type FrontDeps } from "./ssh-front.ts";
import { SOFTWARE, SshLink } from "./ssh-link.ts";
import type { Inside } from "../../session/inside.ts";
import { startListener, type Accepted, type From, type Listener, type ListenerLimits } from "../../session/listener.ts";
import { SshRelay } from "./ssh-relay.ts";

export interface SshProxyDeps extends FrontDeps {
  readonly host: string;
  readonly port: number;
  readonly hostKeys: readonly KeySigner[];
  readonly limits: () => ListenerLimits;
  readonly openConsole: (link: SshLink, authenticated: Authenticated) => void;
}

export interface SshDoor extends Listener {
  /** Blobs of what the gate shows: its key, and the key's certificate. */
  readonly hostKeys: readonly Buffer[];
  /** Serves a client inside the gate, for a person at `from`, as if it had come through the socket. False: there is no place left. */
  admit(socket: Duplex, from: From, inside: Inside): boolean;
}

/** Disposing of it waits for what cut sessions have left on their hosts: registry.stop() comes before. */
export async function startSshProxy(deps: SshProxyDeps): Promise<SshDoor> {
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
    hostKeys: deps.hostKeys.map(({ blob }) => blob),
    admit: (socket, from, inside) => listener.admit(socket, from, (accepted) => serve(accepted, deps, relays, inside)),
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await Promise.all(relays);
    },
  };
}

function serve(accepted: Accepted<Duplex>, deps: SshProxyDeps, relays: Set<Promise<void>>, inside?: Inside): void {
  const { gatekeeper, onFault, hostKeys, upstream } = deps;
  const { remote } = accepted;
  const link = new SshLink(accepted.socket, { role: "server", software: SOFTWARE, hostKeys, pool: upstream.pool });
  const front = new SshFront(link, { remote, inside }, deps, {
    onKnown: () => accepted.known(),
    onExpectAnswer: () => accepted.expectAnswer(),
    onConsole: (authenticated) => deps.openConsole(link, authenticated),
    onReady: (session, target) => {
      inside?.onSession(session.id);
      const relay = new SshRelay({ client: link, target, session, gatekeeper, onFault, inside }).run();
      relays.add(relay);
      void relay.then(() => relays.delete(relay));
    },
  });
  link.onEnd = () => front.close();
}
