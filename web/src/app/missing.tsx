import type { ReactNode } from "react";
import { ButtonLink } from "../parts/button.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/state.tsx";

export function Missing(): ReactNode {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" action={<ButtonLink to="/">Go home</ButtonLink>}>
        The address may have been shortened on its way here.
      </Empty>
    </Page>
  );
}
