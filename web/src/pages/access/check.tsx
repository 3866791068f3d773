/** A configuration that somebody thinks of, against the one in force: what is wrong with it, and what it would change. */
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { call } from "../../api/client.ts";
import { useMutation } from "@tanstack/react-query";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { DiffLines } from "../../parts/diff-lines.tsx";
import { TextArea } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./access.module.css";
import { AccessPage } from "./frame.tsx";

type Checked = Result<"config.validate">;
type Finding = Checked["problems"][number];

const MOST = 500_000;

export default function CheckPage(): ReactNode {
  return (
    <AccessPage path="/access/check">
      <Check />
    </AccessPage>
  );
}

function Check(): ReactNode {
  const inForce = useCall("config.show");
  const [text, setText] = useState("");
  const form = useRef<HTMLFormElement>(null);
  // It changes nothing, and so nothing that is shown is asked for again.
  const check = useMutation({ mutationFn: (text: string) => call("config.validate", { body: { text } }) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    check.mutate(text);
  };
  const goTo = (line: number): void => selectLine(form.current?.querySelector("textarea"), line);
  return (
    <>
      <form ref={form} className={style["stack"]} onSubmit={submit}>
        <TextArea
          label="Configuration"
          required
          rows={18}
          maxLength={MOST}
          spellCheck={false}
          style={{ fontFamily: "var(--mono)", whiteSpace: "pre" }}
          hint="Secrets stay references, as env:NAME and file:/path: paste none"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <div className={style["buttons"]}>
          <Button type="submit" look="main" busy={check.isPending}>
            Check
          </Button>
          {inForce.data && <Button onClick={() => setText(inForce.data.text)}>Start from what is in force</Button>}
        </div>
      </form>
      <div role="status" className={style["stack"]}>
        {check.error && <ProblemNote problem={problemOf(check.error)} />}
        {check.data && <Report {...check.data} onGo={goTo} />}
      </div>
    </>
  );
}

/** The cursor goes to the beginning of a line, and the line is marked. */
function selectLine(area: HTMLTextAreaElement | null | undefined, line: number): void {
  if (!area) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = (area.scrollHeight / Math.max(1, lines.length)) * Math.max(0, line - 4);
}

function Report({
  ok,
  problems,
  warnings,
  diff,
  widening,
  narrowing,
  onGo,
}: Checked & { readonly onGo: (line: number) => void }): ReactNode {
  return (
    <>
      <Panel
        title={
          <>
            {ok ? "It could be loaded" : "It would be refused"}{" "}
            <Badge tone={ok ? "good" : "bad"}>
              {problems.length === 0 ? "no problems" : `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`}
            </Badge>
          </>
        }
      >
        <div className={style["stack"]}>
          <Findings list={problems} onGo={onGo} />
          {warnings.length > 0 && <h3>Worth a look</h3>}
          <Findings list={warnings} onGo={onGo} />
          {ok && <Effects widening={widening} narrowing={narrowing} unchanged={diff.length === 0} />}
          <DiffLines lines={diff} />
        </div>
      </Panel>
    </>
  );
}

function Findings({ list, onGo }: { readonly list: readonly Finding[]; readonly onGo: (line: number) => void }): ReactNode {
  if (list.length === 0) return null;
  return (
    <ul className={style["findings"]}>
      {list.map(({ path, line, column, expected, found, suggestion }) => (
        <li key={`${path} ${line}:${column} ${expected}`}>
          <Button look="quiet" onClick={() => onGo(line)}>
            Line {line}:{column}
          </Button>
          <div>
            <code>
              <Plain text={path} />
            </code>
            <p>
              <Plain text={expected} />
              {found !== undefined && (
                <>
                  , found <Plain text={found} />
                </>
              )}
            </p>
            {suggestion !== undefined && (
              <p className={style["soft"]}>
                perhaps <Plain text={suggestion} />
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Effects({
  widening,
  narrowing,
  unchanged,
}: {
  readonly widening: readonly string[];
  readonly narrowing: readonly string[];
  readonly unchanged: boolean;
}): ReactNode {
  if (unchanged) return <p>It says what is in force already.</p>;
  return (
    <>
      <EffectList title="Widens access" tone="warn" lines={widening} />
      <EffectList title="Narrows access" tone="good" lines={narrowing} />
      {widening.length + narrowing.length === 0 && <p>Nobody may do more or less than now.</p>}
    </>
  );
}

function EffectList({
  title,
  tone,
  lines,
}: {
  readonly title: string;
  readonly tone: "warn" | "good";
  readonly lines: readonly string[];
}): ReactNode {
  if (lines.length === 0) return null;
  return (
    <section aria-label={title}>
      <Badge tone={tone}>{title}</Badge>
      <ul className={style["effects"]}>
        {lines.map((line) => (
          <li key={line}>
            <Plain text={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}
