import { useId, type ReactNode } from "react";
import { formatDuration } from "../time.tsx";
import style from "./duration-choice.module.css";

const [MINUTE, HOUR] = [60_000, 3_600_000];
const PRESETS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR];

interface DurationChoiceProps {
  readonly label: string;
  readonly ms: number;
  readonly maxMs: number;
  /** What the largest is called: `most` by default. */
  readonly most?: string;
  readonly onChoose: (ms: number) => void;
}

/** Usual lengths of time up to the largest there may be, and that one. Arrow keys go from one to the next. */
export function DurationChoice({ label, ms, maxMs, most = "most", onChoose }: DurationChoiceProps): ReactNode {
  const name = useId();
  const choices = [...new Set([...PRESETS.filter((preset) => preset < maxMs), maxMs, ms])]
    .filter((each) => each <= maxMs)
    .sort((a, b) => a - b);
  return (
    <fieldset className={style["choice"]}>
      <legend className={style["label"]}>{label}</legend>
      <div className={style["row"]}>
        {choices.map((choice) => (
          <label key={choice} className={style["one"]}>
            <input type="radio" name={name} checked={choice === ms} onChange={() => onChoose(choice)} />
            <span>
              {formatDuration(choice)}
              {choice === maxMs && <span className={style["most"]}> {most}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
