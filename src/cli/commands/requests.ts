import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { awaitDecision } from "../approval-wait.ts";
import { EXIT } from "../exit-codes.ts";
import { findRequestId } from "../pick-request.ts";
import { verb } from "../verb.ts";
import { requestFacts, requestTable, targetsOf, type RequestView } from "../views.ts";
import { formatDuration } from "../duration.ts";

interface Options {
  readonly watch?: true;
  readonly wait?: true;
  readonly cancel?: true;
  readonly reason?: string;
  readonly state?: RequestView["state"];
  readonly mine?: true;
  readonly limit: string;
}

export function addRequests(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "requests [request]",
      summary: "See requests: yours, and those that wait for you",
      examples: [
        ["sallyport requests", "what is pending"],
        ["sallyport requests --watch", "stay, and ring the bell when one comes that you can approve"],
        ["sallyport requests req-4k0 --wait", "wait until it is decided; exit status 0 if approved, 3 if not"],
        ['sallyport requests req-4k0 --cancel --reason "Found it in the logs"', "withdraw your own"],
      ],
    },
    (command) =>
      command
        .option("--watch", "stay and show each change; rings the bell for those you can approve")
        .option("-w, --wait", "wait until the request named is decided")
        .option("--cancel", "withdraw the request named")
        .option("-r, --reason <text>", "why it is withdrawn")
        .option("--state <state>", "pending, approved, denied, cancelled or lapsed", "pending")
        .option("--mine", "only your own")
        .option("--limit <n>", "at most this many", "100"),
    async ({ args, options, openGate, out, at }) => {
      const gate = openGate();
      const { client } = gate;
      if (args[0] !== undefined) {
        const id = await findRequestId(client, args[0]);
        if (options.cancel) {
          const body = { reason: options.reason ?? "withdrawn by the requester" };
          const request = await client.call("requests.cancel", { params: { id }, body });
          out.result(request, () => `Withdrawn: ${request.id}.`);
          return EXIT.ok;
        }
        const request = options.wait ? await awaitDecision(client, id) : await client.call("requests.show", { params: { id } });
        out.result(request, () => requestFacts(out, request, at.now()));
        return options.wait && request.state !== "approved" ? EXIT.denied : EXIT.ok;
      }
      if (options.watch) {
        const rung = new Set<string>();
        for await (const { request } of await client.call("requests.stream")) {
          const bell = request.mayApprove && request.state === "pending" && !rung.has(request.id);
          rung.add(request.id);
          if (bell && at.stderr.isTTY) at.stderr.write("\u0007");
          out.item(request, () => watchLine(request, bell));
        }
        return EXIT.ok;
      }
      const user = options.mine ? gate.profile?.user : undefined;
      const { requests } = await client.call("requests.list", {
        query: {
          ...(options.state && { state: options.state }),
          ...(user !== undefined && { requester: user }),
          limit: Number(options.limit),
        },
      });
      out.result({ requests }, () =>
        requestTable(out, requests, at.now(), `No request is ${options.state ?? "there"}; --state shows others.`),
      );
      return EXIT.ok;
    },
  );
}

function watchLine(request: RequestView, mine: boolean): string {
  const next = mine ? `\n    sallyport approve ${request.id}` : "";
  const kind = request.type === "ordinary" ? "" : ` [${request.type}]`;
  return `${request.id}  ${request.state}${kind}  ${request.requester}: ${request.role} on ${targetsOf(request)} for ${formatDuration(request.durationMs)}: ${reasonOf(request)}${next}`;
}

function reasonOf(request: RequestView): string {
  return request.ticket === undefined ? request.reason : `${request.ticket}: ${request.reason}`;
}
