/** Everything the gate leads to, as it is configured. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { TextField } from "../../parts/field.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

type Target = Result<"targets.list">["targets"][number];

export default function TargetsPage(): ReactNode {
  return (
    <AdminPage path="/admin/targets">
      <Targets />
    </AdminPage>
  );
}

function Targets(): ReactNode {
  useListKeys();
  const [of, change] = useAddress();
  const find = of("find");
  const targets = useCall("targets.list", { query: { all: true } });
  return (
    <>
      <div className={style["narrow"]}>
        <TextField
          label="Find"
          type="search"
          placeholder="A name, an address, or service=checkout"
          value={find}
          onChange={({ target }) => change({ find: target.value })}
        />
      </div>
      <Shown of={targets}>
        {({ targets }) => {
          const rows = targets.filter(({ name, address, labels }) => [name, address, labelsOf(labels)].some((text) => text.includes(find)));
          return (
            <Panel title={`${rows.length} of ${targets.length}`} flush>
              {rows.length === 0 ? (
                <Empty title="No such target">
                  Targets are in the configuration of the gate; `sallyport host add` writes the entry of a host.
                </Empty>
              ) : (
                <Table caption="Targets" columns={COLUMNS} rows={rows} rowKey={({ name }) => name} />
              )}
            </Panel>
          );
        }}
      </Shown>
    </>
  );
}

export function labelsOf(labels: Target["labels"]): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

const COLUMNS: readonly Column<Target>[] = [
  {
    name: "Target",
    cell: ({ name }) => (
      <Link to={`/admin/targets/${encodeURIComponent(name)}`} data-row="">
        {name}
      </Link>
    ),
  },
  { name: "Kind", cell: ({ kind }) => kind },
  { name: "Address", cell: ({ address }) => <Plain text={address} /> },
  { name: "Labels", cell: ({ labels }) => <Plain text={labelsOf(labels)} /> },
];
