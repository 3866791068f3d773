import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Link } from "wouter";
import style from "./button.module.css";

export type ButtonLook = "main" | "plain" | "quiet" | "danger";

interface Look {
  readonly look?: ButtonLook;
  /** Full width on a phone. */
  readonly wide?: boolean;
  readonly icon?: ReactNode;
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  /** What it started is under way: it cannot be pressed again. */
  readonly busy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look = "plain",
  wide = false,
  icon,
  busy = false,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button {...rest} type={type} className={classOf(look, wide)} disabled={disabled === true || busy} aria-busy={busy}>
      {icon}
      {children}
      {busy && <span className={style["dots"]} aria-hidden="true" />}
    </button>
  );
}

export function ButtonLink({
  to,
  look = "plain",
  wide = false,
  icon,
  children,
}: Look & { readonly to: string; readonly children: ReactNode }): ReactNode {
  return (
    <Link to={to} className={classOf(look, wide)}>
      {icon}
      {children}
    </Link>
  );
}

/** Something of the gate's to keep as a file. `to` is a path of the API. */
export function DownloadLink({
  to,
  as,
  look = "plain",
  wide = false,
  icon,
  children,
}: Look & { readonly to: string; readonly as: string; readonly children: ReactNode }): ReactNode {
  return (
    <a href={to} download={as} className={classOf(look, wide)}>
      {icon}
      {children}
    </a>
  );
}

function classOf(look: ButtonLook, wide: boolean): string {
  return [style["button"], style[look], wide && style["wide"]].filter(Boolean).join(" ");
}
