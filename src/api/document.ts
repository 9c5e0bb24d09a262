import type { OpenAPIHono } from "@hono/zod-openapi";
import { keptRoutes } from "./kept.ts";
import type { ApiEnv } from "./problem.ts";

type Document = ReturnType<OpenAPIHono<ApiEnv>["getOpenAPI31Document"]>;
type Operation = NonNullable<NonNullable<NonNullable<Document["paths"]>[string]>["get"]>;

const text = { type: "string" as const };

const keptHeaders = {
  ETag: {
    description:
      "Names what was answered, compressed or not: send it as `If-None-Match` to be told whether it still holds.",
    schema: text,
    example: 'W/"4eXlW9tYqz3vJX0m2Kc8hQ7rTdA"',
  },
  "Cache-Control": {
    description:
      "`private, no-cache`: keep it, and ask before it is used again. `no-store` while rows are being made anew, after an upgrade.",
    schema: text,
    example: "private, no-cache",
  },
};

/** What is answered alike by many routes is said here and not by each of them. */
export function withManners(document: Document): Document {
  for (const [path, item] of Object.entries(document.paths ?? {}))
    if (item.get) {
      sayTooLarge(item.get);
      if (isKept(path)) sayKept(item.get);
    }
  return document;
}

/** Bun answers so before any of our code has the request. */
function sayTooLarge(operation: Operation) {
  operation.responses = {
    ...operation.responses,
    431: { description: "The address and the headers together are larger than 16 KiB." },
  };
}

const isKept = (path: string) => keptRoutes.has(path.replaceAll(/\{(\w+)\}/g, ":$1"));

function sayKept(operation: Operation) {
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: "If-None-Match",
      in: "header",
      description: "The `ETag` of an answer that is kept, or several of them.",
      schema: text,
    },
  ];
  // The casts: zod-openapi writes no references into responses.
  const [answer] = Object.values(operation.responses ?? {}) as { headers?: object }[];
  if (answer) answer.headers = { ...answer.headers, ...keptHeaders };
  operation.responses = {
    ...operation.responses,
    304: { description: "What is kept still holds; no rows were read.", headers: keptHeaders },
  };
}
