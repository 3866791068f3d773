import { useState, type ReactNode } from "react";
import { TextField } from "../../parts/field.tsx";
import { Block } from "./block.tsx";
import { ruleBlock } from "./blocks.ts";
import style from "./setup.module.css";

export function RuleStep(): ReactNode {
  const [draft, setDraft] = useState({ service: "checkout", group: "oncall", approvers: "leads" });
  const set = (field: keyof typeof draft) => (event: { target: { value: string } }) => setDraft({ ...draft, [field]: event.target.value });
  return (
    <>
      <p>Who may ask for what, and whose yes it takes. Without a rule nobody may ask for anything.</p>
      <div className={style["fields"]}>
        <TextField label="Group that may ask" value={draft.group} onChange={set("group")} />
        <TextField label="Service" value={draft.service} onChange={set("service")} />
        <TextField label="Group that says yes" value={draft.approvers} onChange={set("approvers")} />
      </div>
      {Object.values(draft).every((text) => text !== "") && <Block text={ruleBlock(draft)} label="Rule" />}
    </>
  );
}
