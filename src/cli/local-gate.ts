/** What the command line needs of a gate on this machine: src/main/cli.ts supplies it, and loads it only when it is called. */
import type { Json } from "../kernel/json.ts";

export interface ServeOptions {
  readonly configPath: string;
  readonly dataDir: string;
}

export interface DemoOptions {
  /** Absent: a new folder that is removed at the end. */
  readonly dataDir?: string;
}

export interface RestoreOptions {
  readonly configPath: string;
  /** Must be empty or absent. */
  readonly dataDir: string;
  /** The folder a backup wrote. */
  readonly from: string;
}

export interface RecoverOptions {
  readonly configPath: string;
  readonly dataDir: string;
  readonly user: string;
}

export interface LocalGate {
  /** Runs until a signal; resolves when everything is closed. */
  serve(options: ServeOptions): Promise<void>;
  demo(options: DemoOptions): Promise<void>;
  restore(options: RestoreOptions): Promise<Json>;
  /** A one-time secret with which an owner who is locked out sets a new password. The gate must not run. */
  recover(options: RecoverOptions): Promise<{ readonly secret: string; readonly expiresAt: number }>;
}
