/** A browser's side of a terminal: the frames of docs/formats/terminal.md over a real WebSocket, with the console's cookie. */
import { WebSocket } from "ws";
import type { Problem } from "../../src/contract/problem.ts";
import type { TerminalReceived, TerminalSent } from "../../src/contract/terminals.ts";
import { until } from "./until.ts";

type Frame = TerminalSent;
type Opened = Extract<Frame, { type: "opened" }>;

export interface BrowserTerminal {
  readonly ws: WebSocket;
  /** Everything that was shown. */
  readonly output: () => Buffer;
  /** How many bytes that is. */
  readonly bytes: () => number;
  readonly frames: readonly Frame[];
  /** The last of its kind. */
  readonly opened: () => Opened | undefined;
  readonly problem: () => Problem | undefined;
  readonly exit: () => Extract<Frame, { type: "exit" }> | undefined;
  /** Bytes of input that the gate took. */
  readonly taken: () => number;
  /** The closing code, once it is closed; an HTTP status where it never opened. */
  readonly closed: () => number | undefined;
  tell(frame: TerminalReceived): void;
  type(text: string | Uint8Array): void;
  /** From now on output is not acknowledged, or again is. */
  acknowledge(on: boolean): void;
  /** As when the network goes. */
  drop(): void;
  until(what: () => unknown): Promise<void>;
  shows(text: string): Promise<void>;
}

export interface Reach {
  /** `http://127.0.0.1:7700` */
  readonly url: string;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  /** Of this machine, to come from. */
  readonly from?: string;
}

type Query = Record<string, string | number>;

export async function openTerminal(reach: Reach, query: Query = {}): Promise<BrowserTerminal> {
  const all = { target: "web-1.prod", cols: 80, rows: 24, ...query };
  const search = new URLSearchParams(Object.entries(all).map(([name, value]): [string, string] => [name, String(value)]));
  return connect(reach, `/v1/terminals?${search.toString()}`);
}

export async function resumeTerminal(
  reach: Reach,
  { id, secret }: { id: string; secret: string },
  received: number,
): Promise<BrowserTerminal> {
  const terminal = await connect(reach, `/v1/terminals/${id}`, received);
  if (terminal.closed() === undefined) terminal.tell({ type: "resume", secret, received });
  return terminal;
}

async function connect({ url, token, headers = {}, from }: Reach, path: string, before = 0): Promise<BrowserTerminal> {
  const cookie = token === undefined ? {} : { cookie: `sallyport=${token}` };
  const ws = new WebSocket(new URL(path, url.replace("http", "ws")), {
    headers: { origin: url, ...cookie, ...headers },
    ...(from !== undefined && { localAddress: from }),
  });
  const parts: Buffer[] = [];
  const frames: Frame[] = [];
  let received = before;
  let acknowledges = true;
  let closed: number | undefined;
  const tell = (frame: TerminalReceived): void => ws.send(JSON.stringify(frame));
  const ack = (): void => {
    if (acknowledges && ws.readyState === WebSocket.OPEN) tell({ type: "ack", received });
  };
  ws.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) return void frames.push(JSON.parse(data.toString()) as Frame);
    parts.push(data);
    received += data.length;
    ack();
  });
  ws.on("error", () => undefined);
  ws.on("unexpected-response", (_request, response) => {
    closed = response.statusCode ?? 0;
    response.resume();
  });
  ws.on("close", (code) => (closed ??= code));
  await until(() => ws.readyState === WebSocket.OPEN || closed !== undefined);
  const last = <T extends Frame["type"]>(type: T): Extract<Frame, { type: T }> | undefined =>
    frames.findLast((each): each is Extract<Frame, { type: T }> => each.type === type);
  const output = (): Buffer => Buffer.concat(parts);
  return {
    ws,
    output,
    bytes: () => received - before,
    frames,
    opened: () => last("opened"),
    problem: () => last("problem")?.problem,
    exit: () => last("exit"),
    taken: () => last("ack")?.received ?? 0,
    closed: () => closed,
    tell,
    type: (text) => ws.send(Buffer.from(text)),
    acknowledge: (on) => {
      acknowledges = on;
      ack();
    },
    drop: () => ws.terminate(),
    until: (what) => until(() => Boolean(what())),
    shows: (text) => until(() => output().includes(text)),
  };
}
