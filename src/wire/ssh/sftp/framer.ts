/**
 * Cuts a channel's byte stream into SFTP packets, in one direction, without copying or holding file contents: of a
 * WRITE or DATA packet the head comes as soon as it is there, and what it carries comes as views, piece by piece.
 * All other packets come whole.
 *
 * Every byte pushed comes out exactly once and in order, in `bytes` of some piece: concatenated they are the stream,
 * so a relay forwards pieces verbatim or drops whole packets.
 */
import { GateError } from "../../../kernel/errors.ts";
import { MAX_HANDLE_BYTES, SSH_FXP_DATA, SSH_FXP_WRITE } from "./messages.ts";

export type SftpPiece =
  /** `bytes`: the whole packet, with its length. */
  | { readonly kind: "packet"; readonly bytes: Buffer }
  /** `bytes`: a WRITE or DATA packet up to its data. At least one `data` follows, also when there are no bytes. */
  | { readonly kind: "head"; readonly bytes: Buffer; readonly dataLength: number }
  | { readonly kind: "data"; readonly bytes: Buffer; readonly isLast: boolean };

/** OpenSSH's own limit for any packet (SFTP_MAX_MSG_LENGTH). */
const MAX_PACKET_BYTES = 262_144;
/** WRITE and DATA are never held, so they may be larger; no client asks for more. */
const MAX_DATA_PACKET_BYTES = 4_194_304;
/** Length and type. */
const PREFIX_BYTES = 5;

export class SftpFramer {
  /** Start of a packet that is not there whole: a copy, because chunks are not kept. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  /** Bytes of file content still to come. */
  #dataLeft = 0;

  /** Bytes of an unfinished packet. At the end of a stream anything but false means that it was cut. */
  get isInPacket(): boolean {
    return this.#heldLength > 0 || this.#dataLeft > 0;
  }

  /** Pieces are views into `chunk` where they can be: use them before `chunk` changes. Throws GateError("protocol-error"); the stream cannot go on then. */
  push(chunk: Buffer): SftpPiece[] {
    const pieces: SftpPiece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#dataLeft > 0) {
        const bytes = chunk.subarray(at, at + this.#dataLeft);
        at += bytes.length;
        this.#dataLeft -= bytes.length;
        pieces.push({ kind: "data", bytes, isLast: this.#dataLeft === 0 });
        continue;
      }
      const { bytes, next } = this.#gather(chunk, at);
      at = next;
      if (bytes === undefined) break;
      this.#finish(bytes, pieces);
    }
    return pieces;
  }

  /** The next packet, or head of one, and where the chunk goes on; `undefined` when its end is not there yet. */
  #gather(chunk: Buffer, start: number): { bytes: Buffer | undefined; next: number } {
    let at = start;
    for (let needed = PREFIX_BYTES; ;) {
      let bytes: Buffer;
      if (this.#heldLength === 0 && chunk.length - at >= needed) {
        bytes = chunk.subarray(at, at + needed);
      } else {
        if (this.#heldLength < needed) at += this.#hold(chunk.subarray(at, at + needed - this.#heldLength));
        if (this.#heldLength < needed) return { bytes: undefined, next: at };
        bytes = this.#held.subarray(0, needed);
      }
      const more = neededFor(bytes);
      if (more > needed) {
        needed = more;
        continue;
      }
      if (this.#heldLength === 0) return { bytes, next: at + needed };
      // The held buffer goes out with the piece: the next one gets its own.
      this.#held = Buffer.alloc(0);
      this.#heldLength = 0;
      return { bytes, next: at };
    }
  }

  /** Appends a copy; grows with what has come, not with what is claimed to come. */
  #hold(bytes: Buffer): number {
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(64, length, Math.min(2 * this.#held.length, MAX_PACKET_BYTES + 4)));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
    return bytes.length;
  }

  #finish(bytes: Buffer, pieces: SftpPiece[]): void {
    if (!carriesData(bytes)) {
      pieces.push({ kind: "packet", bytes });
      return;
    }
    const dataLength = bytes.readUInt32BE(bytes.length - 4);
    pieces.push({ kind: "head", bytes, dataLength });
    this.#dataLeft = dataLength;
    if (dataLength === 0) pieces.push({ kind: "data", bytes: bytes.subarray(bytes.length), isLast: true });
  }
}

function carriesData(start: Buffer): boolean {
  return start[4] === SSH_FXP_WRITE || start[4] === SSH_FXP_DATA;
}

/** How many bytes of a packet that starts like this come in one piece, as far as its start says. Checks every length on the way. */
function neededFor(start: Buffer): number {
  const packetLength = start.readUInt32BE(0);
  const type = start[4] ?? 0;
  if (packetLength < 5) throw new GateError("protocol-error", "an SFTP packet is too short");
  if (!carriesData(start)) {
    if (packetLength > MAX_PACKET_BYTES) throw new GateError("protocol-error", `an SFTP packet of ${packetLength} bytes is too long`);
    return 4 + packetLength;
  }
  if (packetLength > MAX_DATA_PACKET_BYTES) throw new GateError("protocol-error", `an SFTP packet of ${packetLength} bytes is too long`);
  // WRITE: length, type, id, string handle, uint64 offset, uint32 length | DATA: length, type, id, uint32 length
  let headLength = PREFIX_BYTES + 8;
  if (type === SSH_FXP_WRITE && start.length >= headLength) {
    const handleLength = start.readUInt32BE(PREFIX_BYTES + 4);
    if (handleLength > MAX_HANDLE_BYTES) throw new GateError("protocol-error", "an SFTP handle is too long");
    headLength += handleLength + 12;
  }
  if (headLength > 4 + packetLength) throw new GateError("protocol-error", "an SFTP packet ends in its own head");
  if (start.length === headLength && start.readUInt32BE(headLength - 4) !== 4 + packetLength - headLength) {
    throw new GateError("protocol-error", "an SFTP packet does not hold the data that it says");
  }
  return headLength;
}

/** Neighbouring views of one memory become one view, so that a chunk passed whole is sent as one message again. */
export function joinAdjacent(views: readonly Buffer[]): Buffer[] {
  const joined: Buffer[] = [];
  for (const view of views) {
    const last = joined.at(-1);
    if (view.length === 0) continue;
    if (last !== undefined && last.buffer === view.buffer && last.byteOffset + last.length === view.byteOffset) {
      joined[joined.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + view.length);
    } else {
      joined.push(view);
    }
  }
  return joined;
}
