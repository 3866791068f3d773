/** One painter for all tiles: at most ten times a second, only what changed, only what is in view. */
import { cellRatio, colour, monoFont, palette } from "../../parts/screen.ts";
import { draw, fullPalette, type Brush } from "./draw.ts";
import type { Tile } from "./wall.ts";

const EVERY_MS = 100;

export class Painter implements Disposable {
  readonly #canvases = new Map<HTMLCanvasElement, Tile>();
  readonly #visible = new Set<Element>();
  readonly #watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#visible.add(target);
      else this.#visible.delete(target);
    }
  });
  readonly #brush: Brush = {
    font: monoFont(),
    ratio: cellRatio(),
    ground: colour("--terminal-ground"),
    text: colour("--terminal-text"),
    palette: fullPalette(palette()),
  };
  #frame = 0;
  #last = 0;

  constructor() {
    this.#turn(0);
  }

  add(canvas: HTMLCanvasElement, tile: Tile): () => void {
    this.#canvases.set(canvas, tile);
    this.#watch.observe(canvas);
    tile.isDirty = true;
    return () => {
      this.#watch.unobserve(canvas);
      this.#visible.delete(canvas);
      this.#canvases.delete(canvas);
    };
  }

  [Symbol.dispose](): void {
    cancelAnimationFrame(this.#frame);
    this.#watch.disconnect();
  }

  readonly #turn = (now: number): void => {
    this.#frame = requestAnimationFrame(this.#turn);
    if (now - this.#last < EVERY_MS) return;
    this.#last = now;
    for (const [canvas, tile] of this.#canvases) {
      if (!tile.isDirty || !this.#visible.has(canvas)) continue;
      const { clientWidth, clientHeight } = canvas;
      const [width, height] = [Math.round(clientWidth * devicePixelRatio), Math.round(clientHeight * devicePixelRatio)];
      if (width === 0 || height === 0) continue;
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d", { alpha: false });
      if (!context) continue;
      tile.isDirty = false;
      draw(context, tile.screen, this.#brush);
      canvas.dataset["drawn"] = String(Number(canvas.dataset["drawn"] ?? 0) + 1);
    }
  };
}
