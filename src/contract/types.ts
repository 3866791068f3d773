/** What a route takes and gives, as types: for the client what it writes and reads, for the server what it gets and answers. */
import type { z } from "zod";
import type { RouteId, Routes } from "./routes.ts";
import type { Conversation } from "./socket.ts";

type Part = "params" | "query" | "body";

/** A part whose fields are all optional may be left out. */
type SentPart<R, P extends Part> = R extends { readonly [K in P]: infer S extends z.ZodType }
  ? object extends z.input<S>
    ? { readonly [K in P]?: z.input<S> }
    : { readonly [K in P]: z.input<S> }
  : unknown;

type ReceivedPart<R, P extends Part> = R extends { readonly [K in P]: infer S extends z.ZodType }
  ? { readonly [K in P]: z.output<S> }
  : unknown;

type UploadPart<R, Content> = R extends { readonly upload: true } ? { readonly content: Content } : unknown;

/** What the client passes. */
export type Sent<Id extends RouteId> = UploadPart<Routes[Id], Uint8Array | AsyncIterable<Uint8Array>> &
  SentPart<Routes[Id], "params"> &
  SentPart<Routes[Id], "query"> &
  SentPart<Routes[Id], "body">;

/** What the handler gets: parsed. `content`: of an upload, as it comes. */
export type Received<Id extends RouteId> = UploadPart<Routes[Id], AsyncIterable<Uint8Array>> &
  ReceivedPart<Routes[Id], "params"> &
  ReceivedPart<Routes[Id], "query"> &
  ReceivedPart<Routes[Id], "body">;

type ResponseOf<Id extends RouteId> = Routes[Id]["response"];

/** What the client gets back. Of `lines` and `events`: each as it comes, until it is left or ends. */
export type Answer<Id extends RouteId> =
  ResponseOf<Id> extends { kind: "json"; schema: infer S extends z.ZodType }
    ? z.output<S>
    : ResponseOf<Id> extends { kind: "lines"; schema: infer S extends z.ZodType }
      ? AsyncIterable<z.output<S>>
      : ResponseOf<Id> extends { kind: "events"; schema: infer S extends z.ZodType }
        ? AsyncIterable<z.output<S>>
        : ResponseOf<Id> extends { kind: "bytes" }
          ? Buffer
          : ResponseOf<Id> extends { kind: "download" | "file" }
            ? AsyncIterable<Uint8Array>
            : ResponseOf<Id> extends { kind: "socket" }
              ? never
              : undefined;

/** One server-sent event: `id` continues after it. */
export interface Sequenced<T> {
  readonly id: string;
  readonly data: T;
}

/** Any depth of read-only: what the server gives away it need not be able to change. */
type Given<T> = T extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Given<T[K]> }
    : T;

/** What the handler answers. */
export type Reply<Id extends RouteId> =
  ResponseOf<Id> extends { kind: "json"; schema: infer S extends z.ZodType }
    ? Given<z.input<S>>
    : ResponseOf<Id> extends { kind: "lines"; schema: infer S extends z.ZodType }
      ? AsyncIterable<Given<z.input<S>>>
      : ResponseOf<Id> extends { kind: "events"; schema: infer S extends z.ZodType }
        ? AsyncIterable<Sequenced<Given<z.input<S>>>>
        : ResponseOf<Id> extends { kind: "bytes" }
          ? Uint8Array | AsyncIterable<Uint8Array>
          : ResponseOf<Id> extends { kind: "download" }
            ? AsyncIterable<Uint8Array>
            : ResponseOf<Id> extends { kind: "redirect" }
              ? { readonly location: string }
              : ResponseOf<Id> extends { kind: "file" }
                ? { readonly name: string; readonly size: number | undefined; readonly content: AsyncIterable<Uint8Array> }
                : ResponseOf<Id> extends { kind: "socket"; sends: infer S extends z.ZodType; receives: infer R extends z.ZodType }
                  ? Conversation<Given<z.input<S>>, z.output<R>>
                  : undefined;
