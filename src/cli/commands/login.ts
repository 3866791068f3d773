import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { type Command, Option } from "commander";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli, Surroundings } from "../cli.ts";
import { openGate } from "../client.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { ensureIdentity } from "../identity.ts";
import type { Output } from "../output.ts";
import { logInByDevice } from "../login/by-device.ts";
import { logInByProvider, type GivenLogin } from "../login/by-provider.ts";
import { keepLogin } from "../login/keep-login.ts";
import { KEEPING, keepingOf, type Keeping } from "../login-token.ts";
import { isByWorkload, logInByWorkload, type WorkloadOptions } from "../login/by-workload.ts";
import type { ClientCertificate } from "../mutual-fetch.ts";
import type { Profile } from "../profile.ts";
import type { Prompts } from "../prompts.ts";
import { showFactor } from "../step-up.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { readPublicKey } from "./user.ts";

interface Options extends WorkloadOptions {
  readonly user?: string;
  readonly setup?: string | true;
  readonly reset?: string | true;
  readonly key?: string;
  readonly for?: number;
  readonly passwordStdin?: true;
  readonly provider?: string | true;
  readonly device?: true;
  readonly ca?: string;
  readonly keyStore?: Keeping;
}

export function addLogin(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "login [user]",
      summary: "Log in to a gate, and keep the token in a profile",
      details:
        "Also gets a login certificate for your SSH key (or for one it makes), so that `ssh` works as long as the login lasts.\n" +
        "A profile is one gate and one person: name it with --profile and have as many as you need.\n" +
        "The token goes into this machine's key store (Secret Service, Keychain, Credential Manager); where none can be used, into a file that only you can read. --key-store or SALLYPORT_KEY_STORE says otherwise: file, or os for nothing but the key store.",
      examples: [
        ["sallyport login --url https://gate.example:7700 ada", "asks for the password"],
        ["sallyport login --url https://gate.example:7700 --provider corp", "by an identity provider: opens the browser"],
        ["sallyport login --url https://gate.example:7700 --device", "without a browser here: shows a code for one elsewhere"],
        ["sallyport login --url https://gate.example:7700 deploy --workload", "a service, in a job of a platform that vouches for it"],
        ["sallyport login --url https://gate.example:7700 deploy --client-cert c.pem --client-key k.pem", "a service, by its certificate"],
        ["sallyport login --url https://gate.example:7700 ada --setup", "the very first login: asks for the secret that `serve` printed"],
        ["sallyport login bob --reset", "set a new password: asks for the secret an administrator gave you"],
        ["sallyport login --key ~/.ssh/id_ed25519.pub", "register this key, so that `ssh` works without a certificate too"],
        ["sallyport login --key-store file", "for a machine whose key store is locked when nobody sits at it"],
        ["sallyport login --profile staging --url https://gate.staging:7700", "a second gate"],
      ],
    },
    (command) =>
      command
        .option("-u, --user <name>", "who you are, as the argument")
        .option("--provider [name]", "log in by this identity provider, in the browser; without a name, by the only one")
        .option("--device", "show a code, to be typed in where you are logged in to the console")
        .option("--workload", "log in as a service, by the ID token that the platform gives this job")
        .option("--workload-token-file <file>", "by the ID token in this file; - reads standard input (SALLYPORT_ID_TOKEN_FILE)")
        .option("--audience <text>", "what GitHub issues the ID token for; by default the gate's address")
        .option("--client-cert <file>", "log in as a service, by this certificate (PEM)")
        .option("--client-key <file>", "its private key (PEM)")
        .option("--setup [secret]", "create the first owner with the one-time secret of the first start")
        .option("--reset [secret]", "set a new password with a one-time secret")
        .option("--key <file>", "public key to register")
        .option("--for <duration>", "how long the login lasts, at most 12h", parseDuration)
        .option("--password-stdin", "read the password from standard input")
        .option("--ca <file>", "PEM file of the authority that signed the gate's TLS certificate")
        .addOption(
          new Option("--key-store <where>", "where the token is kept: auto unless SALLYPORT_KEY_STORE says otherwise").choices(KEEPING),
        ),
    async ({ args, options, openGate: open, out, ask, at }) => {
      const byWorkload = isByWorkload(options);
      // A job sits at no key store, and its token lasts minutes.
      const keeping = keepingOf(options.keyStore ?? (byWorkload && !at.env["SALLYPORT_KEY_STORE"] ? "file" : undefined), at.env);
      const ca = options.ca === undefined ? {} : { ca: resolve(at.cwd, options.ca) };
      const certificate = certificateOf(options, at.cwd);
      const gate = open({ anonymous: true, ...ca, ...(certificate && { certificate }) });
      const { client } = gate;
      const publicKey = options.key === undefined ? undefined : readPublicKey(resolve(at.cwd, options.key));
      const byOther = options.device === true || options.provider !== undefined;
      if (byOther || byWorkload) refuseBeside(options, byWorkload ? undefined : args[0]);
      const name =
        byOther || byWorkload ? "" : (options.user ?? args[0] ?? gate.profile?.user ?? (await ask.text("Who are you?", "Your name")));
      const login = byWorkload
        ? await logInByWorkload(client, options.user ?? args[0], options, { at, gateUrl: gate.url })
        : options.device
          ? await logInByDevice(client, { out, at })
          : options.provider !== undefined
            ? await logInByProvider(client, options.provider, { out, at })
            : await logInByPassword(client, name, options, publicKey, ask, at.stdin);

      const identity = options.key === undefined ? gate.profile?.identity : privateKeyOf(resolve(at.cwd, options.key));
      const profile: Profile = {
        version: 1,
        url: gate.url,
        user: login.user,
        ...(await keepLogin(gate, login, keeping, { out, at })),
        expiresAt: login.expiresAt,
        ...(ca.ca === undefined ? gate.profile?.ca !== undefined && { ca: gate.profile.ca } : ca),
        ...(certificate && { clientCert: certificate.cert, clientKey: certificate.key }),
        ...(identity !== undefined && { identity }),
      };
      gate.profiles.save(gate.profileName, profile);
      const loggedIn = openGate(at, { profile: gate.profileName, url: gate.url });
      // Right after the password: what the login shows now, it has shown for as long as it lasts.
      if (!byWorkload) await secondFactor(loggedIn.client, { ask, out, at });
      // Without ssh on the machine, or with a gate that issues none, the login is as good for everything else.
      await ensureIdentity(loggedIn, at.now(), "new").catch((error: Error) => out.note(`No SSH certificate: ${error.message}`));
      if (publicKey !== undefined && options.setup === undefined) {
        await loggedIn.client.call("keys.add", { params: { name: login.user }, body: { publicKey } });
      }
      out.result({ profile: gate.profileName, url: gate.url, user: login.user, expiresAt: login.expiresAt }, () => {
        const left = formatDuration(login.expiresAt - at.now());
        return `Logged in to ${gate.url} as ${login.user} for ${left} (profile "${gate.profileName}").`;
      });
    },
  );
}

function certificateOf({ clientCert, clientKey, workload, workloadTokenFile }: Options, cwd: string): ClientCertificate | undefined {
  if (clientCert === undefined && clientKey === undefined) return undefined;
  if (clientCert === undefined || clientKey === undefined) throw new UsageError("--client-cert and --client-key go together");
  if (workload || workloadTokenFile !== undefined) throw new UsageError("A workload shows a token or a certificate, not both");
  return { cert: resolve(cwd, clientCert), key: resolve(cwd, clientKey) };
}

/** Who has none, or cannot be asked here, is logged in all the same; roles that take one say so. */
async function secondFactor(client: Client, run: { ask: Prompts; out: Output; at: Surroundings }): Promise<void> {
  const { kinds } = await client.call("step-up.start").catch((error: unknown) => {
    // A gate of before knows none.
    if (error instanceof GateError && error.code === "not-found") return { kinds: [] };
    throw error;
  });
  if (kinds.length === 0) return;
  const shown = run.ask.possible && (await showFactor(client, run));
  if (!shown) run.out.note("No second factor was shown. Where one is asked for: sallyport step-up");
}

async function logInByPassword(
  client: Client,
  user: string,
  options: Options,
  publicKey: string | undefined,
  ask: Prompts,
  stdin: Readable,
): Promise<GivenLogin> {
  const secret = await secretOf(options, ask);
  const fresh = options.setup !== undefined || options.reset !== undefined;
  const password = await readPassword(options, ask, stdin, fresh);
  if (options.setup !== undefined) {
    await client.call("setup.complete", {
      body: { secret: secret ?? "", owner: user, password, ...(publicKey !== undefined && { publicKey }) },
    });
  }
  if (options.reset !== undefined) await client.call("password.reset", { body: { user, secret: secret ?? "", password } });
  return client.call("login.password", { body: { user, password, ...(options.for !== undefined && { ttlMs: options.for }) } });
}

/** Who it is, the provider or whoever approves the machine says; how long, the gate. */
function refuseBeside(options: Options, name: string | undefined): void {
  if (options.device && options.provider !== undefined) throw new UsageError("--device and --provider do not go together");
  const byWorkload = isByWorkload(options);
  const how = byWorkload ? "A workload's login" : options.device ? "--device" : "--provider";
  const never = ["setup", "reset", "passwordStdin", "for"] as const;
  for (const each of byWorkload ? ([...never, "device", "provider", "key"] as const) : (["user", ...never] as const)) {
    const written = each === "passwordStdin" ? "--password-stdin" : `--${each}`;
    if (options[each] !== undefined) throw new UsageError(`${how} and ${written} do not go together`);
  }
  if (name !== undefined) throw new UsageError(`${how} takes no name`, "Leave it out: whoever logs in is told by then");
}

async function secretOf({ setup, reset }: Options, ask: Prompts): Promise<string | undefined> {
  const given = setup ?? reset;
  if (setup !== undefined && reset !== undefined) throw new UsageError("--setup and --reset do not go together");
  if (given !== true) return given;
  return await ask.secret("The one-time secret?", setup === undefined ? "--reset SECRET" : "--setup SECRET");
}

async function readPassword(options: Options, ask: Prompts, stdin: Readable, fresh: boolean): Promise<string> {
  if (options.passwordStdin) {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks)
      .toString("utf8")
      .replace(/\r?\n$/, "");
  }
  const password = await ask.secret(fresh ? "Choose a password (12 characters or more)" : "Password", "--password-stdin");
  if (fresh && (await ask.secret("Once more", "--password-stdin")) !== password)
    throw new UsageError("The two are not the same", "Run it again");
  return password;
}

/** `id_ed25519.pub` → `id_ed25519`, where that is there; a key that lives in an agent has no file. */
function privateKeyOf(publicFile: string): string | undefined {
  const file = publicFile.replace(/\.pub$/, "");
  return file !== publicFile && existsSync(file) ? file : undefined;
}
