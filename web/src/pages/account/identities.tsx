/** Who the person is at identity providers: each link is a way in, and can be taken away. */
import { useState, type ReactNode } from "react";
import { useSearch } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import { goTo } from "../login/providers.tsx";
import style from "./account.module.css";

type Identity = Result<"identities.list">["identities"][number];

export function Identities({ user }: { readonly user: string }): ReactNode {
  const linked = useCall("identities.list", { params: { name: user } });
  const offered = useCall("providers.offered");
  const providers = offered.data?.providers ?? [];
  const held = linked.data?.identities ?? [];
  // Where people log in by passwords only there is nothing to say.
  if (providers.length === 0 && held.length === 0) return null;
  const further = providers.filter(({ name }) => !held.some(({ provider }) => provider === name));
  return (
    <Panel
      title="Identities at providers"
      flush
      actions={further.map(({ name }) => (
        <LinkButton key={name} provider={name} />
      ))}
    >
      <NotLinked />
      <Shown of={linked}>
        {({ identities }) =>
          identities.length === 0 ? (
            <Empty title="You are linked to no identity at a provider">
              Link one, and you log in by it; it gives you the groups that the provider knows you in.
            </Empty>
          ) : (
            <ul>
              {identities.map((identity) => (
                <IdentityItem key={identity.provider} user={user} identity={identity} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  );
}

function IdentityItem({
  user,
  identity: { provider, subject, linkedAt, ended },
}: {
  readonly user: string;
  readonly identity: Identity;
}): ReactNode {
  const [asked, setAsked] = useState(false);
  const unlink = useChange("identities.unlink");
  const say = useSay();
  const done = (): void => {
    setAsked(false);
    say(`You are not linked to ${provider} any more`);
  };
  return (
    <li className={style["item"]}>
      <span className={style["what"]}>
        <strong>{provider}</strong> {ended && <Badge tone="bad">ended there</Badge>}
        <span className={style["soft"]}>
          known there as{" "}
          <code>
            <Plain text={subject} />
          </code>
          , linked <Ago at={linkedAt} />
        </span>
        {ended && (
          <span className={style["soft"]}>
            The provider stopped vouching for you <Ago at={ended.at} />: <Plain text={ended.reason} />
          </span>
        )}
      </span>
      <Button look="quiet" onClick={() => setAsked(true)}>
        Unlink<span className="visually-hidden"> {provider}</span>
      </Button>
      <Confirm
        title={`Unlink ${provider}`}
        action="Unlink it"
        open={asked}
        onOpenChange={setAsked}
        reason={false}
        busy={unlink.isPending}
        error={unlink.error}
        onConfirm={() => unlink.mutate({ params: { name: user, provider } }, { onSuccess: done })}
      >
        <p>
          Logins by {provider} end now, this one too if it came by it; so do the groups it gave you, and the sessions that these allowed. Be
          sure that you have another way in: a password, a passkey, or another provider.
        </p>
      </Confirm>
    </li>
  );
}

function LinkButton({ provider }: { readonly provider: string }): ReactNode {
  const begin = useChange("login.beginLink");
  const start = (): void => begin.mutate({ params: { provider }, body: { returnTo: "/account" } }, { onSuccess: ({ url }) => goTo(url) });
  return (
    <>
      {begin.error && <ProblemNote problem={problemOf(begin.error)} />}
      <Button busy={begin.isPending || begin.isSuccess} onClick={start}>
        Link {provider}
      </Button>
    </>
  );
}

const WHY: Readonly<Record<string, string>> = {
  "already-exists": "That identity is linked to somebody already, or you to another one of that provider.",
  "login-lapsed": "It took too long, or was begun in another window.",
  "provider-refused": "The provider did not let you in, or did not say what the gate needs.",
  "provider-unreachable": "The provider could not be reached.",
};

/** Untrusted: anybody can make this address. It says one of a few things, and nothing of its own. */
function NotLinked(): ReactNode {
  const code = new URLSearchParams(useSearch()).get("error");
  if (code === null) return null;
  return (
    <p className={style["refused"]} role="alert">
      Nothing was linked. {WHY[code] ?? "Try again."}
    </p>
  );
}
