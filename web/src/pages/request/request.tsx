/** Asking for access: why, what, to do what, for how long; and what will come of it, before it is sent. */
import { useState, type FormEvent, type ReactNode } from "react";
import { useLocation, useSearchParams } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useTyped } from "../../app/typed.ts";
import { DurationChoice } from "../../parts/access/duration-choice.tsx";
import { Button } from "../../parts/button.tsx";
import { TextArea, TextField } from "../../parts/field.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { readDraft, rolesOnAll, writeDraft, type Draft, type TargetView } from "./draft.ts";
import { BreakGlass } from "./break-glass.tsx";
import { OutlookPanel, useOutlook } from "./outlook.tsx";
import style from "./request.module.css";
import { RoleField } from "./role-field.tsx";
import { TargetsField } from "./targets-field.tsx";

export default function Request(): ReactNode {
  const targets = useCall("targets.list");
  return (
    <Page title="Request access" lead="Say why and what. Somebody else says yes, you get exactly that, and it goes by itself.">
      <Shown of={targets}>
        {({ targets: all }) =>
          all.length === 0 ? (
            <Empty title="There is nothing you may ask for">
              No access rule names you or a group of yours. Who configures the gate can add one; then your targets are here.
            </Empty>
          ) : (
            <Form targets={all} />
          )
        }
      </Shown>
    </Page>
  );
}

function Form({ targets }: { readonly targets: readonly TargetView[] }): ReactNode {
  const [params, setParams] = useSearchParams();
  const [, go] = useLocation();
  const [reason, setReason, forgetReason] = useTyped("request.reason", params.get("reason"));
  const [ticket, setTicket, forgetTicket] = useTyped("request.ticket", params.get("ticket"));
  const [understood, setUnderstood] = useState(false);
  const create = useChange("requests.create");

  const wanted = readDraft(params);
  const chosen = targets.filter(({ name }) => wanted.targets.includes(name));
  const roles = rolesOnAll(chosen);
  const [only] = roles;
  const choice = roles.find(({ role }) => role === wanted.role) ?? (roles.length === 1 ? only : undefined);
  const draft: Draft = {
    ...wanted,
    role: choice?.role ?? "",
    breakGlass: wanted.breakGlass && choice?.breakGlass === true,
    ...(wanted.durationMs !== undefined && choice && { durationMs: Math.min(wanted.durationMs, choice.maxDurationMs) }),
  };
  const outlook = useOutlook(draft, reason);
  const change = (next: Partial<Draft>): void => setParams(writeDraft({ ...wanted, ...next }), { replace: true });

  const complete = reason.trim() !== "" && choice !== undefined && draft.targets.length > 0 && (!draft.breakGlass || understood);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!complete) return;
    const { durationMs, breakGlass, role } = draft;
    const body = {
      reason: reason.trim(),
      role,
      targets: [...draft.targets],
      ...(ticket.trim() !== "" && { ticket: ticket.trim() }),
      ...(durationMs !== undefined && { durationMs }),
      ...(breakGlass && { breakGlass }),
    };
    const sent = ({ request }: Result<"requests.create">): void => {
      forgetReason();
      forgetTicket();
      go(`/requests/${request.id}`);
    };
    create.mutate({ body }, { onSuccess: sent });
  };
  return (
    <form className={style["columns"]} onSubmit={submit}>
      <Panel>
        <div className={style["form"]}>
          <TextArea
            label="Why"
            hint="Whoever approves reads this, and whoever looks at the record later."
            required
            maxLength={1_000}
            rows={2}
            autoFocus
            value={reason}
            onChange={({ target }) => setReason(target.value.replaceAll(/[\r\n]+/g, " "))}
          />
          <TextField
            label="Ticket"
            hint="If there is one."
            maxLength={200}
            value={ticket}
            onChange={({ target }) => setTicket(target.value)}
          />
          <TargetsField targets={targets} chosen={wanted.targets} onChoose={(names) => change({ targets: names })} />
          {chosen.length > 0 && roles.length === 0 && (
            <Empty title="There is no role for all of these together">Ask for them one after the other.</Empty>
          )}
          {roles.length > 0 && <RoleField roles={roles} chosen={draft.role} onChoose={(role) => change({ role })} />}
          {choice && (
            <DurationChoice
              label="For how long"
              ms={draft.durationMs ?? outlook.data?.durationMs ?? Math.min(3_600_000, choice.maxDurationMs)}
              maxMs={choice.maxDurationMs}
              onChoose={(durationMs) => change({ durationMs })}
            />
          )}
        </div>
      </Panel>
      <div className={style["side"]}>
        <OutlookPanel of={outlook} draft={draft} />
        {create.error && <ProblemNote problem={problemOf(create.error)} />}
        {draft.breakGlass ? (
          <BreakGlass
            understood={understood}
            onUnderstand={setUnderstood}
            onLeave={() => change({ breakGlass: false })}
            ready={complete}
            busy={create.isPending}
          />
        ) : (
          <>
            <Button type="submit" look="main" wide disabled={!complete} busy={create.isPending}>
              {outlook.data && outlook.data.demands.length === 0 ? "Get access now" : "Send the request"}
            </Button>
            {!complete && <p className={style["soft"]}>{missingWords(reason, draft)}</p>}
            {choice?.breakGlass === true && (
              <p className={style["soft"]}>
                Nobody there to approve, and it cannot wait?{" "}
                <button type="button" className={style["glass"]} onClick={() => change({ breakGlass: true })}>
                  Break the glass…
                </button>
              </p>
            )}
          </>
        )}
      </div>
    </form>
  );
}

function missingWords(reason: string, { targets, role }: Draft): string {
  const missing = [...(reason.trim() === "" ? ["why"] : []), ...(targets.length === 0 ? ["what"] : role === "" ? ["to do what"] : [])];
  return missing.length === 0 ? "" : `Still to say: ${missing.join(", ")}.`;
}
