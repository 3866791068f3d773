import * as z from "zod";
import { configSchema } from "./schema.ts";

/** JSON Schema (2020-12) of `sallyport.yaml`, for editors: shape and forms; references between parts are checked by `config check`. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: "sallyport.yaml", ...z.toJSONSchema(configSchema, { io: "input" }) };
}
