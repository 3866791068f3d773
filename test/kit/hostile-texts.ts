/**
 * What somebody writes who would like whoever reads it to run it: for every place that takes free text. `harm.ts` notices when any of
 * it did something.
 */
const RUN = "globalThis.harmed=1";

/** Each does harm in some way of showing text: as markup, in an attribute, in a script, as an address, in a template, in a title. */
export const HOSTILE_MARKUP: readonly string[] = [
  `<img src=x onerror="${RUN}">`,
  `<script>${RUN}</script>`,
  `"><svg/onload=${RUN}>`,
  `'-${RUN}-'`,
  `</title></textarea></style></script><iframe srcdoc="<script>parent.harmed=1</script>">`,
  `<a href="javascript:${RUN}">here</a>`,
  `[here](javascript:${RUN})`,
  `<meta http-equiv=refresh content="0;url=https://evil.example/">`,
  `<base href=//evil.example/><link rel=stylesheet href=//evil.example/x.css>`,
  `<form action=//evil.example/><input autofocus onfocus=${RUN}>`,
  `<style>*{background:url(//evil.example/x)}</style>`,
  `{{constructor.constructor('${RUN}')()}}\${${RUN}}<%=${RUN}%>`,
  `&lt;img src=x onerror=${RUN}&gt;`,
  `javascript:${RUN}//`,
  `https://evil.example/?x="onmouseover=${RUN}`,
];

/** For fields of a few dozen characters. */
export const HOSTILE_SHORT = `<img/src=x/onerror=${RUN}>`;

/** What turns the direction of text, is not shown, or looks like something else; refused where a gate can, shown as what it is elsewhere. */
export const DECEPTIVE = "\u202Egnp.exe\u202C\u200B\u2066x\u2069";

/** All of it, with a word by which one finds where it is shown. At most `most` characters. */
export function hostileText(mark: string, most = 1_000): string {
  let text = `mark-${mark}`;
  for (const each of HOSTILE_MARKUP) if (text.length + 1 + each.length <= most) text += ` ${each}`;
  return text;
}
