/** What is no HTTP, or more of it than is read, is answered before there is a request: in the same form, with the same headers. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { encodeProblem, PROBLEM_TYPE } from "../contract/problem.ts";
import type { ErrorCode } from "../kernel/errors.ts";
import { guardHeaders } from "./guard-headers.ts";

/** Node's code → ours. */
const KNOWN: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ["too-large", "the headers"],
  ERR_HTTP_REQUEST_TIMEOUT: ["timeout", "the headers of the request"],
};

/** Ends the connection: where the next request would begin nobody can tell. */
export function answerUnreadable(thrown: Error & { readonly code?: string }, socket: Socket, tls: boolean): void {
  const { code: cause = "" } = thrown;
  if (cause === "ECONNRESET" || socket.destroyed) return;
  const [code, detail] = Object.hasOwn(KNOWN, cause) ? KNOWN[cause]! : (["bad-request", "this is no HTTP that the gate reads"] as const);
  const problem = encodeProblem({ code, detail });
  const body = JSON.stringify(problem);
  const headers = {
    ...guardHeaders(tls),
    "content-type": PROBLEM_TYPE,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}\r\n${head.join("")}\r\n${body}`);
  socket.destroySoon();
}
