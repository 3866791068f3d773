/** What goes into the gate's configuration file, as text: the gate never writes it. Every value is quoted, whatever somebody typed. */

const quoted = (text: string): string => JSON.stringify(text);

export interface ProviderDraft {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly secretFile: string;
  /** `theirs = ours`, with commas between. */
  readonly groups: string;
}

export function providerBlock({ name, issuer, clientId, secretFile, groups }: ProviderDraft): string {
  return `gate:
  providers:
    - name: ${quoted(name)}
      kind: oidc
      issuer: ${quoted(issuer)}
      clientId: ${quoted(clientId)}
      clientSecret: ${quoted(`file:${secretFile}`)}
      create: true
${groupLines(groups)}`;
}

/** What is half typed is left out. */
function groupLines(text: string): string {
  const pairs = text.split(",").map((pair) => pair.split("=").map((part) => part.trim()));
  const lines = pairs.flatMap(([theirs = "", ours = "", ...rest]) =>
    theirs !== "" && ours !== "" && rest.length === 0 ? [`        ${quoted(theirs)}: ${quoted(ours)}`] : [],
  );
  return lines.length === 0 ? "" : `      groups:\n${lines.join("\n")}\n`;
}

export interface TargetDraft {
  readonly name: string;
  readonly address: string;
  readonly service: string;
  /** That somebody compared with the machine's own. */
  readonly hostKeys: readonly string[];
}

export function targetBlock({ name, address, service, hostKeys }: TargetDraft): string {
  return `targets:
  ${quoted(name)}:
    kind: ssh
    address: ${quoted(address)}
    labels: { service: ${quoted(service)} }
    hostKeys:
${hostKeys.map((key) => `      - ${quoted(key)}`).join("\n")}
`;
}

export interface RuleDraft {
  readonly service: string;
  readonly group: string;
  readonly approvers: string;
}

export function ruleBlock({ service, group, approvers }: RuleDraft): string {
  return `rules:
  - name: ${quoted(`${group}-debugs-${service}`)}
    who: [${quoted(`group:${group}`)}]
    roles: [debug]
    targets: { labels: { service: ${quoted(service)} } }
    max: 4h
    approval: ${quoted(`1 of ${approvers}`)}
`;
}
