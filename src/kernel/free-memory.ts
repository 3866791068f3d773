/** Below this the collector's own work costs less. */
const WORTH_BYTES = 4096;

/**
 * Gives the memory under `bytes` back at once, where it would otherwise wait for the garbage collector. `bytes` and every
 * view on it are empty afterwards: only for the one owner of a buffer that nobody reads any more. Does nothing to a
 * buffer that is a part of a larger one.
 *
 * Why: bytes that pass through would fill the caches with garbage, and V8 answers growing external memory by marking the
 * whole heap. Freed at once, the next allocation of the size gets the same warm memory.
 */
export function freeMemory(bytes: Buffer): void {
  const { buffer } = bytes;
  if (bytes.length >= WORTH_BYTES && buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) buffer.transfer(0);
}
