/** The identity providers people log in by, as buttons; and what became of a login that came back without one. */
import { useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { call } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./login.module.css";

export function Providers({ onBegin }: { readonly onBegin: () => void }): ReactNode {
  const offered = useCall("providers.offered");
  const [path] = useLocation();
  const search = useSearch();
  const [begun, setBegun] = useState<string>();
  const [refused, setRefused] = useState<unknown>();
  const providers = offered.data?.providers ?? [];
  if (providers.length === 0) return null;
  const begin = async (provider: string): Promise<void> => {
    onBegin();
    setBegun(provider);
    setRefused(undefined);
    try {
      const { url } = await call("login.begin", { params: { provider }, body: { returnTo: returnPath(path, search) } });
      goTo(url);
    } catch (thrown) {
      setRefused(thrown);
      setBegun(undefined);
    }
  };
  return (
    <div className={style["form"]}>
      {refused !== undefined && <ProblemNote problem={problemOf(refused)} />}
      {providers.map(({ name }) => (
        <Button key={name} wide busy={begun === name} onClick={() => void begin(name)}>
          Log in with {name}
        </Button>
      ))}
    </div>
  );
}

/** Of the login page itself: where the login before it was on its way to. Whether a page may be gone on to, the gate says. */
export function returnPath(path: string, search: string): string {
  if (path !== "/login") return search === "" ? path : `${path}?${search}`;
  return new URLSearchParams(search).get("returnTo") ?? "/";
}

/** Untrusted: an address of a provider. Only ever one that a browser asks for over the network. */
export function goTo(url: string): void {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") throw new Error("not an address of a provider");
  location.assign(url);
}

const WHY: Readonly<Record<string, string>> = {
  "login-lapsed": "It took too long, or was begun in another window.",
  "not-authenticated": "The provider says who you are, and nobody here is that.",
  "provider-unreachable": "The provider could not be reached.",
};

/** Untrusted: anybody can make this address. It says one of a few things, and nothing of its own. */
export function CameBack(): ReactNode {
  const [path] = useLocation();
  const code = new URLSearchParams(useSearch()).get("error");
  if (path !== "/login" || code === null) return null;
  return (
    <p className={style["back"]} role="alert">
      The login did not succeed. {WHY[code] ?? "Try again, or log in another way."}
    </p>
  );
}
