/**
 * The client's side of RFC 4252: the gate logs in to a target with keys it can sign with.
 *
 * A signed request is sent at once, behind the request for the service: one round trip from new keys to logged in, two fewer than
 * asking step by step.
 */
import { TransportFailure } from "../transport/failure.ts";
import { DISCONNECT, SSH_MSG_SERVICE_ACCEPT } from "../transport/messages.ts";
import type { Transport } from "../transport/transport.ts";
import { findSignatureAlgorithm } from "../keys/key-types.ts";
import type { KeySigner } from "../keys/signer.ts";
import * as msg from "./messages.ts";

export type ClientAuthResult =
  /** From here on `transport.onPayload` is the caller's; it must be set in the same turn. */
  | { readonly authenticated: true }
  /** `methods`: what the server would still take. `partial`: a key was right, and more is needed. */
  | { readonly authenticated: false; readonly methods: readonly string[]; readonly partial: boolean };

export interface ClientAuthOptions {
  readonly user: string;
  /** Tried in order: plain keys or certificates. */
  readonly signers: readonly KeySigner[];
  /** Untrusted text. */
  readonly onBanner?: (text: string) => void;
  /** Called once, inside the call that delivers the server's answer: nothing is lost between it and the next payload. */
  readonly onResult: (result: ClientAuthResult) => void;
}

const MAX_BANNERS = 16;

export class ClientAuth {
  readonly #transport: Transport;
  readonly #options: ClientAuthOptions;
  #next = 0;
  #waiting = false;
  #accepted = false;
  #banners = 0;
  #methods: readonly string[] = ["publickey"];
  #partial = false;

  /** Takes over `transport.onPayload`. Call `start` when the first key exchange is finished. */
  constructor(transport: Transport, options: ClientAuthOptions) {
    this.#transport = transport;
    this.#options = options;
    transport.onPayload = (payload) => this.#receive(payload);
  }

  start(): void {
    this.#transport.send(msg.encodeServiceRequest(msg.USERAUTH_SERVICE));
    this.#tryNext();
  }

  #receive(payload: Buffer): void {
    switch (payload[0]) {
      case SSH_MSG_SERVICE_ACCEPT:
        if (this.#accepted || msg.parseService(payload) !== msg.USERAUTH_SERVICE) throw unexpected(SSH_MSG_SERVICE_ACCEPT);
        this.#accepted = true;
        return;
      case msg.SSH_MSG_USERAUTH_BANNER:
        this.#banners += 1;
        if (this.#banners > MAX_BANNERS) throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "the server sends too many banners");
        return this.#options.onBanner?.(msg.parseBanner(payload));
      case msg.SSH_MSG_USERAUTH_SUCCESS:
        // Fails closed: a SUCCESS nobody asked for is no success.
        if (!this.#waiting || !this.#accepted || payload.length !== 1) throw unexpected(msg.SSH_MSG_USERAUTH_SUCCESS);
        this.#transport.markAuthenticated();
        return this.#options.onResult({ authenticated: true });
      case msg.SSH_MSG_USERAUTH_FAILURE: {
        if (!this.#waiting || !this.#accepted) throw unexpected(msg.SSH_MSG_USERAUTH_FAILURE);
        const { methods, partial } = msg.parseFailure(payload);
        this.#waiting = false;
        this.#methods = methods;
        this.#partial ||= partial;
        return this.#tryNext();
      }
      default:
        throw unexpected(payload[0] ?? 0);
    }
  }

  #tryNext(): void {
    const signer = this.#methods.includes("publickey") ? this.#options.signers[this.#next] : undefined;
    this.#next += 1;
    if (signer === undefined) {
      return this.#options.onResult({ authenticated: false, methods: this.#methods, partial: this.#partial });
    }
    const algorithm = this.#chooseAlgorithm(signer);
    if (algorithm === undefined) return this.#tryNext();
    this.#waiting = true;
    this.#request(signer, algorithm).catch((thrown: unknown) => this.#transport.fail(thrown));
  }

  async #request(signer: KeySigner, algorithm: string): Promise<void> {
    const { user } = this.#options;
    const signed = msg.encodeSignedRequest(this.#transport.sessionId, user, algorithm, signer.blob);
    const signature = await signer.sign(signed, algorithm);
    const request = msg.startUserauthRequest(user, "publickey").boolean(true).string(algorithm).string(signer.blob);
    this.#transport.send(request.string(signature).toBuffer());
  }

  /** RFC 8308 §3.1: the first of the signer's names whose signatures the server takes; the best, when it did not say. */
  #chooseAlgorithm(signer: KeySigner): string | undefined {
    const taken = this.#transport.peerExtensions.signatureAlgorithms;
    if (taken === undefined) return signer.algorithms[0];
    return signer.algorithms.find((name) => taken.includes(name) || taken.includes(findSignatureAlgorithm(name) ?? name));
  }
}

function unexpected(type: number): TransportFailure {
  return new TransportFailure(DISCONNECT.PROTOCOL_ERROR, `message ${type} came out of order while logging in`);
}
