/** Untrusted: part of an address. A page of the console, whatever else it says. */
export function pathWithin(text: string | null): string {
  return text !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.includes("\\") && !text.startsWith("/login") ? text : "/";
}
