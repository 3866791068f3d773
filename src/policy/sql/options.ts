/**
 * Options in the parentheses of a command, `(FULL, ANALYZE off)`, as defGetBoolean in PostgreSQL's define.c reads them. Pure.
 */
import { list, text, unwrap } from "./tree.ts";

/** By their names in lower case: those that are not said to be off. */
export function optionsOf(options: unknown): ReadonlySet<string> {
  const on = list(options).flatMap((option) => {
    const [, { defname, arg }] = unwrap(option);
    return typeof defname === "string" && !isOff(arg) ? [defname.toLowerCase()] : [];
  });
  return new Set(on);
}

/** Without a value an option is on. What is no boolean is an error of the server's, and taken for on. */
function isOff(value: unknown): boolean {
  const [type, node] = unwrap(value);
  switch (type) {
    case "String":
      return ["off", "false"].includes(text(node["sval"]).toLowerCase());
    // Zero and false are what protobuf's JSON leaves out.
    case "Integer":
      return (node["ival"] ?? 0) === 0;
    case "Boolean":
      return node["boolval"] !== true;
    default:
      return false;
  }
}
