/** Files of a host, under the same grant, rules and record as with one's own sftp. The folder is in the address. */
import { File as FileIcon, Folder, FolderPlus, Link as LinkIcon, Pencil, Trash2, Upload as UploadIcon } from "lucide-react";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { pathOf, type Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote, Shown } from "../../parts/state.tsx";
import { formatBytes, Time } from "../../parts/time.tsx";
import { chosenOf, GrantList, MyGrants, NoAccess } from "../terminal/choose-grant.tsx";
import style from "./files.module.css";
import { useFileDrop, type Dropped } from "./drop.ts";
import { NameDialog } from "./name-dialog.tsx";
import { foldersOf, within, type HostPath } from "./path.ts";
import { Progress } from "./progress.tsx";
import { useUploads } from "./uploads.ts";

type Listed = Result<"files.list">["files"][number];

export default function FilesPage(): ReactNode {
  const { target } = useParams<{ target: string }>();
  const [of] = useAddress();
  const named = of("grant");
  return (
    <MyGrants target={target}>
      {(good) => {
        const grant = chosenOf(good, named);
        if (grant) return <Files target={target} grant={grant.id} key={grant.id} />;
        return good.length === 0 || named !== "" ? (
          <NoAccess target={target} named={named !== ""} />
        ) : (
          <GrantList target={target} grants={good} within="/files" />
        );
      }}
    </MyGrants>
  );
}

type Asking = { readonly what: "folder" } | { readonly what: "rename" | "remove"; readonly file: Listed };

function Files({ target, grant }: { readonly target: string; readonly grant: string }): ReactNode {
  const [of] = useAddress();
  useListKeys();
  const asked: HostPath = { path: of("path") || ".", base64: of("bytes") === "1" };
  const list = useCall("files.list", { params: { name: target }, query: { ...asked, grant } });
  const client = useQueryClient();
  const again = useCallback(() => void client.invalidateQueries({ queryKey: ["files.list"] }), [client]);
  const uploads = useUploads(target, grant, again);
  const picker = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState<Asking>();
  const here = hereOf(list.data, asked);
  const upload = (dropped: readonly Dropped[]): void => {
    const there = new Set(list.data?.files.map(({ name }) => name));
    uploads.add(dropped.map((each) => ({ ...each, to: within(here, each.file), isThere: there.has(each.file.name) })));
  };
  const over = useFileDrop(upload);
  return (
    <Page
      title={target}
      lead="What you look at, take and put here is in the record, as with sftp."
      actions={
        <>
          <input
            ref={picker}
            type="file"
            multiple
            className="visually-hidden"
            tabIndex={-1}
            aria-label="Files to upload"
            onChange={({ target: input }) => {
              upload([...(input.files ?? [])].map((file) => ({ file, isFolder: false })));
              input.value = "";
            }}
          />
          <Button look="main" icon={<UploadIcon size={16} aria-hidden="true" />} onClick={() => picker.current?.click()}>
            Upload
          </Button>
          <Button icon={<FolderPlus size={16} aria-hidden="true" />} onClick={() => setAsking({ what: "folder" })}>
            New folder
          </Button>
          <ButtonLink to={`/terminal/${target}?grant=${grant}`}>Terminal</ButtonLink>
        </>
      }
    >
      <Way target={target} grant={grant} path={list.data?.path ?? (asked.base64 ? "" : asked.path)} />
      {uploads.list.length > 0 && <Progress list={uploads.list} onDrop={uploads.drop} onAgain={uploads.again} />}
      <div className={over ? style["over"] : style["drop"]}>
        {over && (
          <p className={style["here"]} role="status">
            Drop to put it into{" "}
            <code>
              <Plain text={onOneLine(list.data?.path ?? "this folder")} />
            </code>
          </p>
        )}
        <Panel flush>
          <Shown of={list} loading={<Loading lines={8} what="Loading the folder" />}>
            {({ files, isTruncated }) =>
              files.length === 0 ? (
                <Empty title="This folder is empty">Drop files here to upload them.</Empty>
              ) : (
                <>
                  <ul>
                    {files.toSorted(byKind).map((file) => (
                      <Row key={file.base64 ?? file.name} target={target} grant={grant} folder={here} file={file} onAsk={setAsking} />
                    ))}
                  </ul>
                  {isTruncated && <p className={style["foot"]}>There are more than are listed here. A terminal shows all of them.</p>}
                </>
              )
            }
          </Shown>
        </Panel>
      </div>
      {asking && <Ask asking={asking} target={target} grant={grant} here={here} onDone={() => setAsking(undefined)} />}
    </Page>
  );
}

/** From the root, as the host says it. */
function hereOf(data: Result<"files.list"> | undefined, asked: HostPath): HostPath {
  if (!data) return asked;
  return data.base64 === undefined ? { path: data.path, base64: false } : { path: data.base64, base64: true };
}

function byKind(a: Listed, b: Listed): number {
  return Number(b.type === "directory") - Number(a.type === "directory") || a.name.localeCompare(b.name);
}

/** A name may hold line feeds and tabs, which are kept in texts: here they are shown. */
function onOneLine(name: string): string {
  return name.replaceAll("\n", "␊").replaceAll("\t", "␉");
}

function folderLink(target: string, grant: string, { path, base64 }: HostPath): string {
  return `/files/${target}?${new URLSearchParams({ grant, path, ...(base64 && { bytes: "1" }) }).toString()}`;
}

function Way({ target, grant, path }: { readonly target: string; readonly grant: string; readonly path: string }): ReactNode {
  const folders = path.startsWith("/") ? foldersOf(path) : [];
  return (
    <nav aria-label="Folder" className={style["way"]}>
      {folders.map(({ name, path: folder }, index) => (
        <span key={folder}>
          {index > 1 && <span aria-hidden="true">/</span>}
          <Link
            to={folderLink(target, grant, { path: folder, base64: false })}
            aria-current={index === folders.length - 1 ? "page" : undefined}
          >
            <Plain text={onOneLine(name)} />
          </Link>
        </span>
      ))}
    </nav>
  );
}

const ICONS = { file: FileIcon, directory: Folder, link: LinkIcon, other: FileIcon } as const;

interface RowProps {
  readonly target: string;
  readonly grant: string;
  readonly folder: HostPath;
  readonly file: Listed;
  readonly onAsk: (asking: Asking) => void;
}

function Row({ target, grant, folder, file, onAsk }: RowProps): ReactNode {
  const { name, type, size, mode, modified, base64 } = file;
  const Icon = ICONS[type];
  const path = within(folder, file);
  const words = (
    <>
      <Icon size={16} aria-hidden="true" />
      <span className={style["name"]}>
        <Plain text={onOneLine(name)} />
      </span>
      {base64 !== undefined && <Badge tone="warn">not text</Badge>}
    </>
  );
  return (
    <li className={style["row"]}>
      {type === "directory" || type === "link" ? (
        <Link className={style["open"]} to={folderLink(target, grant, path)} data-row="">
          {words}
        </Link>
      ) : (
        <a
          className={style["open"]}
          href={pathOf("files.download", { params: { name: target }, query: { ...path, grant } })}
          download=""
          title="Download"
          data-row=""
        >
          {words}
        </a>
      )}
      <span className={style["size"]}>{type === "file" && size !== undefined ? formatBytes(size) : ""}</span>
      <span className={style["mode"]}>{mode}</span>
      <span className={style["when"]}>{modified !== undefined && <Time at={modified * 1_000} />}</span>
      <span className={style["tools"]}>
        <button
          type="button"
          aria-label={`Rename ${plainText(onOneLine(name))}`}
          title="Rename"
          onClick={() => onAsk({ what: "rename", file })}
        >
          <Pencil size={14} aria-hidden="true" />
        </button>
        <button
          type="button"
          aria-label={`Remove ${plainText(onOneLine(name))}`}
          title="Remove"
          onClick={() => onAsk({ what: "remove", file })}
        >
          <Trash2 size={14} aria-hidden="true" />
        </button>
      </span>
    </li>
  );
}

interface AskProps {
  readonly asking: Asking;
  readonly target: string;
  readonly grant: string;
  readonly here: HostPath;
  readonly onDone: () => void;
}

function Ask({ asking, target, grant, here, onDone }: AskProps): ReactNode {
  const mkdir = useChange("files.mkdir");
  const rename = useChange("files.rename");
  const remove = useChange("files.remove");
  const params = { name: target };
  if (asking.what === "folder") {
    return (
      <NameDialog
        title="New folder"
        button="Make it"
        busy={mkdir.isPending}
        problem={mkdir.error?.problem}
        onClose={onDone}
        onName={(name) => mkdir.mutate({ params, body: { ...within(here, { name }), grant } }, { onSuccess: onDone })}
      />
    );
  }
  const path = within(here, asking.file);
  if (asking.what === "rename") {
    // Both go the same way: as text, or both as bytes.
    const to = (name: string): string =>
      within(
        path.base64 && !here.base64 ? { path: btoa(String.fromCharCode(...new TextEncoder().encode(here.path))), base64: true } : here,
        { name },
      ).path;
    return (
      <NameDialog
        title="Rename"
        button="Rename"
        name={asking.file.base64 === undefined ? asking.file.name : ""}
        busy={rename.isPending}
        problem={rename.error?.problem}
        onClose={onDone}
        onName={(name) => rename.mutate({ params, body: { ...path, to: to(name), grant } }, { onSuccess: onDone })}
      />
    );
  }
  return (
    <Dialog title="Remove this?" open={true} onOpenChange={(open) => !open && onDone()}>
      {remove.error && <ProblemNote problem={problemOf(remove.error)} />}
      <p>
        <code>
          <Plain text={onOneLine(asking.file.name)} />
        </code>{" "}
        is removed from {target}. There is no way back.
      </p>
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button
          look="danger"
          busy={remove.isPending}
          onClick={() => remove.mutate({ params, query: { ...path, grant } }, { onSuccess: onDone })}
        >
          Remove
        </Button>
      </DialogActions>
    </Dialog>
  );
}
