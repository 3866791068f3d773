import { parseDuration } from "../kernel/units.ts";
import { secretRef } from "./build-secret.ts";
import type { WorkloadSettings } from "./model.ts";
import type { ConfigText, WorkloadText } from "./schema.ts";

const MAX_AGE_MS = 3_600_000;

/** `publicUrl`: for whom tokens are issued where nothing else is written. */
export function buildWorkloads(workloads: ConfigText["workloads"], publicUrl: string): ReadonlyMap<string, WorkloadSettings> {
  return new Map(Object.entries(workloads).map(([name, workload]) => [name, buildWorkload(workload, publicUrl)]));
}

function buildWorkload({ issuer = "", audience, claims = {}, maxAge, certificate }: WorkloadText, publicUrl: string): WorkloadSettings {
  if (certificate) {
    const { authority, uri, dns = "" } = certificate;
    return { authority: secretRef(authority), name: uri === undefined ? { type: "dns", value: dns } : { type: "uri", value: uri } };
  }
  const maxAgeMs = maxAge === undefined ? MAX_AGE_MS : (parseDuration(maxAge) ?? 0);
  return { issuer, audience: audience ?? publicUrl, claims, maxAgeMs };
}
