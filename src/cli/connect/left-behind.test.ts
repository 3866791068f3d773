import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CertificateFiles } from "./certificate-files.ts";
import { removeLeftBehind } from "./left-behind.ts";

describe("certificate files of a process that was killed", () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "sallyport-left-"));
    folder = join(home, "made");
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const notes = (): readonly string[] => readdirSync(join(home, "certificates"));
  const written = (): CertificateFiles => {
    const files = new CertificateFiles(folder, home);
    files.write("an authority", "a certificate");
    return files;
  };
  /** As if the process that wrote it were this one. */
  const changeNote = (change: object): void => {
    const [name = ""] = notes();
    const path = join(home, "certificates", name);
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), ...change }));
  };
  const goneProcess = async (): Promise<number> => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    return child.pid ?? 0;
  };

  test("are removed by the next, with the folder that was made for them, and the note", async () => {
    written();
    changeNote({ pid: await goneProcess() });
    expect(removeLeftBehind(home)).toEqual([folder]);
    expect([existsSync(folder), notes()]).toEqual([false, []]);
  });

  test("also where another process has its number by now", () => {
    written();
    changeNote({ began: "1" });
    expect(removeLeftBehind(home)).toEqual([folder]);
  });

  test("stay while it lives, and leave no note when it ends by itself", () => {
    {
      using _files = written();
      expect(removeLeftBehind(home)).toEqual([]);
      expect(readdirSync(folder)).toHaveLength(4);
    }
    expect([existsSync(folder), notes()]).toEqual([false, []]);
  });

  test("are left alone where another key lies there by now, and with them what is beside it", async () => {
    written();
    changeNote({ pid: await goneProcess() });
    writeFileSync(join(folder, "client.key"), "mine");
    expect(removeLeftBehind(home)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(4);
    expect(notes()).toEqual([]);
  });

  test("nothing goes by a note that cannot be read, nor where there is none", () => {
    expect(removeLeftBehind(home)).toEqual([]);
    mkdirSync(join(home, "certificates"));
    writeFileSync(join(home, "certificates", "1.json"), "{");
    expect(removeLeftBehind(home)).toEqual([]);
  });
});
