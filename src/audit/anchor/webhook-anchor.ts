import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Durability } from "../durability.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import { writeFileDurably } from "../log/durable-file.ts";
import type { Anchor } from "./anchor.ts";

export interface WebhookAnchorOptions {
  readonly url: string;
  readonly secret: Secret;
  /** Where the last acknowledged checkpoint is remembered: a webhook cannot be asked. */
  readonly rememberAt: string;
  readonly durability: Durability;
  readonly clock: Clock;
  /** `fetch`, or a test's. */
  readonly send?: typeof fetch;
}

const TRIES = 3;
const TRY_TIMEOUT_MS = 5000;

/** `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "<t>." and the body>`: the value of the header `Sallyport-Signature`. */
export function signWebhook(secret: Secret, body: string, nowMs: number): string {
  const t = Math.floor(nowMs / 1000);
  return `t=${t},v1=${createHmac("sha256", secret.reveal()).update(`${t}.${body}`).digest("hex")}`;
}

/** Posts each checkpoint, at most three times. A redirect is a failure, not followed: the signature was made for one receiver. */
export function webhookAnchor({ url, secret, rememberAt, durability, clock, send = fetch }: WebhookAnchorOptions): Anchor {
  const post = async (body: string): Promise<void> => {
    const headers = { "content-type": "application/json", "sallyport-signature": signWebhook(secret, body, clock.now()) };
    const response = await send(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(TRY_TIMEOUT_MS) });
    await response.body?.cancel();
    if (!response.ok) throw new GateError("target-unreachable", `the anchor answered ${response.status}`);
  };
  return {
    // Without query and user part: they may carry secrets.
    name: `webhook ${new URL(url).origin}${new URL(url).pathname}`,
    last: async () => {
      try {
        return await readFile(rememberAt, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    put: async (checkpoint) => {
      const head = parseCheckpoint(checkpoint);
      if (!head) throw new GateError("internal", "not a checkpoint");
      const { origin, size, root } = head;
      const body = JSON.stringify({ origin, size, root: root.toString("base64"), checkpoint, time: clock.now() });
      for (let attempt = 1; ; attempt += 1) {
        try {
          await post(body);
          break;
        } catch (thrown) {
          if (attempt === TRIES) throw thrown;
        }
      }
      await writeFileDurably(rememberAt, Buffer.from(checkpoint), durability);
    },
  };
}
