/** One request, for whoever may see it: what waits for whom; how it ended; and, once it is access, how to use it. */
import { useState, type FormEvent, type ReactNode } from "react";
import { useParams } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useStatus } from "../../app/status.ts";
import { ApprovalPlaces } from "../../parts/access/approval-places.tsx";
import { ConnectList } from "../../parts/access/connect-list.tsx";
import { RequestState } from "../../parts/access/request-state.tsx";
import { RequestFacts } from "../../parts/access/request-facts.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Row } from "../../parts/row.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago, Remaining } from "../../parts/time.tsx";
import style from "./one-request.module.css";

type RequestView = Result<"requests.show">;

/** Also without a word from the stream, so that a page left open is never long wrong. */
const EVERY_MS = 10_000;

export default function OneRequest(): ReactNode {
  const { id } = useParams<{ id: string }>();
  const request = useCall("requests.show", { params: { id } }, { everyMs: EVERY_MS });
  return (
    <Page title="Request">
      <Shown of={request}>{(found) => <One request={found} />}</Shown>
    </Page>
  );
}

function One({ request }: { readonly request: RequestView }): ReactNode {
  const { me } = useStatus();
  const mine = request.requester === me.name;
  return (
    <div className={style["columns"]}>
      <Panel
        title={
          <Row>
            <span>
              {mine ? "You ask" : `${request.requester} asks`} for {request.role}
            </span>
            <RequestState state={request.state} />
          </Row>
        }
      >
        <RequestFacts request={request} />
      </Panel>
      <div className={style["side"]} role="status" aria-live="polite">
        <StateOf request={request} mine={mine} />
      </div>
    </div>
  );
}

function StateOf({ request, mine }: { readonly request: RequestView; readonly mine: boolean }): ReactNode {
  const { state, closedBy, closedReason } = request;
  if (state === "approved") return <Approved request={request} mine={mine} />;
  if (state === "pending") return <Pending request={request} mine={mine} />;
  const titles = {
    denied: `${closedBy ?? "Somebody"} said no`,
    cancelled: `${closedBy ?? "Somebody"} withdrew it`,
    lapsed: "Nobody decided in time",
  };
  return (
    <Panel title={titles[state]}>
      {closedReason !== undefined && (
        <p className={style["said"]}>
          <Plain text={closedReason} />
        </p>
      )}
      {mine && <ButtonLink to={againPath(request)}>Ask again</ButtonLink>}
    </Panel>
  );
}

function Pending({ request, mine }: { readonly request: RequestView; readonly mine: boolean }): ReactNode {
  const { id, lapsesAt, mayApprove } = request;
  const [leaving, setLeaving] = useState(false);
  return (
    <Panel title={mine ? "Waiting for a yes" : "Waits for a yes"}>
      <div className={style["stack"]}>
        <ApprovalPlaces {...request} />
        <p className={style["soft"]}>
          Asked for <Ago at={request.createdAt} />; it lapses <Ago at={lapsesAt} />. This page changes by itself.
        </p>
        <Row>
          {mayApprove && (
            <ButtonLink to={`/approve/${id}`} look="main">
              Decide
            </ButtonLink>
          )}
          {mine && <Button onClick={() => setLeaving(true)}>Withdraw it</Button>}
        </Row>
      </div>
      <Withdraw request={request} open={leaving} onOpenChange={setLeaving} />
    </Panel>
  );
}

function Approved({ request, mine }: { readonly request: RequestView; readonly mine: boolean }): ReactNode {
  const grant = useStatus().grants.find(({ id }) => id === request.grant);
  if (!mine) {
    return (
      <Panel title="Approved">
        <ApprovalPlaces {...request} />
      </Panel>
    );
  }
  if (!grant) {
    return (
      <Panel title="Approved">
        <div className={style["stack"]}>
          <p>This access has ended, or begins at this moment.</p>
          <ButtonLink to={againPath(request)}>Ask again</ButtonLink>
        </div>
      </Panel>
    );
  }
  return (
    <Panel title="You have access">
      <div className={style["stack"]}>
        <p>
          <Remaining ms={grant.remainingMs} /> left. Then it is gone by itself.
        </p>
        <ConnectList grant={grant} />
        <ApprovalPlaces {...request} />
      </div>
    </Panel>
  );
}

function Withdraw({
  request: { id },
  open,
  onOpenChange,
}: {
  readonly request: RequestView;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}): ReactNode {
  const cancel = useChange("requests.cancel");
  const say = useSay();
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      onOpenChange(false);
      say("Your request is withdrawn");
    };
    cancel.mutate({ params: { id }, body: { reason: reason.trim() } }, { onSuccess: done });
  };
  return (
    <Dialog title="Withdraw the request" open={open} onOpenChange={onOpenChange}>
      <form className={style["stack"]} onSubmit={submit}>
        <TextField label="Why" required maxLength={1_000} value={reason} onChange={({ target }) => setReason(target.value)} />
        {cancel.error && <ProblemNote problem={problemOf(cancel.error)} />}
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>Keep it</Button>
          <Button type="submit" look="main" disabled={reason.trim() === ""} busy={cancel.isPending}>
            Withdraw
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** The same once more, to be looked through before it is sent. */
function againPath({ scope, role, reason, ticket }: RequestView): string {
  const params = new URLSearchParams(scope.map(({ target }) => ["target", target]));
  params.set("role", role);
  params.set("reason", reason);
  if (ticket !== undefined) params.set("ticket", ticket);
  return `/request?${params.toString()}`;
}
