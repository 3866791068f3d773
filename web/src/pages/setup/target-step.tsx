import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { Block } from "./block.tsx";
import { targetBlock } from "./blocks.ts";
import { Configured } from "./configured.tsx";
import style from "./setup.module.css";

export function TargetStep({ targets }: { readonly targets: Result<"targets.list">["targets"] }): ReactNode {
  const [draft, setDraft] = useState({ name: "", address: "", service: "" });
  const set = (field: keyof typeof draft) => (event: { target: { value: string } }) => setDraft({ ...draft, [field]: event.target.value });
  const scan = useChange("hosts.scan");
  const [first] = targets;
  if (first) return <Testable name={first.name} />;
  const { name, address, service } = draft;
  return (
    <>
      <p>A host that somebody debugs. The command sets it up: it makes one account there, which only the gate&apos;s certificates open.</p>
      <div className={style["fields"]}>
        <TextField label="Name" placeholder="web-1.prod" value={name} onChange={set("name")} />
        <TextField label="Address" placeholder="10.0.0.5:22" value={address} onChange={set("address")} />
        <TextField label="Service" placeholder="checkout" value={service} onChange={set("service")} />
      </div>
      {name !== "" && address !== "" && service !== "" && (
        <>
          <CopyLine
            text={`sallyport host add ${shellWord(name)} --address ${shellWord(address)} --label ${shellWord(`service=${service}`)}`}
          />
          <Button busy={scan.isPending} onClick={() => scan.mutate({ body: { address } })}>
            Ask the host for its keys
          </Button>
          {scan.error && <ProblemNote problem={problemOf(scan.error)} />}
          {scan.data && (
            <>
              <p>Compare them with what the host itself says before you trust them. Nothing is trusted until they stand in the file:</p>
              <ul>
                {scan.data.keys.map(({ type, fingerprint }) => (
                  <li key={fingerprint}>
                    {type} <code>{fingerprint}</code>
                  </li>
                ))}
              </ul>
              <Block text={targetBlock({ ...draft, hostKeys: scan.data.keys.map(({ publicKey }) => publicKey) })} label="Target" />
            </>
          )}
        </>
      )}
    </>
  );
}

/** As one word of a shell, whatever was typed. */
function shellWord(text: string): string {
  return /^[\w.:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function Testable({ name }: { readonly name: Result<"targets.list">["targets"][number]["name"] }): ReactNode {
  const test = useChange("targets.test");
  return (
    <Configured
      name={name}
      action="Test the connection"
      busy={test.isPending}
      error={test.error}
      onTest={() => test.mutate({ params: { name } })}
      found={test.data}
      good="The gate reaches it"
      bad="Something is not right with it"
    />
  );
}
