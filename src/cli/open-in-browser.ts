/** The person's own browser, where this machine has one with a screen. */
import { spawn } from "node:child_process";
import type { Environment } from "./cli.ts";

/** How long a program may take to say that it has no browser. */
const PATIENCE_MS = 1_000;

/** `false`: there is none to open. Never through a shell. */
export async function openInBrowser(url: string, env: Environment, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const opener = openerOf(env, platform);
  if (opener === undefined) return false;
  return await new Promise((resolve) => {
    const child = spawn(opener, [url], { stdio: "ignore", detached: true, env });
    const timer = setTimeout(() => resolve(true), PATIENCE_MS);
    const settle = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once("error", () => settle(false));
    child.once("exit", (status) => settle(status === 0));
    child.unref();
  });
}

function openerOf(env: Environment, platform: NodeJS.Platform): string | undefined {
  if (platform === "darwin") return "open";
  const screen = env["DISPLAY"] ?? env["WAYLAND_DISPLAY"] ?? "";
  return platform === "linux" && screen !== "" ? "xdg-open" : undefined;
}
