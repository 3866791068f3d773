import { describe, expect, test } from "vitest";
import { certificateJdbcUrlOf, certificateShellLinesOf, certificateUrlOf } from "./certificate-info.ts";

const info = { user: "ana+orders-db", database: "orders", host: "gate.example", port: 7732, folder: "/home/ana b/it's" };

describe("what to paste for a certificate", () => {
  test("libpq's URL: the person's `+` is no space, a folder no grammar", () => {
    const url = certificateUrlOf(info);
    expect(url).toBe(
      "postgresql://ana%2Borders-db@gate.example:7732/orders?sslmode=verify-full" +
        "&sslrootcert=%2Fhome%2Fana%20b%2Fit's%2Fca.crt&sslcert=%2Fhome%2Fana%20b%2Fit's%2Fclient.crt" +
        "&sslkey=%2Fhome%2Fana%20b%2Fit's%2Fclient.key",
    );
  });

  test("Java's has the key in DER", () => {
    const settings = new URL(certificateJdbcUrlOf(info).slice("jdbc:".length)).searchParams;
    expect(settings.get("user")).toBe("ana+orders-db");
    expect(settings.get("sslkey")).toBe("/home/ana b/it's/client.pk8");
  });

  test("a shell's variables stay one word each, and none is a password", () => {
    const lines = certificateShellLinesOf(info).split("\n");
    expect(lines).toContain(String.raw`export PGSSLKEY='/home/ana b/it'\''s/client.key'`);
    expect(lines).toContain("export PGSSLMODE='verify-full'");
    expect(lines.join(" ")).not.toContain("PGPASSWORD");
  });
});
