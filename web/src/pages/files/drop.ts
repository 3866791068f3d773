/** Files dragged onto the page. All of it takes them: one that missed would make the browser leave for the file. */
import { useEffect, useRef, useState } from "react";

export interface Dropped {
  readonly file: File;
  /** Not a file: a browser gives of it no bytes, and its name as if it were one. */
  readonly isFolder: boolean;
}

/** Whether something is held over the page now. */
export function useFileDrop(onDrop: (dropped: readonly Dropped[]) => void): boolean {
  const [over, setOver] = useState(false);
  const drop = useRef(onDrop);
  useEffect(() => {
    drop.current = onDrop;
  });
  useEffect(() => {
    const stop = new AbortController();
    const hear = (type: "dragenter" | "dragover" | "drop", listener: (event: DragEvent) => void): void =>
      addEventListener(type, (event) => isOfFiles(event) && listener(event), { signal: stop.signal });
    hear("dragenter", (event) => {
      event.preventDefault();
      setOver(true);
    });
    hear("dragover", (event) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    });
    // From one part of the page to another it goes somewhere.
    addEventListener("dragleave", ({ relatedTarget }) => relatedTarget === null && setOver(false), { signal: stop.signal });
    hear("drop", (event) => {
      event.preventDefault();
      setOver(false);
      drop.current(droppedOf(event.dataTransfer));
    });
    return () => stop.abort();
  }, []);
  return over;
}

function isOfFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}

function droppedOf(transfer: DataTransfer | null): readonly Dropped[] {
  return [...(transfer?.items ?? [])].flatMap((item) => {
    const file = item.kind === "file" ? item.getAsFile() : null;
    return file ? [{ file, isFolder: item.webkitGetAsEntry()?.isDirectory === true }] : [];
  });
}
