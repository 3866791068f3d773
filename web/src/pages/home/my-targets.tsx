import type { ReactNode } from "react";
import { useSearchParams } from "wouter";
import { useCall } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Panel } from "../../parts/page.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { formatDuration } from "../../parts/time.tsx";
import { aboutTarget, byService, matches, type TargetView } from "../request/draft.ts";
import { TargetSearch } from "../request/target-search.tsx";
import style from "./home.module.css";

const SHOWN = 50;

/** What one may ask for, found by service or label; the search stands in the address. */
export function MyTargets(): ReactNode {
  const targets = useCall("targets.list");
  const configures = useMay("config.read");
  const [params, setParams] = useSearchParams();
  const search = params.get("search") ?? "";
  const setSearch = (text: string): void => setParams(text === "" ? {} : { search: text }, { replace: true });
  return (
    <Panel title="What I may ask for" flush>
      <Shown of={targets}>
        {({ targets: all }) => {
          if (all.length === 0) {
            return (
              <Empty title="There is nothing you may ask for" action={configures && <ButtonLink to="/setup">Set the gate up</ButtonLink>}>
                No access rule names you or a group of yours. Who configures the gate can add one.
              </Empty>
            );
          }
          const found = all.filter((target) => matches(target, search));
          return (
            <>
              <div className={style["search"]}>
                <TargetSearch value={search} onChange={setSearch} />
              </div>
              {found.length === 0 && <Empty title={`Nothing you may ask for matches “${search}”`} />}
              {byService(found.slice(0, SHOWN)).map(({ name, targets: of }) => (
                <section key={name ?? ""} aria-label={name ?? "Of no service"}>
                  <h3 className={style["service"]}>{name ?? "Of no service"}</h3>
                  <ul>
                    {of.map((target) => (
                      <TargetItem key={target.name} target={target} />
                    ))}
                  </ul>
                </section>
              ))}
              {found.length > SHOWN && <p className={style["more"]}>{found.length - SHOWN} more: search for them.</p>}
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}

function TargetItem({ target }: { readonly target: TargetView }): ReactNode {
  const { name, roles } = target;
  return (
    <li className={style["target"]}>
      <span className={style["targetName"]}>
        <strong>{name}</strong> <span className={style["soft"]}>{aboutTarget(target)}</span>
      </span>
      <span className={style["soft"]}>
        {roles
          .map(({ role, approval, maxDurationMs }) => `${role} (${approval ?? "at once"}, ${formatDuration(maxDurationMs)} at most)`)
          .join(" · ")}
      </span>
      <ButtonLink to={`/request?target=${encodeURIComponent(name)}`}>
        Request<span className="visually-hidden"> {name}</span>
      </ButtonLink>
    </li>
  );
}
