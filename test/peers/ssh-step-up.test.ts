/** Second factors at the prompt of the real `ssh`: a code, a passkey on a page while it waits, and never more often than asked for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeBase32 } from "../kit/base32.ts";
import type { Client } from "../../src/contract/client.ts";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { requirePeer } from "../kit/peers.ts";
import { SoftwarePasskey } from "../kit/software-passkey.ts";
import { until } from "../kit/until.ts";
import { Terminal } from "../kit/terminal.ts";
import { addPasskey, ORIGIN } from "./gate/factor-calls.ts";

const ssh = requirePeer("OpenSSH client", "ssh");
const sshd = requirePeer("OpenSSH server", "sshd");

describe.skipIf(ssh.missing || sshd.missing)(sshd.title(ssh.title("a second factor at the prompt")), () => {
  const clock = new JumpingClock();
  let estate: Estate;
  let api: EstateApi;
  let ana: Client;
  let secret: Buffer;
  const passkey = new SoftwarePasskey(ORIGIN);
  /** Codes are good once: each test takes the next. */
  let step = 0;
  const nextCode = (): string => codeAt(secret, (step = Math.max(step + 1, stepAt(clock.now()) - 1)));

  beforeAll(async () => {
    estate = await startEstate({ clock });
    api = await openEstateApi(estate.test, clock);
    ana = await api.logIn("ana");
    secret = decodeBase32((await ana.call("factors.start-totp")).secret);
    await ana.call("factors.add-totp", { body: { name: "telephone", code: nextCode() } });
    await addPasskey(ana, passkey);
    await estate.grant();
    await stepUpWithin("10m");
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  const stepUpWithin = async (time: string): Promise<void> => {
    const text = estate.test.gate.configuration.text.replace(/ {4}stepUp: .*\n/, "");
    await estate.reconfigure(text.slice(text.indexOf("\ngroups:")).replace("    kind: ssh\n", `    kind: ssh\n    stepUp: ${time}\n`));
  };
  const command = (...more: string[]): string =>
    ["ssh", ...estate.sshArgs("ana", ...more), "web-1.prod@127.0.0.1", "echo in-$((6*7))"].join(" ");
  const refusals = async (): Promise<unknown[]> =>
    (await estate.test.gate.store.log.query({ kinds: ["session.refused"], limit: 100 })).map(({ body }) => (body as { code: string }).code);

  test("where nothing can be asked, the refusal says what would do", async () => {
    const { status, stderr } = await estate.ssh(["true"], { args: ["-o", "BatchMode=yes"] });
    expect(status).toBe(255);
    expect(stderr.toString()).toContain('a session on "web-1.prod" takes a second factor, shown within the last 10m');
    expect(stderr.toString()).toContain("[second-factor-needed]");
  });

  test("a passkey on the page, while `ssh` waits", async () => {
    await using terminal = new Terminal(command());
    await terminal.sees("(nothing: use your passkey): ");
    terminal.type("\r");
    await terminal.sees("this waits for it: ");
    await until(() => /step-up\/[0-9a-z]{26}\n/.test(terminal.text));
    const page = /step-up\/([0-9a-z]{26})/.exec(terminal.text)?.[1] ?? "";
    const shown = await api.nobody.call("step-up.show-page", { params: { page } });
    expect(shown).toMatchObject({ user: "ana", what: 'a session on "web-1.prod"' });
    await api.nobody.call("step-up.finish-page", { params: { page }, body: { answer: passkey.get(shown.passkey) } });
    await terminal.sees("in-42");
    expect((await terminal.result())[0]).toBe(0);
  });

  test("a code is typed; what follows within the time is asked nothing", async () => {
    // The passkey of before is too old for this.
    const shownAt = clock.now();
    await stepUpWithin("1s");
    await until(() => clock.now() - shownAt > 1500);
    await using terminal = new Terminal(command());
    await terminal.sees("Code of your authenticator app (nothing: use your passkey): ");
    const code = nextCode();
    terminal.type(`${code}\r`);
    await terminal.sees("in-42");
    expect((await terminal.result())[0]).toBe(0);
    await stepUpWithin("10m");
    expect((await estate.ssh(["echo five scps"], { args: ["-o", "BatchMode=yes"] })).stdout.toString()).toBe("five scps\n");
    // What was typed is nowhere in the log.
    const events = await estate.test.gate.store.log.query({ limit: 1000 });
    expect(events.map(({ body }) => JSON.stringify(body)).join("\n")).not.toContain(code);
  });

  test("wrong codes three times, and the way is shut; the code of before is wrong too", async () => {
    clock.jump(11 * 60_000);
    await using terminal = new Terminal(command());
    let from = 0;
    for (const code of [codeAt(secret, step), "000000", "not a code"]) {
      await terminal.sees("(nothing: use your passkey): ", { from });
      from = terminal.text.length;
      terminal.type(`${code}\r`);
    }
    expect((await terminal.result())[0]).toBe(255);
    expect(await refusals()).toContain("factor-refused");
  });
});
