import { z } from "zod";
import { json, routes } from "./route.ts";
import { durationMs, labels, publicKeyLine, targetName, time } from "./schema.ts";

export const certificateRoutes = routes({
  "certificates.login": {
    method: "POST",
    path: "/v1/certificates/login",
    summary: "A short-lived login certificate for one's own public key; the gate takes it, no host does",
    permission: "full",
    effect: "changes",
    audit: ["certificate.issued"],
    body: z.strictObject({ publicKey: publicKeyLine, ttlMs: durationMs.max(43_200_000).exactOptional() }),
    /** `certificate`: one line, as in a `-cert.pub` file. */
    response: json(z.object({ certificate: z.string(), serial: z.string(), principals: z.array(z.string()), validBefore: time })),
    example: {
      body: { publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0nWc0mIu6U0eJ0y9H0zq9cB0n2X5J8m0f0u0S0l0aA bob@laptop" },
    },
  },
  "ssh-config.show": {
    method: "GET",
    path: "/v1/ssh-config",
    summary: "What ssh_config and known_hosts need: reachable targets and the gate's host authority",
    permission: "self",
    effect: "reads",
    audit: "none",
    response: json(
      z.object({
        gate: z.object({ name: z.string(), sshHost: z.string(), sshPort: z.number().int() }),
        /** Public key of the host authority, for a `@cert-authority` line. */
        hostAuthority: z.string(),
        targets: z.array(z.object({ name: targetName, labels })),
      }),
    ),
    example: {},
  },
});
