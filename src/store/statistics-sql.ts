import { sql, type Kysely } from "kysely";
import type { SessionCount, Span, StatisticsStore } from "../audit/statistics.ts";
import type { DialectParts } from "./dialect.ts";
import type { Tables } from "./tables.ts";

/** Refusals by the family of what was refused. */
const DENIALS = ["session.refused", "request.refused", "ssh.refused", "sql.refused", "login.failed"];

/** Counted where the rows are, over indexes of time and kind; nothing is read into memory but the counts. */
export class SqlStatisticsStore implements StatisticsStore {
  readonly #db: Kysely<Tables>;
  readonly #parts: Pick<DialectParts, "jsonText">;
  readonly #settled: () => Promise<void>;

  /** `settled`: resolves when what was recorded is in the log's table. */
  constructor(db: Kysely<Tables>, parts: Pick<DialectParts, "jsonText">, settled: () => Promise<void>) {
    this.#db = db;
    this.#parts = parts;
    this.#settled = settled;
  }

  async sessions({ since, until }: Span, bucketMs: number): Promise<readonly SessionCount[]> {
    const bucket = sql<number>`started_at - started_at % ${bucketMs}`;
    const rows = this.#db
      .selectFrom("sessions")
      .select(["target", bucket.as("at"), (the) => the.fn.countAll<number>().as("count")])
      .where("started_at", ">=", since)
      .where("started_at", "<", until)
      .groupBy(["target", bucket])
      .orderBy("at")
      .orderBy("target");
    return rows.execute();
  }

  async targets({ since, until }: Span, limit: number): Promise<readonly { target: string; sessions: number; people: number }[]> {
    const rows = this.#db
      .selectFrom("sessions")
      .select([
        "target",
        (the) => the.fn.countAll<number>().as("sessions"),
        (the) => the.fn.count<number>("principal").distinct().as("people"),
      ])
      .where("started_at", ">=", since)
      .where("started_at", "<", until)
      .groupBy("target")
      .orderBy("sessions", "desc")
      .orderBy("target")
      .limit(limit);
    return rows.execute();
  }

  async approvalTimes({ since, until }: Span, limit: number): Promise<readonly number[]> {
    await this.#settled();
    const rows = this.#db
      .selectFrom("requests")
      .innerJoin("log", "log.request", "requests.id")
      .select((the) => the(the.fn.max<number>("log.time"), "-", the.ref("requests.created_at")).as("tookMs"))
      .where("requests.state", "=", "approved")
      .where("requests.created_at", ">=", since)
      .where("requests.created_at", "<", until)
      .where("log.kind", "=", "request.approved")
      .groupBy(["requests.id", "requests.created_at"])
      .orderBy("requests.created_at", "desc")
      .limit(limit);
    return (await rows.execute()).map(({ tookMs }) => Math.max(0, tookMs));
  }

  async denials({ since, until }: Span, limit: number): Promise<readonly { kind: string; code: string; count: number }[]> {
    await this.#settled();
    const newest = this.#db
      .selectFrom("log")
      .select(["kind", "body"])
      .where("kind", "in", DENIALS)
      .where("time", ">=", since)
      .where("time", "<", until)
      .where("body", "is not", null)
      .orderBy("seq", "desc")
      .limit(limit);
    const coded = this.#db.selectFrom(newest.as("denied")).select(["kind", this.#parts.jsonText("denied.body", "code").as("code")]);
    const rows = await this.#db
      .selectFrom(coded.as("coded"))
      .select(["kind", "code", (the) => the.fn.countAll<number>().as("count")])
      .where("code", "is not", null)
      .groupBy(["kind", "code"])
      .orderBy("count", "desc")
      .orderBy("kind")
      .orderBy("code")
      .execute();
    return rows.map(({ kind, code, count }) => ({ kind, code: String(code), count }));
  }
}
