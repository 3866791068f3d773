/** The OpenAPI 3.1 document, read off the contract. */
import { z } from "zod";
import { problem, PROBLEM_TYPE } from "./problem.ts";
import type { Route } from "./route.ts";
import { ROUTE_IDS, ROUTES } from "./routes.ts";

type Document = Record<string, unknown>;

export function openApiDocument(version: string): Document {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const id of ROUTE_IDS) {
    const route: Route = ROUTES[id];
    const path = route.path.replace(/:([a-z]+)/gi, "{$1}").replace(/\*$/, "{path}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(id, route);
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: { title: "Sallyport", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      responses: {
        Problem: {
          description: "Refused or failed; `code` says why, `next` what to do",
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
    security: [{ token: [] }],
  };
}

function operation(id: string, route: Route): Document {
  return {
    operationId: id,
    tags: [id.split(".")[0]],
    summary: route.summary,
    description: describe(route),
    ...(route.permission === "public" && { security: [] }),
    "x-permission": route.permission,
    ...(route.beyondSelf !== undefined && { "x-beyond-self": route.beyondSelf }),
    "x-audit": route.audit === "none" ? [] : route.audit,
    parameters: [...parameters("path", route.params, route.example.params), ...parameters("query", route.query, route.example.query)],
    ...(route.body && {
      requestBody: {
        required: true,
        content: {
          [route.form === true ? "application/x-www-form-urlencoded" : "application/json"]: {
            schema: schemaOf(route.body, "input"),
            example: route.example.body,
          },
        },
      },
    }),
    ...(route.upload && { requestBody: { required: true, content: { "application/octet-stream": {} } } }),
    responses: { ...success(route), default: { $ref: "#/components/responses/Problem" } },
  };
}

function describe({ permission, beyondSelf, audit }: Route): string {
  const who =
    permission === "public"
      ? "Needs no token."
      : permission === "self" || permission === "full"
        ? `For what is one's own${permission === "full" ? ", with an unscoped token" : ""}${beyondSelf === undefined ? "" : `; for others', \`${beyondSelf}\``}.`
        : `Needs \`${permission}\`.`;
  return audit === "none" ? who : `${who} Audited as ${audit.map((kind) => `\`${kind}\``).join(", ")}.`;
}

function parameters(place: "path" | "query", schema: z.ZodObject | undefined, example: object = {}): Document[] {
  const examples = example as Record<string, unknown>;
  const found: Document[] = [];
  for (const [name, field] of Object.entries(schema?.shape ?? {}) as [string, z.ZodType][]) {
    const described: Document = {
      name: name === "*" ? "path" : name,
      in: place,
      required: place === "path" || !z.safeParse(field, undefined).success,
      schema: schemaOf(field, "input"),
    };
    if (Object.hasOwn(examples, name)) described["example"] = examples[name];
    found.push(described);
  }
  return found;
}

const DESCRIPTION = "As the summary says";

function success({ response }: Route): Document {
  switch (response.kind) {
    case "json":
      return {
        [response.status]: { description: DESCRIPTION, content: { "application/json": { schema: schemaOf(response.schema, "output") } } },
      };
    case "lines":
      return {
        200: { description: "One JSON value a line", content: { "application/jsonl": { schema: schemaOf(response.schema, "output") } } },
      };
    case "events":
      return {
        200: { description: "Server-sent events", content: { "text/event-stream": { schema: schemaOf(response.schema, "output") } } },
      };
    case "bytes":
    case "download":
      return { 200: { description: DESCRIPTION, content: { [response.type]: {} } } };
    case "redirect":
      return { 303: { description: "Goes on elsewhere" } };
    case "file":
      return { 200: { description: DESCRIPTION, content: { "application/octet-stream": {} } } };
    case "socket":
      return {
        101: {
          description: "A WebSocket: binary frames are bytes, text frames JSON",
          "x-sends": schemaOf(response.sends, "output"),
          "x-receives": schemaOf(response.receives, "input"),
        },
      };
    case "empty":
      return { [response.status]: { description: "Done" } };
  }
  throw new TypeError("unknown kind of response");
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Document {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return rest;
}
