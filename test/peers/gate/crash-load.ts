/** Load on a gate that will be killed, and what it acknowledged: kept here, outside the gate. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GateError } from "../../../src/kernel/errors.ts";
import type { Serving } from "../../kit/serving.ts";

/** Acknowledged, by 2xx answers and by bytes that arrived. */
export interface Journal {
  /** Entries of the log that must be there, each with a word of its body. */
  readonly events: { readonly kind: string; readonly word: string }[];
  readonly requests: Map<string, "pending" | "approved" | "denied">;
  readonly grants: Set<string>;
  /** Tokens that must not come back. */
  readonly revoked: Set<string>;
  /** By the word in the command that printed it. */
  readonly output: Map<string, Buffer>;
  /** Words in the paths of files whose `put` was answered. */
  readonly files: string[];
  /** The first byte of a command that goes on. */
  readonly printing: PromiseWithResolvers<void>;
}

export function newJournal(): Journal {
  return {
    events: [],
    requests: new Map(),
    grants: new Set(),
    revoked: new Set(),
    output: new Map(),
    files: [],
    printing: Promise.withResolvers(),
  };
}

/** A line a millisecond, numbered, until somebody ends it. */
const PRINTER = `perl -e '$|=1; for ($i=0;;$i++) { print "$i " x 100, "\\n"; select undef,undef,undef,0.001 }'`;

/** Runs until the gate goes away; resolves when every part has noticed. */
export async function loadGate(gate: Serving, grant: string, round: number, journal: Journal): Promise<void> {
  const stop = new AbortController();
  await Promise.all([
    api(gate, round, journal, stop.signal),
    printing(gate, grant, `print${round}a`, journal),
    printing(gate, grant, `print${round}b`, journal).finally(() => stop.abort()),
    commands(gate, grant, round, journal, stop.signal),
    copying(gate, grant, round, journal),
  ]);
}

/** Requests, approvals, denials, tokens: one after the other. What is not answered counts for nothing. */
async function api(gate: Serving, round: number, { events, requests, grants, revoked }: Journal, stop: AbortSignal): Promise<void> {
  const [ana, lea] = [gate.client("ana"), gate.client("lea")];
  try {
    for (let n = 0; !stop.aborted; n += 1) {
      const word = `api${round}n${n}`;
      const body = { reason: `checkout is slow ${word}`, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000 };
      const { request } = await ana.call("requests.create", { body });
      requests.set(request.id, "pending");
      events.push({ kind: "request.created", word });
      if (n % 3 === 0) {
        await lea.call("requests.deny", { params: { id: request.id }, body: { reason: `no ${word}` } });
        requests.set(request.id, "denied");
        events.push({ kind: "request.denied", word });
      } else {
        const { grant } = await lea.call("requests.approve", { params: { id: request.id } });
        requests.set(request.id, "approved");
        if (grant) grants.add(grant.id);
      }
      const { token } = await lea.call("tokens.create", { body: { name: word, scopes: ["self"], ttlMs: 3_600_000 } });
      events.push({ kind: "token.created", word });
      await lea.call("tokens.revoke", { params: { id: token.id } });
      revoked.add(token.id);
    }
  } catch (error) {
    if (!wentAway(error)) throw error;
  }
}

function wentAway(error: unknown): boolean {
  return error instanceof GateError && error.code === "gate-unreachable";
}

async function printing(gate: Serving, grant: string, word: string, { output, printing: begun }: Journal): Promise<void> {
  const args = gate.sshArgs("ana");
  const child = spawn("ssh", [...args, `web-1.prod%${grant}@127.0.0.1`, `: ${word}; ${PRINTER}`], { stdio: ["ignore", "pipe", "ignore"] });
  const got: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    got.push(chunk);
    begun.resolve();
  });
  await once(child, "close");
  output.set(word, Buffer.concat(got));
}

/** Short commands over and over: each one whose output came must be in the log. */
async function commands(gate: Serving, grant: string, round: number, { events }: Journal, stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted; n += 1) {
    const word = `run${round}n${n}`;
    const { stdout } = await gate.ssh(["echo", word], { target: `web-1.prod%${grant}` });
    if (stdout.toString().includes(word)) events.push({ kind: "ssh.exec", word });
  }
}

/** One sftp session with many puts. `sftp -b` echoes a command before it runs it, so the one before it was answered. */
async function copying(gate: Serving, grant: string, round: number, { files }: Journal): Promise<void> {
  const local = join(gate.dir, "small");
  await writeFile(local, `content of round ${round}\n`);
  const words = Array.from({ length: 400 }, (_, n) => `put${round}n${n}x`);
  const batch = join(gate.dir, "batch");
  await writeFile(batch, words.map((word) => `put ${local} ${join(gate.sshd.dir, word)}\n`).join(""));
  const child = spawn("sftp", ["-q", ...gate.sshArgs("ana"), "-b", batch, `web-1.prod%${grant}@127.0.0.1`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  const begun = [...said.matchAll(/put\d+n\d+x/g)].map(([word]) => word);
  files.push(...begun.slice(0, -1));
}
