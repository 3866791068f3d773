import { Field as Base } from "@base-ui/react/field";
import type { InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import style from "./field.module.css";

interface Labelled {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with it; said to screen readers too. */
  readonly error?: string | undefined;
}

/** A label, what belongs under it, and what is said about it. */
function Labelled({ label, hint, error, children }: Labelled & { readonly children: ReactNode }): ReactNode {
  return (
    <Base.Root className={style["field"]} invalid={error !== undefined}>
      <Base.Label className={style["label"]}>{label}</Base.Label>
      {children}
      {hint !== undefined && <Base.Description className={style["hint"]}>{hint}</Base.Description>}
      {error !== undefined && (
        <Base.Error className={style["error"]} match={true}>
          {error}
        </Base.Error>
      )}
    </Base.Root>
  );
}

type InputProps = Labelled & InputHTMLAttributes<HTMLInputElement> & { readonly inputRef?: Ref<HTMLInputElement> };

export function TextField({ label, hint, error, inputRef, ...rest }: InputProps): ReactNode {
  return (
    <Labelled label={label} hint={hint} error={error}>
      <Base.Control {...rest} ref={inputRef} className={style["control"]} />
    </Labelled>
  );
}

export function TextArea({ label, hint, error, ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  return (
    <Labelled label={label} hint={hint} error={error}>
      <Base.Control render={<textarea rows={3} {...rest} />} className={style["control"]} />
    </Labelled>
  );
}

export function SelectField({ label, hint, error, children, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>): ReactNode {
  return (
    <Labelled label={label} hint={hint} error={error}>
      <Base.Control render={<select {...rest}>{children}</select>} className={style["control"]} />
    </Labelled>
  );
}
