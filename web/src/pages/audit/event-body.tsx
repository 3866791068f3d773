import type { ReactNode } from "react";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Plain } from "../../parts/plain.tsx";
import style from "./audit.module.css";

/** The details of an event, field by field; what people typed is shown as what it is. */
export function EventBody({ body }: { readonly body: Readonly<Record<string, unknown>> }): ReactNode {
  const fields = Object.entries(body);
  if (fields.length === 0) return <p>It has none.</p>;
  return (
    <Facts>
      {fields.map(([name, value]) => (
        <Field key={name} name={name} value={value} />
      ))}
    </Facts>
  );
}

function Field({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  return (
    <Fact name={<Plain text={name} />}>
      <pre className={style["pre"]} tabIndex={isLong(value) ? 0 : undefined} aria-label={isLong(value) ? name : undefined}>
        <Plain text={textOf(value)} />
      </pre>
    </Fact>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** What may scroll must be reachable without a mouse. */
function isLong(value: unknown): boolean {
  return textOf(value).length > 1_000;
}
