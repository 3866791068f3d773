/** SQLite's primary result codes (https://sqlite.org/rescode.html) that say something about the machine, not about the statement. */
const STORAGE = new Set([5 /* BUSY */, 7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 11 /* CORRUPT */, 13 /* FULL */, 14, 26]);
const BUSY = 5;
const FULL = 13;
const IOERR = 10;
const CONSTRAINT = 19;

/** The primary result code of a `node:sqlite` error; `undefined` for any other value. */
function resultCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return undefined;
  return thrown.errcode & 0xff;
}

/** The disk or the file failed: nothing of the transaction can be relied on. */
export function isStorageFailure(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code !== undefined && STORAGE.has(code);
}

/** Another connection holds the lock. */
export function isBusy(thrown: unknown): boolean {
  return resultCode(thrown) === BUSY;
}

/** Space ran out, or may have: SQLite reports a full disk as FULL or, from some calls, as IOERR. */
export function mayBeFull(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === FULL || code === IOERR;
}

export function isConstraint(thrown: unknown): boolean {
  return resultCode(thrown) === CONSTRAINT;
}
