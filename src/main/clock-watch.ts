import type { StoreLog } from "../store/log-sql.ts";

/** Called every second: says once in the log when the wall clock begins to stand behind it. No session opens meanwhile. */
export function watchClock(log: Pick<StoreLog, "head" | "append">): () => Promise<void> {
  let behind = false;
  return async () => {
    const { clockBehindMs: behindMs } = log.head();
    const begins = behindMs > 0 && !behind;
    behind = behindMs > 0;
    if (begins) await log.append([{ kind: "gate.clock-behind", principal: "gate", body: { behindMs } }], "reserved");
  };
}
