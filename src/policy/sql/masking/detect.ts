/** What a column seems to hold, by its name and by samples of its values; proposals for a person to judge. Pure. */
import type { Mask } from "./masks.ts";

export interface Guess {
  readonly class: string;
  readonly mask: Mask;
  /** For a person: `8 of 10 values look like e-mail addresses`. Never a value. */
  readonly because: string;
}

interface Kind {
  readonly class: string;
  readonly mask: Mask;
  readonly what: string;
  /** Of the column. */
  readonly name: RegExp;
  readonly value?: (text: string) => boolean;
}

const KINDS: readonly Kind[] = [
  {
    class: "email",
    mask: "domain",
    what: "e-mail addresses",
    name: /e_?mail/i,
    value: (text) => /^[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,24}$/.test(text),
  },
  { class: "card", mask: "last4", what: "card numbers", name: /card_?(?:no|num|number)|^pan$|credit_?card/i, value: isCardNumber },
  {
    class: "bank",
    mask: "last4",
    what: "bank accounts (IBAN)",
    name: /iban|account_?(?:no|num|number)|sort_?code|routing/i,
    value: isIban,
  },
  { class: "phone", mask: "last4", what: "telephone numbers", name: /phone|mobile|msisdn|^tel$|^fax$/i, value: isPhone },
  {
    class: "secret",
    mask: "null",
    what: "keys and tokens",
    name: /passw|secret|token|api_?key|private_?key|salt$|otp|recovery/i,
    value: isToken,
  },
  { class: "identity", mask: "full", what: "identity numbers", name: /ssn|social_?security|passport|national_?id|tax_?id|ahv|\bnino\b/i },
  { class: "personal", mask: "null", what: "personal data", name: /birth|^dob$|gender|salary|religion|health|diagnos/i },
  { class: "address", mask: "full", what: "postal addresses", name: /street|address|postal|zip_?code/i },
  {
    class: "network",
    mask: "full",
    what: "network addresses",
    name: /^ip$|ip_?addr|remote_?addr/i,
    value: (text) => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text),
  },
];

/** Of values that are not NULL: fewer show nothing. */
const MIN_SAMPLES = 3;
const SHARE = 0.6;

/** `samples`: some of its values as texts, without NULL. The kind that most of them look like, else the one that its name says. */
export function guessColumn(name: string, samples: readonly string[]): Guess | undefined {
  const byValue = KINDS.map((kind) => ({ kind, count: samples.filter((text) => kind.value?.(text.trim()) === true).length }))
    .filter(({ count }) => samples.length >= MIN_SAMPLES && count >= samples.length * SHARE)
    .sort((a, b) => b.count - a.count)[0];
  if (byValue) {
    const { kind, count } = byValue;
    return { class: kind.class, mask: kind.mask, because: `${count} of ${samples.length} values look like ${kind.what}` };
  }
  const named = KINDS.find((kind) => kind.name.test(name));
  return named && { class: named.class, mask: named.mask, because: `its name says ${named.what}` };
}

/** ISO/IEC 7812: 13 to 19 digits, the last of which is a check by Luhn's sum. */
function isCardNumber(text: string): boolean {
  if (!/^(?:\d[ -]?){12,18}\d$/.test(text)) return false;
  const digits = Array.from(text.replaceAll(/\D/g, ""), Number).toReversed();
  const sum = digits.reduce((all, digit, index) => all + (index % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
  return sum % 10 === 0 && new Set(digits).size > 1;
}

/** ISO 13616: country, two check digits, the account; the whole modulo 97 is 1. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false;
  const moved = `${compact.slice(4)}${compact.slice(0, 4)}`;
  let rest = 0;
  for (const character of moved) rest = Number(`${rest}${Number.parseInt(character, 36)}`) % 97;
  return rest === 1;
}

/** E.164 has at most 15 digits; a plain number is no telephone number: it begins with + or 0, or is written in groups. */
function isPhone(text: string): boolean {
  if (!/^[+(]?\d[\d\s()./-]{5,22}\d$/.test(text) || /^\d{4}-\d{2}-\d{2}/.test(text)) return false;
  const digits = text.replaceAll(/\D/g, "").length;
  return digits >= 7 && digits <= 15 && (/^[+(0]/.test(text) || /\d[\s/-]\d+[\s/-]\d/.test(text));
}

/** JSON Web Tokens, keys with a prefix (`sk_live_…`), and what is long, without spaces, and mixed. */
function isToken(text: string): boolean {
  if (/^eyJ[\w-]{8,}\.[\w-]+\./.test(text) || /^[a-z]{2,10}_(?:live|test|prod)?_?[A-Za-z0-9]{16,}$/.test(text)) return true;
  if (/^\$(?:2[aby]|argon2\w*|6|5)\$/.test(text)) return true;
  return /^[A-Za-z0-9+/_=-]{24,}$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text) && !/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(text);
}
