/** What the command line needs beyond the gate's API: src/main/cli.ts supplies it, and loads it only when it is called. */
import type { Json } from "../kernel/json.ts";
import type { Surroundings } from "./cli.ts";

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

/** One session through a gate, by the client that comes with this program. */
export interface ConnectOptions {
  /** The gate's SSH door. */
  readonly host: string;
  readonly port: number;
  /** `type base64` of the authority that signs the gate's host key. */
  readonly hostAuthority: string;
  /** `web-1.prod`, `web-1.prod%gr-…`. */
  readonly login: string;
  /** A login certificate for a key that is made for this session: its line for the key's line. */
  readonly certify: (publicKey: string) => Promise<string>;
  /** Absent: a shell. */
  readonly command?: string;
  readonly terminal: boolean;
  readonly at: Pick<Surroundings, "stdin" | "stdout" | "stderr" | "env">;
}

export interface LocalGate {
  /** Runs until a signal; resolves when everything is closed. */
  serve(options: ServeOptions): Promise<void>;
  demo(options: DemoOptions): Promise<void>;
  restore(options: RestoreOptions): Promise<Json>;
  /** The exit status of what ran there, as ssh tells it. */
  connect(options: ConnectOptions): Promise<number>;
  /** A one-time secret with which an owner who is locked out sets a new password. The gate must not run. */
  /** `factorCode`: stands in for the second factors that the owner had, which are gone. */
  recover(options: RecoverOptions): Promise<{ readonly secret: string; readonly expiresAt: number; readonly factorCode?: string }>;
}
