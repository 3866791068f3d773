import type { Problem } from "../../../src/contract/problem.ts";

/** A refusal or failure as the gate says it (RFC 9457), or what this browser found out by itself. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail === undefined ? problem.title : `${problem.title}: ${problem.detail}`);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Untrusted: an answer that may come from something else than the gate. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === "object" && body !== null && "code" in body && "title" in body && "next" in body) {
    return new ProblemError(body as Problem);
  }
  return ownProblem("gate-unreachable", `The gate answered ${response.status}`, "Try again; if it stays so, ask who runs the gate");
}

export function ownProblem(code: string, title: string, next: string): ProblemError {
  return new ProblemError({ type: "about:blank", title, status: 0, code, next });
}

export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return ownProblem("internal", "Something went wrong in this page", "Load the page again").problem;
}
