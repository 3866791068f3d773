import { HEAD_BYTES, type RecordingPolicy } from "../policy/role.ts";

/** How many bytes of the output of a command without a terminal go into the recording; of the rest there is a hash. */
export function recordedOutputBytes({ exec }: RecordingPolicy): number {
  switch (exec) {
    case "full":
      return Infinity;
    case "head":
      return HEAD_BYTES;
    case "hash":
      return 0;
  }
}
