import { expect, test } from "vitest";
import { openApiDocument } from "./openapi.ts";
import { ROUTE_IDS } from "./routes.ts";

type Operation = {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  responses: Record<string, object>;
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
};

const document = openApiDocument("1.2.3") as { paths: Record<string, Record<string, Operation>>; components: object };
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test("each route is one operation", () => {
  expect(operations.map(({ operation }) => operation.operationId).sort((a, b) => a.localeCompare(b))).toEqual(
    ROUTE_IDS.toSorted((a, b) => a.localeCompare(b)),
  );
});

test("paths and methods, with what each needs and leaves in the log", () => {
  const lines = operations.map(({ path, method, operation }) => {
    const facts = operation as unknown as { "x-permission": string; "x-beyond-self"?: string; "x-audit": string[] };
    const who = [facts["x-permission"], facts["x-beyond-self"]].filter((word) => word !== undefined).join(" / ");
    return `${method.toUpperCase()} ${path} — ${who} — ${facts["x-audit"].join(", ") || "none"}`;
  });
  expect(`${lines.join("\n")}\n`).toMatchSnapshot();
});

test("OpenAPI 3.1: path parameters are declared and required, every reference resolves, every operation answers", () => {
  for (const { path, operation } of operations) {
    const inPath = [...path.matchAll(/\{([a-z]+)\}/gi)].map(([, name]) => name);
    const declared = operation.parameters.filter((parameter) => parameter.in === "path");
    expect(declared.map(({ name }) => name)).toEqual(inPath);
    expect(declared.every(({ required }) => required)).toBe(true);
    expect(Object.keys(operation.responses).some((status) => /^(?:20\d|101|303)$/.test(status))).toBe(true);
    expect(operation.responses).toHaveProperty("default");
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? "");
  expect(references.length).toBeGreaterThan(operations.length);
  for (const reference of references) expect(document).toHaveProperty(reference.split("/"));
});

test("bodies refuse unknown fields in the document as they do in the server", () => {
  for (const { operation } of operations) {
    // A form is another server's, which may say more than is asked.
    const { "application/json": body } = operation.requestBody?.content ?? {};
    expect(body === undefined || body.schema["additionalProperties"] === false).toBe(true);
  }
  expect(document.paths["/v1/requests"]?.["post"]?.requestBody?.content["application/json"]?.schema).toMatchObject({
    type: "object",
    required: ["reason", "role", "targets"],
    properties: { targets: { type: "array", minItems: 1 } },
  });
});
