import type { Handlers } from "../handler.ts";
import type { BackupService } from "../services/gate.ts";
import { actorOf } from "../views.ts";

export function backupHandlers(backup: BackupService): Handlers<"backup.make"> {
  return { "backup.make": ({ caller, body: { name } }) => backup.make(actorOf(caller), name) };
}
