/** A shell on a host, in the browser: under the same grant, rules and recording as with one's own ssh. */
import { Minus, Plus, RotateCw, Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useParams } from "wouter";
import { useAddress } from "../../app/address.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { Loading, ProblemNote } from "../../parts/state.tsx";
import { formatDuration } from "../../parts/time.tsx";
import { chosenOf, GrantList, MyGrants, NoAccess, requestLink, type Grant } from "./choose-grant.tsx";
import { findIn } from "./find.ts";
import type { HeldScreenHandle } from "./held-screen.tsx";
import type { LinkState } from "./link.ts";
import style from "./terminal.module.css";

const HeldScreen = lazy(() => import("./held-screen.tsx"));
const FONT_KEY = "sallyport.terminal.font";
const [SMALLEST, USUAL, LARGEST] = [9, 13, 26];
const SOON_MS = 300_000;
const LAST_MS = 60_000;

export default function TerminalPage(): ReactNode {
  const { target } = useParams<{ target: string }>();
  return (
    <MyGrants target={target} everyMs={15_000}>
      {(grants) => <Choose target={target} grants={grants} />}
    </MyGrants>
  );
}

/** Where several are good here, the person says which. */
function Choose({ target, grants }: { readonly target: string; readonly grants: readonly Grant[] }): ReactNode {
  const [of] = useAddress();
  const named = of("grant");
  const grant = chosenOf(grants, named);
  // One that has ended meanwhile stays on the page, with what its session says of it.
  const [held, setHeld] = useState(grant);
  useEffect(() => {
    if (grant && grant.id !== held?.id) setHeld(grant);
  }, [grant, held?.id]);
  const shown = grant ?? (held && (named === "" || named === held.id) ? held : undefined);
  if (shown) return <Held key={shown.id} target={target} grant={shown} />;
  if (grants.length === 0 || named !== "") return <NoAccess target={target} named={named !== ""} />;
  return <GrantList target={target} grants={grants} within="/terminal" />;
}

function storedFont(): number {
  const stored = Number(localStorage.getItem(FONT_KEY));
  return stored >= SMALLEST && stored <= LARGEST ? stored : USUAL;
}

function Held({ target, grant }: { readonly target: string; readonly grant: Grant }): ReactNode {
  const [state, setState] = useState<LinkState>({ kind: "connecting" });
  const [attempt, setAttempt] = useState(0);
  const [font, setFont] = useState(storedFont);
  const [readAloud, setReadAloud] = useState(false);
  const [finding, setFinding] = useState(false);
  const held = useRef<HeldScreenHandle>(null);
  const first = useRef<HTMLButtonElement>(null);
  const open = state.kind === "open" || state.kind === "lost";
  useStayQuestion(open);
  const grow = (by: number): void => {
    const next = Math.min(LARGEST, Math.max(SMALLEST, font + by));
    localStorage.setItem(FONT_KEY, String(next));
    setFont(next);
  };
  const left = useLeft(grant);
  return (
    <Page
      title={target}
      lead={
        <span className={style["facts"]}>
          <StateBadge state={state} />
          <span>{grant.role}</span>
          {state.kind !== "ended" && (
            <span className={left < SOON_MS ? style["soon"] : undefined}>
              {left > 0 ? `${formatDuration(left)} left` : "access has ended"}
            </span>
          )}
          <span className={style["soft"]}>Recorded. Ctrl+Shift+E leaves the terminal, Ctrl+Shift+C copies.</span>
        </span>
      }
      actions={
        <>
          <button
            ref={first}
            type="button"
            className={style["tool"]}
            aria-label="Smaller type"
            title="Smaller type"
            onClick={() => grow(-1)}
          >
            <Minus size={16} aria-hidden="true" />
          </button>
          <button type="button" className={style["tool"]} aria-label="Larger type" title="Larger type" onClick={() => grow(1)}>
            <Plus size={16} aria-hidden="true" />
          </button>
          <button
            type="button"
            className={style["tool"]}
            aria-label="Find in the terminal"
            title="Find (Ctrl+Shift+F)"
            aria-expanded={finding}
            onClick={() => setFinding(!finding)}
          >
            <Search size={16} aria-hidden="true" />
          </button>
          <label className={style["check"]}>
            <input type="checkbox" checked={readAloud} onChange={({ target: box }) => setReadAloud(box.checked)} />
            Screen reader
          </label>
          <ButtonLink to={`/files/${target}?grant=${grant.id}`}>Files</ButtonLink>
          {state.kind === "ended" && !ASKABLE.has(state.problem?.code ?? "") && (
            <Button look="main" icon={<RotateCw size={16} aria-hidden="true" />} onClick={() => setAttempt(attempt + 1)}>
              Open again
            </Button>
          )}
        </>
      }
    >
      <p className="visually-hidden" role="status">
        {left > 0 && left < LAST_MS
          ? "Less than a minute of access is left"
          : left > 0 && left < SOON_MS
            ? "Less than five minutes of access are left"
            : ""}
      </p>
      {state.kind === "ended" && <Ended state={state} target={target} />}
      {state.kind === "lost" && <Lost until={state.until} />}
      {finding && (
        <Find
          onFind={(words, way) => held.current?.screen !== undefined && findIn(held.current.screen, words, way)}
          onClose={() => {
            setFinding(false);
            held.current?.focus();
          }}
        />
      )}
      <Suspense fallback={<Loading lines={8} what="Loading the terminal" />}>
        <HeldScreen
          key={attempt}
          ref={held}
          target={target}
          grant={grant.id}
          fontSize={font}
          readAloud={readAloud}
          onState={setState}
          onKey={(key) => (key === "find" ? setFinding(true) : first.current?.focus())}
        />
      </Suspense>
    </Page>
  );
}

/** Counted from what the gate said, by elapsed time. */
function useLeft({ remainingMs }: Grant): number {
  const since = useMemo(() => ({ at: performance.now(), remainingMs }), [remainingMs]);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return since.remainingMs - Math.max(0, now - since.at);
}

/** Ctrl+W deletes a word in a shell, and closes a page. */
function useStayQuestion(open: boolean): void {
  useEffect(() => {
    if (!open) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [open]);
}

function StateBadge({ state }: { readonly state: LinkState }): ReactNode {
  const [words, tone] = {
    connecting: ["connecting", "neutral"] as const,
    open: ["connected", "good"] as const,
    lost: ["connection lost", "warn"] as const,
    ended: ["ended", "neutral"] as const,
  }[state.kind];
  return (
    <span role="status">
      <Badge tone={tone}>{words}</Badge>
    </span>
  );
}

function Lost({ until }: { readonly until: number }): ReactNode {
  const [left, setLeft] = useState(() => until - performance.now());
  useEffect(() => {
    const timer = setInterval(() => setLeft(until - performance.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return (
    <p className={style["lost"]} role="alert">
      The connection is lost. It is tried again; the session waits for you for {formatDuration(Math.max(0, left))} more. What you type
      meanwhile is kept.
    </p>
  );
}

function Ended({
  state: { status, signal, problem },
  target,
}: {
  readonly state: Extract<LinkState, { kind: "ended" }>;
  readonly target: string;
}): ReactNode {
  if (problem) {
    return (
      <div className={style["problem"]}>
        <ProblemNote problem={problem} />
        {ASKABLE.has(problem.code) && (
          <ButtonLink to={requestLink(target)} look="main">
            Request access
          </ButtonLink>
        )}
      </div>
    );
  }
  const how = signal === undefined ? (status === undefined ? "" : ` with status ${status}`) : ` by signal ${signal}`;
  return (
    <p className={style["over"]} role="status">
      The shell ended{how}. What it showed stays here until you leave the page.
    </p>
  );
}

/** What another grant would mend. */
const ASKABLE: ReadonlySet<string> = new Set([
  "no-grant",
  "grant-ended",
  "grant-revoked",
  "grant-narrowed",
  "not-allowed",
  "budget-used-up",
]);

function Find({
  onFind,
  onClose,
}: {
  readonly onFind: (words: string, way: "up" | "down") => boolean;
  readonly onClose: () => void;
}): ReactNode {
  const [words, setWords] = useState("");
  const [missing, setMissing] = useState(false);
  const find = (way: "up" | "down"): void => setMissing(!onFind(words, way));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    find("up");
  };
  return (
    <search>
      <form className={style["find"]} onSubmit={submit} onKeyDown={({ key }) => key === "Escape" && onClose()}>
        <input
          type="search"
          aria-label="Find in the terminal"
          placeholder="Find in what was shown"
          autoFocus
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <Button type="submit">Up</Button>
        <Button onClick={() => find("down")}>Down</Button>
        <Button look="quiet" onClick={onClose}>
          Close
        </Button>
        <span role="status">{missing ? "Not found" : ""}</span>
      </form>
    </search>
  );
}
