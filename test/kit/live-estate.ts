/** A gate with its API in front of a real sshd, for what live sessions are told from outside: ana works, the others look on. */
import type { Client } from "../../src/contract/client.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import type { LiveSession } from "../../src/session/live-session.ts";
import { startEstate, type Estate } from "./estate.ts";
import { openEstateApi, type EstateApi } from "./estate-api.ts";
import { talk, type Talk } from "./talk.ts";
import { until } from "./until.ts";

export const LEA = { name: "lea" as PrincipalName, groups: ["leads"] };

export interface LiveEstate extends AsyncDisposable {
  readonly estate: Estate;
  readonly api: EstateApi;
  /** Logged in. */
  readonly olga: Client;
  readonly lea: Client;
  readonly ana: Client;
  /** As ana, where nobody is asked for a password; arguments and what to run. */
  ssh(...args: string[]): Talk;
  /** The session that is live, once one is. */
  live(): Promise<LiveSession>;
  /** What a test left: its grants, and with them its sessions. */
  endAll(): Promise<void>;
}

export async function startLiveEstate(options: Parameters<typeof startEstate>[0] = {}): Promise<LiveEstate> {
  await using opened = new AsyncDisposableStack();
  const estate = opened.use(await startEstate(options));
  const api = opened.use(await openEstateApi(estate.test));
  const { access, registry, store } = estate.test.gate;
  const [olga, lea, ana] = [await api.logIn("olga"), await api.logIn("lea"), await api.logIn("ana")];
  const everything = opened.move();
  return {
    estate,
    api,
    olga,
    lea,
    ana,
    ssh: (...args) => talk("ssh", [...estate.sshArgs("ana"), "-o", "BatchMode=yes", ...args]),
    live: async () => {
      await until(() => registry.list().length === 1);
      const [session] = registry.list();
      if (!session) throw new Error("no session");
      return session;
    },
    endAll: async () => {
      for (const { id } of await store.access.listGrants({ state: "active", limit: 100 })) await access.revoke(id, LEA, "the test is over");
      await until(() => registry.list().length === 0);
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
