import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { createContext, use } from "react";
import { call } from "../api/client.ts";
import { isLoggedOut } from "../api/queries.ts";
import type { Permission, Status } from "./places.tsx";

const EVERY_MS = 15_000;

export const StatusContext = createContext<Status | undefined>(undefined);

/** Who is logged in. That nobody is, is an answer and no failure: what somebody types meanwhile stays. */
export function useSession(): UseQueryResult<Status | "nobody"> {
  return useQuery({
    queryKey: ["status.show"],
    queryFn: async ({ signal }) => {
      try {
        return await call("status.show", {}, signal);
      } catch (thrown) {
        if (isLoggedOut(thrown)) return "nobody";
        throw thrown;
      }
    },
    refetchInterval: EVERY_MS,
  });
}

/** Who I am, what I may do, what waits; asked for anew as time goes by. */
export function useStatus(): Status {
  const status = use(StatusContext);
  if (status === undefined) throw new Error("A page outside of the shell has no status");
  return status;
}

export function useMay(permission: Permission): boolean {
  return useStatus().me.permissions.includes(permission);
}
