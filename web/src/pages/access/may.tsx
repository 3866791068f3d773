/** Who may get what: people down, targets across, and in each place what they may ask for there and what it takes. */
import { useState, type FormEvent, type ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { formatDuration } from "../../parts/time.tsx";
import style from "./access.module.css";
import { AccessPage } from "./frame.tsx";

type Matrix = Result<"access.matrix">;
type Entry = Matrix["entries"][number];

const FILTERS = ["who", "group", "where", "role"] as const;
type Filters = Readonly<Record<(typeof FILTERS)[number], string>>;

const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";
const VERDICTS: Readonly<Record<Entry["verdict"], { readonly tone: Tone; readonly word: string }>> = {
  allow: { tone: "good", word: "at once" },
  ask: { tone: "info", word: "if approved" },
  deny: { tone: "bad", word: "cannot be approved" },
};

export default function MayPage(): ReactNode {
  const [of] = useAddress();
  const filters: Filters = { who: of("who"), group: of("group"), where: of("where"), role: of("role") };
  return (
    <AccessPage path="/access/may">
      <FilterForm key={JSON.stringify(filters)} filters={filters} />
      <Answer filters={filters} />
    </AccessPage>
  );
}

function FilterForm({ filters }: { readonly filters: Filters }): ReactNode {
  const [, change] = useAddress();
  const [draft, setDraft] = useState(filters);
  const field = (name: keyof Filters): { value: string; onChange: (event: { target: { value: string } }) => void; pattern: string } => ({
    value: draft[name],
    onChange: ({ target }) => setDraft({ ...draft, [name]: target.value }),
    pattern: NAME,
  });
  return (
    <form
      className={style["filters"]}
      role="search"
      aria-label="Rights"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        change(draft, "step");
      }}
    >
      <TextField label="Person" type="search" {...field("who")} />
      <TextField label="Group" type="search" {...field("group")} />
      <TextField label="Target" type="search" {...field("where")} />
      <TextField label="Role" type="search" {...field("role")} />
      <Button type="submit">Show</Button>
    </form>
  );
}

function Answer({ filters: { who, group, where, role } }: { readonly filters: Filters }): ReactNode {
  const matrix = useCall("access.matrix", {
    query: {
      ...(who !== "" && { principal: who }),
      ...(group !== "" && { group }),
      ...(where !== "" && { target: where }),
      ...(role !== "" && { role }),
    },
  });
  return (
    <Shown of={matrix}>
      {(answer) =>
        answer.principals.length === 0 || answer.targets.length === 0 ? (
          <Empty title={answer.principals.length === 0 ? "There is nobody like that" : "There is no such target"}>
            Names are compared as they are written, whole. Disabled people get nothing, and are not here.
          </Empty>
        ) : (
          <Grid {...answer} />
        )
      }
    </Shown>
  );
}

function Grid({ principals, targets, entries, active, more }: Matrix): ReactNode {
  const places = Map.groupBy(entries, ({ principal, target }) => `${principal} ${target}`);
  const held = new Set(active.map(({ principal, target, role }) => `${principal} ${target} ${role}`));
  return (
    <Panel title={`${principals.length} × ${targets.length}`} flush>
      {more && (
        <p className={style["notice"]} role="status">
          There is more than is shown. Name a person, a group, a target or a role to see all of it.
        </p>
      )}
      {/* It scrolls sideways, which a keyboard must reach. */}
      <div className={style["scroll"]} role="region" aria-label="Who may get what" tabIndex={0}>
        <table className={style["matrix"]}>
          <thead>
            <tr>
              <th scope="col">Person</th>
              {targets.map(({ name, kind }) => (
                <th key={name} scope="col">
                  <Plain text={name} /> <span className={style["soft"]}>{kind}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {principals.map(({ name, groups }) => (
              <tr key={name}>
                <th scope="row">
                  <Plain text={name} />
                  <p className={style["soft"]}>
                    <Plain text={groups.join(", ")} />
                  </p>
                </th>
                {targets.map(({ name: target }) => (
                  <td key={target}>
                    <Place who={name} where={target} entries={places.get(`${name} ${target}`) ?? []} held={held} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface PlaceProps {
  readonly who: string;
  readonly where: string;
  readonly entries: readonly Entry[];
  readonly held: ReadonlySet<string>;
}

function Place({ who, where, entries, held }: PlaceProps): ReactNode {
  if (entries.length === 0) {
    return (
      <Link to={whyOf(who, "", where)} className={style["none"]}>
        no rule
      </Link>
    );
  }
  return (
    <ul className={style["place"]}>
      {entries.map((entry) => (
        <Right key={`${entry.role} ${entry.rule}`} entry={entry} held={held.has(`${who} ${where} ${entry.role}`)} />
      ))}
    </ul>
  );
}

function Right({ entry, held }: { readonly entry: Entry; readonly held: boolean }): ReactNode {
  const { principal, target, role, rule, verdict, demands, approvers, maxDurationMs, breakGlass } = entry;
  const { tone, word } = VERDICTS[verdict];
  return (
    <li>
      <p>
        <Link to={whyOf(principal, role, target)}>{role}</Link> <Badge tone={tone}>{word}</Badge>{" "}
        {held && <Badge tone="good">has it now</Badge>}
      </p>
      <p className={style["soft"]}>
        {verdict === "deny" ? (
          <>
            the rule <Plain text={rule} /> asks for approvers that this target has none of
          </>
        ) : (
          <>
            {demands !== undefined && (
              <>
                <Plain text={demands} />
                {approvers && (approvers.length === 0 ? ", and nobody is one" : `: ${approvers.join(", ")}`)};{" "}
              </>
            )}
            {`at most ${formatDuration(maxDurationMs)}${breakGlass ? ", or by breaking glass" : ""}`}
          </>
        )}
      </p>
    </li>
  );
}

function whyOf(who: string, what: string, where: string): string {
  return `/access/why?${new URLSearchParams({ who, where, ...(what !== "" && { what }) }).toString()}`;
}
