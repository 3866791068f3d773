import { Row } from "../../parts/row.tsx";
import { useState, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { TextArea } from "../../parts/field.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import style from "./setup.module.css";

/** The file is the person's: here it is checked before it is saved, and taken up after. */
export function ConfigStep(): ReactNode {
  const shown = useCall("config.show");
  return <Shown of={shown}>{({ text, source }) => <Check text={text} source={source} />}</Shown>;
}

function Check({ text: inForce, source }: { readonly text: string; readonly source: string }): ReactNode {
  const [text, setText] = useState(inForce);
  const check = useChange("config.validate");
  const reload = useChange("config.reload");
  const say = useSay();
  return (
    <>
      <p>
        Put the pieces into <code>{source}</code> on the gate&apos;s machine. Paste the whole of it here to have it checked first; nothing
        is kept.
      </p>
      <div className={style["wide"]}>
        <TextArea
          label="Configuration to check"
          rows={12}
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </div>
      <Row>
        <Button busy={check.isPending} onClick={() => check.mutate({ body: { text } })}>
          Check it
        </Button>
        <Button
          look="main"
          busy={reload.isPending}
          onClick={() =>
            reload.mutate(
              {},
              { onSuccess: ({ outcome }) => say(outcome === "held" ? "A second owner has to confirm it" : "The file is in force") },
            )
          }
        >
          Take up the file
        </Button>
      </Row>
      {check.error && <ProblemNote problem={problemOf(check.error)} />}
      {reload.error && <ProblemNote problem={problemOf(reload.error)} />}
      <div role="status">
        {check.data?.ok === true && (
          <>
            <p>It is valid. {check.data.diff.length === 0 ? "It changes nothing." : "It would change:"}</p>
            <pre className={style["text"]}>{check.data.diff.join("\n")}</pre>
          </>
        )}
        {check.data?.problems.map(({ path, line, expected, found, suggestion }) => (
          <p key={`${line} ${path} ${expected}`} className={style["wrong"]}>
            Line {line}, <code>{path}</code>: expected {expected}
            {found !== undefined && `, found ${found}`}
            {suggestion !== undefined && `; perhaps ${suggestion}`}
          </p>
        ))}
      </div>
    </>
  );
}
