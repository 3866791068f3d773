/** A byte typed into a terminal in the browser and back, against the pty of `ssh` to the host itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openTerminal } from "../test/kit/browser-terminal.ts";

const ECHOES = 400;
/** The first ones open the channel. */
const WARM_UP = 20;
const COMMAND = "stty raw -echo; echo ready; cat";

/** Milliseconds each. */
export async function echoInBrowser(reach: { readonly url: string; readonly token: string }): Promise<number[]> {
  const terminal = await openTerminal(reach, { command: COMMAND });
  await terminal.shows("ready");
  const times: number[] = [];
  for (let count = 0; count < ECHOES; count++) {
    const before = terminal.bytes();
    const start = performance.now();
    terminal.type("x");
    // Its acknowledgements come between.
    while (terminal.bytes() === before) await once(terminal.ws, "message");
    times.push(performance.now() - start);
  }
  terminal.ws.close(1000);
  await once(terminal.ws, "close");
  return times.slice(WARM_UP);
}

export async function echoOnPty(args: readonly string[]): Promise<number[]> {
  const child = spawn("ssh", ["-tt", ...args, COMMAND], { stdio: ["pipe", "pipe", "ignore"] });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  while (!said.includes("ready")) await once(child.stdout, "data");
  const times: number[] = [];
  for (let count = 0; count < ECHOES; count++) {
    const start = performance.now();
    child.stdin.write("x");
    await once(child.stdout, "data");
    times.push(performance.now() - start);
  }
  child.kill();
  await once(child, "exit");
  return times.slice(WARM_UP);
}
