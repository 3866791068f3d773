import type { ComponentProps, ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { Button } from "../../parts/button.tsx";
import { Findings } from "../../parts/findings.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./setup.module.css";

interface ConfiguredProps {
  readonly name: string;
  /** What the button says. */
  readonly action: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onTest: () => void;
  readonly found: Omit<ComponentProps<typeof Findings>, "verdict"> | undefined;
  /** What it comes to. */
  readonly good: string;
  readonly bad: string;
}

/** What stands in the file already, and whether it works. */
export function Configured({ name, action, busy, error, onTest, found, good, bad }: ConfiguredProps): ReactNode {
  return (
    <div className={style["stack"]}>
      <p>
        <strong>{name}</strong> is configured.
      </p>
      <Button busy={busy} onClick={onTest}>
        {action}
      </Button>
      {error !== null && <ProblemNote problem={problemOf(error)} />}
      <div role="status">{found && <Findings ok={found.ok} verdict={found.ok ? good : bad} findings={found.findings} />}</div>
    </div>
  );
}
