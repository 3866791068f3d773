/** Over every page while the gate does not answer: what the page shows may not be so any more, and nothing new comes. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode } from "react";
import style from "./shell.module.css";
import { useSession } from "./status.ts";

export function GateLost(): ReactNode {
  const { failureCount, isError, dataUpdatedAt } = useSession();
  const client = useQueryClient();
  const isLost = isError || failureCount > 0;
  const was = useRef(false);
  useEffect(() => {
    // What changed meanwhile was told to nobody.
    if (was.current && !isLost) void client.invalidateQueries();
    was.current = isLost;
  }, [client, isLost]);
  if (!isLost) return null;
  return (
    <div className={style["notice"]} role="alert">
      <p>
        <strong>The gate does not answer.</strong> What is shown here is of {new Date(dataUpdatedAt).toLocaleTimeString()}; it is asked
        again by itself.
      </p>
    </div>
  );
}
