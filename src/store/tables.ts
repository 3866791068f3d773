/**
 * The tables, as Kysely sees them. A row is a JSON document (`doc`) and the columns that are searched by;
 * what a column repeats is written from the document and never read back, except `version`, `used_*` and keys.
 */
export interface Tables {
  log: LogTable;
  log_tile: { number: number; root: Uint8Array };
  requests: { id: string; version: number; state: string; requester: string; created_at: number; doc: string };
  grants: GrantTable;
  sessions: SessionTable;
  users: { name: string; version: number; doc: string };
  user_identities: { provider: string; subject: string; user: string };
  user_keys: { id: string; user: string; fingerprint: string; added_at: number; doc: string };
  tokens: { id: string; user: string; created_at: number; revoked_at: number | null; doc: string };
  user_factors: { id: string; user: string; version: number; credential: string | null; added_at: number; doc: string };
  locks: { id: string; created_at: number; doc: string };
  secrets: { name: string; key_id: string; sealed: Uint8Array };
  settings: { name: string; doc: string };
  schema_version: { version: number; applied_at: number };
}

/** `envelope` is the leaf of the tree; `salt` and `body` are null once erased. The other columns repeat the envelope. */
export interface LogTable {
  seq: number;
  time: number;
  kind: string;
  principal: string | null;
  grant_id: string | null;
  session: string | null;
  target: string | null;
  request: string | null;
  decision: string | null;
  envelope: Uint8Array;
  salt: Uint8Array | null;
  body: Uint8Array | null;
}

/** `used_*` count what closed sessions consumed; they change without a new version, so that no save is lost to a closing session. */
export interface GrantTable {
  id: string;
  version: number;
  state: string;
  principal: string;
  start_at: number;
  unreviewed: number;
  used_bytes: number;
  used_ms: number;
  doc: string;
}

export interface SessionTable {
  id: string;
  live: number;
  principal: string;
  target: string;
  grant_id: string;
  started_at: number;
  doc: string;
}
