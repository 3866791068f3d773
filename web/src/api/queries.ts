/** The API through react-query: `useCall("grants.list", { query })`, `useChange("requests.approve")`. */
import {
  MutationCache,
  QueryCache,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { use } from "react";
import type { RouteId } from "../../../src/contract/routes.ts";
import type { Sent } from "../../../src/contract/types.ts";
import { call, type Result } from "./client.ts";
import { ProblemError } from "./problem.ts";
import { AskFactorContext, withStepUp } from "./step-up.ts";

/** What another attempt cannot change. */
const FINAL = new Set([400, 401, 403, 404, 409, 413, 421]);

/** Of a call by somebody who is not logged in any more. */
const LOGGED_OUT = new Set(["not-authenticated", "token-expired"]);

export function isLoggedOut(thrown: unknown): boolean {
  return thrown instanceof ProblemError && LOGGED_OUT.has(thrown.code);
}

/** The status says what has become of the login, and the login page is there at once. */
function onError(thrown: unknown): void {
  if (isLoggedOut(thrown)) void queryClient.invalidateQueries({ queryKey: ["status.show"] });
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
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

/** Typed for what comes after it. */
const NO_PAGE: unknown = undefined;

/** Answers that say where the next one begins: the pages so far. `cursor`: the parameter that takes what an answer gave as `next`. */
export function usePages<Id extends RouteId>(
  id: Id,
  input: Sent<Id>,
  cursor: keyof NonNullable<Extract<Sent<Id>, { query?: unknown }>["query"]> & string,
  { enabled = true, everyMs }: CallOptions = {},
): UseInfiniteQueryResult<InfiniteData<Result<Id>>, ProblemError> {
  return useInfiniteQuery({
    queryKey: [id, input],
    queryFn: ({ signal, pageParam }) => {
      const { query, ...rest } = input as { query?: object };
      const asked = { ...rest, query: { ...query, ...(pageParam !== undefined && { [cursor]: pageParam }) } };
      return (call as (id: Id, input: unknown, signal: AbortSignal) => Promise<Result<Id>>)(id, asked, signal);
    },
    initialPageParam: NO_PAGE,
    getNextPageParam: (last): unknown => (last as { next?: unknown }).next,
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
