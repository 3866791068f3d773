import { describe, expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { jdbcUrlOf, psqlLineOf, shellLinesOf, urlOf, type ConnectionInfo } from "./connection-info.ts";

const socket = { folder: "/run/user/1000/sallyport/orders-db", port: 5432 };
const loopback = { host: "127.0.0.1", port: 41_234, password: "s3-cret_" };
const both: ConnectionInfo = { user: "ana", database: "orders", socket, loopback };
const onlySocket: ConnectionInfo = { user: "ana", database: "orders", socket };
const onlyPort: ConnectionInfo = { user: "ana", database: "orders", loopback };

describe("what to paste", () => {
  test("libpq's URL is of the port, else of the socket", () => {
    expect(urlOf(both)).toBe("postgresql://ana:s3-cret_@127.0.0.1:41234/orders?sslmode=disable");
    expect(urlOf(onlySocket)).toBe("postgresql://ana@/orders?host=%2Frun%2Fuser%2F1000%2Fsallyport%2Forders-db&port=5432");
  });

  test("a database's name does not become part of the URL's grammar", () => {
    const odd = { ...both, database: "a/b?c=d&e 'f'" };
    expect(new URL(urlOf(odd)).search).toBe("?sslmode=disable");
    expect(decodeURIComponent(new URL(urlOf(odd)).pathname)).toBe("/a/b?c=d&e 'f'");
    expect(jdbcUrlOf(odd)).toContain("/a%2Fb%3Fc%3Dd%26e%20'f'?user=ana&");
  });

  test("Java's needs the port", () => {
    expect(jdbcUrlOf(both)).toBe("jdbc:postgresql://127.0.0.1:41234/orders?user=ana&password=s3-cret_&sslmode=disable&gssEncMode=disable");
    expect(() => jdbcUrlOf(onlySocket)).toThrow(UsageError);
  });

  test("a shell's variables: the socket has no password; a name stays one word", () => {
    expect(shellLinesOf(both)).not.toContain("PGPASSWORD");
    expect(shellLinesOf({ ...onlyPort, database: "it's $HOME" }).split("\n")).toEqual([
      "export PGHOST='127.0.0.1'",
      "export PGPORT='41234'",
      "export PGPASSWORD='s3-cret_'",
      "export PGUSER='ana'",
      String.raw`export PGDATABASE='it'\''s $HOME'`,
      "export PGSSLMODE='disable'",
      "",
    ]);
  });

  test("psql's line has what differs from its defaults", () => {
    expect(psqlLineOf(both)).toBe("psql -h /run/user/1000/sallyport/orders-db");
    expect(psqlLineOf({ ...onlySocket, socket: { folder: "/home/ana b/it's", port: 5433 } })).toBe(
      String.raw`psql -h '/home/ana b/it'\''s' -p 5433`,
    );
    expect(psqlLineOf(onlyPort)).toBe("psql -h 127.0.0.1 -p 41234");
  });
});
