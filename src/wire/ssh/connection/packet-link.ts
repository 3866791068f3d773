/** What carries the messages of one connection: a transport and its socket, or a test. */
export interface PacketLink {
  /** Takes one message; what `payload` holds is used before the call returns. After the end it does nothing. */
  send(payload: Uint8Array): void;
  /** Bytes sent that have not left. Channels stop adding data while it is high. */
  queuedBytes(): number;
  /** Sets the one listener, called when what is queued has become little again. */
  onDrain(listener: () => void): void;
}

/** Above this much queued, channels hold their data back. */
export const LINK_FULL_BYTES = 1_048_576;
