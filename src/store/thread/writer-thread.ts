/** The writer's thread: takes what is waiting, commits it as one group, answers. Entry point of a worker. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { systemRandom } from "../../kernel/random.ts";
import { openForWriting } from "../sqlite/connection.ts";
import { DiskReserve } from "./disk-reserve.ts";
import { GroupCommit } from "./group-commit.ts";
import type { FromWriter, JournalRecord, NumberedBatch, SentRecord, ToWriter, WriterSettings } from "./messages.ts";

/** Events in one transaction: more wait for the next, so that the first do not wait for all. */
const GROUP_MAX_EVENTS = 1024;
const IDLE_MS = 250;

const port = parentPort;
if (port === null) throw new Error("The writer runs in a worker thread");
const settings = workerData as WriterSettings;
const db = openForWriting(settings.path, settings.durability);
const elapsed = (): number => performance.now();
const disk = new DiskReserve({
  dataDir: settings.dataDir,
  reserveBytes: settings.diskReserveBytes,
  elapsed,
  filler: systemRandom.bytes(1024 * 1024),
});
const group = new GroupCommit(db, settings, disk, systemRandom);
const idle = setInterval(() => disk.tendBallast(), IDLE_MS).unref();

const send = (message: FromWriter): void => port.postMessage(message);

function commit(batches: readonly NumberedBatch[]): void {
  const answers = group.commit(batches);
  if (batches.some((batch) => batch.scrub === true)) scrub();
  send({ kind: "answers", answers });
}

/** Writes everything back and empties the write-ahead log. A disk that refuses leaves it to the next write-back. */
function scrub(): void {
  try {
    db.exec("pragma wal_checkpoint(truncate)");
  } catch {
    // What was committed stays committed, and is answered so.
  }
}

/** Everything that waits, in order, in groups. */
function take(first: ToWriter): void {
  let waiting: NumberedBatch[] = [];
  let events = 0;
  for (let message: ToWriter | undefined = first; message !== undefined; message = next()) {
    if (message.kind === "close") {
      if (waiting.length > 0) commit(waiting);
      return close();
    }
    for (const sent of message.batches) {
      const batch = "record" in sent ? batchOf(sent) : sent;
      if (events > 0 && events + batch.events.length > GROUP_MAX_EVENTS) {
        commit(waiting);
        waiting = [];
        events = 0;
      }
      waiting.push(batch);
      events += batch.events.length;
    }
  }
  if (waiting.length > 0) commit(waiting);
}

/** What it stands for has happened: it may use the reserve of space. */
function batchOf({ id, record }: SentRecord): NumberedBatch {
  const { number, now, events } = JSON.parse(record) as JournalRecord;
  return { id, now, writes: [], events, priority: "reserved", journaled: number };
}

function next(): ToWriter | undefined {
  const received = port === null ? undefined : receiveMessageOnPort(port);
  return received?.message as ToWriter | undefined;
}

function close(): void {
  clearInterval(idle);
  db.close();
  port?.close();
}

port.on("message", take);
send({ kind: "ready" });
