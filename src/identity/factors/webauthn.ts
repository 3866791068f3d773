/**
 * What an authenticator answered, checked against the specification by @simplewebauthn/server: type, challenge, origin, hash of
 * the domain, presence and verification of the person, signature. Here beside it: that no page of another origin framed the
 * question, that the attestation is one the gate can judge without asking anybody, and which algorithms count.
 *
 * Untrusted: everything in an answer is the peer's.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject, decodeClientDataJSON, isoBase64URL } from "@simplewebauthn/server/helpers";
import type { Passkey } from "./model.ts";
import type { RelyingParty } from "./relying-party.ts";

/** COSE: ES256, EdDSA, RS256. */
export const ALGORITHMS = [-7, -8, -257] as const;
const TRANSPORTS = new Set(["ble", "hybrid", "internal", "nfc", "smart-card", "usb"]);

/** RegistrationResponseJSON, as far as it is looked at. */
export interface RegistrationAnswer {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string; readonly attestationObject: string; readonly transports?: readonly string[] };
}

/** AuthenticationResponseJSON, as far as it is looked at. */
export interface AssertionAnswer {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string;
  };
}

export type NewCredential = Pick<Passkey, "credential" | "publicKey" | "counter" | "transports" | "synced">;

/** For the log, never for the peer. */
export interface Unconvincing {
  readonly reason: string;
}

/** The challenge an answer says it is to, before anything of it is believed. */
export function claimedChallenge(clientDataJSON: string): string | undefined {
  try {
    const { challenge } = decodeClientDataJSON(clientDataJSON) as { challenge?: unknown };
    return typeof challenge === "string" ? challenge : undefined;
  } catch {
    return undefined;
  }
}

export async function verifyRegistration(
  answer: RegistrationAnswer,
  party: RelyingParty,
  challenge: string,
): Promise<NewCredential | Unconvincing> {
  const { clientDataJSON, attestationObject, transports = [] } = answer.response;
  try {
    if (isFramed(clientDataJSON)) return { reason: "framed by another origin" };
    if (!isJudged(attestationObject)) return { reason: "an attestation that nobody asked for" };
    const result = await verifyRegistrationResponse({
      response: {
        id: answer.id,
        rawId: answer.id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserPresence: true,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!result.verified) return { reason: "a wrong attestation" };
    const { credential, credentialDeviceType } = result.registrationInfo;
    if (credential.id !== answer.id) return { reason: "another credential id than the one attested" };
    return {
      credential: credential.id,
      publicKey: isoBase64URL.fromBuffer(credential.publicKey),
      counter: credential.counter,
      transports: [...new Set(transports)].filter((each) => TRANSPORTS.has(each)),
      synced: credentialDeviceType === "multiDevice",
    };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** The authenticator's counter, as signed. Whether it went on is for the caller to look at. */
export async function verifyAssertion(
  answer: AssertionAnswer,
  party: RelyingParty,
  challenge: string,
  passkey: Passkey,
): Promise<{ readonly counter: number } | Unconvincing> {
  const { clientDataJSON, authenticatorData, signature } = answer.response;
  try {
    if (isFramed(clientDataJSON)) return { reason: "framed by another origin" };
    const result = await verifyAuthenticationResponse({
      response: {
        id: answer.id,
        rawId: answer.id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      // The counter is looked at once the signature is known to be this passkey's: a forged one must raise no alarm.
      credential: { id: passkey.credential, publicKey: isoBase64URL.toBuffer(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    return result.verified ? { counter: result.authenticationInfo.newCounter } : { reason: "a wrong signature" };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** A page that shows the gate inside its own could have led the person's finger. The library looks at this for assertions only. */
function isFramed(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON) as { crossOrigin?: unknown; topOrigin?: unknown };
  return (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined;
}

/**
 * No attestation is asked for. One with certificates is refused unread: it would bring the parsers of six formats, and
 * addresses of revocation lists, into reach of whoever answers.
 */
function isJudged(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = decoded.get("fmt");
  return format === "none" || (format === "packed" && decoded.get("attStmt").get("x5c") === undefined);
}

/** In our words: the library's messages repeat what the peer sent. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const known = REASONS.find(([start]) => message.startsWith(start));
  return known?.[1] ?? "malformed";
}

const REASONS: readonly (readonly [string, string])[] = [
  ["Unexpected registration response type", "an answer to another question"],
  ["Unexpected authentication response type", "an answer to another question"],
  ["Unexpected registration response challenge", "a wrong challenge"],
  ["Unexpected authentication response challenge", "a wrong challenge"],
  ["Unexpected registration response origin", "a wrong origin"],
  ["Unexpected authentication response origin", "a wrong origin"],
  ["Unexpected RP ID hash", "a wrong domain"],
  ["User presence was required", "nobody was present"],
  ["User not present", "nobody was present"],
  ["User verification", "the person was not verified"],
  ["Unexpected public key alg", "an algorithm that does not count"],
];
