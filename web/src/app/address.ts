/** What a page shows, kept in its address, so that it can be shared, and found again by going back. */
import { useCallback } from "react";
import { useSearchParams } from "wouter";

export type Changes = Readonly<Record<string, string | undefined>>;

/** An empty value is not in the address. `keep`: going back leads past the change. */
export function useAddress(): readonly [of: (name: string) => string, change: (changes: Changes, keep?: "step" | "same") => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (changes: Changes, keep: "step" | "same" = "same") => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === "") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: keep === "same" },
      );
    },
    [setParams],
  );
  return [(name) => params.get(name) ?? "", change];
}
