import { timingSafeEqual } from "node:crypto";
import type { LoginContext } from "../authenticator.ts";
import type { Token } from "../model.ts";
import { thumbprintOf } from "./client-certificate.ts";

/** RFC 8705 §3: a token that is bound to a certificate is good on connections that show it, and on no others. */
export function hasShown({ login }: Pick<Token, "login">, { certificate }: Pick<LoginContext, "certificate">): boolean {
  const wanted = login?.workload?.certificate;
  if (wanted === undefined) return true;
  const shown = certificate?.()?.der;
  if (shown === undefined) return false;
  const [a, b] = [Buffer.from(thumbprintOf(shown)), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
