/**
 * The client's side of one sftp channel: asks, and hands each answer to who asked. Untrusted: the host's answers.
 *
 * Invariants: an answer belongs to one request that was asked and is of a kind it can have; no more data comes than was asked
 * for; whatever ends the channel, nobody waits for ever.
 */
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Channel } from "../../wire/ssh/connection/channel.ts";
import { SftpFramer } from "../../wire/ssh/sftp/framer.ts";
import type { Attributes } from "../../wire/ssh/sftp/messages.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "../../wire/ssh/sftp/request.ts";
import { parseNames, parseResponse, parseVersion, type ListedName } from "../../wire/ssh/sftp/response.ts";

const ANSWER_TIMEOUT_MS = 60_000;

type WithoutId<R> = R extends unknown ? Omit<R, "id"> : never;
export type Asked = WithoutId<SftpRequest>;

export type SftpAnswer =
  | { readonly kind: "status"; readonly code: number; readonly message: string; readonly refusal: Denial | undefined }
  | { readonly kind: "handle"; readonly handle: Buffer }
  | { readonly kind: "data"; readonly data: Buffer }
  | { readonly kind: "names"; readonly names: readonly ListedName[] }
  | { readonly kind: "attributes"; readonly attributes: Attributes };

interface Waiting {
  readonly mayBring: number;
  readonly resolve: (answer: SftpAnswer) => void;
  readonly reject: (error: GateError) => void;
}

export class SftpClient {
  readonly #channel: Channel;
  readonly #framer = new SftpFramer();
  readonly #waiting = new Map<number, Waiting>();
  /** Why the gate refused a request; its answer comes next. */
  readonly #refusals = new Map<number, Denial>();
  readonly #version = Promise.withResolvers<void>();
  #hasVersion = false;
  #nextId = 1;
  #sending: Promise<unknown> = Promise.resolve();
  #over: GateError | undefined;
  #data: { readonly id: number; readonly parts: Buffer[] } | undefined;

  /** `why`: what ended the channel, as far as the gate said. */
  private constructor(channel: Channel, why: () => Promise<Denial | undefined>) {
    this.#channel = channel;
    this.#version.promise.catch(() => undefined);
    channel.onData = (bytes, type) => {
      // On its stderr the gate says in text what the answers say too.
      if (type === 0) this.#receive(bytes);
    };
    void channel.closed.then(async () => {
      const denial = await why();
      this.#fail(denial ? new GateError(denial.code, denial.detail) : new GateError("target-unreachable", "the sftp session ended"));
    });
  }

  static async open(channel: Channel, why: () => Promise<Denial | undefined>): Promise<SftpClient> {
    const client = new SftpClient(channel, why);
    if (!(await channel.request({ type: "subsystem", name: "sftp" }))) channel.close();
    else void channel.write(encodeInit());
    await withDeadline(client.#version.promise, ANSWER_TIMEOUT_MS, "the host did not begin sftp");
    return client;
  }

  get ended(): boolean {
    return this.#over !== undefined;
  }

  /** The gate refused a request, for this reason. */
  refused(id: number, denial: Denial): void {
    if (this.#waiting.has(id)) this.#refusals.set(id, denial);
  }

  /** Throws where the channel ends before the answer. */
  async ask(asked: Asked, data?: Uint8Array): Promise<SftpAnswer> {
    if (this.#over) throw this.#over;
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    const { promise, resolve, reject } = Promise.withResolvers<SftpAnswer>();
    this.#waiting.set(id, { mayBring: asked.op === "read" ? asked.length : 0, resolve, reject });
    const packet = encodeRequest({ ...asked, id }, data);
    // In order, each when there is room for it.
    this.#sending = this.#sending.then(() => this.#channel.write(packet)).catch((error: unknown) => this.#fail(asGateError(error)));
    try {
      return await withDeadline(promise, ANSWER_TIMEOUT_MS, "the host did not answer");
    } catch (error) {
      // What is not answered in time may be answered at the wrong time: nobody asks on.
      this.#fail(asGateError(error));
      throw error;
    }
  }

  #receive(bytes: Buffer): void {
    try {
      for (const piece of this.#framer.push(bytes)) {
        if (piece.kind === "packet") this.#packet(piece.bytes);
        else if (piece.kind === "head") this.#dataBegins(piece.bytes, piece.dataLength);
        else this.#dataComes(piece.bytes, piece.isLast);
      }
    } catch (error) {
      this.#fail(asGateError(error));
    }
  }

  #packet(packet: Buffer): void {
    if (!this.#hasVersion) {
      parseVersion(packet);
      this.#hasVersion = true;
      return this.#version.resolve();
    }
    const answer = parseAnswer(packet);
    // Taken only once it is understood: who waits for what is not is told so.
    const { id } = parseResponse(packet);
    const { resolve } = this.#take(id);
    const refusal = this.#refusals.get(id);
    this.#refusals.delete(id);
    resolve(answer.kind === "status" ? { ...answer, refusal } : answer);
  }

  #dataBegins(head: Buffer, length: number): void {
    const { id } = parseResponse(head);
    if (length > (this.#waiting.get(id)?.mayBring ?? -1))
      throw new GateError("protocol-error", "an SFTP answer holds more than was asked for");
    this.#data = { id, parts: [] };
  }

  #dataComes(bytes: Buffer, isLast: boolean): void {
    if (!this.#data) throw new GateError("protocol-error", "an SFTP answer has no beginning");
    this.#data.parts.push(Buffer.from(bytes));
    if (!isLast) return;
    const { id, parts } = this.#data;
    this.#data = undefined;
    this.#take(id).resolve({ kind: "data", data: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts) });
  }

  #take(id: number): Waiting {
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new GateError("protocol-error", "an SFTP answer has no request");
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: GateError): void {
    if (this.#over) return;
    this.#over = error;
    this.#version.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#channel.close();
  }
}

function parseAnswer(packet: Buffer): SftpAnswer {
  const response = parseResponse(packet);
  switch (response.kind) {
    case "status":
      return { kind: "status", code: response.code, message: response.message, refusal: undefined };
    case "handle":
      return { kind: "handle", handle: Buffer.from(response.handle) };
    case "name":
      return { kind: "names", names: parseNames(packet) };
    case "attrs":
      return { kind: "attributes", attributes: response.attributes };
    default:
      throw new GateError("protocol-error", "an SFTP answer is of a kind that was not asked for");
  }
}
