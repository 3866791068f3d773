/**
 * What waits, as it changes: one window of the person's listens to the gate and tells the others (a browser keeps six
 * connections to a place, for all its windows). What is passed on is that something changed, never what.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { listen, type EventOf } from "../api/listen.ts";

const ONE_LISTENS = "sallyport.listens";
const CHANNEL = "sallyport.changed";
const GATHER_MS = 150;
const AGAIN_MS = 5_000;
/** What may be another after a change: all of a resource, and of sessions the lists; a recording does not change by a request. */
const CHANGES = /^(?:status|requests|grants|holds)\.|^sessions\.list$/;

/** A request, a held action, or a session to moderate. */
export type Change = EventOf<"waiting.stream">;

/** `onChange` is called in the window that listens. */
export function useLiveChanges(onChange: (change: Change) => void): void {
  const client = useQueryClient();
  const heard = useRef(onChange);
  useEffect(() => {
    heard.current = onChange;
  });
  useEffect(() => {
    const stop = new AbortController();
    const channel = new BroadcastChannel(CHANNEL);
    let due: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      due ??= setTimeout(() => {
        due = undefined;
        void client.invalidateQueries({ predicate: ({ queryKey: [id] }) => CHANGES.test(String(id)) });
      }, GATHER_MS);
    };
    channel.addEventListener("message", refresh);
    const onEvent = (change: Change): void => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of windows; a channel stays within its origin
      channel.postMessage("changed");
      refresh();
      heard.current(change);
    };
    let isLost = false;
    /** Whether the gate still answers, and what came while it did not, the status says. */
    const onState = (state: "open" | "waiting"): void => {
      if (state === "waiting" || isLost) refresh();
      isLost = state === "waiting";
    };
    navigator.locks
      .request(ONE_LISTENS, { signal: stop.signal }, async () => {
        const over = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
        keepListening(stop.signal, (onEnd) => listen("waiting.stream", undefined, { onEvent, onEnd, onState }));
        await over;
      })
      .catch(() => undefined);
    return () => {
      stop.abort();
      clearTimeout(due);
      channel.close();
    };
  }, [client]);
}

/** A stream that ended in good order or was refused is opened anew; what the login has become, the status says. */
function keepListening(signal: AbortSignal, open: (onEnd: () => void) => () => void): void {
  let close: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = (): void => {
    close = open(() => {
      timer = setTimeout(start, AGAIN_MS);
    });
  };
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    close?.();
  });
  start();
}
