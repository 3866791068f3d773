/** What the library says of a key store that cannot be used, in words for the person who has to do something about it. */

const REASONS: readonly (readonly [said: RegExp, reason: string])[] = [
  [/prompt was dismissed|is ?locked|interaction is not allowed/i, "it is locked"],
  [/ServiceUnknown|not provided by any \.service files/i, "nothing on D-Bus is a key store here"],
  [/NameHasNoOwner|NoReply|did not receive a reply/i, "it does not answer"],
  [/DBus error|D-Bus error|autolaunch/i, "there is no D-Bus session here"],
  [/no result found/i, "it has no keyring to write to yet"],
];

const LONGEST = 200;

export function plainReason(said: string): string {
  const found = REASONS.find(([pattern]) => pattern.test(said));
  return found ? found[1] : said.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
}
