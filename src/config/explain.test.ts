import { describe, expect, test } from "vitest";
import { EXAMPLE, exampleWith } from "../../test/kit/example-config.ts";
import { explainConfig } from "./explain.ts";
import { initialConfig } from "./initial.ts";
import { configJsonSchema } from "./json-schema.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

describe("explain", () => {
  test("every value, and the line it stands on or that it is a default", () => {
    const explained = explainConfig(EXAMPLE, "s.yaml");
    expect(explained).toMatchObject({ ok: true });
    const lines = explained.ok ? explained.lines : [];
    expect(lines).toContain("gate.limits.handshake: 30s  (default)");
    expect(lines).toContain("gate.masterKey: file:/etc/sallyport/master.key  (s.yaml:4)");
    expect(lines).toContain("rules[0].max: 4h  (s.yaml:20)");
    expect(lines).toContain("rules[0].approval: 1 of leads  (s.yaml:21)");
    expect(lines).toContain("rules[1].breakGlass: false  (default)");
    expect(lines).toContain("roles.look.ssh.shell: false  (default)");
  });

  test("problems instead of lines where the file is not good", () => {
    expect(explainConfig(exampleWith(["max: 4h", "max: 4"]), "s.yaml").ok).toBe(false);
  });
});

describe("the first file", () => {
  const text = initialConfig({ owner: "ana", gateName: "gate.example.com", masterKeyFile: "/etc/sallyport/master.key" });

  test("is good as it is, and gives nobody anything but the owner the gate", () => {
    const parsed = parseConfig(text, "s.yaml");
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
    expect(parsed.config.rules).toEqual([]);
    expect(parsed.config.groups.get("owners")).toEqual(["ana"]);
    expect(parsed.config.holders).toEqual([{ role: "owner", who: ["group:owners"] }]);
  });

  test("its commented examples are good too, once the comment signs are gone", () => {
    const open = text
      .replace("anchors: []\n", "anchors:\n")
      .replace("rules: []\n", "rules:\n")
      .replace("targets: {}\n", "targets:\n")
      .replaceAll(/^(  )?#  /gm, "$1  ")
      .replace("oncall: []", "oncall: [bob]")
      .replace("leads: []", "leads: [lea]")
      .replace("ssh-ed25519 AAAA…", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu");
    const parsed = parseConfig(open, "s.yaml");
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
    expect(parsed.ok && parsed.config.rules[0]?.breakGlass).toBe(true);
    expect(parsed.ok && parsed.warnings).toEqual([]);
  });

  test("an owner's name that is no name is refused", () => {
    expect(() => initialConfig({ owner: "a: b", gateName: "g", masterKeyFile: "/k" })).toThrow("cannot be the name");
    expect(() => initialConfig({ owner: "gate", gateName: "g", masterKeyFile: "/k" })).toThrow("cannot be the name");
  });
});

describe("JSON Schema", () => {
  test("is made of the same schema: strict, with the forms of texts", () => {
    const schema = configJsonSchema();
    expect(schema).toMatchObject({ type: "object", additionalProperties: false, required: ["version", "gate"] });
    const text = JSON.stringify(schema);
    expect(text).toContain('"audit.read"');
    expect(text).not.toContain('"additionalProperties":true');
    expect(text.match(/"required":\[[^\]]*"approval"/)).not.toBeNull();
  });
});
