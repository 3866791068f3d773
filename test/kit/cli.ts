/** The command line run in this process, with everything it touches replaced: streams are collected, the gate is a table of answers. */
import { PassThrough, Readable } from "node:stream";
import type { Environment, Surroundings } from "../../src/cli/cli.ts";
import { noKeyStore, type KeyStore } from "../../src/cli/key-store/key-store.ts";
import type { LocalGate } from "../../src/cli/local-gate.ts";
import { runCli } from "../../src/cli/run.ts";

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GateCall {
  /** `POST /v1/requests` */
  readonly route: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
  readonly authorization: string | null;
  readonly url: string;
}

/** By `METHOD /path`; a function sees the call. A number is an empty answer of that status. */
export type Answers = Record<string, unknown>;

/** An answer that is not 200 with JSON. */
export function answer(status: number, body: unknown, type = "application/json"): Response {
  const payload = body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body);
  return new Response(status === 204 ? null : (payload as string), { status, headers: { "content-type": type } });
}

export function problemAnswer(status: number, code: string, more: object = {}): Response {
  const body = { type: `urn:sallyport:problem:${code}`, title: "It says no", status, code, next: "Do this next", ...more };
  return answer(status, body, "application/problem+json");
}

/** `GET /v1/status` of somebody for whom there is nothing. */
export const NOTHING_TO_SEE = {
  gate: { name: "sallyport.example", url: "http://127.0.0.1:7700", sshHost: "127.0.0.1", sshPort: 7722, setupPending: false },
  me: { name: "ana", type: "human", groups: ["oncall"], permissions: [] },
  grants: [],
  requests: [],
  toApprove: [],
  holds: [],
  toDecide: [],
  toReview: [],
  toModerate: [],
  locks: [],
  health: { state: "ok", warnings: [] },
};

/** A grant of half an hour that begins at `now`, with what a test says otherwise. */
export function grantView<More extends object>(now: number, more: More) {
  return {
    id: "gr-7xk0000000",
    version: 0,
    request: "req-4k00000000",
    start: now,
    end: now + 1_800_000,
    remainingMs: 1_800_000,
    state: "active",
    selfExtensionsLeft: 1,
    approvers: ["lea"],
    budget: {},
    used: { bytes: 0, seconds: 0 },
    ...more,
  };
}

export class FakeGate {
  readonly calls: GateCall[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  readonly fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    const call: GateCall = {
      route: `${init?.method ?? "GET"} ${url.pathname}`,
      query: Object.fromEntries(url.searchParams),
      body: typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
      authorization: new Headers(init?.headers).get("authorization"),
      url: url.href,
    };
    this.calls.push(call);
    const found = this.#answers[call.route];
    if (found === undefined) return problemAnswer(404, "not-found", { detail: call.route });
    const value = typeof found === "function" ? await (found as (call: GateCall) => unknown)(call) : found;
    if (value instanceof Response) return value.clone();
    return typeof value === "number" ? answer(value, undefined) : answer(200, value);
  };

  called(route: string): readonly GateCall[] {
    return this.calls.filter((call) => call.route === route);
  }
}

export interface CliOptions {
  readonly home: string;
  readonly env?: Environment;
  readonly gate?: FakeGate;
  readonly stdin?: string;
  readonly now?: number;
  readonly local?: Partial<LocalGate>;
  /** As if standard output were a terminal. */
  readonly terminal?: boolean;
  /** Absent: the machine has none. */
  readonly keyStore?: KeyStore;
}

export async function runCliWith(argv: readonly string[], options: CliOptions): Promise<CliResult> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const noGate = (): Promise<never> => Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }));
  const at: Surroundings = {
    env: options.env ?? {},
    stdin: Readable.from([Buffer.from(options.stdin ?? "")]),
    stdout: Object.assign(stdout, options.terminal ? { isTTY: true } : {}),
    stderr,
    home: options.home,
    cwd: options.home,
    now: () => options.now ?? Date.parse("2026-11-20T14:00:00Z"),
    fetch: options.gate?.fetch ?? noGate,
    version: "0.0.0-test",
    keyStore: options.keyStore ?? noKeyStore("there is none in this test"),
  };
  const unexpected = (): Promise<never> => Promise.reject(new Error("not part of this test"));
  const local: LocalGate = {
    serve: unexpected,
    demo: unexpected,
    connect: unexpected,
    restore: unexpected,
    recover: unexpected,
    ...options.local,
  };
  const status = await runCli(argv, at, local);
  return { status, stdout: stdout.text, stderr: stderr.text };
}

class Collector extends PassThrough {
  text = "";

  override write(chunk: unknown): boolean {
    this.text += typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8");
    return true;
  }
}
