/** The right calls of second factors, each by a person of its own with a passkey in software. */
import type { Client } from "../../../src/contract/client.ts";
import type { factorRoutes } from "../../../src/contract/factors.ts";
import { stepAt, codeAt } from "../../../src/identity/factors/totp.ts";
import type { PrincipalName } from "../../../src/kernel/ids.ts";
import { decodeBase32 } from "../../kit/base32.ts";
import { SoftwarePasskey } from "../../kit/software-passkey.ts";
import type { World } from "./right-calls.ts";

/** The public address of the gates of tests. */
export const ORIGIN = "http://localhost:7700";

let people = 0;

export interface Holder {
  readonly name: PrincipalName;
  readonly client: Client;
  readonly passkey: SoftwarePasskey;
}

/** Somebody new, logged in, with a passkey. */
export async function newHolder({ olga, api }: Pick<World, "olga" | "api">): Promise<Holder> {
  const name = `holder-${(people += 1)}` as PrincipalName;
  await olga.call("users.create", { body: { name, type: "human" } });
  const client = await api.logIn(name);
  const passkey = new SoftwarePasskey(ORIGIN);
  await addPasskey(client, passkey);
  return { name, client, passkey };
}

export async function addPasskey(client: Client, passkey: SoftwarePasskey, name = "laptop") {
  return client.call("factors.add-passkey", { body: { name, answer: passkey.create(await client.call("factors.start-passkey")) } });
}

export async function stepUp({ client, passkey }: Pick<Holder, "client" | "passkey">) {
  const { passkey: options } = await client.call("step-up.start");
  if (!options) throw new Error("no passkey is asked for");
  return client.call("step-up.finish", { body: { passkey: passkey.get(options) } });
}

export async function openPage({ api }: Pick<World, "api">, { client }: Pick<Holder, "client">) {
  const page = (await client.call("step-up.open-page")).url.split("/").at(-1) ?? "";
  return { page, ...(await api.nobody.call("step-up.show-page", { params: { page } })) };
}

export function codeNow(secret: string): string {
  return codeAt(decodeBase32(secret), stepAt(Date.now()));
}

export const FACTOR_CALLS: Record<keyof typeof factorRoutes, (world: World) => Promise<unknown>> = {
  "factors.list": async (world) => (await newHolder(world)).client.call("factors.list"),
  "factors.start-passkey": async (world) => (await newHolder(world)).client.call("factors.start-passkey"),
  "factors.add-passkey": newHolder,
  "factors.start-totp": async (world) => (await newHolder(world)).client.call("factors.start-totp"),
  "factors.add-totp": async (world) => {
    const { client } = await newHolder(world);
    const { secret } = await client.call("factors.start-totp");
    return client.call("factors.add-totp", { body: { name: "telephone", code: codeNow(secret) } });
  },
  "factors.make-recovery-codes": async (world) => (await newHolder(world)).client.call("factors.make-recovery-codes"),
  "factors.rename": async (world) => {
    const { client } = await newHolder(world);
    const [factor] = (await client.call("factors.list")).factors;
    return factor && client.call("factors.rename", { params: { id: factor.id }, body: { name: "old laptop" } });
  },
  "factors.remove": async (world) => {
    const { client } = await newHolder(world);
    const [factor] = (await client.call("factors.list")).factors;
    return factor && client.call("factors.remove", { params: { id: factor.id } });
  },
  "users.reset-factors": async (world) => {
    const { name } = await newHolder(world);
    return world.olga.call("users.reset-factors", { params: { name } });
  },
  "step-up.start": async (world) => (await newHolder(world)).client.call("step-up.start"),
  "step-up.finish": async (world) => stepUp(await newHolder(world)),
  "step-up.open-page": async (world) => (await newHolder(world)).client.call("step-up.open-page"),
  "step-up.show-page": async (world) => openPage(world, await newHolder(world)),
  "step-up.finish-page": async (world) => {
    const holder = await newHolder(world);
    const { page, passkey } = await openPage(world, holder);
    return world.api.nobody.call("step-up.finish-page", { params: { page }, body: { answer: holder.passkey.get(passkey) } });
  },
  "login.start-passkey": ({ api }) => api.nobody.call("login.start-passkey"),
  "login.passkey": async (world) => {
    const { passkey } = await newHolder(world);
    return world.api.nobody.call("login.passkey", { body: { answer: passkey.get(await world.api.nobody.call("login.start-passkey")) } });
  },
};
