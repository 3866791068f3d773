import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { awaitDecision } from "../approval-wait.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { EXIT } from "../exit-codes.ts";
import { collect, verb } from "../verb.ts";
import { requestFacts, targetsOf, type GrantView, type RequestView } from "../views.ts";
import type { Output } from "../output.ts";

interface Options {
  readonly role?: string;
  readonly target?: string[];
  readonly for?: number;
  readonly reason?: string;
  readonly ticket?: string;
  readonly breakGlass?: true;
  readonly wait?: true;
  readonly preview?: true;
}

export function addRequest(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "request",
      summary: "Ask for access: a role on targets, for a time, with a reason",
      details: "Targets are names, or labels (`service=checkout,env=prod`) that are resolved now and never add a target later.",
      examples: [
        [
          'sallyport request --role debug -t web-1.prod --for 2h --reason "Checkout answers 500" --ticket INC-1042',
          "ask, and print the request's id",
        ],
        ['sallyport request --role debug -t service=checkout --reason "Slow queries" --wait', "ask, and wait for the answer"],
        ["sallyport request --role debug -t web-1.prod --preview", "what it would take, and who could approve it"],
      ],
    },
    (command) =>
      command
        .option("--role <role>", "role to hold")
        .option("-t, --target <target>", "name, or label=value[,label=value] (repeatable)", collect)
        .option("--for <duration>", "how long: 45m, 2h; otherwise the longest the rule allows", parseDuration)
        .option("-r, --reason <text>", "why; approvers and auditors read it")
        .option("--ticket <id>", "ticket or incident")
        .option("--break-glass", "access now, loudly, and a review after")
        .option("-w, --wait", "wait until somebody decided")
        .option("--preview", "say what it would take, and ask for nothing"),
    async ({ options, openGate, out, ask, at }) => {
      const { client } = openGate();
      const targets = options.target ?? [await ask.text("Which target?", "--target", { placeholder: "web-1.prod" })];
      const role = options.role ?? (await ask.text("Which role?", "--role"));
      const draft = {
        role,
        targets,
        reason: options.reason ?? (options.preview ? "preview" : await ask.text("Why? Approvers and auditors read it.", "--reason")),
        ...(options.for !== undefined && { durationMs: options.for }),
        ...(options.ticket !== undefined && { ticket: options.ticket }),
        ...(options.breakGlass && { breakGlass: true }),
      };
      if (options.preview) {
        const preview = await client.call("requests.preview", { body: draft });
        out.result(preview, () =>
          out.facts([
            ["targets", preview.targets.join(", ")],
            ["rules", preview.rules.join(", ")],
            ["needs", preview.demands.join("; ") || "no approval"],
            ["could approve", preview.approvers.join(", ")],
            ["at most", formatDuration(preview.maxDurationMs)],
          ]),
        );
        return EXIT.ok;
      }
      const { request, grant } = await client.call("requests.create", { body: draft });
      if (grant || !options.wait) {
        out.result({ request, ...(grant && { grant }) }, () => (grant ? granted(grant) : asked(out, request, at.now())));
        return EXIT.ok;
      }
      out.note(`${request.id} waits for ${request.demands.join("; ")}. Ctrl-C stops waiting, not the request.`);
      const decided = await awaitDecision(client, request.id);
      const given = decided.grant === undefined ? undefined : await client.call("grants.show", { params: { id: decided.grant } });
      out.result({ request: decided, ...(given && { grant: given }) }, () =>
        given ? granted(given) : requestFacts(out, decided, at.now()),
      );
      return decided.state === "approved" ? EXIT.ok : EXIT.denied;
    },
  );
}

function granted(grant: GrantView): string {
  const first = grant.scope[0]?.target ?? "";
  return `Granted: ${grant.role} on ${targetsOf(grant)} for ${formatDuration(grant.end - grant.start)} (${grant.id}). Connect with: sallyport ssh ${first}`;
}

function asked(out: Output, request: RequestView, now: number): string {
  return `${requestFacts(out, request, now)}\n\nWait for it with: sallyport requests ${request.id} --wait`;
}
