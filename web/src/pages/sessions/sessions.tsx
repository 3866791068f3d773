/** Who was where: the sessions, narrowed, and a search of what was done and shown in them. Everything chosen is in the address. */
import { useState, type FormEvent, type ReactNode } from "react";
import { usePages } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useMay } from "../../app/status.ts";
import { Button } from "../../parts/button.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Page, Panel } from "../../parts/page.tsx";
import { Empty, Loading, Shown } from "../../parts/state.tsx";
import { ENDS, isNarrowed, KINDS, nameOf, readFilters, useQueryOf, WHENS, type Filters } from "./filters.ts";
import { Further } from "./further.tsx";
import { Hits } from "./hits.tsx";
import { SessionRow } from "./row.tsx";
import style from "./sessions.module.css";

export default function Sessions(): ReactNode {
  const [of] = useAddress();
  const filters = readFilters(of);
  useListKeys();
  return (
    <Page title="Sessions" lead="Every connection to production: who, to what, what they did there, and how it ended.">
      <Narrow filters={filters} />
      {filters.words === "" ? <List filters={filters} /> : <Hits filters={filters} />}
    </Page>
  );
}

/** Typed text goes to the address on Enter and when the field is left, choices at once. */
function Narrow({ filters }: { readonly filters: Filters }): ReactNode {
  const [, change] = useAddress();
  const others = useMay("session.read");
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    change({ words: text("words"), who: text("who"), target: text("target") }, "step");
  };
  return (
    <search>
      <form className={style["filters"]} onSubmit={submit} key={`${filters.words} ${filters.who} ${filters.target}`}>
        <div className={style["words"]}>
          <TextField
            label="Search"
            name="words"
            type="search"
            placeholder="Words in commands, statements, files and what terminals showed"
            defaultValue={filters.words}
            maxLength={512}
          />
        </div>
        {others && <Name label="Who" name="who" value={filters.who} />}
        <Name label="Target" name="target" value={filters.target} />
        <Choice label="Kind" value={filters.kind} choices={KINDS} onChange={(kind) => change({ kind })} />
        <Choice label="When" value={filters.when} choices={WHENS} onChange={(when) => change({ when })} />
        <Choice label="State" value={filters.end} choices={ENDS} onChange={(end) => change({ end })} />
        <div className={style["buttons"]}>
          <Button type="submit" look="main">
            Search
          </Button>
          {(isNarrowed(filters) || filters.words !== "") && (
            <Button look="quiet" onClick={() => change({ words: "", who: "", target: "", kind: "", when: "", end: "" }, "step")}>
              Clear
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}

function Name({ label, name, value }: { readonly label: string; readonly name: "who" | "target"; readonly value: string }): ReactNode {
  const [, change] = useAddress();
  const [wrong, setWrong] = useState(false);
  const leave = (text: string): void => {
    setWrong(text !== "" && nameOf(text) === undefined);
    if (text !== value) change({ [name]: text }, "step");
  };
  return (
    <TextField
      label={label}
      name={name}
      defaultValue={value}
      maxLength={64}
      autoComplete="off"
      spellCheck={false}
      placeholder={name === "who" ? "anybody" : "any"}
      error={wrong || (value !== "" && nameOf(value) === undefined) ? "This cannot be a name" : undefined}
      onBlur={({ target }) => leave(target.value.trim())}
    />
  );
}

function Choice({
  label,
  value,
  choices,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [string, string, ...unknown[]])[];
  readonly onChange: (value: string) => void;
}): ReactNode {
  return (
    <SelectField label={label} value={value} onChange={({ target }) => onChange(target.value)}>
      {choices.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

function List({ filters }: { readonly filters: Filters }): ReactNode {
  const others = useMay("session.read");
  const found = usePages("sessions.search", { query: useQueryOf(filters, others) }, "cursor", { everyMs: 5_000 });
  return (
    <Panel flush>
      <Shown of={found} loading={<Loading lines={8} what="Loading sessions" />}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.found);
          if (rows.length === 0 && !found.hasNextPage) return <NoSessions narrowed={isNarrowed(filters)} others={others} />;
          return (
            <>
              <ul>
                {rows.map(({ session }) => (
                  <SessionRow key={session.id} session={session} />
                ))}
              </ul>
              <p className={style["count"]} role="status">
                {countOf(rows.length, found.hasNextPage)}
              </p>
              <Further of={found} label="Look further back" />
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}

function countOf(found: number, isPart: boolean): string {
  if (found === 0) return "None so far; there are older ones.";
  const what = `${found} ${found === 1 ? "session" : "sessions"}`;
  return isPart ? `${what}, the latest; there are older ones.` : what;
}

function NoSessions({ narrowed, others }: { readonly narrowed: boolean; readonly others: boolean }): ReactNode {
  if (narrowed) return <Empty title="No session is like that">Take a filter away, or look further back.</Empty>;
  return (
    <Empty title="No sessions yet">
      {others
        ? "Whoever connects to a target appears here, from the first moment, and stays in the record."
        : "When you connect to a target your session appears here, and you can look at it again."}
    </Empty>
  );
}
