/** What the browser does with passkeys (WebAuthn), and what it says when it does not. */
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import type { Sent } from "../../../src/contract/types.ts";
import type { Result } from "./client.ts";
import { ownProblem, type ProblemError } from "./problem.ts";

type RequestOptions = Result<"login.start-passkey">;
type Shown = Sent<"login.passkey">["body"]["answer"];
type Made = Sent<"factors.add-passkey">["body"]["answer"];

export const knowsPasskeys = browserSupportsWebAuthn;
export const fillsPasskeys = browserSupportsWebAuthnAutofill;

/** Whoever waits for a passkey to be chosen waits no longer. */
export function stopAsking(): void {
  WebAuthnAbortService.cancelCeremony();
}

/** `autofill`: offered in the field for the name, without a prompt of its own. */
export async function showPasskey(options: RequestOptions, autofill = false): Promise<Shown> {
  try {
    const { id, response } = await startAuthentication({ optionsJSON: options, useBrowserAutofill: autofill });
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    return { id, response: { clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) } };
  } catch (thrown) {
    throw inWords(thrown);
  }
}

export async function makePasskey(options: Result<"factors.start-passkey">): Promise<Made> {
  try {
    const { id, response } = await startRegistration({ optionsJSON: options });
    const { clientDataJSON, attestationObject, transports } = response;
    return { id, response: { clientDataJSON, attestationObject, ...(transports !== undefined && { transports }) } };
  } catch (thrown) {
    throw inWords(thrown);
  }
}

/** Browsers say the same for "closed", "timed out" and "there is none": they tell a page no more than that. */
function inWords(thrown: unknown): ProblemError {
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "InvalidStateError") {
    return ownProblem("passkey-known", "This device has a passkey for you here already", "Use that one, or another device");
  }
  if (name === "SecurityError") {
    return ownProblem("wrong-origin", "Passkeys work at the gate's own address only", "Open the console at its usual address");
  }
  if (name === "AbortError") return ownProblem("passkey-closed", "The passkey was asked for anew", "Go on there");
  return ownProblem("passkey-closed", "No passkey was shown", "The prompt was closed, or took too long: try again");
}
