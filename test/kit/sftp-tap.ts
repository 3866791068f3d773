/**
 * A program that stands between `sftp -D` and a real sftp-server, as the gate's relay does: it forwards verbatim what
 * the tracker understands, refuses paths that end in "forbidden", and writes what it saw to a file.
 *
 *   node sftp-tap.ts <facts file> <sftp-server> [arguments]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { SftpFact, SftpIntent } from "../../src/wire/ssh/sftp/facts.ts";
import { joinAdjacent, SftpFramer, type SftpPiece } from "../../src/wire/ssh/sftp/framer.ts";
import { displayPath } from "../../src/wire/ssh/sftp/messages.ts";
import { SftpTracker } from "../../src/wire/ssh/sftp/tracker.ts";

const [, , factsFile = "", program = "", ...args] = process.argv;
const server = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
const [fromClient, fromServer] = [new SftpFramer(), new SftpFramer()];
const tracker = new SftpTracker();
const seen: (SftpFact | SftpIntent)[] = [];
let dropping = false;

/** What of a piece goes on to the server. */
function filter(piece: SftpPiece): Buffer {
  if (piece.kind === "data") {
    if (dropping) return Buffer.alloc(0);
    tracker.data("write", piece.bytes, piece.isLast);
    return piece.bytes;
  }
  const verdict = tracker.request(piece.bytes);
  dropping = false;
  if (verdict.kind === "forward") {
    if (verdict.intent === undefined || verdict.id === undefined) return verdict.bytes;
    seen.push(verdict.intent);
    if (!displayPath(verdict.intent.path).endsWith("forbidden")) return verdict.bytes;
  }
  dropping = true;
  process.stdout.write(verdict.kind === "refuse" ? verdict.reply : tracker.deny(verdict.id ?? 0, "the tap says no"));
  return Buffer.alloc(0);
}

process.stdin.on("data", (chunk: Buffer) => {
  for (const bytes of joinAdjacent(fromClient.push(chunk).map(filter))) server.stdin.write(bytes);
});
process.stdin.on("end", () => server.stdin.end());
server.stdout.on("data", (chunk: Buffer) => {
  for (const piece of fromServer.push(chunk)) {
    seen.push(...(piece.kind === "data" ? tracker.data("read", piece.bytes, piece.isLast) : tracker.response(piece.bytes)));
    process.stdout.write(piece.bytes);
  }
});
await once(server, "close");
seen.push(...tracker.end());
const asText = (_name: string, value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value);
  const raw = value as { type?: unknown; data?: number[] } | null;
  return raw !== null && typeof raw === "object" && raw.type === "Buffer" ? displayPath(Buffer.from(raw.data ?? [])) : value;
};
writeFileSync(factsFile, JSON.stringify(seen, asText));
process.exit(0);
