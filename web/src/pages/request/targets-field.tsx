import { X } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Empty } from "../../parts/state.tsx";
import { aboutTarget, byService, matches, type TargetView } from "./draft.ts";
import style from "./request.module.css";
import { TargetSearch } from "./target-search.tsx";

const SHOWN = 60;

interface TargetsFieldProps {
  readonly targets: readonly TargetView[];
  readonly chosen: readonly string[];
  readonly onChoose: (targets: readonly string[]) => void;
}

/** What one wants to reach, found by service. The arrow keys go from the search into the list and through it. */
export function TargetsField({ targets, chosen, onChoose }: TargetsFieldProps): ReactNode {
  const [search, setSearch] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = targets.filter((target) => matches(target, search));
  const shown = found.slice(0, SHOWN);
  const toggle = (name: string): void => onChoose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const boxes = [...(list.current?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? [])];
    const at = boxes.indexOf(event.target as HTMLInputElement);
    event.preventDefault();
    boxes[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  };
  const onEnter = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    // Not the form's: it would be sent half filled in.
    event.preventDefault();
    const [only] = found;
    if (only && found.length === 1) toggle(only.name);
  };
  return (
    <fieldset className={style["set"]} onKeyDown={onKeyDown}>
      <legend className={style["legend"]}>What</legend>
      {chosen.length > 0 && (
        <ul className={style["chips"]} aria-label="Chosen">
          {chosen.map((name) => (
            <li key={name} className={style["chip"]}>
              {name}
              {!targets.some((target) => target.name === name) && <Badge tone="warn">you may not ask for it</Badge>}
              <button type="button" className={style["remove"]} aria-label={`Leave out ${name}`} onClick={() => toggle(name)}>
                <X size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <TargetSearch value={search} onChange={setSearch} onKeyDown={onEnter} />
      <div className={style["targets"]} ref={list}>
        {byService(shown).map(({ name, targets: of }) => (
          <div key={name ?? ""} role="group" aria-label={name ?? "Of no service"} className={style["service"]}>
            <div className={style["serviceHead"]}>
              <span className={style["serviceName"]}>{name ?? "Of no service"}</span>
              {of.length > 1 && <AllOf of={of} chosen={chosen} onChoose={onChoose} />}
            </div>
            {of.map((target) => (
              <label key={target.name} className={style["target"]}>
                <input type="checkbox" checked={chosen.includes(target.name)} onChange={() => toggle(target.name)} />
                <span className={style["targetName"]}>{target.name}</span>
                <span className={style["labels"]}>{aboutTarget(target)}</span>
              </label>
            ))}
          </div>
        ))}
        {found.length === 0 && (
          <Empty title={`Nothing you may ask for matches “${search}”`}>Search for less, or for a label such as env=prod.</Empty>
        )}
        {found.length > SHOWN && <p className={style["more"]}>{found.length - SHOWN} more: search for them.</p>}
      </div>
    </fieldset>
  );
}

function AllOf({ of, chosen, onChoose }: { readonly of: readonly TargetView[] } & Omit<TargetsFieldProps, "targets">): ReactNode {
  const names = of.map(({ name }): string => name);
  const all = names.every((name) => chosen.includes(name));
  const others = chosen.filter((name) => !names.includes(name));
  return (
    <button type="button" className={style["all"]} onClick={() => onChoose(all ? others : [...others, ...names])}>
      {all ? "none" : `all ${of.length}`}
    </button>
  );
}
