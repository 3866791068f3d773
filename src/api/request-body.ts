/** How long, and how much of it, the body of a request may take to come: before it is answered, and after. */
import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import type { Route } from "../contract/route.ts";
import { ROUTES } from "../contract/routes.ts";
import { GateError } from "../kernel/errors.ts";

/** Of an upload that was answered before it had come. */
const UNWANTED_BYTES = 1024 * 1024 * 1024;

type Raw = FastifyRequest["raw"];

export function isUpload({ routeOptions: { config } }: FastifyRequest): boolean {
  return config.routeId !== undefined && (ROUTES[config.routeId] as Route).upload === true;
}

/** A body that does not come within its time ends the connection: an upload's next bytes, of every other all of them. */
export function boundBody(request: FastifyRequest, body: Readable, bodyMs: number): void {
  const { raw } = request;
  if (!hasBody(raw)) return;
  const restart = endAfter(raw, bodyMs, new GateError("timeout", "the body of the request"));
  if (isUpload(request)) body.on("data", restart).pause();
}

/**
 * What is answered before its body has come. Browsers hear the answer only once they have sent it: of an upload of somebody's
 * it goes nowhere, within a bound, for as long as it comes. Of everybody else it has its time, and then the connection ends.
 */
export function letGo(request: FastifyRequest, { bodyMs, byCaller }: { readonly bodyMs: number; readonly byCaller: boolean }): void {
  const { raw } = request;
  if (!hasBody(raw) || raw.readableEnded || raw.destroyed) return;
  const isPatient = !request.is404 && isUpload(request) && byCaller;
  const restart = endAfter(raw, bodyMs);
  let left = UNWANTED_BYTES;
  raw.on("data", (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) raw.destroy();
    else if (isPatient) restart();
  });
  raw.resume();
}

/** RFC 9112 §6.3: a request without either has none. */
function hasBody({ headers }: Raw): boolean {
  return (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
}

/** Unless it is over by then; what is returned begins the time anew. */
function endAfter(raw: Raw, ms: number, why?: GateError): () => void {
  const drop = (): void => void raw.destroy(why);
  let late = setTimeout(drop, ms);
  for (const over of ["end", "close"] as const) raw.once(over, () => clearTimeout(late));
  return () => {
    clearTimeout(late);
    late = setTimeout(drop, ms);
  };
}
