import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Surroundings } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import type { Output } from "../output.ts";
import type { GivenLogin } from "./by-provider.ts";

/** Shows a short code, and asks the gate again and again until its person has typed it into the console. */
export async function logInByDevice(
  client: Client,
  { out, at }: { out: Output; at: Surroundings },
  wait: (ms: number) => Promise<unknown> = delay,
): Promise<GivenLogin> {
  const begun = await client.call("device.begin");
  out.note(
    `Within ${formatDuration(begun.expiresAt - at.now())}, in a browser where you are logged in, open\n\n  ${begun.verifyUrl}\n\n` +
      `and type this code:  ${begun.userCode}\n\nIt lets this machine act as you. Never type one that somebody sent you.`,
  );
  let { intervalMs } = begun;
  for (;;) {
    await wait(intervalMs);
    const polled = await client.call("device.poll", { body: { deviceCode: begun.deviceCode } });
    if (polled.state === "done") return { user: polled.user, token: polled.token, expiresAt: polled.expiresAt };
    if (!("intervalMs" in polled)) {
      throw polled.state === "denied"
        ? new GateError("not-authenticated", "the code was refused in the console")
        : new GateError("login-lapsed", "nobody typed the code in time");
    }
    ({ intervalMs } = polled);
  }
}
