/** A statement that stands still until it is decided: exactly what would run, and what it would change. */
import { useRef, type ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { ApprovalPlaces } from "../../parts/access/approval-places.tsx";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { problemOf } from "../../api/problem.ts";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./approve.module.css";
import { DecideBar } from "./decide-bar.tsx";
import { DenyDialog } from "./deny-dialog.tsx";
import { HoldPreview } from "./hold-preview.tsx";
import type { DetailProps } from "./request-detail.tsx";

type HoldView = Result<"holds.show">;

const STATES: Readonly<Record<HoldView["state"], readonly [Tone, string]>> = {
  waiting: ["info", "waiting"],
  approved: ["good", "approved"],
  denied: ["bad", "denied"],
  lapsed: ["neutral", "lapsed"],
  withdrawn: ["neutral", "given up"],
};

export function HoldDetail(props: DetailProps): ReactNode {
  const hold = useCall("holds.show", { params: { id: props.id } });
  return <Shown of={hold}>{(found) => <Detail {...props} hold={found} />}</Shown>;
}

function Detail({ hold, deciding, onDecide, onDone }: DetailProps & { readonly hold: HoldView }): ReactNode {
  const { id, principal, target, session, role, reason, rule, what, parameters = [], named = [], state, mayDecide } = hold;
  const [tone, word] = STATES[state];
  const approval = useChange("holds.approve");
  const denial = useChange("holds.deny");
  const say = useSay();
  const button = useRef<HTMLButtonElement>(null);
  const done = (text: string) => (): void => {
    say(text);
    onDone();
  };
  return (
    <>
      <Panel
        title={
          <span className={style["title"]}>
            {principal} wants to run this on {target} <Badge tone={tone}>{word}</Badge>
          </span>
        }
      >
        <div className={style["stack"]}>
          <pre className={style["statement"]} tabIndex={0} aria-label="Statement">
            <Plain text={what} />
          </pre>
          {parameters.length > 0 && (
            <ol className={style["parameters"]} aria-label="Parameters">
              {parameters.map((value, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- a parameter is its place
                <li key={index}>
                  <code>${index + 1}</code> <Plain text={value} />
                </li>
              ))}
            </ol>
          )}
          {named.map((text) => (
            <pre key={text} className={style["statement"]} tabIndex={0} aria-label="Runs by its name">
              <Plain text={text} />
            </pre>
          ))}
          <dl className={style["facts"]}>
            <dt>Why access</dt>
            <dd>
              <Plain text={reason} />
            </dd>
            <dt>Held by</dt>
            <dd>
              <code>{rule}</code> of role {role}
            </dd>
            <dt>Waits</dt>
            <dd>
              since <Ago at={hold.createdAt} />
              {state === "waiting" && (
                <>
                  , lapses <Ago at={hold.lapsesAt} />
                </>
              )}{" "}
              · <Link to={`/sessions/${session}`}>the session</Link>
            </dd>
          </dl>
          {hold.closedReason !== undefined && (
            <p className={style["closed"]}>
              {hold.by ?? "The gate"}: <Plain text={hold.closedReason} />
            </p>
          )}
        </div>
      </Panel>
      <Panel title="What it would change">
        <HoldPreview preview={hold.preview} />
      </Panel>
      <Panel title="Approval">
        <ApprovalPlaces {...hold} />
      </Panel>
      {mayDecide && (
        <>
          <DecideBar onDecide={onDecide} yes="Let it run…" />
          <Dialog
            title="Let it run, once and unchanged"
            open={deciding === "approve"}
            onOpenChange={(open) => !open && onDecide(undefined)}
            initialFocus={button}
          >
            <pre className={style["statement"]}>
              <Plain text={what} />
            </pre>
            {approval.error && <ProblemNote problem={problemOf(approval.error)} />}
            <DialogActions>
              <Button onClick={() => onDecide(undefined)}>Back</Button>
              <Button
                look="main"
                ref={button}
                busy={approval.isPending}
                onClick={() => approval.mutate({ params: { id } }, { onSuccess: done(`Said yes to ${principal}'s statement`) })}
              >
                Let it run
              </Button>
            </DialogActions>
          </Dialog>
          <DenyDialog
            title={`Deny ${principal}'s statement`}
            asker={principal}
            open={deciding === "deny"}
            onClose={() => onDecide(undefined)}
            onDeny={(text) =>
              denial.mutate({ params: { id }, body: { reason: text } }, { onSuccess: done(`Denied: ${principal} is told`) })
            }
            busy={denial.isPending}
            error={denial.error}
          />
        </>
      )}
    </>
  );
}
