import { useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { ConnectList } from "../../parts/access/connect-list.tsx";
import { DurationChoice } from "../../parts/access/duration-choice.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { Remaining } from "../../parts/time.tsx";
import style from "./home.module.css";

type MyGrant = Result<"status.show">["grants"][number];

const SOON_MS = 300_000;
const EXTENSION_MS = 1_800_000;
const MOST_MS = 7_200_000;

/** One grant: how long, why, what to type; more time, or none any more. */
export function GrantItem({ grant }: { readonly grant: MyGrant }): ReactNode {
  const { role, scope, remainingMs, reason, ticket, breakGlass, approvers, selfExtensionsLeft } = grant;
  const [asked, setAsked] = useState<"extend" | "end">();
  const close = (): void => setAsked(undefined);
  const targets = scope.map(({ target }) => target).join(", ");
  return (
    <li className={style["grant"]}>
      <p className={style["title"]}>
        <strong>{role}</strong> on {targets} {breakGlass && <Badge tone="bad">break-glass</Badge>}
      </p>
      <p className={remainingMs < SOON_MS ? style["soon"] : style["left"]}>
        <Remaining ms={remainingMs} /> left
      </p>
      <p className={style["why"]}>
        <Plain text={reason} />
        {ticket !== undefined && (
          <>
            {" · "}
            <Plain text={ticket} />
          </>
        )}
        {approvers.length > 0 && ` · approved by ${approvers.join(", ")}`}
        {breakGlass && breakGlass.reviewedAt === undefined && " · not reviewed yet"}
      </p>
      <ConnectList grant={grant} />
      <div className={style["actions"]}>
        <Button look="quiet" onClick={() => setAsked("extend")}>
          More time
        </Button>
        <Button look="quiet" onClick={() => setAsked("end")}>
          Give back
        </Button>
      </div>
      {asked === "extend" && <Extend grant={grant} bySelf={selfExtensionsLeft > 0} onClose={close} />}
      {asked === "end" && <GiveBack grant={grant} targets={targets} onClose={close} />}
    </li>
  );
}

interface AskedProps {
  readonly grant: MyGrant;
  readonly onClose: () => void;
}

function Extend({ grant: { id }, bySelf, onClose }: AskedProps & { readonly bySelf: boolean }): ReactNode {
  const [durationMs, setDuration] = useState(EXTENSION_MS);
  const [reason, setReason] = useState("");
  const extend = useChange("grants.extend");
  const say = useSay();
  const [, go] = useLocation();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = ({ request, grant }: Result<"grants.extend">): void => {
      onClose();
      if (grant) say("You have more time");
      else go(`/requests/${request}`);
    };
    extend.mutate({ params: { id }, body: { durationMs, reason: reason.trim() } }, { onSuccess: done });
  };
  return (
    <Dialog title="More time" open onOpenChange={onClose}>
      <form className={style["form"]} onSubmit={submit}>
        <p className={style["soft"]}>{bySelf ? "The rule lets you take it yourself, this time." : "Somebody has to say yes again."}</p>
        <TextField label="Why" required maxLength={1_000} value={reason} onChange={({ target }) => setReason(target.value)} />
        <DurationChoice label="How much more" ms={durationMs} maxMs={MOST_MS} most="" onChoose={setDuration} />
        {extend.error && <ProblemNote problem={problemOf(extend.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="main" disabled={reason.trim() === ""} busy={extend.isPending}>
            {bySelf ? "Take it" : "Ask for it"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function GiveBack({ grant: { id, role }, targets, onClose }: AskedProps & { readonly targets: string }): ReactNode {
  const revoke = useChange("grants.revoke");
  const say = useSay();
  const end = (): void => {
    const done = (): void => {
      onClose();
      say(`Given back: ${role} on ${targets}`);
    };
    revoke.mutate({ params: { id }, body: { reason: "given back in the console" } }, { onSuccess: done });
  };
  return (
    <Dialog title="Give back" open onOpenChange={onClose}>
      <p>
        <strong>{role}</strong> on {targets} ends now, and every session under it with it.
      </p>
      {revoke.error && <ProblemNote problem={problemOf(revoke.error)} />}
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" busy={revoke.isPending} onClick={end}>
          Give back
        </Button>
      </DialogActions>
    </Dialog>
  );
}
