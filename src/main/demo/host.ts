import type { KeyObject } from "node:crypto";
import type { HostName } from "./production.ts";

/** What a host of the demo is made of, whichever kind it is. */
export interface HostPlan {
  readonly name: HostName;
  /** On the loopback. */
  readonly port: number;
  readonly key: KeyObject;
  /** Login name that the gate's certificates are for. */
  readonly account: string;
  /** Public key line of the authority whose certificates log in. */
  readonly authority: string;
}

export interface DemoHost extends AsyncDisposable {
  readonly name: HostName;
  readonly kind: "real" | "simulated";
}
