/** What a handler answered, in the form the contract says. Everything passes its schema: what is not in it does not leave. */
import type { FastifyReply } from "fastify";
import type { z } from "zod";
import type { RouteResponse } from "../contract/route.ts";
import type { Reply, Sequenced } from "../contract/types.ts";
import { GateError } from "../kernel/errors.ts";
import { attachmentHeaders } from "./attachment.ts";
import { byteFormat, eventFormat, lineFormat, openStream, type Format, type Streaming } from "./stream.ts";

export interface AnswerContext extends Omit<Streaming, "instance"> {
  /** The streams that are open; the server ends them when it stops. */
  readonly streams: Map<AbortController, string>;
  /** Whose it is. */
  readonly owner: string;
}

export function answer(response: RouteResponse, result: unknown, reply: FastifyReply, context: AnswerContext): FastifyReply {
  switch (response.kind) {
    case "json":
      return reply.code(response.status).serializer(JSON.stringify).send(encodeBy(response.schema)(result));
    case "redirect":
      return reply.redirect((result as { location: string }).location, 303);
    case "empty":
      return reply.code(response.status).send();
    case "bytes":
      return result instanceof Uint8Array
        ? reply.type(response.type).send(result)
        : stream(result as AsyncIterable<Uint8Array>, byteFormat, response.type, reply, context);
    case "download":
      return stream(result as AsyncIterable<Uint8Array>, byteFormat, response.type, reply, context);
    case "file": {
      const { name, size, content } = result as Reply<"files.download">;
      void reply.headers(attachmentHeaders(name, size));
      return stream(content, byteFormat, "application/octet-stream", reply, context);
    }
    case "lines":
      return stream(result as AsyncIterable<unknown>, lineFormat(encodeBy(response.schema)), "application/jsonl", reply, context);
    case "events":
      void reply.header("x-accel-buffering", "no");
      return stream(
        result as AsyncIterable<Sequenced<unknown>>,
        eventFormat(encodeBy(response.schema)),
        "text/event-stream",
        reply,
        context,
      );
    case "socket":
      break;
  }
  throw new TypeError("unknown kind of response");
}

function encodeBy(schema: z.ZodType): (value: unknown) => unknown {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    // Fails closed. The places are named, the values are not.
    const places = parsed.error.issues.map(({ path, code }) => `${path.join(".")} (${code})`);
    throw new GateError("internal", undefined, { cause: new TypeError(`An answer differs from its contract at ${places.join(", ")}`) });
  };
}

function stream<T>(source: AsyncIterable<T>, format: Format<T>, type: string, reply: FastifyReply, context: AnswerContext): FastifyReply {
  const { streams, abort, owner } = context;
  streams.set(abort, owner);
  const out = openStream(source, format, { ...context, instance: reply.request.id });
  out.once("close", () => streams.delete(abort));
  return reply.type(type).send(out);
}
