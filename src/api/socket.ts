/**
 * WebSockets: admitted like every call, then frames both ways, each text frame through the schema of its direction.
 *
 * Invariants: a frame that is too large, is no JSON or is not in the contract ends the socket; a client that does not answer
 * pings is dropped; somebody whose login ends, or who loses the permission, is cut off within `recheckMs`.
 */
import type { RawData, WebSocket } from "ws";
import { encodeProblem, type Problem } from "../contract/problem.ts";
import type { Conversation, Hearing, Peer, SocketResponse } from "../contract/socket.ts";
import { asGateError, type ErrorCode } from "../kernel/errors.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { StreamTimes } from "./stream.ts";

const DONE = 1000;
const STOPPING = 1001;
const REFUSED = 1008;
/** RFC 6455 §7.1.5: what the closing code is taken for where the connection just ended. */
const LOST = 1006;
/** How long a goodbye may take to leave. */
const LINGER_MS = 500;

export interface Conversing {
  readonly times: StreamTimes;
  readonly instance: string;
  /** Aborted by the server when it stops, and here when the client has gone. */
  readonly abort: AbortController;
  readonly recheck: () => Promise<Denial | undefined>;
  readonly onFailure: (thrown: unknown) => void;
}

export function converse(
  ws: WebSocket,
  { sends, receives }: SocketResponse,
  conversation: Conversation<unknown, unknown>,
  { times, instance, abort, recheck, onFailure }: Conversing,
): void {
  let isOver = false;
  /** The client broke the rules of RFC 6455. A network that fails is no such error. */
  let isBroken = false;
  let hearsPongs = true;

  const close = (code: number): void => {
    if (isOver) return;
    isOver = true;
    ws.close(code);
    // Whoever does not answer the goodbye, or does not read what is before it, is not waited for.
    setTimeout(() => ws.terminate(), LINGER_MS).unref();
  };
  const end = (problem: Problem, code: number): void => {
    if (isOver) return;
    ws.send(JSON.stringify({ type: "problem", problem }));
    close(code);
  };
  const refuse = (denial: Denial): void =>
    end(encodeProblem({ ...denial, instance }), denial.code === "gate-stopping" ? STOPPING : REFUSED);
  const fail = (thrown: unknown): void => {
    const { code, detail } = asGateError(thrown);
    if (code === "internal") onFailure(thrown);
    refuse(deny(code, detail === undefined ? {} : { detail }));
  };
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      fail(thrown);
    }
  };

  const peer: Peer<unknown> = {
    send: (bytes) => {
      if (!isOver) ws.send(bytes);
    },
    tell: (frame) => {
      if (isOver) return;
      const parsed = sends.safeParse(frame);
      // Fails closed: what is not in the contract does not leave.
      if (parsed.success) ws.send(JSON.stringify(parsed.data));
      else fail(new TypeError("A frame differs from its contract"));
    },
    close: () => close(DONE),
    refuse,
  };
  let hearing: Hearing<unknown> | undefined;
  const beat = setInterval(() => {
    if (!hearsPongs) return ws.terminate();
    hearsPongs = false;
    ws.ping();
  }, times.heartbeatMs);
  const watch = setInterval(() => {
    // Fails closed: who cannot be checked hears nothing more.
    recheck().then((denial) => denial && refuse(denial), fail);
  }, times.recheckMs);
  const stop = (): void => refuse(deny(codeOf(abort.signal.reason)));
  abort.signal.addEventListener("abort", stop, { once: true });

  ws.on("pong", () => (hearsPongs = true));
  ws.on("message", (data: RawData, isBinary: boolean) => {
    hearsPongs = true;
    if (isOver || !Buffer.isBuffer(data)) return;
    if (isBinary) return guarded(() => hearing?.bytes(data));
    const parsed = receives.safeParse(parseJson(data));
    if (parsed.success) guarded(() => hearing?.frame(parsed.data));
    else refuse(deny("protocol-error", { detail: "a text frame that is not in the contract" }));
  });
  // A frame that is too large or broken: `ws` closes with the code for it.
  ws.on("error", () => {
    isOver = true;
    isBroken = true;
  });
  ws.once("close", (code: number) => {
    isOver = true;
    clearInterval(beat);
    clearInterval(watch);
    abort.signal.removeEventListener("abort", stop);
    guarded(() => hearing?.closed(isBroken || code !== LOST));
    abort.abort();
  });
  guarded(() => (hearing = conversation(peer)));
}

function codeOf(reason: unknown): ErrorCode {
  return asGateError(reason).code;
}

/** Untrusted. `undefined`: it is none. */
function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}
