/** One question, with an address of its own: may this person do this there, and which rule says so. */
import { useState, type FormEvent, type ReactNode } from "react";
import { useCall } from "../../api/queries.ts";
import type { Result } from "../../api/client.ts";
import { useAddress } from "../../app/address.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import style from "./access.module.css";
import { AccessPage } from "./frame.tsx";

interface Question {
  readonly who: string;
  readonly what: string;
  readonly where: string;
}

type Verdict = Result<"why.show">["verdict"];
const SAID: Readonly<Record<Verdict, { readonly tone: Tone; readonly word: string }>> = {
  allow: { tone: "good", word: "Yes" },
  ask: { tone: "info", word: "Yes, once it is approved" },
  deny: { tone: "bad", word: "No" },
};

export default function WhyPage(): ReactNode {
  const [of] = useAddress();
  const question: Question = { who: of("who"), what: of("what"), where: of("where") };
  return (
    <AccessPage path="/access/why">
      <Ask key={JSON.stringify(question)} question={question} />
      {question.what !== "" && question.where !== "" ? (
        <Answer {...question} />
      ) : (
        <Empty title="Ask about somebody, something and somewhere">
          The answer names the rule. Its address can be given to others: they see what they may see.
        </Empty>
      )}
    </AccessPage>
  );
}

function Ask({ question }: { readonly question: Question }): ReactNode {
  const [, change] = useAddress();
  const { name: me } = useStatus().me;
  const mayAskOfOthers = useMay("target.read");
  const [draft, setDraft] = useState<Question>({ ...question, who: question.who || me });
  const field = (name: keyof Question): { value: string; onChange: (event: { target: { value: string } }) => void } => ({
    value: draft[name],
    onChange: ({ target }) => setDraft({ ...draft, [name]: target.value }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change({ ...draft }, "step");
  };
  return (
    <form className={style["filters"]} aria-label="Question" onSubmit={submit}>
      <TextField
        label="Who"
        required
        readOnly={!mayAskOfOthers}
        hint={mayAskOfOthers ? undefined : "Of others asks who may see every target"}
        {...field("who")}
      />
      <TextField
        label="What"
        required
        maxLength={4_096}
        placeholder="debug"
        hint="A role; an action, as ssh.exec uptime; or a permission, as audit.read"
        {...field("what")}
      />
      <TextField label="Where" required placeholder="web-1.prod" hint="A target, or gate" {...field("where")} />
      <Button type="submit" look="main">
        Ask
      </Button>
    </form>
  );
}

/** As the command line takes it: what cannot be the name of a role is an action. */
function isRole(what: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(what) && !/^[a-z]+\.[a-z]+$/.test(what);
}

function Answer({ who, what, where }: Question): ReactNode {
  const { name: me } = useStatus().me;
  const answer = useCall("why.show", {
    query: { target: where, ...(who !== "" && who !== me && { principal: who }), ...(isRole(what) ? { role: what } : { action: what }) },
  });
  return (
    <Shown of={answer}>
      {({ verdict, rule, role, demands, lines }) => (
        <Panel
          title={
            <span role="status">
              <Badge tone={SAID[verdict].tone}>{SAID[verdict].word}</Badge>
            </span>
          }
          actions={
            verdict === "ask" &&
            (who === "" || who === me) &&
            role !== undefined && <ButtonLink to={requestOf(role, where)}>Request it</ButtonLink>
          }
        >
          <div className={style["stack"]}>
            <Facts>
              <Fact name="Question">
                <Plain text={who || me} /> · <Plain text={what} /> · <Plain text={where} />
              </Fact>
              {rule !== undefined && (
                <Fact name="Rule">
                  <Plain text={rule} />
                </Fact>
              )}
              {role !== undefined && (
                <Fact name="Role">
                  <Plain text={role} />
                </Fact>
              )}
              {demands.length > 0 && (
                <Fact name="It takes">
                  <Plain text={demands.join("; ")} />
                </Fact>
              )}
            </Facts>
            <ol className={style["reasons"]} aria-label="Every rule looked at">
              {lines.map((line, index) => (
                <li key={`${index} ${line}`}>
                  <Plain text={line} />
                </li>
              ))}
            </ol>
          </div>
        </Panel>
      )}
    </Shown>
  );
}

function requestOf(role: string, target: string): string {
  return `/request?${new URLSearchParams({ target, role }).toString()}`;
}
