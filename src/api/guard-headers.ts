/** What every answer says to browsers, a refusal as much as a page: nothing frames it, guesses what it is, keeps it or is told of it. */
export function guardHeaders(tls: boolean): Readonly<Record<string, string>> {
  return {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    ...(tls && { "strict-transport-security": "max-age=31536000" }),
  };
}
