import type { Batch } from "../write.ts";

const PER_VALUE = 16;

/** About how much memory a waiting batch holds: for a bound, not for accounting. */
export function approximateBytes(batch: Batch): number {
  let bytes = 0;
  for (const { parameters } of batch.writes) bytes += sizeOf(parameters);
  for (const { body } of batch.events) bytes += sizeOf(body);
  return bytes;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return PER_VALUE + value.length;
  if (value instanceof Uint8Array) return PER_VALUE + value.byteLength;
  if (typeof value !== "object" || value === null) return PER_VALUE;
  let bytes = PER_VALUE;
  for (const part of Object.values(value)) bytes += sizeOf(part);
  return bytes;
}
