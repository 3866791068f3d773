/**
 * A route of kind `socket` is a WebSocket (RFC 6455). Binary frames are bytes; a text frame is one JSON value, by the schema
 * of its direction. Besides what a route says, the gate may send a `problem` at any time: the last frame before it closes.
 * What it closes with: 1000 it is done, 1001 the gate stops, 1008 refused, cut or a broken rule of these frames, 1009 a frame
 * that is too large. Nothing of a login is ever in the address: browsers show their cookie, others `Authorization`.
 */
import { z } from "zod";
import type { Denial } from "../kernel/result.ts";
import { problem } from "./problem.ts";

/** Of one frame, either way. */
export const MAX_FRAME_BYTES = 65_536;

const problemFrame = z.object({ type: z.literal("problem"), problem });

type Variant = z.ZodObject<{ type: z.ZodLiteral<string> }>;

export interface SocketResponse<Sent extends z.ZodType = z.ZodType, Received extends z.ZodType = z.ZodType> {
  readonly kind: "socket";
  /** Text frames of the gate. */
  readonly sends: Sent;
  /** Text frames of the client. */
  readonly receives: Received;
}

export function socket<const S extends readonly [Variant, ...Variant[]], const R extends readonly [Variant, ...Variant[]]>(frames: {
  sends: S;
  receives: R;
}): SocketResponse<z.ZodDiscriminatedUnion<[...S, typeof problemFrame], "type">, z.ZodDiscriminatedUnion<[...R], "type">> {
  return {
    kind: "socket",
    sends: z.discriminatedUnion("type", [...frames.sends, problemFrame]) as never,
    receives: z.discriminatedUnion("type", frames.receives as never) as never,
  };
}

/** The client of a socket, as its handler has it. After the end nothing that is sent gets anywhere. */
export interface Peer<Sent> {
  send(bytes: Uint8Array): void;
  tell(frame: Sent): void;
  /** It is done: closes after what was sent before. */
  close(): void;
  /** The last word: why it ends. */
  refuse(denial: Denial): void;
}

/** Who hears the client of a socket. */
export interface Hearing<Received> {
  /** The bytes are the hearer's. */
  bytes(bytes: Buffer): void;
  frame(frame: Received): void;
  /** Once, whoever ended it. `onPurpose`: with a closing frame that says so; otherwise the network was lost. */
  closed(onPurpose: boolean): void;
}

/** What a handler answers for a socket. */
export type Conversation<Sent, Received> = (peer: Peer<Sent>) => Hearing<Received>;
