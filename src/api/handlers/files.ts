import type { Reply } from "../../contract/types.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { FilePlace, HostFile } from "../../terminal/files/files.ts";
import { isRefusal, type Handlers } from "../handler.ts";
import type { FileService } from "../services/sessions.ts";
import { visitorOf } from "../visitor.ts";

type FileRoutes = "files.list" | "files.download" | "files.upload" | "files.remove" | "files.rename" | "files.mkdir";
type Listed = Reply<"files.list">["files"][number];

export function fileHandlers(files: FileService): Handlers<FileRoutes> {
  return {
    "files.list": async ({ params: { name }, query, ...call }) => {
      const place = placeOf(name, query);
      if (isRefusal(place)) return place;
      const listed = await files.list(visitorOf(call), place);
      if (isRefusal(listed)) return listed;
      return { ...shown(listed.path, "path"), files: listed.files.map(viewFile), isTruncated: listed.isTruncated };
    },
    "files.download": async ({ params: { name }, query, ...call }) => {
      const place = placeOf(name, query);
      if (isRefusal(place)) return place;
      const download = await files.download(visitorOf(call), place);
      return isRefusal(download) ? download : { ...download, name: download.name.toString("utf8") };
    },
    "files.upload": async ({ params: { name }, query, content, ...call }) => {
      const place = placeOf(name, query);
      if (isRefusal(place)) return place;
      const uploaded = await files.upload(visitorOf(call), place, content, query.replace);
      return isRefusal(uploaded) ? uploaded : { ...uploaded, path: uploaded.path.toString("utf8") };
    },
    "files.remove": async ({ params: { name }, query, ...call }) => {
      const place = placeOf(name, query);
      return isRefusal(place) ? place : files.remove(visitorOf(call), place);
    },
    "files.rename": async ({ params: { name }, body, ...call }) => {
      const place = placeOf(name, body);
      const to = bytesOf(body.to, body.base64);
      if (isRefusal(place)) return place;
      return isRefusal(to) ? to : files.rename(visitorOf(call), place, to);
    },
    "files.mkdir": async ({ params: { name }, body, ...call }) => {
      const place = placeOf(name, body);
      return isRefusal(place) ? place : files.mkdir(visitorOf(call), place);
    },
  };
}

function placeOf(target: string, { path, base64, grant }: { path: string; base64: boolean; grant?: string }): FilePlace | Denial {
  const bytes = bytesOf(path, base64);
  return isRefusal(bytes) ? bytes : { login: grant === undefined ? target : `${target}%${grant}`, path: bytes };
}

/** Linux's PATH_MAX. A NUL would make it another path for the host. */
const MAX_PATH_BYTES = 4_095;

function bytesOf(path: string, base64: boolean): Buffer | Denial {
  const bytes = Buffer.from(path, base64 ? "base64" : "utf8");
  const isWhole = base64 ? bytes.toString("base64") === path : bytes.toString("utf8") === path;
  if (!isWhole || bytes.length === 0 || bytes.length > MAX_PATH_BYTES || bytes.includes(0)) {
    return deny("bad-request", { detail: "the path is not valid" });
  }
  return bytes;
}

/** Text, and the bytes where the text is not what they are. */
function shown<K extends "path" | "name">(bytes: Buffer, key: K): Record<K, string> & { base64?: string } {
  const text = bytes.toString("utf8");
  const exact = Buffer.from(text, "utf8").equals(bytes);
  return { [key]: text, ...(exact ? {} : { base64: bytes.toString("base64") }) } as Record<K, string> & { base64?: string };
}

function viewFile({ name, type, size, mode, modified, owner, group }: HostFile): Listed {
  return {
    ...shown(name, "name"),
    type,
    ...(size !== undefined && { size }),
    ...(mode !== undefined && { mode: mode.toString(8).padStart(4, "0") }),
    ...(modified !== undefined && { modified }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
  };
}
