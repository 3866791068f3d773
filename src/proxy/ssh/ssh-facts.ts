/**
 * From SSH messages to what policy decides on and the log keeps. Pure.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { StartBody } from "../../audit/events/ssh.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Action } from "../../policy/action.ts";
import type { ChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import type { RelayChannel } from "./channel-table.ts";

export type StartRequest = Extract<ChannelRequest, { type: "shell" | "exec" | "subsystem" }>;

export function isStart(request: ChannelRequest): request is StartRequest {
  return request.type === "shell" || request.type === "exec" || request.type === "subsystem";
}

export function startAction(request: StartRequest): Action {
  switch (request.type) {
    case "shell":
      return { kind: "ssh.shell" };
    case "exec":
      return { kind: "ssh.exec", command: request.command.toString("utf8") };
    case "subsystem":
      return { kind: "ssh.subsystem", name: request.name };
  }
}

export function startEvent(request: StartRequest, channel: RelayChannel): AuditEvent {
  const { term, environment, withheld } = channel;
  const start: StartBody = { channel: channel.client, environment, withheld, ...(term && { term: term.type }) };
  switch (request.type) {
    case "shell":
      return { kind: "ssh.shell", body: { ...start, ...(term && { columns: term.columns, rows: term.rows }) } };
    case "exec": {
      const command = request.command.toString("utf8");
      const isExact = Buffer.from(command, "utf8").equals(request.command);
      return { kind: "ssh.exec", body: { ...start, command, ...(!isExact && { commandBase64: request.command.toString("base64") }) } };
    }
    case "subsystem":
      return { kind: "ssh.subsystem", body: { ...start, name: request.name } };
  }
}

export function refusedEvent(request: string, denial: Denial, channel?: RelayChannel): AuditEvent {
  return {
    kind: "ssh.refused",
    body: { request, code: denial.code, detail: denial.detail ?? "", ...(channel && { channel: channel.client }) },
  };
}

export function exitEvent(channel: RelayChannel): AuditEvent {
  const { status, signal, bytesIn, bytesOut, bytesError, record } = channel;
  return {
    kind: "ssh.exit",
    body: {
      channel: channel.client,
      bytesIn,
      bytesOut,
      bytesError,
      ...(status !== undefined && { status }),
      ...(signal !== undefined && { signal }),
      ...record?.digests(),
    },
  };
}

/** Nothing a shell would act on: with these characters alone a command line is one program and its arguments. */
const PLAIN_COMMAND = /^[A-Za-z0-9 _./,:=@%+~*?[\]{}-]+$/;

/**
 * Whether a command is the far end of scp or rsync, whose stream is the content of files: kept as a hash, not as
 * output. Untrusted: the client wrote the command, so only a plain command line counts; anything else is recorded whole.
 */
export function carriesFiles(command: string): boolean {
  if (!PLAIN_COMMAND.test(command)) return false;
  const [program = "", ...args] = command.split(" ").filter((word) => word !== "");
  if (program === "scp") return args.some((arg) => /^-[a-z]*[tf][a-z]*$/.test(arg));
  return program === "rsync" && args[0] === "--server";
}
