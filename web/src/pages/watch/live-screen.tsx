/** One channel of a live session on a screen that only shows. */
import { useEffect, useRef, type ReactNode } from "react";
import { fontFor, makeScreen } from "../../parts/screen.ts";
import type { Channel, Following } from "./live-frames.ts";
import style from "./watch.module.css";

export default function LiveScreen({ channel, hear }: { readonly channel: Channel; readonly hear: Following["hear"] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const { channel: number, terminal } = channel;
  useEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const screen = makeScreen({ disableStdin: true, cursorBlink: false, convertEol: !terminal, cols: 80, rows: 24 });
    screen.open(box);
    const fit = (): void => {
      screen.options.fontSize = fontFor(box.clientWidth - 24, screen.cols);
    };
    fit();
    const width = new ResizeObserver(fit);
    width.observe(box);
    const leave = hear(number, (feed) => {
      if (feed.kind === "bytes") screen.write(feed.bytes);
      else if (feed.kind === "anew") screen.write("", () => screen.reset());
      else {
        // In order with what was written before it.
        screen.write("", () => {
          screen.resize(feed.cols, feed.rows);
          fit();
        });
      }
    });
    return () => {
      leave();
      width.disconnect();
      screen.dispose();
    };
  }, [number, terminal, hear]);
  return <div ref={place} className={style["screen"]} data-testid="live-screen" />;
}
