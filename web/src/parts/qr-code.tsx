import { useMemo, type ReactNode } from "react";
import { encode } from "uqr";
import style from "./qr-code.module.css";

/** Dark on light whatever the theme: cameras want it so. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => {
    const { data, size: modules } = encode(text, { border: 3 });
    const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])));
    return { size: modules, path: squares.join("") };
  }, [text]);
  return (
    <svg className={style["code"]} role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
