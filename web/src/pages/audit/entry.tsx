/** One entry of the log: what it says, and whether it is in the log. */
import { ChevronLeft, ChevronRight, Eraser } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams, useSearch } from "wouter";
import { useCall, useChange } from "../../api/queries.ts";
import { useKeys } from "../../app/keys.tsx";
import { useMay } from "../../app/status.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Permitted } from "../../parts/denied.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import { useLogHead } from "../../record/use-log.ts";
import style from "./audit.module.css";
import { DecisionBadge, type Event } from "./audit.tsx";
import { EventBody } from "./event-body.tsx";
import { LogDamaged } from "./log-damaged.tsx";
import { ProofPanel } from "./proof-panel.tsx";
import { Tombstone } from "./tombstone.tsx";

export default function EntryPage(): ReactNode {
  const { seq: text } = useParams<{ seq: string }>();
  const seq = /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
  return (
    <Page title={seq === undefined ? "No such entry" : `Entry ${seq}`} actions={seq !== undefined && <Steps seq={seq} />}>
      <Permitted what="the audit log" permission="audit.read">
        {seq === undefined ? <Empty title="Entries have numbers from 0">The address names none.</Empty> : <Entry key={seq} seq={seq} />}
      </Permitted>
    </Page>
  );
}

/** To the neighbours and back to the list, which keeps its filters: `j` older, `k` newer, as in the list; Escape back. */
function Steps({ seq }: { readonly seq: number }): ReactNode {
  const [, go] = useLocation();
  const search = useSearch();
  const suffix = search === "" ? "" : `?${search}`;
  useKeys([
    { key: "j", does: "the entry before", act: () => seq > 0 && go(`/audit/${seq - 1}${suffix}`) },
    { key: "k", does: "the entry after", act: () => go(`/audit/${seq + 1}${suffix}`) },
    { key: "Escape", does: "back to the list", act: () => go(`/audit${suffix}`) },
  ]);
  return (
    <>
      <ButtonLink to={`/audit${suffix}`}>All entries</ButtonLink>
      {seq > 0 && (
        <ButtonLink to={`/audit/${seq - 1}${suffix}`} icon={<ChevronLeft size={14} aria-hidden="true" />}>
          Older
        </ButtonLink>
      )}
      <ButtonLink to={`/audit/${seq + 1}${suffix}`} icon={<ChevronRight size={14} aria-hidden="true" />}>
        Newer
      </ButtonLink>
    </>
  );
}

function Entry({ seq }: { readonly seq: number }): ReactNode {
  const search = useCall("audit.search", { query: { from: seq, to: seq, limit: 1 } });
  return (
    <Shown of={search}>
      {({ events: [event] }) =>
        event ? (
          <div className={style["columns"]}>
            <What event={event} />
            <ProofPanel event={event} />
          </div>
        ) : (
          <Absent seq={seq} />
        )
      }
    </Shown>
  );
}

/** The search not knowing an entry that a signed head covers is no gap to pass over in silence. */
function Absent({ seq }: { readonly seq: number }): ReactNode {
  const { data: head } = useLogHead();
  if (head?.state === "good" && seq < head.head.size) {
    return (
      <LogDamaged
        title={`Entry ${seq} is missing`}
        detail={`The signed log has ${head.head.size} entries, this one among them, and the gate does not find it`}
        next="Somebody may have altered the gate's database: tell your security team, and have the log verified with sallyport audit verify"
      />
    );
  }
  return (
    <Empty title={`There is no entry ${seq} yet`}>The log is not that long. Entries come with everything that happens at the gate.</Empty>
  );
}

function What({ event }: { readonly event: Event }): ReactNode {
  const { kind, time, principal, target, session, grant, request, decision, rule, body, seq } = event;
  return (
    <div className={style["stack"]}>
      <Panel title={<code>{kind}</code>} actions={<Erasing event={event} />}>
        <Facts>
          <Fact name="When">
            <Time at={time} /> <code>({new Date(time).toISOString()})</code>
          </Fact>
          <Subject name="Who" filter="who" value={principal} />
          <Subject name="Target" filter="target" value={target} />
          <Subject name="Session" filter="session" value={session} page="/sessions" />
          <Subject name="Grant" filter="grant" value={grant} />
          <Subject name="Request" filter="request" value={request} />
          {decision !== undefined && (
            <Fact name="Decision">
              <DecisionBadge decision={decision} />
            </Fact>
          )}
          {rule !== undefined && (
            <Fact name="By rule">
              <Plain text={rule} />
            </Fact>
          )}
        </Facts>
      </Panel>
      <Panel title="Details">{body === undefined ? <Tombstone seq={seq} /> : <EventBody body={body} />}</Panel>
    </div>
  );
}

/** Whom or what the entry is about, and the way to everything else about them. */
function Subject({
  name,
  filter,
  value,
  page,
}: {
  readonly name: string;
  readonly filter: string;
  readonly value: string | undefined;
  readonly page?: string;
}): ReactNode {
  if (value === undefined) return null;
  return (
    <Fact name={name}>
      <span className={style["subject"]}>
        <Plain text={value} />
        {page !== undefined && /^[a-z0-9-]+$/.test(value) && <Link to={`${page}/${value}`}>{`Open the ${name.toLowerCase()}`}</Link>}
        <Link to={`/audit?${new URLSearchParams({ [filter]: value }).toString()}`}>Find all</Link>
      </span>
    </Fact>
  );
}

/** What an erasure is of stays in the log for ever: it cannot be erased in its turn. */
function Erasing({ event: { seq, kind, body } }: { readonly event: Event }): ReactNode {
  const may = useMay("audit.erase");
  const [open, setOpen] = useState(false);
  const erase = useChange("audit.erase");
  if (!may || body === undefined || kind === "audit.erased") return null;
  return (
    <>
      <Button look="danger" icon={<Eraser size={14} aria-hidden="true" />} onClick={() => setOpen(true)}>
        Erase details
      </Button>
      <Confirm
        title={`Erase the details of entry ${seq}`}
        action="Erase for good"
        open={open}
        onOpenChange={setOpen}
        busy={erase.isPending}
        error={erase.error}
        onConfirm={(reason) => erase.mutate({ body: { seq, reason } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          The details are gone for good, here and for the search. That there was an entry, when, whom and what it names, and that you erased
          it, stays and can be proven.
        </p>
      </Confirm>
    </>
  );
}
