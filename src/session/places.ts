/**
 * How many connections there may be: in all, and from one address. When every place is taken, whoever holds most of those
 * that have not said who they are loses the oldest: a few machines cannot keep everybody else out.
 */
import { countedAs } from "./network.ts";

export interface PlaceLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export interface Place {
  /** Not given up for somebody else any more. */
  known(): void;
  leave(): void;
}

interface Held {
  readonly giveUp: () => void;
}

interface Address {
  count: number;
  /** Oldest first. */
  readonly unknown: Set<Held>;
}

/** An address has to hold this many more than the newcomer's before one of its is given up: equals do not push each other out. */
const MORE = 2;

export class Places {
  readonly #addresses = new Map<string, Address>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /**
   * `giveUp` ends the connection when its place goes to somebody else; `leave` is called for it then. Absent: there is none
   * left. `name`: of whose places it is one.
   */
  take(from: string, limits: PlaceLimits, giveUp: () => void, name = countedAs(from)): Place | undefined {
    const { connections, connectionsPerAddress } = limits;
    const address = this.#addresses.get(name) ?? { count: 0, unknown: new Set() };
    if (address.count >= connectionsPerAddress) return undefined;
    if (this.#total >= connections && !this.#makeRoom(address.unknown.size)) return undefined;
    this.#addresses.set(name, address);
    address.count += 1;
    this.#total += 1;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      address.unknown.delete(held);
      address.count -= 1;
      this.#total -= 1;
      if (address.count === 0) this.#addresses.delete(name);
    };
    const held: Held = {
      giveUp: () => {
        leave();
        giveUp();
      },
    };
    address.unknown.add(held);
    return { known: () => void address.unknown.delete(held), leave };
  }

  #makeRoom(newcomers: number): boolean {
    let most: Address | undefined;
    for (const address of this.#addresses.values()) if (address.unknown.size > (most?.unknown.size ?? 0)) most = address;
    if (most === undefined || most.unknown.size < newcomers + MORE) return false;
    const [oldest] = most.unknown;
    oldest?.giveUp();
    return true;
  }
}
