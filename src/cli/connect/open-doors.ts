import type { Random } from "../../kernel/random.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import type { Connector } from "./connector.ts";
import { openPortDoor, openSocketDoor } from "./doors.ts";
import { deriveDoorPassword } from "./local-login.ts";

const PASSWORD_BYTES = 24;

export interface DoorOptions {
  /** 0: a free one. Absent: no door of this kind. */
  readonly port?: number;
  /** Absent: no door of this kind. */
  readonly folder?: string;
}

/** The doors that are wanted, and where they are; that of the loopback with a password of its own. */
export async function openDoors(
  connector: Connector,
  { port, folder }: DoorOptions,
  random: Random,
): Promise<AsyncDisposable & Pick<ConnectionInfo, "socket" | "loopback">> {
  await using opened = new AsyncDisposableStack();
  let doors: Pick<ConnectionInfo, "socket" | "loopback"> = {};
  if (port !== undefined) {
    const password = random.bytes(PASSWORD_BYTES).toString("base64url");
    const door = await deriveDoorPassword(password, random);
    const { host, port: bound } = opened.use(await openPortDoor(port, (client) => void connector.serve(client, door)));
    doors = { ...doors, loopback: { host, port: bound, password } };
  }
  if (folder !== undefined) {
    // With a port that somebody chose, the same number for both.
    const socket = opened.use(await openSocketDoor(folder, port || undefined, (client) => void connector.serve(client, undefined)));
    doors = { ...doors, socket: { folder, port: socket.port } };
  }
  const everything = opened.move();
  return { ...doors, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
