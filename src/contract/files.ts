/**
 * Files of a host in the browser: an sftp session as every other, with the file rules of the role, whose client is in the gate.
 * A path is text; where a name is no UTF-8, it goes as base64 both ways.
 */
import { z } from "zod";
import { empty, json, routes } from "./route.ts";
import { count, flag, grantId, targetName } from "./schema.ts";

const path = z.string().min(1).max(8_192);
const ofTarget = z.strictObject({ name: targetName });
/** Needed where several grants cover the target. */
const grant = grantId.exactOptional();
/** `path` is the base64 of its bytes. */
const base64 = flag.default(false);
const where = { path, base64, grant };

const fileType = z.enum(["file", "directory", "link", "other"]);
export const listedFile = z.object({
  /** As text; bytes that are no UTF-8 are U+FFFD in it. */
  name: z.string(),
  /** The name's bytes, where the text is not what they are. */
  base64: z.string().exactOptional(),
  type: fileType,
  size: count.exactOptional(),
  /** Permission bits, as `chmod` takes them. */
  mode: z.string().exactOptional(),
  /** Seconds since the Unix epoch. */
  modified: count.exactOptional(),
  owner: count.exactOptional(),
  group: count.exactOptional(),
});

export const fileRoutes = routes({
  "files.list": {
    method: "GET",
    path: "/v1/targets/:name/files",
    summary: "What is in a directory of a host",
    permission: "full",
    effect: "reads",
    audit: ["file.list"],
    params: ofTarget,
    /** Relative to the account's home; `.` is that. */
    query: z.strictObject({ ...where, path: path.default(".") }),
    response: json(
      z.object({
        /** The directory, from the root. */
        path: z.string(),
        base64: z.string().exactOptional(),
        files: z.array(listedFile),
        /** There are more than are listed. */
        isTruncated: z.boolean(),
      }),
    ),
    example: { params: { name: "web-1.prod" }, query: { path: "/var/log" } },
  },
  "files.download": {
    method: "GET",
    path: "/v1/targets/:name/files/content",
    summary: "A file of a host, as an attachment; one that is not whole breaks off",
    permission: "full",
    effect: "reads",
    audit: ["file.open"],
    params: ofTarget,
    query: z.strictObject(where),
    response: { kind: "file" },
    example: { params: { name: "web-1.prod" }, query: { path: "/etc/hostname" } },
  },
  "files.upload": {
    method: "POST",
    path: "/v1/targets/:name/files/content",
    summary: "Put a file on a host: under a name of its own while it comes, under its own once it is whole",
    permission: "full",
    effect: "changes",
    audit: ["file.open"],
    params: ofTarget,
    /** `replace`: a file of that name may be there. */
    query: z.strictObject({ ...where, replace: flag.default(false) }),
    upload: true,
    response: json(z.object({ path: z.string(), size: count, sha256: z.string() })),
    example: { params: { name: "web-1.prod" }, query: { path: "/tmp/notes" } },
  },
  "files.remove": {
    method: "DELETE",
    path: "/v1/targets/:name/files",
    summary: "Remove a file, a link or an empty directory",
    permission: "full",
    effect: "changes",
    audit: ["file.change"],
    params: ofTarget,
    query: z.strictObject(where),
    response: empty,
    example: { params: { name: "web-1.prod" }, query: { path: "/tmp/notes" } },
  },
  "files.rename": {
    method: "POST",
    path: "/v1/targets/:name/files/rename",
    summary: "Give a file another name; nothing is overwritten",
    permission: "full",
    effect: "changes",
    audit: ["file.change"],
    params: ofTarget,
    body: z.strictObject({ path, to: path, base64, grant }),
    response: empty,
    example: { params: { name: "web-1.prod" }, body: { path: "/tmp/notes", to: "/tmp/notes.old" } },
  },
  "files.mkdir": {
    method: "POST",
    path: "/v1/targets/:name/files/directory",
    summary: "Make a directory",
    permission: "full",
    effect: "changes",
    audit: ["file.change"],
    params: ofTarget,
    body: z.strictObject(where),
    response: empty,
    example: { params: { name: "web-1.prod" }, body: { path: "/tmp/new" } },
  },
});
