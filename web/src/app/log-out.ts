import { call } from "../api/client.ts";
import { queryClient } from "../api/queries.ts";
import { forgetTyped } from "./typed.ts";

/** Nothing that was shown stays in memory, and nothing that was typed in the tab. */
export async function logOut(): Promise<void> {
  forgetTyped();
  await toLogin("/");
}

/** Out, and to the login page; from there back to where one was. */
export async function toLogin(path?: "/"): Promise<void> {
  await call("login.end").catch(() => undefined);
  queryClient.clear();
  // Never by the path as text: that of `//elsewhere` is another site.
  if (path === undefined) location.reload();
  else location.assign(path);
}
