import { expect, test } from "vitest";
import { parseAction } from "./action-text.ts";

test.each([
  ["ssh.shell", { kind: "ssh.shell" }],
  ["ssh.exec ls -l  /tmp", { kind: "ssh.exec", command: "ls -l  /tmp" }],
  ["ssh.subsystem sftp", { kind: "ssh.subsystem", name: "sftp" }],
  ["ssh.env LC_ALL", { kind: "ssh.env", name: "LC_ALL" }],
  ["ssh.forward db:5432", { kind: "ssh.forward", destination: "db:5432" }],
  ["file.open /etc/a b", { kind: "file.open", path: "/etc/a b", write: false }],
  ["file.write /etc/a", { kind: "file.open", path: "/etc/a", write: true }],
  ["file.list /", { kind: "file.list", path: "/" }],
  ["file.change rename /a b", { kind: "file.change", operation: "rename", path: "/a b" }],
])("%s", (text, action) => {
  expect(parseAction(text)).toEqual(action);
});

test.each(["", "ssh", "ssh.exec", "ssh.exec ", "ssh.shell now", "file.change toString /x", "file.change remove", "gate config.reload"])(
  "%j is refused",
  (text) => {
    expect(parseAction(text)).toMatchObject({ allowed: false, code: "bad-request" });
  },
);
