import { asGateError } from "../kernel/errors.ts";
import { deny, type Denial } from "../kernel/result.ts";

export function isDenial(value: object | undefined): value is Denial {
  return value !== undefined && "allowed" in value && value.allowed === false;
}

/** A failure that has a name is told like a refusal; what has none is thrown on: a fault of the gate. */
export function denialOf(error: unknown): Denial {
  const { code, detail } = asGateError(error);
  if (code === "internal") throw error;
  return deny(code, detail === undefined ? {} : { detail });
}
