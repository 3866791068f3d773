/** Why a server's certificate is not believed, in words for the person who can mend it: Node's own speak of Node. Pure. */

/** `error` is what a TLS connection or `checkServerIdentity` of Node failed with; `host` is what was dialled. */
export function certificateTrouble(error: Error, host: string): string {
  const { code, cert } = error as NodeJS.ErrnoException & { readonly cert?: { readonly subjectaltname?: string } };
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID": {
      const names = cert?.subjectaltname?.replaceAll(/(?:DNS|IP Address):/g, "").slice(0, MAX_NAMES);
      return `its certificate is for ${names === undefined || names === "" ? "no name" : names}, and not for ${host}`;
    }
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired";
    case "CERT_NOT_YET_VALID":
      return "its certificate is not valid yet";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return "its certificate comes from no authority that this target trusts (authorityFile)";
    default:
      return error.message.slice(0, MAX_MESSAGE);
  }
}

const MAX_NAMES = 120;
const MAX_MESSAGE = 200;
