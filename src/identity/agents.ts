/** Agents act for a person: without one who is there and enabled, an agent is nobody. */
import { deny, type Denial } from "../kernel/result.ts";
import type { Principal } from "./model.ts";
import type { IdentityStore } from "./port.ts";

export async function refuseAlone({ name, type, actsFor }: Principal, store: Pick<IdentityStore, "findUser">): Promise<Denial | undefined> {
  if (actsFor === undefined) {
    return type === "agent"
      ? deny("locked", { detail: `"${name}" acts for nobody: \`agents\` of the configuration does not name it` })
      : undefined;
  }
  const person = await store.findUser(actsFor.name);
  if (person?.type === "human" && person.disabled === undefined) return undefined;
  return deny("locked", { detail: `"${name}" acts for "${actsFor.name}", who is ${person?.disabled ? "disabled" : "no person here"}` });
}
