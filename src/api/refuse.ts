/** Refusals and failures as problem documents. What is unknown says nothing about itself; the gate's own log has it. */
import type { FastifyReply } from "fastify";
import type { z } from "zod";
import { encodeProblem, PROBLEM_TYPE, type Problem } from "../contract/problem.ts";
import { asGateError, GateError, type ErrorCode } from "../kernel/errors.ts";
import { deny } from "../kernel/result.ts";
import type { Refusal } from "./handler.ts";

/** Fastify's own errors that a client can cause, by their code. */
const FASTIFY: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["too-large", "the body"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["bad-request", "send the body as application/json"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["bad-request", "the body is empty"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["bad-request", "the body is not JSON"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["bad-request", "the body's length differs from its Content-Length"],
  FST_ERR_BAD_URL: ["bad-request", "the path is not valid"],
  FST_ERR_MAX_PARAM_LENGTH: ["bad-request", "the path is too long"],
};

export function problemOf(thrown: unknown, instance: string): Problem {
  const known = codeOf(thrown);
  if (known) return encodeProblem({ code: known[0], detail: known[1], instance });
  const { code, detail } = asGateError(thrown);
  return encodeProblem({ code, instance, ...(detail !== undefined && { detail }) });
}

function codeOf(thrown: unknown): readonly [ErrorCode, string] | undefined {
  if (thrown instanceof GateError || !(thrown instanceof Error) || !("code" in thrown)) return undefined;
  if (typeof thrown.code === "string" && Object.hasOwn(FASTIFY, thrown.code)) return FASTIFY[thrown.code];
  // The parser of JSON throws a plain SyntaxError with a status.
  return "statusCode" in thrown && thrown.statusCode === 400 ? ["bad-request", "the request could not be parsed"] : undefined;
}

/** Whether somebody who runs the gate should look at it. */
export function isOurs(problem: Problem): boolean {
  return problem.status >= 500;
}

export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return sendProblem(reply, encodeProblem({ ...refusal, instance: reply.request.id }));
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) void reply.header("www-authenticate", 'Bearer realm="sallyport"');
  return reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem);
}

/** Every problem at once, each with its place. Values are not repeated: they may be secrets. */
export function refuseInput(part: string, error: z.ZodError): Refusal {
  const errors = error.issues.slice(0, 50).map(({ path, message }) => ({ at: [part, ...path.map(String)].join("."), message }));
  return {
    ...deny("bad-request", {
      detail: errors
        .map(({ at, message }) => `"${at}": ${message}`)
        .join("; ")
        .slice(0, 1_000),
    }),
    errors,
  };
}
