/**
 * What makes a browser keep a file and not show it (RFC 6266). Untrusted: the name, which the host chose: it must not become
 * another header, another parameter or a folder.
 */
export function attachmentHeaders(name: string, size: number | undefined): Record<string, string> {
  const plain = name.replaceAll(/[/\\]/g, "_").toWellFormed();
  // For what knows no RFC 8187: ASCII without what ends a quoted string or stands for something in a path.
  const ascii = plain.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_").trim();
  const safe = /^\.*$/.test(ascii) ? "file" : ascii;
  // RFC 8187 §3.2.1: attr-char goes as it is.
  const exact = encodeURIComponent(plain).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return {
    "content-disposition": `attachment; filename="${safe}"; filename*=UTF-8''${/^\.*$/.test(plain) ? "file" : exact}`,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    ...(size !== undefined && { "content-length": String(size) }),
  };
}
