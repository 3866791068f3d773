/**
 * A terminal in the browser: an ssh session as every other, whose client is in the gate. What travels is in
 * docs/formats/terminal.md: both ways at most TERMINAL_WINDOW_BYTES that were not acknowledged.
 */
import { z } from "zod";
import { routes } from "./route.ts";
import { count, grantId, sessionId, targetName } from "./schema.ts";
import { socket } from "./socket.ts";

/** Bytes that may be on their way in one direction: sent, and not acknowledged yet. */
export const TERMINAL_WINDOW_BYTES = 262_144;
/** How long a terminal waits for its client to come back. */
export const TERMINAL_RECONNECT_MS = 60_000;
/** How soon the first frame of `terminals.resume` comes. */
export const TERMINAL_RESUME_MS = 10_000;

export const terminalId = z.string().regex(/^term-[0-9a-hjkmnp-tv-z]{10}$/, "expected an id of the form term-…");
/** Columns, or rows. */
const cells = z.number().int().min(1).max(1_000);
const cellsInQuery = z.coerce.number<number>().int().min(1).max(1_000);
const exitStatus = z.number().int().nonnegative().max(0xffff_ffff);

const opened = z.object({
  type: z.literal("opened"),
  id: terminalId,
  session: sessionId,
  /** For `terminals.resume`, once. */
  secret: z.string(),
  reconnectMs: count,
  /** Bytes of the client that the gate has, since the terminal was opened. */
  received: count,
});
/** So many bytes, since the terminal was opened, were taken: as many again may be sent. */
const ack = z.object({ type: z.literal("ack"), received: count });
/** What ran is over: `status`, or `signal` without its "SIG"; neither where nobody said. */
const exit = z.object({
  type: z.literal("exit"),
  status: exitStatus.exactOptional(),
  signal: z.string().exactOptional(),
});

const resize = z.strictObject({ type: z.literal("resize"), cols: cells, rows: cells });
const acked = z.strictObject({ type: z.literal("ack"), received: count });
/** The first frame of `terminals.resume`, and of nothing else. `received`: bytes of output that the client has. */
const resume = z.strictObject({ type: z.literal("resume"), secret: z.string().max(128), received: count });

const frames = socket({ sends: [opened, ack, exit], receives: [resize, acked, resume] });
export type TerminalSent = z.input<typeof frames.sends>;
export type TerminalReceived = z.output<typeof frames.receives>;

export const terminalRoutes = routes({
  "terminals.open": {
    method: "GET",
    path: "/v1/terminals",
    summary: "Open a terminal on a host, under a grant of one's own",
    permission: "full",
    effect: "reads",
    audit: ["certificate.issued", "session.started", "session.refused"],
    query: z.strictObject({
      target: targetName,
      /** Needed where several grants cover the target. */
      grant: grantId.exactOptional(),
      cols: cellsInQuery,
      rows: cellsInQuery,
      /** Runs this in place of a shell. */
      command: z.string().min(1).max(4_096).exactOptional(),
    }),
    response: frames,
    example: { query: { target: "web-1.prod", cols: 80, rows: 24 } },
  },
  "terminals.resume": {
    method: "GET",
    path: "/v1/terminals/:id",
    summary: "Take up a terminal again whose connection was lost, with the login that opened it",
    permission: "full",
    effect: "reads",
    audit: ["session.resumed"],
    params: z.strictObject({ id: terminalId }),
    response: frames,
    example: { params: { id: "term-0000000000" } },
  },
});
