/** A terminal that is typed into: its screen, and the link behind it. */
import { FitAddon } from "@xterm/addon-fit";
import type { Terminal } from "@xterm/xterm";
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { makeScreen } from "../../parts/screen.ts";
import { TerminalLink, type LinkState } from "./link.ts";
import { isRisky, PasteDialog, typeable } from "./paste.tsx";
import style from "./terminal.module.css";

export interface HeldScreenHandle {
  readonly screen: Terminal | undefined;
  copy(): Promise<void>;
  focus(): void;
}

interface HeldScreenProps {
  readonly target: string;
  readonly grant: string | undefined;
  readonly fontSize: number;
  readonly readAloud: boolean;
  readonly onState: (state: LinkState) => void;
  /** The keys that leave the terminal, or look for something in it. */
  readonly onKey: (key: "leave" | "find") => void;
  readonly ref: Ref<HeldScreenHandle>;
}

export default function HeldScreen({ target, grant, fontSize, readAloud, onState, onKey, ref }: HeldScreenProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<Terminal>(undefined);
  const fit = useRef<FitAddon>(undefined);
  const tell = useRef({ onState, onKey });
  useEffect(() => {
    tell.current = { onState, onKey };
  });
  const size = useRef(fontSize);
  const [asked, setAsked] = useState<string>();

  useEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const made = makeScreen({ cursorBlink: true, fontSize: size.current, macOptionIsMeta: true, rightClickSelectsWord: false });
    const fitting = new FitAddon();
    made.loadAddon(fitting);
    made.open(box);
    fitting.fit();
    [screen.current, fit.current] = [made, fitting];
    const link = new TerminalLink({
      target,
      grant,
      cols: made.cols,
      rows: made.rows,
      onState: (state) => tell.current.onState(state),
      onBytes: (bytes, shown) => made.write(bytes, shown),
    });
    const encoder = new TextEncoder();
    made.onData((text) => link.type(encoder.encode(text)));
    // Bytes that are no text: mouse reports of old.
    made.onBinary((text) => link.type(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    made.onResize(({ cols, rows }) => link.resize(cols, rows));
    made.attachCustomKeyEventHandler((event) => {
      if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey) return true;
      const key = event.key.toUpperCase();
      if (key === "C") void copySelection(made);
      else if (key === "F") tell.current.onKey("find");
      else if (key === "E") tell.current.onKey("leave");
      // Pasting is the browser's: its event comes below.
      else return key !== "V";
      event.preventDefault();
      return false;
    });
    const onPaste = (event: ClipboardEvent): void => {
      event.preventDefault();
      event.stopPropagation();
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (isRisky(text)) setAsked(typeable(text));
      else made.paste(typeable(text));
    };
    box.addEventListener("paste", onPaste, { capture: true });
    const watch = new ResizeObserver(() => fitting.fit());
    watch.observe(box);
    made.focus();
    return () => {
      watch.disconnect();
      box.removeEventListener("paste", onPaste, { capture: true });
      link[Symbol.dispose]();
      screen.current = undefined;
      made.dispose();
    };
  }, [target, grant]);

  useEffect(() => {
    size.current = fontSize;
    if (!screen.current) return;
    screen.current.options.fontSize = fontSize;
    fit.current?.fit();
  }, [fontSize]);
  useEffect(() => {
    if (screen.current) screen.current.options.screenReaderMode = readAloud;
  }, [readAloud]);

  useImperativeHandle(
    ref,
    () => ({
      get screen() {
        return screen.current;
      },
      copy: async () => {
        if (screen.current) await copySelection(screen.current);
      },
      focus: () => screen.current?.focus(),
    }),
    [],
  );
  return (
    <>
      <div ref={place} className={style["screen"]} data-testid="terminal" />
      {asked !== undefined && (
        <PasteDialog
          text={asked}
          onDone={(paste) => {
            setAsked(undefined);
            if (paste) screen.current?.paste(asked);
            screen.current?.focus();
          }}
        />
      )}
    </>
  );
}

async function copySelection(screen: Terminal): Promise<void> {
  const text = screen.getSelection();
  if (text !== "") await navigator.clipboard.writeText(text).catch(() => undefined);
}
