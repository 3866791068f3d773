/**
 * What a recorded or live terminal may do to a watcher's terminal: show, and nothing else.
 *
 * An allow-list over the control functions of ECMA-48 and xterm: printable text, cursor movement, erasing, colours, scroll regions,
 * the alternate screen pass verbatim; everything else is dropped — titles, clipboard, links' targets, answers to queries (DA, DSR,
 * DECRQSS, ENQ), printing, window operations, mouse and paste modes, keyboard modes, device control strings.
 * Untrusted: every byte. Bounded: what is buffered is one control sequence of at most 128 bytes or one UTF-8 character.
 * Invariant: the output is the same however the input is split.
 */
const ESC = 0x1b;
const SEQUENCE_MAX_BYTES = 128;
/** A string that goes on for longer is taken to be unterminated: what follows is shown again. */
const STRING_MAX_BYTES = 64 * 1024;
const PARAMETER_MAX = 9999;
const REPLACEMENT = [0xef, 0xbf, 0xbd];

/** BS, HT, LF, VT, FF, CR, SO, SI. Not BEL, ENQ, XON, XOFF, DEL. */
const CONTROLS = new Set([0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f]);
/** Final bytes of CSI sequences without private marker and intermediates; SGR, SM and RM are checked further. */
const CSI_FINALS = new Set("@ABCDEFGHIJKLMPSTXZ`abdefgmrsuhl");
const CSI_PRIVATE_FINALS = new Set("JKhl");
/** DECSCUSR, and DECSTR: a soft reset of what the other allowed sequences set. */
const CSI_INTERMEDIATE_FINALS = new Set([" q", "!p"]);
/** IRM. Not LNM: it changes what the watcher's Return key sends. */
const ANSI_MODES = new Set(["4"]);
/** Reverse video, origin, autowrap, cursor blink, cursor visible, alternate screens and their saved cursor, left and right margins. */
const PRIVATE_MODES = new Set(["5", "6", "7", "12", "25", "47", "69", "1047", "1048", "1049"]);
/** DECSC, DECRC, IND, NEL, HTS, RI. */
const ESCAPE_FINALS = new Set("78DEHM");
/** Designation of G0…G3: ASCII, British, DEC graphics; and DECALN. */
const ESCAPE_INTERMEDIATES = /^(?:[()*+][AB0]|#8)$/;
/** RIS would also clear the watcher's scrollback and modes: reset softly, clear, go home. */
const SOFT_RESET = Buffer.from("\u001b[!p\u001b[2J\u001b[H", "latin1");
const ALTERNATE = /^\?(?:.*;)?(?:47|1047|1049)(?:;.*)?[hl]$/;
const LEAVE_ALTERNATE = "\u001b[?1049l";
/** Soft reset, wrapping on, cursor shown, plain colours, ASCII, no reverse video. */
const RESTORE = "\u001b[!p\u001b[?7h\u001b[?25h\u001b[m\u001b(B\u000f\u001b[?5l";
/** OSC, DCS, SOS, PM, APC, and screen's title. */
const STRING_STARTS = new Set("]PX^_k");

type State = "ground" | "escape" | "csi" | "ignored-csi" | "string";

export class TerminalFilter {
  #state: State = "ground";
  /** The control sequence so far, or the bytes of an unfinished UTF-8 character. */
  #held: number[] = [];
  #missing = 0;
  #stringBytes = 0;
  /** An escape was let through; the alternate screen is on. */
  #escapes = false;
  #alternate = false;

  /** What of these bytes may be shown; keeps what is not finished. */
  push(bytes: Uint8Array): Buffer {
    const out: number[] = [];
    for (const byte of bytes) this.#byte(byte, out);
    this.#escapes ||= out.includes(ESC);
    return Buffer.from(out);
  }

  /** What puts the watcher's terminal back as it was: nothing, unless an escape was let through. */
  end(): Buffer {
    const broken = this.#missing > 0 ? Buffer.from(REPLACEMENT) : Buffer.alloc(0);
    const leave = this.#alternate ? LEAVE_ALTERNATE : "";
    const restore = this.#escapes ? `${leave}${RESTORE}` : "";
    [this.#missing, this.#state, this.#alternate, this.#escapes] = [0, "ground", false, false];
    return Buffer.concat([broken, Buffer.from(restore, "latin1")]);
  }

  #byte(byte: number, out: number[]): void {
    if (this.#missing > 0 && this.#continueCharacter(byte, out)) return;
    if (byte === ESC) {
      // Also cancels what was begun, as in a terminal.
      this.#begin("escape", byte);
    } else if (byte === 0x18 || byte === 0x1a) {
      this.#state = "ground";
    } else if (this.#state === "ground") this.#ground(byte, out);
    else if (this.#state === "string") this.#string(byte);
    else if (byte < 0x20 || byte === 0x7f) {
      // A terminal carries out controls inside a sequence.
      if (CONTROLS.has(byte)) out.push(byte);
    } else if (byte >= 0x80) {
      this.#state = "ground";
      this.#ground(byte, out);
    } else if (this.#state === "escape") this.#escape(byte, out);
    else this.#csi(byte, out);
  }

  #ground(byte: number, out: number[]): void {
    if (byte < 0x20 || byte === 0x7f) {
      if (CONTROLS.has(byte)) out.push(byte);
    } else if (byte < 0x80) out.push(byte);
    else {
      this.#missing = byte >= 0xc2 && byte <= 0xdf ? 1 : byte >= 0xe0 && byte <= 0xef ? 2 : byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
      // A lone 0x80…0x9f would be a C1 control to an 8-bit terminal.
      if (this.#missing === 0) out.push(...REPLACEMENT);
      else this.#held = [byte];
    }
  }

  /** `false` when the character broke off and the byte is still to be looked at. */
  #continueCharacter(byte: number, out: number[]): boolean {
    const [first = 0] = this.#held;
    const second = this.#held.length === 1;
    // Overlong forms, surrogates and what is beyond U+10FFFF show in the second byte (Unicode table 3-7).
    const low = second && first === 0xe0 ? 0xa0 : second && first === 0xf0 ? 0x90 : 0x80;
    const high = second && first === 0xed ? 0x9f : second && first === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) {
      this.#missing = 0;
      out.push(...REPLACEMENT);
      return false;
    }
    this.#held.push(byte);
    this.#missing -= 1;
    // U+0080…U+009F are C1 controls, CSI and OSC among them: what follows them shows as text.
    if (this.#missing === 0 && !(first === 0xc2 && byte < 0xa0)) out.push(...this.#held);
    return true;
  }

  #begin(state: State, byte: number): void {
    this.#state = state;
    this.#held = [byte];
  }

  #string(byte: number): void {
    this.#stringBytes += 1;
    if (byte === 0x07 || this.#stringBytes > STRING_MAX_BYTES) this.#state = "ground";
  }

  #escape(byte: number, out: number[]): void {
    const letter = String.fromCharCode(byte);
    this.#held.push(byte);
    if (byte < 0x30) {
      if (this.#held.length > 4) this.#state = "ground";
      return;
    }
    this.#state = "ground";
    if (this.#held.length > 2) {
      if (ESCAPE_INTERMEDIATES.test(String.fromCharCode(...this.#held.slice(1)))) out.push(...this.#held);
    } else if (letter === "[") this.#state = "csi";
    else if (STRING_STARTS.has(letter)) {
      this.#state = "string";
      this.#stringBytes = 0;
    } else if (letter === "c") out.push(...SOFT_RESET);
    else if (ESCAPE_FINALS.has(letter)) out.push(...this.#held);
  }

  #csi(byte: number, out: number[]): void {
    if (byte >= 0x40) {
      if (this.#state === "csi") {
        this.#held.push(byte);
        const allowed = allowedCsi(String.fromCharCode(...this.#held.slice(2)));
        if (allowed !== undefined) out.push(ESC, 0x5b, ...Buffer.from(allowed, "latin1"));
        if (allowed !== undefined && ALTERNATE.test(allowed)) this.#alternate = allowed.endsWith("h");
      }
      this.#state = "ground";
    } else if (this.#held.length < SEQUENCE_MAX_BYTES) this.#held.push(byte);
    else this.#state = "ignored-csi";
  }
}

/** What may pass of a CSI sequence (without its introducer): all of it, its allowed modes, or `undefined`. */
function allowedCsi(sequence: string): string | undefined {
  const parts = /^([<=>?]?)([0-9;:]*)([ -/]*)([@-~])$/.exec(sequence);
  if (!parts) return undefined;
  const [, marker = "", parameters = "", intermediates = "", final = ""] = parts;
  const list = parameters.split(";");
  if (list.some((value) => value.split(":").some((number) => Number(number) > PARAMETER_MAX))) return undefined;
  if (intermediates !== "") return marker === "" && CSI_INTERMEDIATE_FINALS.has(intermediates + final) ? sequence : undefined;
  if (marker === "?" ? !CSI_PRIVATE_FINALS.has(final) : marker !== "" || !CSI_FINALS.has(final)) return undefined;
  if (final === "h" || final === "l") {
    const modes = list.filter((mode) => (marker === "?" ? PRIVATE_MODES : ANSI_MODES).has(mode));
    return modes.length === 0 ? undefined : `${marker}${modes.join(";")}${final}`;
  }
  // With five parameters CSI T tracks the mouse.
  return final === "T" && list.length > 1 ? undefined : sequence;
}
