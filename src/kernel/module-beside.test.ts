import { expect, test } from "vitest";
import { moduleBeside } from "./module-beside.ts";

test.each([
  ["file:///a/src/cli/store.ts", "file:///a/src/cli/keeper.ts"],
  ["file:///a/dist/cli/store.js", "file:///a/dist/cli/keeper.js"],
])("beside %s", (url, beside) => expect(moduleBeside(url, "keeper").href).toBe(beside));
