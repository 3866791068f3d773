/** What a command without a terminal printed, as text. */
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import type { Cast } from "./cast.ts";
import style from "./replay.module.css";

const MOST = 1_000_000;
/** Colours and movements of ECMA-48: without a terminal they mean nothing. */
// oxlint-disable-next-line no-control-regex -- they are what is taken away
const SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[()*+#][0-9A-Z]|\u001b[78=>DEHMc]/g;

interface Piece {
  readonly atUs: number;
  readonly text: string;
}

/** What came within a tenth of a second is one piece: a moment leads to it. */
const TOGETHER_US = 100_000;

function piecesOf({ events }: Cast): { pieces: readonly Piece[]; cut: boolean } {
  const pieces: { atUs: number; text: string }[] = [];
  let length = 0;
  for (const { atUs, code, data } of events) {
    if (code !== "o") continue;
    if (length > MOST) return { pieces, cut: true };
    length += data.length;
    const text = data.replace(SEQUENCES, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    const last = pieces.at(-1);
    if (last && atUs - last.atUs < TOGETHER_US) last.text += text;
    else pieces.push({ atUs, text });
  }
  return { pieces, cut: false };
}

export function OutputText({
  cast,
  atUs,
  onMoment,
}: {
  readonly cast: Cast;
  readonly atUs: number | undefined;
  readonly onMoment: (atUs: number, settled: boolean) => void;
}): ReactNode {
  const { pieces, cut } = useMemo(() => piecesOf(cast), [cast]);
  const current = useRef<HTMLSpanElement>(null);
  const at =
    atUs === undefined
      ? -1
      : Math.max(
          0,
          pieces.findLastIndex((piece) => piece.atUs <= atUs),
        );
  // In braces: newer browsers give a promise back, which is no way to undo an effect.
  useEffect(() => {
    current.current?.scrollIntoView({ block: "center" });
  }, [at]);
  useEffect(() => {
    if (atUs !== undefined) onMoment(atUs, false);
  }, [atUs, onMoment]);
  if (pieces.every(({ text }) => text === "")) return <Empty title="It printed nothing" />;
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: keys have to reach it */}
      <div className={style["text"]} tabIndex={0} role="region" aria-label="Output">
        {pieces.map(({ atUs: when, text }, index) => (
          <span key={`${when} ${index}`} ref={index === at ? current : undefined} className={index === at ? style["at"] : undefined}>
            <Plain text={text} />
          </span>
        ))}
      </div>
      {cut && (
        <p className={style["note"]} role="status">
          <strong>Only the first part is shown here.</strong>
        </p>
      )}
    </>
  );
}
