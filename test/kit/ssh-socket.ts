/** An SSH transport over a socket, and just enough of RFC 4254 to move data through it. Tests of the transport need no more. */
import type { Socket } from "node:net";
import { Reader } from "../../src/wire/ssh/io/reader.ts";
import { Writer } from "../../src/wire/ssh/io/writer.ts";
import type { KeyExchangeDone, TransportOptions } from "../../src/wire/ssh/transport/options.ts";
import { Transport } from "../../src/wire/ssh/transport/transport.ts";

type Part<T> = T extends unknown ? Omit<T, "output" | "events" | "software"> : never;

/** A transport over a socket; `failed` resolves with what ended it. */
export function overSocket(socket: Socket, options: Part<TransportOptions>, onKeys?: (done: KeyExchangeDone) => void) {
  socket.setNoDelay(true);
  let end: (error: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const transport = new Transport({
    ...options,
    software: "Sallyport",
    output: { write: (bytes, release) => void socket.write(bytes, release) },
    events: {
      onError: (error) => {
        end(error.message);
        socket.end();
      },
      onDisconnect: (reason, description) => {
        end(`${reason} ${description}`);
        socket.end();
      },
      onWantInput: () => void socket.resume(),
      ...(onKeys && { onKeyExchange: onKeys }),
    },
  });
  socket.on("data", (chunk) => {
    if (!transport.receive(chunk)) socket.pause();
  });
  socket.on("error", () => end("socket"));
  socket.on("close", () => {
    transport.close();
    end("closed");
  });
  return { transport, ended };
}

const CHUNK = 32_000;

/**
 * Enough of RFC 4254 for `ssh host command`. "greet" answers "hello"; "echo" sends back what comes, at the client's pace.
 * Exit status 7.
 */
export function serveExec(transport: Transport): (payload: Buffer) => void {
  const waiting: Buffer[] = [];
  let window = 0;
  let ended = false;
  let closed = false;
  const pump = (): void => {
    for (let next = waiting[0]; next !== undefined && window >= next.length; next = waiting[0]) {
      waiting.shift();
      window -= next.length;
      transport.send(new Writer(next.length + 9).byte(94).uint32(0).string(next).toBuffer());
      transport.send(new Writer().byte(93).uint32(0).uint32(next.length).toBuffer());
    }
    if (!ended || closed || waiting.length > 0) return;
    closed = true;
    transport.send(new Writer().byte(98).uint32(0).string("exit-status").boolean(false).uint32(7).toBuffer());
    transport.send(new Writer().byte(97).uint32(0).toBuffer());
  };
  return (payload) => {
    const reader = new Reader(payload.subarray(1));
    switch (payload[0]) {
      case 90:
        reader.readString();
        reader.readUint32();
        window = reader.readUint32();
        transport.send(
          new Writer()
            .byte(91)
            .uint32(0)
            .uint32(0)
            .uint32(1 << 20)
            .uint32(CHUNK)
            .toBuffer(),
        );
        return;
      case 93:
        reader.readUint32();
        window += reader.readUint32();
        return pump();
      case 94:
        reader.readUint32();
        waiting.push(Buffer.from(reader.readString()));
        return pump();
      case 96:
        ended = true;
        return pump();
      case 98:
        reader.readUint32();
        if (reader.readUtf8() !== "exec") return;
        reader.readBoolean();
        transport.send(new Writer().byte(99).uint32(0).toBuffer());
        if (reader.readUtf8() === "echo") return;
        waiting.push(Buffer.from("hello"));
        ended = true;
        return pump();
      default:
    }
  };
}

/** `ssh host cat` as a client: sends `data`, resolves with what comes back. */
export function runCat(transport: Transport, data: Buffer): Promise<Buffer> {
  const back: Buffer[] = [];
  let sent = 0;
  let window = 0;
  const pump = (): void => {
    while (sent < data.length && window > 0) {
      const part = data.subarray(sent, sent + Math.min(CHUNK, window));
      sent += part.length;
      window -= part.length;
      transport.send(new Writer(part.length + 9).byte(94).uint32(0).string(part).toBuffer());
      if (sent === data.length) transport.send(new Writer().byte(96).uint32(0).toBuffer());
    }
  };
  return new Promise((resolve) => {
    transport.onPayload = (payload) => {
      const reader = new Reader(payload.subarray(1));
      reader.readUint32();
      if (payload[0] === 91) {
        reader.readUint32();
        window = reader.readUint32();
        transport.send(new Writer().byte(98).uint32(0).string("exec").boolean(false).string("cat").toBuffer());
        pump();
      }
      if (payload[0] === 93) {
        window += reader.readUint32();
        pump();
      }
      if (payload[0] === 94) {
        const part = Buffer.from(reader.readString());
        back.push(part);
        transport.send(new Writer().byte(93).uint32(0).uint32(part.length).toBuffer());
      }
      if (payload[0] === 97) resolve(Buffer.concat(back));
    };
    transport.send(
      new Writer()
        .byte(90)
        .string("session")
        .uint32(0)
        .uint32(1 << 21)
        .uint32(CHUNK)
        .toBuffer(),
    );
  });
}
