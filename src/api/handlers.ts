/** Every handler, each with the services it needs. A route of the contract without a handler does not compile. */
import type { AccessRequest } from "../access/model.ts";
import { ChangeFeed } from "./change-feed.ts";
import type { Hold } from "../session/holds.ts";
import type { Random } from "../kernel/random.ts";
import type { Handlers } from "./handler.ts";
import { accessHandlers } from "./handlers/access.ts";
import { auditHandlers } from "./handlers/audit.ts";
import { backupHandlers } from "./handlers/backup.ts";
import { certificateHandlers } from "./handlers/certificates.ts";
import { configHandlers } from "./handlers/config.ts";
import { factorHandlers } from "./handlers/factors.ts";
import { fileHandlers } from "./handlers/files.ts";
import { grantHandlers } from "./handlers/grants.ts";
import { holdHandlers } from "./handlers/holds.ts";
import { liveHandlers } from "./handlers/live.ts";
import { lockHandlers } from "./handlers/locks.ts";
import { loginHandlers } from "./handlers/login.ts";
import { providerHandlers } from "./handlers/providers.ts";
import { requestContextHandlers } from "./handlers/request-context.ts";
import { requestHandlers } from "./handlers/requests.ts";
import { sessionSearchHandlers } from "./handlers/session-search.ts";
import { sessionHandlers } from "./handlers/sessions.ts";
import { statusHandlers } from "./handlers/status.ts";
import { targetHandlers } from "./handlers/targets.ts";
import { terminalHandlers } from "./handlers/terminals.ts";
import { timelineHandlers } from "./handlers/timeline.ts";
import { tokenHandlers } from "./handlers/tokens.ts";
import { userHandlers } from "./handlers/users.ts";
import { waitingHandlers } from "./handlers/waiting.ts";
import { wallHandlers } from "./handlers/wall.ts";
import type { Services } from "./services.ts";
import type { SessionChange } from "./services/sessions.ts";

export interface BuiltHandlers extends Disposable {
  readonly handlers: Handlers;
}

/** Listens to changes of requests and holds until disposed of. */
export function buildHandlers(services: Services, random: Random): BuiltHandlers {
  const { access, audit, authorities, backup, config, directory, gate, keys, published, recordings, targets, tokens, users, why } =
    services;
  const changes = new ChangeFeed<AccessRequest>(random);
  const live = new ChangeFeed<SessionChange>(random);
  const liveSubscription = services.sessions.subscribe((change) => live.push(change));
  const subscription = access.subscribe(({ request }) => request && changes.push(request));
  const holdChanges = new ChangeFeed<Hold>(random);
  const holdSubscription = services.holds.subscribe((hold) => holdChanges.push(hold));
  const requests = requestHandlers(access, changes, { tokens, gate, unproven: services.unproven });
  const holds = holdHandlers(services.holds, holdChanges);
  const handlers = {
    ...statusHandlers(services),
    ...loginHandlers(services),
    ...providerHandlers(services.providers, gate),
    ...userHandlers({ users, keys, directory, tokens }),
    ...factorHandlers(services.factors, services.login),
    ...tokenHandlers(tokens),
    ...targetHandlers(services),
    ...requestContextHandlers(services),
    ...requests,
    ...grantHandlers(access, { tokens, gate, unproven: services.unproven }),
    ...holds,
    ...sessionHandlers(services),
    ...liveHandlers(services, live),
    ...terminalHandlers(services.terminals),
    ...fileHandlers(services.files),
    ...auditHandlers(audit, published, recordings, services.proofs),
    ...timelineHandlers(services),
    ...wallHandlers(services),
    ...waitingHandlers(services.sessions, live, { ...requests, ...holds }),
    ...sessionSearchHandlers(services),
    ...lockHandlers(services),
    ...accessHandlers(services),
    "stats.show": ({ query }) => services.statistics.show(query),
    ...configHandlers(config, why, directory),
    ...certificateHandlers(authorities, targets, gate),
    ...backupHandlers(backup),
  } satisfies Handlers;
  return {
    handlers,
    [Symbol.dispose]: () => {
      subscription[Symbol.dispose]();
      holdSubscription[Symbol.dispose]();
      liveSubscription[Symbol.dispose]();
    },
  };
}
