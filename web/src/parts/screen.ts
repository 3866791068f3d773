/**
 * A terminal's screen in the page (xterm.js). What is written to it comes from production and is hostile until proven
 * otherwise: it shows, and nothing else. Links open nowhere, titles and the clipboard are out of reach, what a program asks
 * the terminal is answered only where somebody types.
 */
import { Terminal, type ITerminalInitOnlyOptions, type ITerminalOptions } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

const SCROLLBACK = 10_000;
const FONT = 13;
const SMALLEST = 5;

/** OSC: titles (0, 1, 2), links (8), colours of the page's palette (4, 10–12, 104, 110–112), clipboard (52), notifications (9, 777). */
const DEAF_TO_OSC = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 133, 633, 777, 1337];

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function palette(): string[] {
  return Array.from({ length: 16 }, (_, index) => colour(`--terminal-${index}`));
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

export function monoFont(): string {
  return colour("--mono");
}

export function makeScreen(options: ITerminalOptions & ITerminalInitOnlyOptions = {}): Terminal {
  const colours = palette();
  const named = Object.fromEntries(
    NAMES.flatMap((name, index) => [
      [name, colours[index] ?? ""],
      [`bright${name.replace(/^./, (first) => first.toUpperCase())}`, colours[index + 8] ?? ""],
    ]),
  );
  const screen = new Terminal({
    fontFamily: monoFont(),
    fontSize: FONT,
    scrollback: SCROLLBACK,
    // A link in a terminal is text: where it leads is not what it says.
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    theme: { ...named, background: colour("--terminal-ground"), foreground: colour("--terminal-text"), cursor: colour("--terminal-text") },
    screenReaderMode: false,
    ...options,
  });
  for (const code of DEAF_TO_OSC) screen.parser.registerOscHandler(code, () => true);
  return screen;
}

let ratio: number | undefined;

/** The size of type at which so many columns fit. */
export function fontFor(width: number, cols: number): number {
  return Math.max(SMALLEST, Math.min(FONT, Math.floor((width / (cols * cellRatio())) * 4) / 4));
}

/** How wide a cell is, in parts of the size of type. */
export function cellRatio(): number {
  return (ratio ??= measure());
}

function measure(): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 0.6;
  context.font = `100px ${monoFont()}`;
  return context.measureText("W").width / 100 || 0.6;
}
