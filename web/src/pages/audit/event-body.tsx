import type { ReactNode } from "react";
import { Plain } from "../../parts/plain.tsx";
import style from "./audit.module.css";

/** The details of an event, field by field; what people typed is shown as what it is. */
export function EventBody({ body }: { readonly body: Readonly<Record<string, unknown>> }): ReactNode {
  const fields = Object.entries(body);
  if (fields.length === 0) return <p>It has none.</p>;
  return (
    <dl className={style["facts"]}>
      {fields.map(([name, value]) => (
        <Field key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function Field({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  return (
    <>
      <dt>
        <Plain text={name} />
      </dt>
      <dd>
        <pre className={style["pre"]} tabIndex={isLong(value) ? 0 : undefined} aria-label={isLong(value) ? name : undefined}>
          <Plain text={textOf(value)} />
        </pre>
      </dd>
    </>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** What may scroll must be reachable without a mouse. */
function isLong(value: unknown): boolean {
  return textOf(value).length > 1_000;
}
