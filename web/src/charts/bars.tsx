/**
 * Bars over a row of labels, drawn by uPlot in the colours of the design. What it shows is said in its title, and in a table for who
 * cannot see it: the drawing itself is an image with that title.
 */
import { useEffect, useRef, type ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import style from "./bars.module.css";

export interface Bar {
  readonly label: string;
  readonly value: number;
}

const HEIGHT = 220;

export default function Bars({
  title,
  bars,
  unit,
}: {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly unit: string;
}): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current: element } = host;
    if (!element) return undefined;
    let plot: uPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(optionsOf(element, bars), [bars.map((_, index) => index), bars.map(({ value }) => value)], element);
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    // A canvas does not follow the theme by itself.
    const rethemed = new MutationObserver(draw);
    rethemed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      rethemed.disconnect();
      resized.disconnect();
      plot?.destroy();
    };
  }, [bars]);
  return (
    <figure className={style["figure"]}>
      <div ref={host} role="img" aria-label={title} />
      <figcaption>
        <details>
          <summary>As a table</summary>
          <table className={style["table"]}>
            <caption className="visually-hidden">{title}</caption>
            <thead>
              <tr>
                <th scope="col">When or what</th>
                <th scope="col">{unit}</th>
              </tr>
            </thead>
            <tbody>
              {bars.map(({ label, value }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </figcaption>
    </figure>
  );
}

/** The colour that a token has here and now: a canvas takes no names. */
function colourOf(element: HTMLElement, token: string): string {
  element.style.color = `var(${token})`;
  const { color } = getComputedStyle(element);
  element.style.removeProperty("color");
  return color;
}

function optionsOf(element: HTMLElement, bars: readonly Bar[]): uPlot.Options {
  const [accent, text, line] = ["--accent", "--text-soft", "--line"].map((token) => colourOf(element, token));
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: text ?? "", font, ticks: { show: false }, grid: { stroke: line ?? "", width: 1 } };
  const paths = uPlot.paths.bars?.({ size: [0.72, 48] });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, bars.length - 0.4] },
      // Counts begin at nothing, and one is no less than a bar.
      y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: () => placesOf(bars.length, Math.max(1, Math.floor(element.clientWidth / 90))),
        values: (_, places) => places.map((place) => bars[place]?.label ?? ""),
      },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] },
    ],
    series: [
      {},
      {
        fill: accent ?? "",
        stroke: accent ?? "",
        width: 0,
        points: { show: false },
        ...(paths && { paths }),
      },
    ],
  };
}

/** Which bars have their label written: as many as there is room for, evenly. */
function placesOf(count: number, room: number): number[] {
  const every = Math.max(1, Math.ceil(count / room));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}
