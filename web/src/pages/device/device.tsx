/** Lets a machine without a browser act as the person who is logged in here; says plainly which, and from where it asked. */
import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useStatus } from "../../app/status.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./device.module.css";

/**
 * The code is typed, never taken from the address: whoever sends a link with a code in it wants to be let in as somebody else.
 */
export default function Device(): ReactNode {
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setCode(typed.trim().toUpperCase());
  };
  return (
    <Page title="Log a machine in" lead="A command line that was asked to log in shows a short code. Type it here.">
      <Panel>
        {code === undefined ? (
          <form className={style["stack"]} onSubmit={submit}>
            <TextField
              label="Code that the machine shows"
              required
              autoFocus
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={32}
              placeholder="BCDF-GHJK"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
            <div>
              <Button type="submit" look="main" disabled={typed.trim() === ""}>
                Look at it
              </Button>
            </div>
          </form>
        ) : (
          <Asked code={code} onAgain={() => setCode(undefined)} />
        )}
      </Panel>
    </Page>
  );
}

function Asked({ code, onAgain }: { readonly code: string; readonly onAgain: () => void }): ReactNode {
  const asked = useCall("device.show", { params: { code } });
  const decide = useChange("device.decide");
  const { me } = useStatus();
  const [decided, setDecided] = useState<boolean>();
  const say = (approve: boolean): void => decide.mutate({ body: { code, approve } }, { onSuccess: () => setDecided(approve) });
  if (decided !== undefined) {
    return (
      <p role="status">
        {decided
          ? `The machine is logged in as ${me.name}. You can close this page.`
          : "Refused. The machine is told, and is not logged in."}
      </p>
    );
  }
  return (
    <div className={style["stack"]}>
      <Shown of={asked}>
        {({ userCode, remote, startedAt, warning }) => (
          <>
            <p className={style["what"]}>
              A machine at <strong>{addressOf(remote)}</strong> asks to act as <strong>{me.name}</strong>, for up to twelve hours, with all
              that you may do.
            </p>
            <p>
              It shows <code className={style["code"]}>{userCode}</code> and asked <Ago at={startedAt} />.
            </p>
            <p className={style["warning"]}>
              <Plain text={warning} />
            </p>
            {decide.error && <ProblemNote problem={problemOf(decide.error)} />}
            <div className={style["row"]}>
              <Button look="danger" busy={decide.isPending} onClick={() => say(false)}>
                Refuse
              </Button>
              <Button look="main" busy={decide.isPending} onClick={() => say(true)}>
                I see this code there: log it in
              </Button>
            </div>
          </>
        )}
      </Shown>
      <div>
        <Button look="quiet" onClick={onAgain}>
          Another code
        </Button>
      </div>
    </div>
  );
}

/** `ip:port`: the port says nothing to a person. */
function addressOf(remote: string): string {
  return remote.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
