/** A service or agent logs in by what its platform says of it: an ID token, or a client certificate. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Client } from "../../contract/client.ts";
import type { Surroundings } from "../cli.ts";
import { UsageError } from "../usage-error.ts";
import type { GivenLogin } from "./by-provider.ts";

/** A little more than the gate takes. */
const MAX_BYTES = 32 * 1024;

export interface WorkloadOptions {
  readonly workload?: true;
  readonly workloadTokenFile?: string;
  readonly audience?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
}

export function isByWorkload({ workload, workloadTokenFile, clientCert, clientKey }: WorkloadOptions): boolean {
  return workload === true || [workloadTokenFile, clientCert, clientKey].some((each) => each !== undefined);
}

/** `gateUrl`: what the platform issues the token for, where nothing else is said. The client shows the certificate, where there is one. */
export async function logInByWorkload(
  client: Client,
  service: string | undefined,
  options: WorkloadOptions,
  { at, gateUrl }: { at: Surroundings; gateUrl: string },
): Promise<GivenLogin> {
  if (service === undefined) throw new UsageError("Which service is this?", "Name it: sallyport login NAME --workload");
  if (options.clientCert !== undefined) return client.call("login.workload", { body: { service } });
  const token = (await readToken(options, at, gateUrl)).trim();
  if (token === "") throw new UsageError("There is no token", "The file or variable that should hold it is empty");
  return client.call("login.workload", { body: { service, token } });
}

async function readToken({ workloadTokenFile, audience }: WorkloadOptions, at: Surroundings, gateUrl: string): Promise<string> {
  const { env } = at;
  if (workloadTokenFile === "-") return readStdin(at);
  const file = workloadTokenFile ?? env["SALLYPORT_ID_TOKEN_FILE"];
  if (file) return readFile(resolve(at.cwd, file));
  if (env["SALLYPORT_ID_TOKEN"]) return env["SALLYPORT_ID_TOKEN"];
  const [url, secret] = [env["ACTIONS_ID_TOKEN_REQUEST_URL"], env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]];
  if (url && secret) return askGitHub(at, url, secret, audience ?? gateUrl);
  throw new UsageError(
    "This platform gives no ID token here",
    "Name it: --workload-token-file FILE, SALLYPORT_ID_TOKEN_FILE or SALLYPORT_ID_TOKEN; on GitHub the job needs `permissions: { id-token: write }`",
  );
}

/** https://docs.github.com/actions: what a job asks for its own token. */
async function askGitHub(at: Surroundings, url: string, secret: string, audience: string): Promise<string> {
  const address = URL.parse(url);
  if (address?.protocol !== "https:") throw new UsageError("ACTIONS_ID_TOKEN_REQUEST_URL is no https address", "It is GitHub's to set");
  address.searchParams.set("audience", audience);
  const answer = await at
    .fetch(address, { headers: { authorization: `Bearer ${secret}` }, redirect: "error", signal: AbortSignal.timeout(30_000) })
    .catch(() => undefined);
  const body: unknown = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  const value = typeof body === "object" && body !== null && "value" in body ? body.value : undefined;
  if (typeof value === "string") return value;
  throw new UsageError("GitHub gave no ID token", "The job needs `permissions: { id-token: write }`");
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`"${file}" cannot be read`, "Name the file that the platform puts the token into");
  }
}

async function readStdin({ stdin }: Surroundings): Promise<string> {
  let text = "";
  for await (const chunk of stdin) {
    text += Buffer.from(chunk as Uint8Array).toString("utf8");
    if (text.length > MAX_BYTES) throw new UsageError("That is no token: it is too long", "Write the token and nothing else");
  }
  return text;
}
