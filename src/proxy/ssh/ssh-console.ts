/**
 * `ssh gate …`: approving, looking and ending from any machine with an ssh client, without the CLI. A command comes as
 * the exec request, or line by line in a shell. What the commands do is console-commands.ts's; here are channels and lines.
 */
import type { Authenticated } from "../../identity/model.ts";
import { asGateError, ERRORS } from "../../kernel/errors.ts";
import type { Channel } from "../../wire/ssh/connection/channel.ts";
import { ConnectionEndpoint, type SessionHandler } from "../../wire/ssh/connection/endpoint.ts";
import { runConsoleCommand, type ConsoleDeps } from "./console-commands.ts";
import { LineEditor } from "./line-editor.ts";
import { packetLinkOf, type SshLink } from "./ssh-link.ts";

const MAX_COMMAND_BYTES = 8192;
/** A console that nobody types into ends. */
const IDLE_MS = 600_000;

export function openConsole(link: SshLink, authenticated: Authenticated, deps: ConsoleDeps): void {
  const endpoint = new ConnectionEndpoint({
    link: packetLinkOf(link),
    openSession: (channel) => consoleSession(channel, authenticated, deps),
  });
  link.transport.onPayload = (payload) => {
    if (!endpoint.receive(payload)) link.transport.replyUnimplemented();
  };
  let idle = setTimeout(() => link.disconnect(11, "sallyport: the console was idle for too long"), IDLE_MS);
  link.socket.on("data", () => {
    idle = idle.refresh();
  });
  link.onEnd = () => {
    clearTimeout(idle);
    endpoint.end();
  };
}

function consoleSession(channel: Channel, authenticated: Authenticated, deps: ConsoleDeps): SessionHandler {
  let terminal = false;
  return {
    accept: (request) => {
      if (request.type === "pty-req") terminal = true;
      return request.type !== "subsystem" && request.type !== "env";
    },
    run: async (request) => {
      const newline = terminal ? "\r\n" : "\n";
      const execute = async (line: string): Promise<number> => {
        try {
          const { text, status } = await runConsoleCommand(line, authenticated, deps);
          if (text !== "") await channel[status === 0 ? "write" : "writeError"](`${text.replaceAll("\n", newline)}${newline}`);
          return status;
        } catch (error) {
          const { code } = asGateError(error);
          if (code === "internal") deps.onFault(error);
          await channel.writeError(`sallyport: ${ERRORS[code].text} [${code}]${newline}`);
          return 1;
        }
      };
      if (request.type === "exec") {
        if (request.command.length > MAX_COMMAND_BYTES) return channel.exit(2);
        return channel.exit(await execute(request.command.toString("utf8")));
      }
      await execute("requests");
      await channel.write(`Type help for what this console can do; ctrl-d leaves.${newline}`);
      const editor = new LineEditor({ terminal, prompt: "sallyport> ", write: (text) => channel.write(text) });
      let status = 0;
      for await (const line of editor.lines(channel.input)) {
        if (line === "exit" || line === "quit") break;
        if (line !== "") status = await execute(line);
      }
      channel.exit(status);
    },
  };
}
