/** The schemas every resource shares. Times are milliseconds since the Unix epoch, durations milliseconds. */
import { z } from "zod";
import type { EventKind } from "../audit/event.ts";
import type {
  FactorId,
  GrantId,
  HoldId,
  KeyId,
  LockId,
  PrincipalName,
  RecordingId,
  RequestId,
  SessionId,
  TargetName,
  TokenId,
} from "../kernel/ids.ts";
import type { GatePermission } from "../policy/permissions.ts";

/** Text goes in, the branded kind of text comes out; the pattern was checked. */
function branded<Out extends string>(schema: z.ZodString): z.ZodType<Out, string> {
  return schema as unknown as z.ZodType<Out, string>;
}

function idOf<Out extends string>(prefix: string): z.ZodType<Out, string> {
  return branded<Out>(z.string().regex(new RegExp(`^${prefix}-[0-9a-hjkmnp-tv-z]{10}$`), `expected an id of the form ${prefix}-…`));
}

export const requestId = idOf<RequestId>("req");
export const grantId = idOf<GrantId>("gr");
export const sessionId = idOf<SessionId>("s");
export const recordingId = idOf<RecordingId>("rec");
export const tokenId = idOf<TokenId>("tok");
export const lockId = idOf<LockId>("lock");
export const keyId = idOf<KeyId>("key");
export const factorId = idOf<FactorId>("fac");
export const holdId = idOf<HoldId>("hold");

const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "expected letters, digits, '.', '_' or '-', at most 64");
export const name = plainName;
export const principalName = branded<PrincipalName>(plainName);
export const targetName = branded<TargetName>(plainName);
/** A target's name, or `label=value[,label=value]`. */
export const targetSelector = z.string().min(1).max(512);

export const time = z.number().int().nonnegative();
/** A time somebody sets: at most what a date can be, since it is shown as one. */
export const settableTime = time.max(8_640_000_000_000_000);
export const count = z.number().int().nonnegative();
/** One second to ninety days. */
export const durationMs = z.number().int().min(1_000).max(7_776_000_000);
/** What a person writes for other people to read: no control characters, so that it is safe on any screen; no half of a character, which no log could hold. */
export const sentence = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cs}]*$/u, "must not contain control characters");
export const ticket = sentence.max(200);
/** A secret on its way in or out; never logged, never in an event. */
export const secretText = z.string().min(1).max(1_024);
/** One line of OpenSSH's public key format: `type base64 [comment]`. */
/** SubjectPublicKeyInfo of a key on P-256, in DER and base64. */
export const clientKey = z.base64().max(512);
export const publicKeyLine = z
  .string()
  .trim()
  .min(16)
  .max(16_384)
  .regex(/^[^\p{Cs}]*$/u, "must be whole characters");
/** `host` or `host:port`. */
export const address = z
  .string()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$/, "expected host or host:port");
export const labels = z.record(z.string(), z.string());

/** The registry of kinds and permissions is the server's; a client takes names it does not know yet as they come. */
export const eventKind = z.string().max(64) as unknown as z.ZodType<EventKind, EventKind>;
export const gatePermission = z.string() as unknown as z.ZodType<GatePermission, GatePermission>;

/** Query parameters arrive as text. */
export const flag = z.union([z.boolean(), z.stringbool()]);
export const number = z.coerce.number<number>().int().nonnegative();
export function limitOf(most: number, usual: number): z.ZodDefault<z.ZodCoercedNumber<number>> {
  return z.coerce.number<number>().int().min(1).max(most).default(usual);
}
/** `a,b,c`. */
export const list = z.union([z.array(z.string()), z.string().transform((text) => text.split(",").filter((part) => part !== ""))]);
