/** A passkey that Chromium itself emulates (WebDriver's virtual authenticators over CDP): what the page sees of it is real. */
import type { CDPSession } from "playwright-core";
import type { Window } from "./browser.ts";

export interface VirtualPasskey {
  /** Whether the person can show who they are to it. */
  verified(yes: boolean): Promise<void>;
  /** Whether it answers prompts by itself. */
  present(yes: boolean): Promise<void>;
  credentials(): Promise<readonly Credential[]>;
  /** As when it is synced to another device. */
  put(credential: Credential): Promise<void>;
}

export interface Credential {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly rpId?: string;
  readonly privateKey: string;
  readonly userHandle?: string;
  readonly signCount: number;
}

/**
 * Pages that are loaded from here on ask for a passkey only where somebody presses a button: the virtual authenticator would take
 * what is offered in the field for the name by itself, and a browser answers one such question at a time.
 */
export async function askNothing({ page }: Window): Promise<void> {
  await page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
}

export async function addPasskey({ page, context }: Window): Promise<VirtualPasskey> {
  const session: CDPSession = await context.newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verified: async (isUserVerified) => void (await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified })),
    present: async (enabled) => void (await session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled })),
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    put: async (credential) => void (await session.send("WebAuthn.addCredential", { authenticatorId, credential })),
  };
}
