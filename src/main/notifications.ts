import type { NotifySettings } from "../config/model.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { Clock } from "../kernel/clock.ts";
import { openCommandHook } from "../watch/command-hook.ts";
import type { Channel } from "../watch/notification.ts";
import { openWebhook } from "../watch/webhook.ts";

/** The channels of `notify:`; secrets are read once, here. */
export function openChannels(settings: readonly NotifySettings[], clock: Clock): Promise<readonly Channel[]> {
  return Promise.all(
    settings.map(async (each) =>
      each.kind === "command"
        ? openCommandHook({ name: each.name, command: each.command })
        : openWebhook({ name: each.name, url: each.url, secret: await resolveSecret(each.secret), clock }),
    ),
  );
}
