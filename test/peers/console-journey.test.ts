/**
 * From an empty gate to a proof, in a real Chromium, with a real identity provider and a real sshd, and no mouse: an owner sets the
 * gate up with a passkey, ana comes by her provider and asks, lea says yes with her passkey, ana works in the browser, sam watches and
 * ends it, looks at it again, finds it by a word of its output, and has its entry of the log proven by the page.
 */
import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { openClient } from "../../src/contract/client.ts";
import { addPasskey, askNothing } from "../kit/authenticator.ts";
import { look, type Window } from "../kit/browser.ts";
import { openConsole, troubles, type ConsoleWindows } from "../kit/console.ts";
import { startFirstGate, type FirstGate } from "../kit/first-gate.ts";
import { keyboardOf, type Keyboard } from "../kit/keyboard.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { requireAll, requirePeer } from "../kit/peers.ts";
import { startSshd, type Sshd } from "../kit/sshd.ts";

const peers = requireAll(requirePeer("Chromium", "chromium"), requirePeer("OpenSSH server", "sshd"));
const BELOW = `groups: { owners: [ada], oncall: [], leads: [], security: [] }
roles:
  debug: { ssh: { account: ${userInfo().username}, shell: true, exec: true }, secondFactor: { use: none, approve: 10m } }
  owner: { gate: ["*"] }
  security: { gate: [session.read, session.control, session.kill, recording.view, audit.read] }
holders:
  - { role: owner, who: ["group:owners"] }
  - { role: security, who: ["group:security"] }
rules: []
targets: {}
`;

interface Someone extends AsyncDisposable {
  readonly window: Window;
  readonly page: Window["page"];
  readonly keys: Keyboard;
}

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(peers.missing)(peers.title("from an empty gate to a proof, with the keyboard alone"), () => {
  const opened = new AsyncDisposableStack();
  let windows: ConsoleWindows;
  let provider: OidcProvider;
  let sshd: Sshd;
  let gate: FirstGate;

  beforeAll(async () => {
    gate = opened.use(await startFirstGate(BELOW));
    provider = opened.use(
      await startOidcProvider({
        redirectUris: [`${gate.url}/v1/login/callback/corp`],
        accounts: { ana: { groups: ["eng-oncall"] }, lea: { groups: ["eng-leads"] }, sam: { groups: ["eng-security"] } },
      }),
    );
    await writeFile(join(gate.dir, "corp.secret"), `${provider.clientSecret}\n`, { mode: 0o600 });
    const { access } = await openClient({ url: gate.url }).call("authorities.show");
    sshd = opened.use(await startSshd({ trustedUserCaKey: access.publicKey, hostKeyTypes: ["ed25519"] }));
    windows = opened.use(await openConsole(gate.url));
  });
  afterAll(() => opened.disposeAsync());

  const come = async (path: string): Promise<Someone> => {
    const window = await windows.visit(path);
    await askNothing(window);
    await addPasskey(window);
    await window.page.reload();
    return { window, page: window.page, keys: keyboardOf(window.page), [Symbol.asyncDispose]: () => window[Symbol.asyncDispose]() };
  };
  const comeByProvider = async (account: string, path: string): Promise<Someone> => {
    const someone = await come(path);
    await logInByProvider(someone, account);
    return someone;
  };
  const logInByProvider = async ({ page, keys }: Someone, account: string): Promise<void> => {
    await keys.press(page.getByRole("button", { name: "Log in with corp" }));
    await page.getByRole("navigation", { name: "Pages" }).or(page.getByLabel("Account")).waitFor();
    // The provider knows a browser again that it has seen.
    if (await page.getByLabel("Account").isVisible()) await page.keyboard.type(`${account}\n`);
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
  };
  const addFactor = async ({ page, keys }: Someone): Promise<void> => {
    await page.goto("/account");
    await keys.press(page.getByRole("button", { name: "Add a passkey" }));
    await page.getByRole("button", { name: "Make it" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("passkey, added").waitFor();
  };
  /** As the page shows them, into the file: what a person does in an editor. */
  const putTogether = async ({ page }: Someone, labels: readonly string[]): Promise<string> => {
    const { text } = (await page.evaluate(async () => (await fetch("/v1/config", { headers: { "sallyport-console": "1" } })).json())) as {
      text: string;
    };
    const whole = parse(text) as Record<string, Record<string, unknown>>;
    for (const label of labels) {
      const piece = parse(await page.getByLabel(label, { exact: true }).innerText()) as Record<string, unknown>;
      for (const [key, value] of Object.entries(piece))
        whole[key] = Array.isArray(value) ? (value as never) : { ...whole[key], ...(value as object) };
    }
    return stringify(whole);
  };

  test("it is set up, asked for, approved, used, watched, ended, replayed, found and proven", { timeout: 240_000 }, async () => {
    // Set up: a passkey, the provider, a target and a rule.
    await using ada = await come("/");
    await ada.page.getByRole("heading", { name: "Set this gate up" }).waitFor();
    await ada.keys.write(ada.page.getByLabel("One-time secret"), gate.secret);
    await ada.keys.write(ada.page.getByLabel("Your name"), "ada");
    await ada.keys.write(ada.page.getByLabel("Password"), "long enough for an owner");
    await ada.page.keyboard.press("Enter");
    await ada.keys.press(ada.page.getByRole("button", { name: "Make a passkey" }));
    await ada.page.getByRole("button", { name: "Make it" }).waitFor();
    await ada.page.keyboard.press("Enter");
    await ada.page.getByText("2 of 7 done").waitFor();
    await ada.keys.write(ada.page.getByLabel("Issuer"), provider.issuer);
    await ada.keys.write(ada.page.getByLabel("Client id"), provider.clientId);
    await ada.keys.write(ada.page.getByLabel("File with the client secret"), join(gate.dir, "corp.secret"));
    const groups = "eng-oncall = oncall, eng-leads = leads, eng-security = security";
    await ada.keys.write(ada.page.getByLabel("Groups there, and what they are here"), groups);
    await ada.keys.write(ada.page.getByLabel("Name", { exact: true }), "web-1.prod");
    await ada.keys.write(ada.page.getByRole("textbox", { name: "Address" }), `127.0.0.1:${sshd.port}`);
    await ada.keys.write(ada.page.getByLabel("Service").first(), "checkout");
    await ada.keys.press(ada.page.getByRole("button", { name: "Ask the host for its keys" }));
    await ada.page.getByLabel("Target", { exact: true }).waitFor();
    await look(ada.window, "journey-1-set-up");
    const whole = await putTogether(ada, ["Identity provider", "Target", "Rule"]);
    await ada.keys.paste(ada.page.getByLabel("Configuration to check"), whole);
    await ada.keys.press(ada.page.getByRole("button", { name: "Check it" }));
    await ada.page.getByText("It is valid. It would change:").waitFor();
    await writeFile(gate.configPath, whole);
    await ada.keys.press(ada.page.getByRole("button", { name: "Take up the file" }));
    await ada.keys.press(ada.page.getByRole("button", { name: "Test corp" }));
    await ada.page.getByText("People can log in by it").waitFor();
    await ada.keys.press(ada.page.getByRole("button", { name: "Test the connection" }));
    await ada.page.getByText("The gate reaches it").waitFor();
    await look(ada.window, "journey-2-tested");

    // ana comes by her provider, and asks.
    await using ana = await comeByProvider("ana", "/");
    await ana.page.getByText("You have no access now").waitFor();
    await look(ana.window, "journey-3-home");
    await ana.keys.press(ana.page.getByRole("link", { name: "Request access" }).first());
    await ana.keys.write(ana.page.getByLabel("Why"), "Checkout answers 500");
    await ana.keys.tick(ana.page.getByRole("checkbox", { name: /web-1\.prod/ }));
    await ana.page.getByText("1 of leads", { exact: true }).waitFor();
    await ana.keys.press(ana.page.getByRole("button", { name: "Send the request" }));
    await ana.page.getByRole("heading", { name: "Waiting for a yes" }).waitFor();

    // lea has a passkey, and a login that has not shown it: the approval asks for it.
    await using lea = await comeByProvider("lea", "/account");
    await addFactor(lea);
    await lea.keys.press(lea.page.getByRole("button", { name: /^Log out/ }));
    await lea.page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
    await logInByProvider(lea, "lea");
    await lea.page.keyboard.press("g");
    await lea.page.keyboard.press("a");
    await lea.page.getByRole("heading", { name: "ana asks for debug" }).waitFor();
    await lea.page.keyboard.press("a");
    await lea.page
      .getByRole("button", { name: /^Approve / })
      .last()
      .waitFor();
    await lea.page.keyboard.press("Enter");
    await lea.page.getByRole("heading", { name: "Show your second factor" }).waitFor();
    await look(lea.window, "journey-4-step-up");
    await lea.page.keyboard.press("Enter");
    await lea.page.getByRole("status").getByText("Approved: ana has debug").waitFor();

    // ana works, in the browser.
    await ana.page.getByRole("heading", { name: "You have access" }).waitFor();
    await ana.keys.press(ana.page.getByRole("link", { name: "Open here on web-1.prod" }));
    const screen = (page: Window["page"], id: string) => page.getByTestId(id).locator(".xterm-rows");
    await screen(ana.page, "terminal")
      .getByText(/[#$]\s*$/)
      .last()
      .waitFor();
    await ana.page.keyboard.type("echo the-pool-has-$((6*7))-workers\n");
    await screen(ana.page, "terminal").getByText("the-pool-has-42-workers").last().waitFor();
    await look(ana.window, "journey-5-terminal");

    // sam, whose provider says that he is of security, watches it as it happens.
    await using sam = await comeByProvider("sam", "/");
    await sam.page.keyboard.press("g");
    await sam.page.keyboard.press("l");
    await sam.page.getByTestId("tile").waitFor();
    await sam.page.keyboard.press("j");
    await sam.page.keyboard.press("Enter");
    await screen(sam.page, "live-screen").getByText("the-pool-has-42-workers").last().waitFor();
    await ana.page.keyboard.type("echo seen-$((40+3))-too\n");
    await screen(sam.page, "live-screen").getByText("seen-43-too").last().waitFor();
    await look(sam.window, "journey-6-watched");
    await sam.page.keyboard.press("x");
    await sam.page.getByLabel(/^Why/).waitFor();
    await sam.page.keyboard.type("Not what was asked for");
    await sam.page.keyboard.press("Control+Enter");
    await sam.page.getByText("This session has ended").waitFor();
    await ana.page.getByText("Not what was asked for").first().waitFor();
    await look(ana.window, "journey-7-killed");

    // Found by a word of what the terminal showed, and played from there.
    await sam.page.keyboard.press("g");
    await sam.page.keyboard.press("s");
    await sam.page.getByRole("heading", { name: "Sessions" }).waitFor();
    await sam.page.keyboard.press("/");
    await sam.page.keyboard.type("the-pool-has-42-workers\n");
    await sam.page
      .getByRole("link", { name: /the-pool-has-42-workers/ })
      .last()
      .waitFor();
    await look(sam.window, "journey-8-found");
    await sam.keys.press(sam.page.getByRole("link", { name: /the-pool-has-42-workers/ }).last());
    await sam.page.getByTestId("replay").getByText("the-pool-has-42-workers").first().waitFor();
    await sam.page.getByRole("button", { name: /Approved by lea/ }).waitFor();
    await look(sam.window, "journey-9-replayed");

    // That lea approved it is in the log, and the page proves it.
    await sam.keys.press(
      sam.page
        .getByRole("listitem")
        .filter({ hasText: "Approved by lea" })
        .getByRole("link", { name: /with its proof/ }),
    );
    await sam.page.getByText("Verified by this browser").waitFor();
    expect(await sam.page.getByRole("alert").count()).toBe(0);
    await look(sam.window, "journey-10-proven");
    // No page went anywhere but to the gate and, to log in, to the provider.
    expect([ada, ana, lea, sam].flatMap(({ window }) => troubles(window)).filter((each) => !each.startsWith(provider.issuer))).toEqual([]);
  });
});
