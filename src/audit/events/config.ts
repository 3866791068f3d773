import type { EventOf } from "../event.ts";

/** The configuration's life. `diff` holds lines as `config explain --diff` prints them; secrets appear as references only. */
export type ConfigEvent =
  | EventOf<"config.loaded", { hash: string; how: "start" | "reload" | "confirmed"; diff: readonly string[] }>
  | EventOf<"config.refused", { problems: readonly string[] }>
  | EventOf<"config.held", { hash: string; widening: readonly string[] }>;
