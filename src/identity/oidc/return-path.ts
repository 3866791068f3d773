const MOST = 1024;

/**
 * Where a page goes on after a login: a path of the console. Untrusted: it may come out of a link that somebody sent.
 * `undefined` for whatever a browser could read as another place: another scheme or host, `//host`, `/\host`, and what
 * becomes one of these when dots are taken out or it is decoded once more; and for the API's own paths.
 */
export function parseReturnPath(text: string): string | undefined {
  if (text.length > MOST || !/^\/[\x21-\x7e]*$/.test(text) || text.includes("\\")) return undefined;
  const base = "http://gate.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url?.origin !== base) return undefined;
  const decoded = decodeOnce(url.pathname);
  if (decoded === undefined || /^\/[/\\]/.test(decoded) || /^\/[/\\]/.test(url.pathname)) return undefined;
  if (/[\\\p{Cc}]/u.test(decoded) || /^\/v1(?:\/|$)/i.test(decoded)) return undefined;
  return url.pathname + url.search + url.hash;
}

function decodeOnce(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
