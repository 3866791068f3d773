import type { Gate } from "../../src/main/gate.ts";
import type { Grant } from "../../src/access/model.ts";

/** What one protocol brings to the contract suite. The target is one of the test's own, so that it can tell what reached it and when. */
export interface ProtocolDriver {
  start(): Promise<Rig>;
}

export interface Shown {
  readonly ok: boolean;
  /** Everything the client printed. */
  readonly text: string;
}

export interface Rig extends AsyncDisposable {
  readonly gate: Gate;
  readonly target: {
    /** TCP connections the gate opened. */
    readonly connections: number;
    /** Connections that are open now. */
    readonly open: number;
    /** What of the client's reached it, in order. */
    readonly actions: readonly string[];
    /** Called as an action arrives, before it is answered. */
    onAction: ((action: string) => void) | undefined;
  };
  grant(): Promise<Grant>;
  /** One action with the real client. `marker` is part of it. */
  act(marker: string): Promise<Shown>;
  /** Begins an action that lasts; resolves once the target has it. */
  hold(): Promise<{ readonly ended: Promise<Shown> }>;
  /** Logs in as a client of the test's own and sends a message that this protocol does not have. Resolves with how it ended. */
  sendUnknown(): Promise<string>;
  /** Bytes of every secret that was used: passwords, tokens, private keys. */
  readonly secrets: readonly string[];
  /** Everything the gate wrote for people to read: faults, its log. */
  readonly faults: readonly unknown[];
}
