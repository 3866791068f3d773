import { z } from "zod";
import { created, routes } from "./route.ts";
import { count, name } from "./schema.ts";

export const backupRoutes = routes({
  "backup.make": {
    method: "POST",
    path: "/v1/backup",
    summary: "Write a backup into the gate's own backup folder on its machine",
    permission: "backup.make",
    effect: "changes",
    audit: ["backup.made"],
    /** A plain name, never a path: the API cannot choose where on the machine the gate writes. */
    body: z.strictObject({ name: name.exactOptional() }),
    response: created(z.object({ path: z.string(), size: count, root: z.string() })),
    example: { body: { name: "before-upgrade" } },
  },
});
