/** Files on their way to a host, two at a time; each can be called off. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "../../../../src/contract/problem.ts";
import { pathOf } from "../../api/client.ts";
import { ownProblem } from "../../api/problem.ts";
import type { HostPath } from "./path.ts";

const AT_ONCE = 2;

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly to: HostPath;
  readonly replace: boolean;
  readonly state: "waiting" | "going" | "done" | "failed";
  readonly sent: number;
  readonly problem?: Problem;
}

interface Uploads {
  readonly list: readonly Upload[];
  readonly add: (files: readonly Chosen[]) => void;
  /** Calls it off, or takes it from the list. */
  readonly drop: (id: number) => void;
  /** Once more; `replace`: over what is there under that name. */
  readonly again: (id: number, replace: boolean) => void;
}

export interface Chosen {
  readonly file: File;
  readonly to: HostPath;
  readonly isFolder: boolean;
  /** Something of this name is there: it is asked about before a byte is sent. */
  readonly isThere: boolean;
}

const IS_FOLDER = ownProblem(
  "bad-request",
  "a folder",
  "Only files are uploaded here. For a folder: pack it first, or take scp -r",
).problem;
const IS_THERE = ownProblem("already-exists", "there already", "Replace what is there, or leave it").problem;

export function useUploads(target: string, grant: string, onDone: () => void): Uploads {
  const [list, setList] = useState<readonly Upload[]>([]);
  const going = useRef(new Map<number, XMLHttpRequest>());
  const last = useRef(0);
  const change = useCallback(
    (id: number, to: Partial<Upload>): void => setList((before) => before.map((each) => (each.id === id ? { ...each, ...to } : each))),
    [],
  );
  useEffect(() => {
    for (const { id, file, to, replace } of list.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - going.current.size)) {
      const request = new XMLHttpRequest();
      going.current.set(id, request);
      request.open("POST", pathOf("files.upload", { params: { name: target }, query: { ...to, grant, replace } }));
      request.setRequestHeader("sallyport-console", "1");
      request.setRequestHeader("content-type", "application/octet-stream");
      request.upload.addEventListener("progress", ({ loaded }) => change(id, { sent: loaded }));
      request.addEventListener("loadend", () => {
        // Called off: it is no longer in the list.
        if (going.current.get(id) !== request) return;
        going.current.delete(id);
        const ok = request.status >= 200 && request.status < 300;
        change(id, ok ? { state: "done", sent: file.size } : { state: "failed", problem: problemIn(request) });
        if (ok) onDone();
      });
      change(id, { state: "going" });
      request.send(file);
    }
  }, [list, target, grant, change, onDone]);
  useEffect(
    () => () => {
      for (const request of going.current.values()) request.abort();
    },
    [],
  );
  return {
    list,
    add: (files) =>
      setList((before) => [
        ...before,
        ...files.map(({ file, to, isFolder, isThere }): Upload => {
          const about = { id: (last.current += 1), file, to, replace: false, sent: 0 };
          const problem = isFolder ? IS_FOLDER : isThere ? IS_THERE : undefined;
          return problem ? { ...about, state: "failed", problem } : { ...about, state: "waiting" };
        }),
      ]),
    drop: (id) => {
      const request = going.current.get(id);
      going.current.delete(id);
      request?.abort();
      setList((before) => before.filter((each) => each.id !== id));
    },
    again: (id, replace) =>
      setList((before) =>
        before.map((each) => {
          if (each.id !== id) return each;
          const { problem: _, ...rest } = each;
          return { ...rest, state: "waiting", replace, sent: 0 };
        }),
      ),
  };
}

/** Untrusted: an answer that may come from something else than the gate. */
function problemIn({ responseText }: XMLHttpRequest): Problem {
  try {
    const body: unknown = JSON.parse(responseText);
    if (typeof body === "object" && body !== null && "code" in body && "title" in body && "next" in body) return body as Problem;
  } catch {
    // No answer of the gate: said below.
  }
  return ownProblem("gate-unreachable", "The upload broke off", "Nothing of it is on the host under its name. Try again").problem;
}
