/** What is the person's own: how they prove who they are, what is logged in as them, how the console looks to them. */
import type { ReactNode } from "react";
import { useStatus } from "../../app/status.ts";
import { Page } from "../../parts/page.tsx";
import { Factors } from "./factors.tsx";
import { Identities } from "./identities.tsx";
import { Keys } from "./keys.tsx";
import { Password } from "./password.tsx";
import { Tokens } from "./tokens.tsx";

export default function Account(): ReactNode {
  const { me } = useStatus();
  return (
    <Page title="Account" lead={`${me.name}${me.groups.length > 0 ? `, in ${me.groups.join(", ")}` : ""}.`}>
      <Factors />
      <Identities user={me.name} />
      <Tokens />
      <Keys user={me.name} />
      <Password />
    </Page>
  );
}
