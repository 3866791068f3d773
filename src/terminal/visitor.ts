import type { Authenticated } from "../identity/model.ts";
import type { Denial } from "../kernel/result.ts";

/** Somebody in a browser, for whom the gate is the client. */
export interface Visitor {
  readonly authenticated: Authenticated;
  /** Of the browser. */
  readonly remote: { readonly address: string; readonly port: number };
  /** Whether the login still holds; asked as long as something of it is open. */
  readonly recheck: () => Promise<Denial | undefined>;
}
