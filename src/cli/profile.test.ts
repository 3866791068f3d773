import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "./usage-error.ts";
import { Profiles, requireSafeUrl, type Profile } from "./profile.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-profiles-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const ada: Profile = { version: 1, url: "https://gate.example:7700", user: "ada", token: "secret", expiresAt: 1 };

describe("Profiles", () => {
  test("what is saved is found, and nobody else may read it", () => {
    const profiles = new Profiles({}, home);
    profiles.save("work", ada);
    expect(profiles.find("work")).toEqual(ada);
    const file = join(home, ".config/sallyport/profiles/work/profile.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, "utf8")).toContain("secret");
  });

  test("a link laid where the new file is written leads nowhere", () => {
    const profiles = new Profiles({}, home);
    profiles.save("work", ada);
    const file = join(home, ".config/sallyport/profiles/work/profile.json");
    const elsewhere = join(home, "elsewhere");
    writeFileSync(elsewhere, "mine");
    symlinkSync(elsewhere, `${file}.${process.pid}.new`);
    profiles.save("work", { ...ada, token: "another" });
    expect(readFileSync(elsewhere, "utf8")).toBe("mine");
    expect(lstatSync(file).isFile()).toBe(true);
    expect(profiles.find("work")).toMatchObject({ token: "another" });
  });

  test("a file that others can read or change is not used", () => {
    const profiles = new Profiles({}, home);
    profiles.save("work", ada);
    for (const mode of [0o644, 0o660, 0o602]) {
      chmodSync(join(home, ".config/sallyport/profiles/work/profile.json"), mode);
      expect(() => profiles.find("work")).toThrow("can be read or changed by others");
    }
  });

  test("the first one is in use; --profile, then SALLYPORT_PROFILE, come before it", () => {
    const profiles = new Profiles({}, home);
    expect(profiles.nameOf(undefined, {})).toBe("default");
    profiles.save("work", ada);
    profiles.save("other", { ...ada, user: "bob" });
    expect(profiles.nameOf(undefined, {})).toBe("work");
    expect(profiles.nameOf(undefined, { SALLYPORT_PROFILE: "other" })).toBe("other");
    expect(profiles.nameOf("mine", { SALLYPORT_PROFILE: "other" })).toBe("mine");
    profiles.use("other");
    expect(profiles.list().map(({ name, current }) => [name, current])).toEqual([
      ["other", true],
      ["work", false],
    ]);
    profiles.remove("other");
    expect(profiles.nameOf(undefined, {})).toBe("default");
  });

  test.each(["../x", "a/b", "", ".", "a b"])("%j names no folder", (name) => {
    expect(() => new Profiles({}, home).find(name)).toThrow("is not a profile's name");
  });

  test("SALLYPORT_HOME, then XDG_CONFIG_HOME, say where", () => {
    expect(new Profiles({ XDG_CONFIG_HOME: "/x" }, home).folder).toBe("/x/sallyport");
    expect(new Profiles({ XDG_CONFIG_HOME: "/x", SALLYPORT_HOME: "/s" }, home).folder).toBe("/s");
  });
});

describe("requireSafeUrl", () => {
  test.each(["https://gate.example:7700", "http://127.0.0.1:7700", "http://127.9.8.7", "http://localhost:1", "http://[::1]:7700"])(
    "%s",
    (url) => {
      expect(requireSafeUrl(url).href).toContain("//");
    },
  );
  test.each([
    "http://gate.example:7700",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://10.0.0.5",
    "ftp://127.0.0.1",
    "gate.example:7700",
    "",
  ])("refuses %j", (url) => expect(() => requireSafeUrl(url)).toThrow(UsageError));
});
