/**
 * Encoded terminal modes (RFC 4254 §8, 8160): pairs of byte opcode and uint32 argument, ended by TTY_OP_END or by the
 * end of the string. Opcodes 160–255 have undefined arguments: parsing stops at the first of them.
 */
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";

export const TTY_OP_END = 0;

/** Opcodes by the names that termios(3) uses. */
export const TERMINAL_MODES = {
  VINTR: 1,
  VQUIT: 2,
  VERASE: 3,
  VKILL: 4,
  VEOF: 5,
  VEOL: 6,
  VEOL2: 7,
  VSTART: 8,
  VSTOP: 9,
  VSUSP: 10,
  VDSUSP: 11,
  VREPRINT: 12,
  VWERASE: 13,
  VLNEXT: 14,
  VFLUSH: 15,
  VSWTCH: 16,
  VSTATUS: 17,
  VDISCARD: 18,
  IGNPAR: 30,
  PARMRK: 31,
  INPCK: 32,
  ISTRIP: 33,
  INLCR: 34,
  IGNCR: 35,
  ICRNL: 36,
  IUCLC: 37,
  IXON: 38,
  IXANY: 39,
  IXOFF: 40,
  IMAXBEL: 41,
  IUTF8: 42,
  ISIG: 50,
  ICANON: 51,
  XCASE: 52,
  ECHO: 53,
  ECHOE: 54,
  ECHOK: 55,
  ECHONL: 56,
  NOFLSH: 57,
  TOSTOP: 58,
  IEXTEN: 59,
  ECHOCTL: 60,
  ECHOKE: 61,
  PENDIN: 62,
  OPOST: 70,
  OLCUC: 71,
  ONLCR: 72,
  OCRNL: 73,
  ONOCR: 74,
  ONLRET: 75,
  CS7: 90,
  CS8: 91,
  PARENB: 92,
  PARODD: 93,
  TTY_OP_ISPEED: 128,
  TTY_OP_OSPEED: 129,
} as const;

const FIRST_UNDEFINED = 160;

/** Opcode → argument, in the order sent; a later one wins. Throws GateError("protocol-error") when one is cut short. */
export function parseTerminalModes(encoded: Buffer): Map<number, number> {
  const reader = new Reader(encoded);
  const modes = new Map<number, number>();
  while (reader.remaining > 0) {
    const opcode = reader.readByte();
    if (opcode === TTY_OP_END || opcode >= FIRST_UNDEFINED) break;
    modes.set(opcode, reader.readUint32());
  }
  return modes;
}

export function encodeTerminalModes(modes: Iterable<readonly [opcode: number, argument: number]>): Buffer {
  const writer = new Writer(64);
  for (const [opcode, argument] of modes) writer.byte(opcode).uint32(argument);
  return writer.byte(TTY_OP_END).toBuffer();
}
