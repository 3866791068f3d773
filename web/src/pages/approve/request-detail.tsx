import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { ApprovalPlaces } from "../../parts/access/approval-places.tsx";
import { RequestFacts } from "../../parts/access/request-facts.tsx";
import { RequestState } from "../../parts/access/request-state.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import { ApproveDialog } from "./approve-dialog.tsx";
import type { Deciding } from "./approve.tsx";
import style from "./approve.module.css";
import { DecideBar } from "./decide-bar.tsx";
import { DenyDialog } from "./deny-dialog.tsx";
import { RecentUse } from "./recent-use.tsx";

export interface DetailProps {
  readonly id: string;
  readonly deciding: Deciding;
  readonly onDecide: (how: Deciding) => void;
  readonly onDone: () => void;
}

export function RequestDetail(props: DetailProps): ReactNode {
  const request = useCall("requests.show", { params: { id: props.id } });
  return <Shown of={request}>{(found) => <Detail {...props} request={found} />}</Shown>;
}

function Detail({ request, deciding, onDecide, onDone }: DetailProps & { readonly request: Result<"requests.show"> }): ReactNode {
  const { id, requester, role, state, mayApprove, closedBy, closedReason } = request;
  const denial = useChange("requests.deny");
  const say = useSay();
  const deny = (reason: string): void => {
    const done = (): void => {
      say(`Denied: ${requester} is told`);
      onDone();
    };
    denial.mutate({ params: { id }, body: { reason } }, { onSuccess: done });
  };
  return (
    <>
      <Panel
        title={
          <span className={style["title"]}>
            {requester} asks for {role} <RequestState state={state} />
          </span>
        }
      >
        <div className={style["stack"]}>
          <RequestFacts request={request} />
          {closedReason !== undefined && (
            <p className={style["closed"]}>
              {closedBy}: <Plain text={closedReason} />
            </p>
          )}
        </div>
      </Panel>
      <Panel title="Approval">
        <ApprovalPlaces {...request} />
        {state === "pending" && (
          <p className={style["soft"]}>
            It lapses <Ago at={request.lapsesAt} />.
          </p>
        )}
      </Panel>
      <RecentUse id={id} requester={requester} role={role} />
      {mayApprove ? (
        <>
          <DecideBar onDecide={onDecide} yes="Approve…" />
          <ApproveDialog request={request} open={deciding === "approve"} onClose={() => onDecide(undefined)} onDone={onDone} />
          <DenyDialog
            title={`Deny what ${requester} asks for`}
            asker={requester}
            open={deciding === "deny"}
            onClose={() => onDecide(undefined)}
            onDeny={deny}
            busy={denial.isPending}
            error={denial.error}
          />
        </>
      ) : (
        state === "pending" && <p className={style["soft"]}>Your part is done, or you have none in it.</p>
      )}
    </>
  );
}
