/** Whether this browser tells of what comes: asked for by a click, never at load. */
import { BellOff, BellRing } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "../parts/button.tsx";
import { useSay } from "../parts/say.tsx";
import { notifies, startNotifying, stopNotifying } from "./notify.ts";

export function NotifyChoice(): ReactNode {
  const say = useSay();
  const [on, setOn] = useState(notifies);
  const turn = async (): Promise<void> => {
    if (on) stopNotifying();
    const now = !on && (await startNotifying());
    if (!on && !now) say("This browser does not allow notifications of the gate; its settings for this page can");
    setOn(now);
  };
  return (
    <Button
      look="quiet"
      aria-pressed={on}
      icon={on ? <BellRing size={15} aria-hidden="true" /> : <BellOff size={15} aria-hidden="true" />}
      onClick={() => void turn()}
    >
      {on ? "This browser tells me" : "Tell me in this browser"}
    </Button>
  );
}
