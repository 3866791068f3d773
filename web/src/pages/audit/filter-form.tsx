import { useState, type FormEvent, type ReactNode } from "react";
import { useAddress } from "../../app/address.ts";
import { Button } from "../../parts/button.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import style from "./audit.module.css";
import { FILTERS, fromLocal, toLocal, type Filter, type Filters } from "./filters.ts";

const MORE: readonly (readonly [Filter, string])[] = [
  ["session", "Session"],
  ["grant", "Grant"],
  ["request", "Request"],
  ["table", "Table in statements"],
  ["column", "Column in statements"],
];

/** Nothing is asked before Enter: half a word finds nothing, and each search is work for the gate. */
export function FilterForm({ filters }: { readonly filters: Filters }): ReactNode {
  const [, change] = useAddress();
  const [draft, setDraft] = useState<Filters>({ ...filters, since: toLocal(filters.since), until: toLocal(filters.until) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change({ ...draft, since: fromLocal(draft.since), until: fromLocal(draft.until) }, "step");
  };
  const field = (name: Filter): { value: string; onChange: (event: { target: { value: string } }) => void } => ({
    value: draft[name],
    onChange: ({ target }) => setDraft({ ...draft, [name]: target.value }),
  });
  const isFiltered = FILTERS.some((name) => filters[name] !== "");
  return (
    <form className={style["filters"]} role="search" aria-label="Entries" onSubmit={submit}>
      <div className={style["row"]}>
        <TextField label="Words in details" type="search" placeholder="systemctl restart" maxLength={512} {...field("words")} />
        <TextField label="Who" maxLength={256} {...field("who")} />
        <TextField label="Target" maxLength={256} {...field("target")} />
        <TextField label="Event" placeholder="ssh.exec, ssh.shell" maxLength={512} {...field("kind")} />
        <SelectField label="Decision" {...field("decision")}>
          <option value="">any</option>
          <option value="allow">allow</option>
          <option value="deny">deny</option>
          <option value="hold">hold</option>
        </SelectField>
        <TextField label="Since" type="datetime-local" {...field("since")} />
        <TextField label="Until" type="datetime-local" {...field("until")} />
      </div>
      <details open={MORE.some(([name]) => filters[name] !== "")}>
        <summary>More filters</summary>
        <div className={style["row"]}>
          {MORE.map(([name, label]) => (
            <TextField key={name} label={label} maxLength={256} {...field(name)} />
          ))}
        </div>
      </details>
      <div className={style["buttons"]}>
        <Button type="submit" look="main">
          Search
        </Button>
        {isFiltered && (
          <Button look="quiet" onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, ""])), "step")}>
            Clear
          </Button>
        )}
      </div>
    </form>
  );
}
