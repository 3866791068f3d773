import { Download, Printer } from "lucide-react";
import { useState, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { useStatus } from "../../app/status.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./account.module.css";

export function RecoveryCodes({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [kept, setKept] = useState(false);
  const make = useChange("factors.make-recovery-codes");
  // Nothing closes it by accident while codes are shown that come once.
  const close = (): void => {
    if (!make.data || kept) onClose();
  };
  return (
    <Dialog title="Recovery codes" open onOpenChange={close}>
      {make.data ? (
        <>
          <CodeSheet codes={make.data.codes} kept={kept} onKept={setKept} />
          <DialogActions>
            <Button look="main" disabled={!kept} onClick={onClose}>
              Done
            </Button>
          </DialogActions>
        </>
      ) : (
        <>
          <p>Ten codes on paper, each good once, for the day your device is lost. Those you have now stop working.</p>
          {make.error && <ProblemNote problem={problemOf(make.error)} />}
          <DialogActions>
            <Button onClick={onClose}>Back</Button>
            <Button look="main" busy={make.isPending} onClick={() => make.mutate({})}>
              Make them
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

interface CodeSheetProps {
  readonly codes: readonly string[];
  readonly kept: boolean;
  readonly onKept: (kept: boolean) => void;
}

/** Shown this once: to be printed or kept, and said to be. */
export function CodeSheet({ codes, kept, onKept }: CodeSheetProps): ReactNode {
  const { gate, me } = useStatus();
  const download = (): void => {
    const text = `Recovery codes of ${me.name} at ${gate.name}, ${gate.url}\nEach is good once.\n\n${codes.join("\n")}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = `recovery-codes-${gate.name}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className={style["stack"]}>
      <p>They are shown this once. Keep them where your device is not.</p>
      <ol className={style["codes"]} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={style["row"]}>
        <Button icon={<Download size={15} aria-hidden="true" />} onClick={download}>
          Download
        </Button>
        <Button icon={<Printer size={15} aria-hidden="true" />} onClick={() => print()}>
          Print
        </Button>
      </div>
      <label className={style["check"]}>
        <input type="checkbox" checked={kept} onChange={({ target }) => onKept(target.checked)} />
        <span>I have put them somewhere safe.</span>
      </label>
    </div>
  );
}
