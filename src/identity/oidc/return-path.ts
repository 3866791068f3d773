const MOST = 1024;

/**
 * Where a page goes on after a login: a path of the console. Untrusted: it may come out of a link that somebody sent.
 * `undefined` for whatever a browser could read as another place: another scheme or host, `//host`, `/\host`, and what
 * becomes one of these when dots are taken out or it is decoded once more; and for the API's own paths.
 */
export function parseReturnPath(text: string): string | undefined {
  if (text.length > MOST || !/^\/[\x21-\x7e]*$/.test(text) || text.includes("\\")) return undefined;
  const url = resolve(text);
  const decoded = url && decodeOnce(url.pathname);
  if (decoded === undefined || /[\\\p{Cc}]/u.test(decoded)) return undefined;
  // Whoever decodes it once more takes the dots out again.
  const readings = [url?.pathname, decoded, resolve(decoded)?.pathname];
  const isPage = readings.every((path) => path !== undefined && !/^\/(?:[/\\]|v1(?:\/|$))/i.test(path));
  return url && isPage ? url.pathname + url.search + url.hash : undefined;
}

const BASE = "http://gate.invalid";

/** `undefined`: it leads elsewhere. */
function resolve(text: string): URL | undefined {
  const url = URL.canParse(text, BASE) ? new URL(text, BASE) : undefined;
  return url?.origin === BASE ? url : undefined;
}

function decodeOnce(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
