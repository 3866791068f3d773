/**
 * PostgreSQL through the gate, put together: listener (session/) → front → upstream → relay. This file is the map.
 *
 *   postgres-front      TLS, who is it, may they pass          postgres-refuse    refusals in PostgreSQL's own form
 *   postgres-upstream   the connection to the target           postgres-facts     what of a connection goes into the record
 *   postgres-relay      messages between the two               cancel-keys        Ctrl-C, on a connection of its own
 *   postgres-cleanup    what a cut session left running        lost-sessions      the same, when the gate had gone down
 *   postgres-errands    what the gate itself does at targets   own-connection     how it gets there
 *   postgres-query      asked over its own connection          postgres-answer    asked over a session's
 *
 *   front/        its startup, its login, and the wait for a request
 *   statements/   what a client's messages mean: names, rights, runs, refusals
 *   preview/      what a write would change: tried out, undone, held, run as it was approved
 *   masking/      what of the answers the role may not see
 *   relay/        the two connections, whose answer each message is, limits, the end
 *   roles/        a login role for each session: made, dropped, swept up
 */
import type { KeyedDigest } from "../../audit/keyed-digest.ts";
import { BufferPool } from "../../kernel/buffer-pool.ts";
import { startListener, type Accepted, type Listener, type ListenerLimits } from "../../session/listener.ts";
import { CancelKeys } from "./cancel-keys.ts";
import { openFront, type FrontDeps } from "./postgres-front.ts";
import type { Target } from "../../access/model.ts";
import type { Holds } from "../../session/holds.ts";
import { PostgresRelay, type RelayOptions } from "./postgres-relay.ts";
import type { Trials } from "./preview/postgres-preview.ts";
import { TrialBudgets } from "../../session/trial-budgets.ts";
import { StatementPlaces } from "./statements/statement-places.ts";

export interface PostgresProxyDeps extends FrontDeps {
  readonly host: string;
  readonly port: number;
  readonly digest: KeyedDigest;
  /** Milliseconds that have passed. */
  readonly clock: () => number;
  readonly holds: Holds;
  /** Functions of a target's triggers and defaults that are known to have no effect outside of their transaction. */
  readonly previewFunctions: (target: Target["name"]) => readonly string[];
  readonly limits: () => ListenerLimits;
}

/** Of all connections. */
type Shared = Pick<RelayOptions, "cancelKeys" | "places" | "buffers"> & { readonly trials: Omit<Trials, "trier"> };

/** Disposing of it waits for what cut sessions have left running: registry.stop() comes before. */
export async function startPostgresProxy(deps: PostgresProxyDeps): Promise<Listener> {
  const { host, port, limits, onFault } = deps;
  const shared = {
    cancelKeys: new CancelKeys(deps.random),
    places: new StatementPlaces(),
    buffers: new BufferPool(),
    trials: { budgets: new TrialBudgets(deps.clock), turns: new StatementPlaces() },
  };
  const serving = new Set<Promise<void>>();
  const onConnection = (accepted: Accepted): void => {
    const served = serve(accepted, deps, shared).catch(onFault);
    serving.add(served);
    void served.then(() => serving.delete(served));
  };
  const listener = await startListener({ protocol: "PostgreSQL", host, port, limits, onFault, onConnection });
  return {
    port: listener.port,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await Promise.all(serving);
    },
  };
}

async function serve(accepted: Accepted, deps: PostgresProxyDeps, shared: Shared): Promise<void> {
  const { socket, remote } = accepted;
  const opened = await openFront(socket, remote, deps, () => accepted.known());
  if (opened.kind === "cancel") {
    // As a server does it: with the end of this connection its client knows that what it sends next will not be hit.
    await shared.cancelKeys.request(opened, remote);
    return void socket.destroy();
  }
  if (opened.kind === "over") return undefined;
  const { client, session, upstream, masking, place, isGreeted, role } = opened;
  const { digest, gatekeeper, holds, lenses, upstream: dial, onFault } = deps;
  const vouched = deps.previewFunctions(place.target.name);
  const trier = { target: `${place.target.name}/${place.database}`, person: session.permit.authenticated.principal.name };
  const trials = { ...shared.trials, trier };
  const preview = { place, trials, upstream: dial, lenses, reader: deps.reader, maskKey: deps.maskKey(session.grant.id), vouched };
  await new PostgresRelay({
    client,
    upstream,
    session,
    masking,
    isGreeted,
    holds,
    preview,
    digest,
    dial,
    gatekeeper,
    onFault,
    ...shared,
  }).run();
  await role?.[Symbol.asyncDispose]();
}
