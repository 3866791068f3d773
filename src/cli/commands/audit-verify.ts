import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { LogSource } from "../../audit/verify/log-source.ts";
import type { VerifyReport } from "../../audit/verify/verify.ts";
import { forgetCheckpoint, recallCheckpoint, rememberCheckpoint } from "../checkpoint-memory.ts";
import type { Cli, Surroundings } from "../cli.ts";
import type { Gate } from "../client.ts";
import { EXIT } from "../exit-codes.ts";
import { fetchCheckpoint, headBeyondErasures, openGateLog } from "../gate-log-source.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { collect, verb } from "../verb.ts";

interface Options {
  readonly checkpoint?: readonly string[];
  readonly key?: readonly string[];
  readonly forget?: true;
}

/** A gate in which something is erased at every look is not waited for. */
const AGAIN_MAX = 3;

type Earlier = { readonly from: string; readonly checkpoint: string };

export function addAuditVerify(audit: Command, cli: Cli): void {
  verb<Options>(
    cli,
    audit,
    {
      usage: "verify [folder]",
      summary: "Prove that the audit log was not altered: a folder offline, or the running gate",
      details:
        'Without --key it says "consistent, signer unverified": the key must come from somewhere else than the log.\n' +
        "Of a running gate the last verified head and the key are remembered here, and the next run demands that history goes on from there.",
      examples: [
        ["sallyport audit verify /mnt/export/log --key sallyport.example/a+1c0ffee0+AZ…", "offline, with the key from the gate's operator"],
        ["sallyport audit verify --checkpoint last-month.txt", "the running gate, against a head kept elsewhere"],
      ],
    },
    (command) =>
      command
        .option("--checkpoint <file>", "a head of the log seen before, or a file anchor (repeatable)", collect)
        .option("--key <vkey>", "verifier key of the log, or a file that holds it (repeatable)", collect)
        .option("--forget", "forget the head remembered for this gate, after its log was begun anew on purpose"),
    async ({ args, options, openGate, out, at }) => {
      const given = (await Promise.all((options.checkpoint ?? []).map((file) => readHeads(at, file)))).flat();
      const keys = (options.key ?? []).map((key) => (key.includes("+") ? key : readText(at, key).trim()));
      if (args[0] !== undefined) {
        const source = await openFolder(resolve(at.cwd, args[0]), args[0]);
        return print(out, await verify(source, out, keys, given));
      }
      const gate = openGate();
      if (options.forget) forgetCheckpoint(gate);
      return print(out, await verifyGate(gate, out, keys, given));
    },
  );
}

async function verifyGate(gate: Gate, out: Output, given: readonly string[], earlier: readonly Earlier[]): Promise<VerifyReport> {
  const remembered = recallCheckpoint(gate);
  const { me } = await gate.client.call("status.show");
  const whole = me.permissions.includes("audit.export");
  const keys = given.length > 0 || remembered.key === undefined ? given : [remembered.key];
  const before =
    remembered.checkpoint === undefined ? [] : [{ from: "the last time from this machine", checkpoint: remembered.checkpoint }];
  const verifyAt = (at: string | undefined): Promise<VerifyReport> =>
    verify(openGateLog(gate.client, at, whole), out, keys, [...before, ...earlier]);
  let head = await fetchCheckpoint(gate.client);
  let report = await verifyAt(head);
  // Somebody erased a body while this ran: the reason is in a later head, or there is none.
  for (let again = 0; again < AGAIN_MAX && report.findings.some(({ code }) => code === "body-erased-unlogged"); again += 1) {
    const later = await headBeyondErasures(gate.client, report.size);
    if (later === undefined) break;
    head = later;
    report = await verifyAt(head);
  }
  const [key] = keys;
  if (report.ok && head !== undefined) {
    rememberCheckpoint(gate, { checkpoint: head, ...(key !== undefined && report.signer === "verified" && { key }) });
  }
  return report;
}

async function verify(source: LogSource, out: Output, keys: readonly string[], earlier: readonly Earlier[]): Promise<VerifyReport> {
  const { verifyLog } = await import("../../audit/verify/verify.ts");
  return await verifyLog(source, { keys, earlier, onProgress: (entries, of) => out.progress(`${entries} of ${of} entries`) });
}

function print(out: Output, report: VerifyReport): number {
  out.progressEnd();
  out.result(report, () => {
    const problems = report.findings.filter(({ severity }) => severity === "problem").length + report.findingsDropped;
    const verdict = report.ok
      ? out.paint("green", report.signer === "verified" ? "Verified" : "Consistent, signer unverified")
      : out.paint("red", `NOT VERIFIED: ${problems} problems`);
    const { bodies, recordings } = report;
    return [
      verdict,
      out.facts([
        ["log", report.origin],
        ["entries", report.size],
        ["root", report.root],
        ["bodies", typeof bodies === "string" ? bodies : `${bodies.valid} valid, ${bodies.erased} erased`],
        ["recordings", recordings],
        ["earlier heads", report.earlierCheckpoints],
      ]),
      ...report.findings.map(
        ({ severity, code, text }) => `${severity === "problem" ? out.paint("red", "problem") : "note   "} ${code}: ${text}`,
      ),
      ...(report.findingsDropped > 0 ? [`… and ${report.findingsDropped} more`] : []),
    ].join("\n");
  });
  return report.ok ? EXIT.ok : EXIT.notVerified;
}

async function openFolder(folder: string, typed: string): Promise<LogSource> {
  const { openPublished } = await import("../../audit/verify/published-source.ts");
  try {
    return await openPublished(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") throw error;
    throw new UsageError(
      `"${typed}" is not a folder that can be read`,
      "Name a published log: the folder that holds `checkpoint` and `tile/`",
    );
  }
}

/** A single checkpoint, or a file anchor's lines: every head in it must be of this log's past. */
async function readHeads(at: Surroundings, file: string): Promise<Earlier[]> {
  const { readCheckpointFile } = await import("../../audit/anchor/file-anchor.ts");
  const text = readText(at, file);
  const heads = await readCheckpointFile(resolve(at.cwd, file));
  // What holds none is shown to the verifier as it is: it says so.
  return (heads.length > 0 ? heads : [text]).map((checkpoint) => ({ from: file, checkpoint }));
}

function readText(at: Surroundings, file: string): string {
  try {
    return readFileSync(resolve(at.cwd, file), "utf8");
  } catch {
    throw new UsageError(`"${file}" cannot be read`, "Name a file that holds one checkpoint, or a verifier key of the form name+id+key");
  }
}
