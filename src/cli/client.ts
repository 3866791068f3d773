/** The gate a verb talks to: which profile, which address, whose token. */
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { openClient, type Client } from "../contract/client.ts";
import { GateError } from "../kernel/errors.ts";
import { Secret } from "../kernel/secret.ts";
import type { Surroundings } from "./cli.ts";
import { tokenOf } from "./login-token.ts";
import { fetchShowing, type ClientCertificate } from "./mutual-fetch.ts";
import { Profiles, requireSafeUrl, type Profile } from "./profile.ts";
import { UsageError } from "./usage-error.ts";

export interface Gate {
  readonly client: Client;
  readonly url: string;
  readonly profileName: string;
  /** Absent when everything came from the environment or the command line. */
  readonly profile: Profile | undefined;
  readonly profiles: Profiles;
}

export interface GateOptions {
  readonly profile?: string;
  readonly url?: string;
  /** PEM file, for a gate that is not in the profile yet. */
  readonly ca?: string;
  /** To be shown to the gate, in place of the profile's. */
  readonly certificate?: ClientCertificate;
  /** For routes that need nobody to be logged in. */
  readonly anonymous?: boolean;
}

/** Address: --url, else SALLYPORT_URL, else the profile's. Token: SALLYPORT_TOKEN, else the profile's when the address is its own. */
export function openGate(at: Surroundings, options: GateOptions): Gate {
  const profiles = new Profiles(at.env, at.home);
  const profileName = profiles.nameOf(options.profile, at.env);
  const profile = profiles.find(profileName);
  const text = options.url ?? (at.env["SALLYPORT_URL"] || profile?.url);
  if (text === undefined) {
    if (options.profile !== undefined)
      throw new UsageError(`There is no profile "${profileName}"`, `Make it: sallyport login --profile ${profileName} --url URL`);
    throw new GateError("not-authenticated", "no gate is known here yet; run `sallyport login --url URL`");
  }
  const { href, origin } = requireSafeUrl(text);
  const own = profile !== undefined && new URL(profile.url).origin === origin;
  const given = at.env["SALLYPORT_TOKEN"];
  const token = given ? new Secret(given) : own ? tokenOf({ profiles, profileName, keyStore: at.keyStore }, profile) : undefined;
  if (token === undefined && options.anonymous !== true)
    throw new GateError("not-authenticated", `at ${origin} as profile "${profileName}"`);
  if (own && !given && profile.expiresAt !== undefined && profile.expiresAt <= at.now() && options.anonymous !== true) {
    throw new GateError("token-expired");
  }
  trust(options.ca ?? (own ? profile.ca : undefined));
  const certificate = options.certificate ?? (own && options.anonymous !== true ? certificateOf(profile) : undefined);
  const client = openClient({
    url: href,
    fetch: certificate ? fetchShowing(certificate) : at.fetch,
    ...(token !== undefined && { token }),
  });
  return { client, url: origin, profileName, profile: own ? profile : undefined, profiles };
}

function certificateOf({ clientCert, clientKey }: Profile): ClientCertificate | undefined {
  return clientCert === undefined || clientKey === undefined ? undefined : { cert: clientCert, key: clientKey };
}

/** Adds a private authority to those this process trusts; the public ones stay. */
function trust(caFile: string | undefined): void {
  if (caFile === undefined) return;
  let pem: string;
  try {
    pem = readFileSync(caFile, "utf8");
  } catch {
    throw new UsageError(`"${caFile}" cannot be read`, "Name the PEM file of the authority with --ca");
  }
  setDefaultCACertificates([...getCACertificates("default"), pem]);
}
