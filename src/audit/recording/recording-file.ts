import { closeSync, constants, fdatasync, ftruncateSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Durability } from "../durability.ts";
import { syncDirectory } from "../log/durable-file.ts";

/** The file under a recorder: appended to by this process alone. Every method throws the system's error. */
export interface RecordingFile {
  /** Appends the first `length` bytes, all of them or it throws. */
  append(bytes: Buffer, length: number): void;
  /** What was appended before the call, and with the first call the name, survive a power failure when it resolves. */
  sync(): Promise<void>;
  truncate(length: number): void;
  close(): void;
}

/** Creates the file (it must not exist), readable by the gate's user only. Its directory must exist. */
export function createRecordingFile(path: string, durability: Durability): RecordingFile {
  const { O_CREAT, O_EXCL, O_APPEND, O_WRONLY, O_NOFOLLOW } = constants;
  // eslint-disable-next-line no-bitwise -- flags of open(2)
  const fd = openSync(path, O_CREAT | O_EXCL | O_APPEND | O_WRONLY | O_NOFOLLOW, 0o600);
  let named = durability === "process";
  return {
    append: (bytes, length) => {
      let done = 0;
      while (done < length) done += writeSync(fd, bytes, done, length - done);
    },
    sync: async () => {
      const data = new Promise<void>((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve())));
      // Not on this thread: the wait for the disk would be everybody's.
      await Promise.all(named ? [data] : [data, syncDirectory(dirname(path))]);
      named = true;
    },
    truncate: (length) => ftruncateSync(fd, length),
    close: () => closeSync(fd),
  };
}
