/** Several lines at once run several commands: they are looked at before they are pasted. */
import type { ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { Plain } from "../../parts/plain.tsx";
import style from "./terminal.module.css";

const SHOWN = 4_000;

/** What of a pasted text may be typed: an escape could end a bracketed paste, and run what follows. */
export function typeable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken away
  return text.replaceAll("\r\n", "\n").replace(/[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]/g, "");
}

export function isRisky(text: string): boolean {
  return /[\r\n]/.test(text.trimEnd()) || text !== typeable(text) || /[\r\n]$/.test(text);
}

export function PasteDialog({ text, onDone }: { readonly text: string; readonly onDone: (paste: boolean) => void }): ReactNode {
  const lines = text.trimEnd().split("\n").length;
  return (
    <Dialog title={lines === 1 ? "Paste this line?" : `Paste ${lines} lines?`} open={true} onOpenChange={(open) => !open && onDone(false)}>
      <p>{lines === 1 ? "It ends with a line break, which runs it." : "Each line break may run what is before it."}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: keys have to reach it */}
      <div className={style["pasted"]} tabIndex={0} role="region" aria-label="What would be pasted">
        <Plain text={text.slice(0, SHOWN)} />
        {text.length > SHOWN && "…"}
      </div>
      <DialogActions>
        <Button onClick={() => onDone(false)}>Cancel</Button>
        <Button look="main" autoFocus onClick={() => onDone(true)}>
          Paste
        </Button>
      </DialogActions>
    </Dialog>
  );
}
