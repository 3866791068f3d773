/** Where details were erased: who did it, when and why, which is an entry of the log itself, and verified as one. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useCall } from "../../api/queries.ts";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Shown } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import { useProof } from "../../record/use-log.ts";
import style from "./audit.module.css";
import type { Event } from "./audit.tsx";
import { LogDamaged } from "./log-damaged.tsx";

const MOST = 1_000;

export function Tombstone({ seq }: { readonly seq: number }): ReactNode {
  const search = useCall("audit.search", { query: { kinds: ["audit.erased"], from: seq + 1, order: "asc", limit: MOST } });
  return (
    <Shown of={search}>
      {({ events }) => {
        const erasure = events.find(({ body }) => body?.["seq"] === seq);
        if (erasure) return <Erasure event={erasure} />;
        return (
          <LogDamaged
            title="The details are missing"
            detail={
              events.length < MOST
                ? "No entry after this one says that somebody erased them"
                : `None of the first ${MOST} erasures after this entry is of it`
            }
            next="What is missing without a record of its erasure was removed from outside: have the log verified with sallyport audit verify"
          />
        );
      }}
    </Shown>
  );
}

function Erasure({ event }: { readonly event: Event }): ReactNode {
  const { data } = useProof(event.seq, event);
  const reason = event.body?.["reason"];
  const verified = data?.state === "examined" && data.verified;
  return (
    <div className={style["stack"]}>
      <p>
        <Badge>erased</Badge> {event.principal !== undefined && <Plain text={event.principal} />} erased the details,{" "}
        <Time at={event.time} />:
      </p>
      <blockquote className={style["quote"]}>{typeof reason === "string" && <Plain text={reason} />}</blockquote>
      <p role="status">
        The erasure is <Link to={`/audit/${event.seq}`}>entry {event.seq}</Link>
        {verified ? ", verified by this browser." : data?.state === "examined" ? ", which does not verify." : ", not verified yet."}
      </p>
    </div>
  );
}
