/** The configuration as the gate explains it, a line for each value, put together by what the lines are about. */

export interface Setting {
  /** Within its part: `ssh.account`. */
  readonly name: string;
  readonly value: string;
  /** `sallyport.yaml:17`, or `default`. */
  readonly from: string;
}

export interface Part {
  /** `roles`, `rules`, `targets`, …: the block of the file. */
  readonly block: string;
  /** Of a role or target its name, of a rule its place; absent where the block has no parts. */
  readonly name?: string;
  readonly settings: readonly Setting[];
}

const LINE = /^(?<block>[^.[:]+)(?<rest>.*?): (?<value>.*) {2}\((?<from>[^()]*)\)$/;
const NAMED = /^(?:\.(?<plain>[^.[]+)|\["(?<quoted>[^"]*)"\]|\[(?<index>\d+)\])\.?(?<name>.*)$/;
/** Blocks of things with names; the others are settings of the gate itself. */
const BLOCKS = new Set(["roles", "rules", "targets", "holders", "groups"]);

export function partsOf(lines: readonly string[]): Part[] {
  const parts = new Map<string, { block: string; name?: string; settings: Setting[] }>();
  for (const line of lines) {
    const { block = "", rest = "", value = "", from = "" } = LINE.exec(line)?.groups ?? {};
    const { plain, quoted, index, name = "" } = (BLOCKS.has(block) && NAMED.exec(rest)?.groups) || {};
    const of = plain ?? quoted ?? index;
    const key = `${block} ${of ?? ""}`;
    const part = parts.get(key) ?? { block, ...(of !== undefined && { name: of }), settings: [] };
    part.settings.push({ name: of === undefined ? rest.replace(/^\./, "") : name, value, from });
    parts.set(key, part);
  }
  return [...parts.values()];
}

/** What a rule calls itself; holders go by the role they hold. */
export function titleOf({ block, name, settings }: Part): string {
  const called = block === "holders" ? "role" : "name";
  return settings.find((each) => each.name === called)?.value ?? name ?? "";
}
