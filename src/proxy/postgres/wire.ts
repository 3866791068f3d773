import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** A connection to either side: in clear, or with TLS on it. */
export type Wire = Socket | TLSSocket;
