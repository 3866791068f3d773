/**
 * Signatures of webhooks: `Sallyport-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 under the shared
 * secret over `<t>.<body>`, the bytes of the body as sent. The time is signed so that a receiver can refuse a replay.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../kernel/secret.ts";

export const SIGNATURE_HEADER = "Sallyport-Signature";
/** How old a signature a receiver should take, seconds. */
export const SIGNATURE_TOLERANCE_S = 300;

export function signWebhook(secret: Secret, body: string, unixSeconds: number): string {
  return `t=${unixSeconds},v1=${mac(secret, body, unixSeconds).toString("hex")}`;
}

/** What a receiver does; used to check ours, and an example to copy. */
export function verifyWebhook(secret: Secret, header: string, body: string, nowSeconds: number): boolean {
  const [, time = "", hex = ""] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (time === "" || Math.abs(nowSeconds - Number(time)) > SIGNATURE_TOLERANCE_S) return false;
  return timingSafeEqual(Buffer.from(hex, "hex"), mac(secret, body, Number(time)));
}

function mac(secret: Secret, body: string, unixSeconds: number): Buffer {
  return createHmac("sha256", secret.reveal()).update(`${unixSeconds}.`).update(body, "utf8").digest();
}
