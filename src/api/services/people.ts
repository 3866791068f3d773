/** Users, their groups, keys and tokens. */
import type { AccessUse, Authenticated, LinkedIdentity, PrincipalType, Token, UserKey } from "../../identity/model.ts";
import type { KeyId, PrincipalName, TokenId } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Actor, Administrator } from "./access.ts";

export interface UserSummary {
  readonly name: PrincipalName;
  readonly type: PrincipalType;
  readonly createdAt: number;
  readonly disabled?: { readonly at: number; readonly reason: string };
  readonly hasPassword: boolean;
  readonly identities?: readonly LinkedIdentity[];
}

export interface UserService {
  listUsers(): Promise<readonly UserSummary[]>;
  createUser(actor: Actor, draft: { name: string; type: PrincipalType }): Promise<UserSummary | Denial>;
  disableUser(actor: Administrator, user: PrincipalName, reason: string): Promise<unknown>;
  enableUser(actor: Administrator, user: PrincipalName): Promise<unknown>;
  issueReset(actor: Administrator, user: PrincipalName): Promise<{ secret: Secret; expiresAt: number } | Denial>;
}

export interface GroupDirectory {
  /** Every group of the configuration. */
  groups(): readonly string[];
  /** The groups somebody is in now. */
  groupsOf(principal: PrincipalName): readonly string[];
}

export interface KeyService {
  listKeys(user: PrincipalName): Promise<readonly UserKey[]>;
  addKey(actor: Administrator, user: PrincipalName, line: string, by: Authenticated): Promise<UserKey | Denial>;
  removeKey(actor: Administrator, user: PrincipalName, key: KeyId): Promise<unknown>;
}

export type TokenSummary = Omit<Token, "hash" | "access" | "madeWith"> & { readonly access?: AccessUse };

export interface TokenService {
  listTokens(user: PrincipalName): Promise<readonly TokenSummary[]>;
  findToken(id: TokenId): Promise<TokenSummary | undefined>;
  createToken(
    by: Authenticated,
    draft: { name: string; scopes: readonly string[]; ttlMs: number; for?: PrincipalName },
  ): Promise<{ token: TokenSummary; secret: Secret } | Denial>;
  createAccessToken(by: Authenticated, draft: AccessUse & { expiresAt: number }): Promise<{ token: TokenSummary; secret: Secret } | Denial>;
  /** `publicKey`: SubjectPublicKeyInfo in DER. `certificate`: PEM. */
  createAccessCertificate(
    by: Authenticated,
    draft: AccessUse & { expiresAt: number },
    publicKey: Buffer,
  ): Promise<{ token: TokenSummary; certificate: string } | Denial>;
  revokeToken(actor: Actor, token: TokenId, reason: string): Promise<unknown>;
  revokeTokens(actor: Actor, user: PrincipalName, reason: string, which: (token: TokenSummary) => boolean): Promise<readonly TokenId[]>;
}
