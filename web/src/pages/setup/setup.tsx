/** From an empty gate to the first request, step by step. What is done is seen from the gate itself: it can be left and gone on with. */
import { Check, Circle } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useCall } from "../../api/queries.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Row } from "../../parts/row.tsx";
import { AddPasskey } from "../account/add-passkey.tsx";
import { RecoveryCodes } from "../account/recovery-codes.tsx";
import { ConfigStep } from "./config-step.tsx";
import { ProviderStep } from "./provider-step.tsx";
import { RuleStep } from "./rule-step.tsx";
import style from "./setup.module.css";
import { TargetStep } from "./target-step.tsx";

export default function Setup(): ReactNode {
  const factors = useCall("factors.list").data?.factors ?? [];
  const providers = useCall("providers.list").data?.providers ?? [];
  const targets = useCall("targets.list", { query: { all: true } }).data?.targets ?? [];
  const mine = useCall("targets.list").data?.targets ?? [];
  const [adding, setAdding] = useState<"passkey" | "codes">();
  const has = (kind: string): boolean => factors.some((factor) => factor.kind === kind);
  const steps = [
    { name: "An owner", done: true, content: <p>That is you.</p> },
    {
      name: "A passkey",
      done: has("passkey"),
      content: (
        <>
          <p>So that a password alone never opens the gate. With it you log in without one.</p>
          <Button onClick={() => setAdding("passkey")}>Make a passkey</Button>
        </>
      ),
    },
    {
      name: "Recovery codes",
      done: has("recovery"),
      content: (
        <>
          <p>For the day the device is lost. They are shown once.</p>
          <Button disabled={!has("passkey") && !has("totp")} onClick={() => setAdding("codes")}>
            Make recovery codes
          </Button>
        </>
      ),
    },
    { name: "An identity provider", done: providers.length > 0, content: <ProviderStep providers={providers} /> },
    { name: "The first target", done: targets.length > 0, content: <TargetStep targets={targets} /> },
    { name: "The first rule", done: mine.length > 0, content: <RuleStep /> },
    { name: "The configuration", done: targets.length > 0 && mine.length > 0, content: <ConfigStep /> },
  ];
  const done = steps.filter((step) => step.done).length;
  return (
    <Page
      title="Set this gate up"
      lead="The configuration is a file that you keep: this page makes the pieces, you put them in, the gate checks them and takes them up."
      actions={
        <ButtonLink to="/request" look={done === steps.length ? "main" : "plain"}>
          Ask for access
        </ButtonLink>
      }
    >
      <div className={style["progress"]} role="status">
        <Row>
          <progress value={done} max={steps.length} aria-label="Steps done" />
          <span>
            {done} of {steps.length} done
          </span>
        </Row>
      </div>
      {steps.map((step) => (
        <Panel
          key={step.name}
          title={
            <Row>
              {step.done ? (
                <Check size={18} className={style["done"]} aria-label="done" />
              ) : (
                <Circle size={18} className={style["open"]} aria-label="to do" />
              )}
              {step.name}
            </Row>
          }
        >
          <div className={style["stack"]}>{step.content}</div>
        </Panel>
      ))}
      {adding === "passkey" && <AddPasskey onClose={() => setAdding(undefined)} />}
      {adding === "codes" && <RecoveryCodes onClose={() => setAdding(undefined)} />}
    </Page>
  );
}
