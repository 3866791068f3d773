import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { pickRequest } from "../pick-request.ts";
import { collect, verb } from "../verb.ts";
import { targetsOf } from "../views.ts";

interface Options {
  readonly for?: number;
  readonly target?: string[];
}

export function addApprove(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "approve [request]",
      summary: "Approve a request, as it is, shorter, or for fewer targets",
      details: "Without an id: the request that waits for you, or a choice of them.",
      examples: [
        ["sallyport approve req-4k0", "approve it as it was asked"],
        ["sallyport approve req-4k0 --for 30m -t web-1.prod", "half an hour, on one target only"],
      ],
    },
    (command) =>
      command
        .option("--for <duration>", "shorter than asked: 30m, 1h", parseDuration)
        .option("-t, --target <name>", "only this of the targets asked for (repeatable)", collect),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const id = await pickRequest(client, ask, args[0], "approve");
      const { request, grant } = await client.call("requests.approve", {
        params: { id },
        body: {
          ...(options.for !== undefined && { durationMs: options.for }),
          ...(options.target && { targets: options.target }),
        },
      });
      out.result({ request, ...(grant && { grant }) }, () =>
        grant
          ? `Approved. ${request.requester} has ${grant.role} on ${targetsOf(grant)} for ${formatDuration(grant.end - grant.start)} (${grant.id}).`
          : `Your approval counts. Still needed: ${request.missing ?? request.demands.join("; ")}.`,
      );
    },
  );
}
