/** What is round every page: the way to the others, who is logged in, what is wrong with the gate. */
import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { Waiting } from "../parts/page.tsx";
import { Saying } from "../parts/say.tsx";
import { GateLost } from "./gate-lost.tsx";
import { Keys, ShowKeys } from "./keys.tsx";
import { useLiveChanges } from "./live-changes.ts";
import { logOut } from "./log-out.ts";
import { notifier } from "./notify.ts";
import { NAVIGATION, type NavigationEntry } from "./places.tsx";
import style from "./shell.module.css";
import { useMay, useStatus } from "./status.ts";
import { StepUp } from "./step-up.tsx";
import { Whole } from "./whole.tsx";
import { chooseTheme, storedTheme, type Theme } from "./theme.ts";
import { useGoKeys } from "./go-keys.ts";

/** Needed by few and at no page's first sight. */
const LogGuard = lazy(() => import("../record/log-guard.tsx"));

export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const status = useStatus();
  const { gate, me, health, toApprove, toDecide, toReview, toModerate } = status;
  const [path, go] = useLocation();
  const main = useRef<HTMLElement>(null);
  const entries = useEntries(path);
  useGoKeys(entries);
  const [notify] = useState(() => notifier(status, go));
  useLiveChanges(notify);
  // Somebody who does not see the page change hears where they are now.
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.querySelector("h1")?.focus();
    first.current = false;
  }, [path]);
  return (
    <Keys entries={entries}>
      <div className={style["shell"]}>
        <a className={style["skip"]} href="#main">
          Skip to the page
        </a>
        <nav className={style["nav"]} aria-label="Pages">
          <Link to="/" className={style["brand"]}>
            <img src="/gate.svg" alt="" width={24} height={24} />
            <span>{gate.name}</span>
          </Link>
          <ul className={style["entries"]}>
            {entries.map((entry) => (
              <Entry key={entry.path} entry={entry} current={isWithin(path, entry.path)} />
            ))}
          </ul>
          <div className={style["foot"]}>
            <ThemeChoice />
            <ShowKeys className={`${style["icon"]} ${style["keyboard"]}`} />
            <button
              type="button"
              className={style["icon"]}
              aria-label={`Log out ${me.name}`}
              title={`Log out ${me.name}`}
              onClick={() => void logOut()}
            >
              <LogOut size={16} aria-hidden="true" />
            </button>
            <span className={style["who"]}>{me.name}</span>
          </div>
        </nav>
        <main id="main" ref={main} className={style["main"]}>
          <GateLost />
          {useMay("audit.read") && (
            <Suspense fallback={null}>
              <LogGuard />
            </Suspense>
          )}
          {health.warnings.length > 0 && (
            <div className={style["notice"]} role="status">
              {health.warnings.map((warning) => (
                <p key={warning}>{warning}</p>
              ))}
            </div>
          )}
          <Waiting value={toApprove.length + toDecide.length + toReview.length + toModerate.length}>
            <Saying>
              <StepUp>
                <Whole path={path}>{children}</Whole>
              </StepUp>
            </Saying>
          </Waiting>
        </main>
      </div>
    </Keys>
  );
}

function Entry({
  entry: { path, name, icon: Icon, key, waiting },
  current,
}: {
  readonly entry: NavigationEntry;
  readonly current: boolean;
}): ReactNode {
  const count = waiting?.(useStatus()) ?? 0;
  return (
    <li>
      <Link to={path} className={style["entry"]} aria-current={current ? "page" : undefined} title={`${name} (g ${key})`}>
        <Icon size={16} aria-hidden="true" />
        <span>{name}</span>
        {count > 0 && (
          <span className={style["count"]}>
            {count}
            <span className="visually-hidden"> waiting</span>
          </span>
        )}
      </Link>
    </li>
  );
}

function useEntries(path: string): readonly NavigationEntry[] {
  const status = useStatus();
  const { permissions } = status.me;
  const isOf = ({ needs }: NavigationEntry): boolean => needs === undefined || needs.some((each) => permissions.includes(each));
  // Whoever was called there by something that waited stays there.
  return NAVIGATION.filter((entry) => isOf(entry) || (entry.waiting?.(status) ?? 0) > 0 || isWithin(path, entry.path));
}

function isWithin(path: string, entry: string): boolean {
  return path === entry || (entry !== "/" && path.startsWith(`${entry}/`));
}

const THEMES: readonly { readonly theme: Theme; readonly name: string; readonly icon: typeof Sun }[] = [
  { theme: "system", name: "as the system", icon: Monitor },
  { theme: "light", name: "light", icon: Sun },
  { theme: "dark", name: "dark", icon: Moon },
];

function ThemeChoice(): ReactNode {
  const [chosen, setChosen] = useState(storedTheme);
  const index = THEMES.findIndex(({ theme }) => theme === chosen);
  const { name, icon: Icon } = THEMES[index] ?? { name: "", icon: Monitor };
  const next = THEMES[(index + 1) % THEMES.length];
  const turn = (): void => {
    if (!next) return;
    chooseTheme(next.theme);
    setChosen(next.theme);
  };
  return (
    <button type="button" className={style["icon"]} aria-label={`Colours: ${name}`} title={`Colours: ${name}`} onClick={turn}>
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
