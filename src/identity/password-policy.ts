/** What may become a password: long enough, not one that everybody tries first, not the person's own name. */
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";

const MIN_CHARACTERS = 12;
const MAX_BYTES = 1024;

/**
 * The commonest of at least twelve characters in published lists, in lower case. Length does most of the work;
 * these are what a guesser who knows the minimum tries first.
 */
const COMMON = new Set([
  "correct horse battery staple",
  ...`123456789012 1234567890123 12345678901234 123456789123 123123123123 112233445566 987654321012 123456123456
   147258369147 qwertyuiop123 qwertyuiop12 qwertyuiop[] qwerty123456 qwertyqwerty qwertyuiopas qwertyuiopasdf
   1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc q1w2e3r4t5y6 zaq12wsxcde3 asdfghjkl123 asdfghjklasd zxcvbnm12345
   abcdefghijkl abcdefghijklm abc123456789 abcd12345678 a1b2c3d4e5f6 password1234 password12345 password123456
   passwordpassword password!123 p@ssw0rd1234 p@ssword1234 passw0rd1234 mypassword123 changeme1234
   changemechangeme changeme123! letmein12345 letmeinletmein welcome12345 welcome123456 administrator admin1234567
   adminadmin12 adminadminadmin administrator1 rootrootroot rootpassword iloveyou1234 iloveyouforever
   trustno1trustno1 supersecret1 superpassword correcthorsebatterystaple sallyport123 sallyportsallyport
   secretsecret secret123456 testtesttest test12345678 basketball12 liverpool123 manchesterunited summer2024!!
   winter2024!! spring2025!! summer2025!! winter2025!! productionprod infrastructure`.split(/\s+/),
]);

/** `undefined` when it may be used. The refusal never quotes the password. */
export function refusePassword(password: Secret, user: string): Denial | undefined {
  const text = password.reveal().normalize("NFC");
  if (Buffer.byteLength(text, "utf8") > MAX_BYTES) return refuse(`it is longer than ${MAX_BYTES} bytes`);
  const characters = Array.from(text);
  if (characters.length < MIN_CHARACTERS) return refuse(`it needs at least ${MIN_CHARACTERS} characters`);
  if (new Set(characters).size < 4) return refuse("it repeats too few different characters");
  const plain = text.toLowerCase();
  if (COMMON.has(plain)) return refuse("it is one of the commonest passwords");
  const name = user.toLowerCase();
  // `alicealicealice` and `alice1234567` are guessed as soon as the name is known.
  if (name.length >= 3 && plain.replaceAll(name, "").replaceAll(/\d/g, "").length < 4) return refuse("it is made of the user's name");
  return undefined;
}

/** Longer input is not even hashed: the limit bounds the work of a login as well. */
export function tooLongToHash(password: Secret): boolean {
  return Buffer.byteLength(password.reveal(), "utf8") > MAX_BYTES;
}

function refuse(why: string): Denial {
  return deny("bad-request", { detail: `the password cannot be used: ${why}` });
}
