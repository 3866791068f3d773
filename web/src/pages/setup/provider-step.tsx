import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import { CopyLine } from "../../parts/copy-line.tsx";
import { TextField } from "../../parts/field.tsx";
import { Block } from "./block.tsx";
import { providerBlock } from "./blocks.ts";
import { Configured } from "./configured.tsx";
import style from "./setup.module.css";

export function ProviderStep({ providers }: { readonly providers: Result<"providers.list">["providers"] }): ReactNode {
  const [draft, setDraft] = useState({ name: "corp", issuer: "", clientId: "", secretFile: "/etc/sallyport/corp.secret", groups: "" });
  const set = (field: keyof typeof draft) => (event: { target: { value: string } }) => setDraft({ ...draft, [field]: event.target.value });
  if (providers.length > 0) return providers.map(({ name }) => <Testable key={name} name={name} />);
  return (
    <>
      <p>People log in where they log in everywhere else. Register the gate there as a client, and put this into its file.</p>
      <div className={style["fields"]}>
        <TextField label="What to call it" value={draft.name} onChange={set("name")} />
        <TextField label="Issuer" placeholder="https://id.example.com/realms/staff" value={draft.issuer} onChange={set("issuer")} />
        <TextField label="Client id" value={draft.clientId} onChange={set("clientId")} />
        <TextField
          label="File with the client secret"
          hint="On the gate's machine."
          value={draft.secretFile}
          onChange={set("secretFile")}
        />
      </div>
      <div className={style["wide"]}>
        <TextField
          label="Groups there, and what they are here"
          hint="With commas between. A group that is not named gives nothing."
          placeholder="eng-oncall = oncall, eng-leads = leads"
          value={draft.groups}
          onChange={set("groups")}
        />
      </div>
      <CopyLine text={`${location.origin}/v1/login/callback/${encodeURIComponent(draft.name)}`} label="Copy the redirect address" />
      {draft.issuer !== "" && draft.clientId !== "" && <Block text={providerBlock(draft)} label="Identity provider" />}
    </>
  );
}

function Testable({ name }: { readonly name: string }): ReactNode {
  const test = useChange("providers.test");
  return (
    <Configured
      name={name}
      action={`Test ${name}`}
      busy={test.isPending}
      error={test.error}
      onTest={() => test.mutate({ params: { provider: name } })}
      found={test.data && { ok: test.data.ok, findings: test.data.steps }}
      good="People can log in by it"
      bad="A login by it would fail"
    />
  );
}
