/** Whether an entry is in the signed log, found out by this browser; what was compared; and the bytes, for people who compare themselves. */
import { Check as Tick, Download, Hourglass, ShieldAlert, ShieldCheck, ShieldQuestionMark, X } from "lucide-react";
import { useState, useEffect, type ReactNode } from "react";
import { pathOf } from "../../api/client.ts";
import { Button, DownloadLink } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Loading } from "../../parts/state.tsx";
import { toHex, toText, type Bytes } from "../../record/bytes.ts";
import type { Check, EntryResult } from "../../record/entry.ts";
import { leafHash } from "../../record/merkle.ts";
import { useProof, type ProofBytes, type Proven } from "../../record/use-log.ts";
import style from "./audit.module.css";
import type { Event } from "./audit.tsx";

const NAMES: Readonly<Record<Check["name"], string>> = {
  entry: "It is an entry of this log, at its place",
  inclusion: "It is under the signed head",
  body: "Its details are the ones it answers for",
  shown: "What is shown here is what is in the log",
};

export function ProofPanel({ event }: { readonly event: Event }): ReactNode {
  const { data, refetch } = useProof(event.seq, event);
  return (
    <Panel
      title="Proof"
      flush
      actions={
        <DownloadLink
          to={pathOf("audit.proof", { params: { seq: event.seq } })}
          as={`entry-${event.seq}-proof.json`}
          icon={<Download size={14} aria-hidden="true" />}
        >
          Proof
        </DownloadLink>
      }
    >
      {data === undefined ? <Loading what="Verifying" /> : <Outcome proven={data} seq={event.seq} onRetry={() => void refetch()} />}
    </Panel>
  );
}

function Outcome({ proven, seq, onRetry }: { readonly proven: Proven; readonly seq: number; readonly onRetry: () => void }): ReactNode {
  switch (proven.state) {
    case "examined":
      return <Examined {...proven} seq={seq} />;
    case "waiting":
      return (
        <Open icon={<Hourglass size={18} aria-hidden="true" />} title="Not yet under a signed head">
          The gate signs the head of its log at most once a second. The page looks again by itself.
        </Open>
      );
    case "unable":
      return (
        <Open icon={<ShieldQuestionMark size={18} aria-hidden="true" />} title="Could not be verified" onRetry={onRetry}>
          {proven.why}. {proven.next}.
        </Open>
      );
    case "broken":
    case "missing":
      return (
        <>
          <p className={style["verdict"]} data-state="wrong" role="alert">
            <ShieldAlert size={18} aria-hidden="true" /> Does not verify
          </p>
          <p className={style["words"]}>
            The head of the log itself is not to be trusted, as this page says at its top. Nothing below it is proven.
          </p>
        </>
      );
  }
}

function Open({
  icon,
  title,
  children,
  onRetry,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly onRetry?: () => void;
}): ReactNode {
  return (
    <div role="status">
      <p className={style["verdict"]} data-state="open">
        {icon} {title}
      </p>
      <div className={style["words"]}>
        <p>{children}</p>
        {onRetry && (
          <div>
            <Button onClick={onRetry}>Look again</Button>
          </div>
        )}
      </div>
    </div>
  );
}

function headlineOf({ verified, entry }: EntryResult): string {
  if (!verified) return "Does not verify";
  return entry?.body === "erased" ? "Verified, as an entry without details" : "Verified by this browser";
}

function Examined({ seq, ...result }: Extract<Proven, { state: "examined" }> & { readonly seq: number }): ReactNode {
  const { verified, checks, head, facts } = result;
  const signed = `By the key of ${head.origin}, over ${head.size.toLocaleString()} entries; and it continues every head this browser saw`;
  return (
    <>
      <p className={style["verdict"]} data-state={verified ? "verified" : "wrong"} role={verified ? "status" : "alert"}>
        {verified ? <ShieldCheck size={18} aria-hidden="true" /> : <ShieldAlert size={18} aria-hidden="true" />}
        {headlineOf(result)}
      </p>
      {!verified && (
        <div className={style["words"]}>
          <p>
            Do not rely on this entry. Keep the proof as a file, tell your security team, and have the whole log verified against an anchor:{" "}
            <code>sallyport audit verify --checkpoint</code>.
          </p>
        </div>
      )}
      <ul className={style["checks"]}>
        <Compared name="The head of the log is signed" ok detail={signed} />
        {checks.map(({ name, ok, detail }) => (
          <Compared key={name} name={NAMES[name]} ok={ok} detail={detail} />
        ))}
      </ul>
      <Numbers facts={facts} seq={seq} />
    </>
  );
}

function Compared({ name, ok, detail }: { readonly name: string; readonly ok: boolean; readonly detail: string }): ReactNode {
  return (
    <li className={style["check"]} data-ok={ok}>
      {ok ? <Tick size={16} aria-label="right" /> : <X size={16} aria-label="wrong" />}
      <div>
        {name}
        <p>{detail}</p>
      </div>
    </li>
  );
}

function Numbers({ facts: { envelope, proof, note }, seq }: { readonly facts: ProofBytes; readonly seq: number }): ReactNode {
  const leaf = useHash(envelope);
  return (
    <details className={style["numbers"]}>
      <summary>The bytes and hashes</summary>
      <Facts over>
        <Fact name="Envelope">
          <pre className={style["pre"]}>
            <Plain text={toText(envelope) ?? toHex(envelope)} />
          </pre>
        </Fact>
        <Fact name={`Leaf ${seq}`}>
          <code>{leaf}</code>
        </Fact>
        <Fact name="Path">
          <ol className={style["path"]}>
            {proof.map((hash) => (
              <li key={toHex(hash)}>
                <code>{toHex(hash)}</code>
              </li>
            ))}
          </ol>
        </Fact>
        <Fact name="Head">
          <pre className={style["pre"]}>
            <Plain text={note} />
          </pre>
        </Fact>
      </Facts>
    </details>
  );
}

function useHash(envelope: Bytes): string {
  const [hash, setHash] = useState("");
  useEffect(() => {
    void leafHash(envelope).then((bytes) => setHash(toHex(bytes)));
  }, [envelope]);
  return hash;
}
