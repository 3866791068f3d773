/** The API through react-query: `useCall("grants.list", { query })`, `useChange("requests.approve")`. */
import { QueryClient, useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult } from "@tanstack/react-query";
import { use } from "react";
import type { RouteId } from "../../../src/contract/routes.ts";
import type { Sent } from "../../../src/contract/types.ts";
import { call, type Result } from "./client.ts";
import { ProblemError } from "./problem.ts";
import { AskFactorContext, withStepUp } from "./step-up.ts";

/** What another attempt cannot change. */
const FINAL = new Set([400, 401, 403, 404, 409, 413, 421]);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, thrown) => count < 3 && !(thrown instanceof ProblemError && FINAL.has(thrown.problem.status)),
    },
  },
});

interface CallOptions {
  readonly enabled?: boolean;
  /** Asked again this often while the page is looked at. */
  readonly everyMs?: number;
}

export function useCall<Id extends RouteId>(
  id: Id,
  input?: Sent<Id>,
  { enabled = true, everyMs }: CallOptions = {},
): UseQueryResult<Result<Id>, ProblemError> {
  return useQuery({
    queryKey: [id, input ?? {}],
    queryFn: ({ signal }) => (call as (id: Id, input: unknown, signal: AbortSignal) => Promise<Result<Id>>)(id, input, signal),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  });
}

/** A call that changes something, with a second factor where it takes one; afterwards what the page shows is asked for again. */
export function useChange<Id extends RouteId>(id: Id): UseMutationResult<Result<Id>, ProblemError, Sent<Id>> {
  const client = useQueryClient();
  const ask = use(AskFactorContext);
  return useMutation({
    mutationFn: (input: Sent<Id>) => withStepUp(() => (call as (id: Id, input: unknown) => Promise<Result<Id>>)(id, input), ask),
    // Not waited for: what asked may be gone once it is answered, and would not hear that its call went well.
    onSuccess: () => void client.invalidateQueries(),
  });
}
