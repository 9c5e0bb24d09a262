import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import manifest from "swagger-ui-dist/package.json" with { type: "json" };
import stylesPath from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import scriptPath from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { withManners } from "./document.ts";
import type { Caller } from "./request/callers.ts";
import { type ApiEnv, problems } from "./request/problem.ts";

/** The style sheet carries its icons as data; nothing else comes from anywhere but here. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Relative, so that the page also works behind a path of somebody's gateway. */
const folder = `docs/${manifest.version}`;

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Vivenu event monitor: API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${folder}/swagger-ui.css">
  </head>
  <body>
    <noscript>This page needs JavaScript; the same is in <a href="openapi.json">openapi.json</a>.</noscript>
    <div id="swagger-ui"></div>
    <script src="${folder}/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/**
 * A page that was opened with a key in its address (`https://me:key@host/docs`) may ask no address that has
 * one; the browser sends the key all the same. `validatorUrl` keeps Swagger UI from sending the document's address to a
 * host of its own.
 */
const start = `const here = new URL(location.href);
here.username = here.password = "";
SwaggerUIBundle({
  url: new URL("openapi.json", here).href,
  dom_id: "#swagger-ui",
  validatorUrl: null,
  deepLinking: true,
  supportedSubmitMethods: ["get"],
  presets: [SwaggerUIBundle.presets.apis],
});
`;

const Document = z.looseObject({
  openapi: z.string().openapi({ description: "Its version: 3.1.0." }),
});
type Document = z.infer<typeof Document>;

const documentRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "readOpenApiDocument",
  tags: ["Documentation"],
  summary: "This document",
  description: "Made from the schemas that requests and answers are checked by.",
  responses: {
    200: {
      description: "OpenAPI 3.1.",
      content: {
        "application/json": { schema: Document },
      },
    },
    401: problems[401],
  },
});

const pageRoute = createRoute({
  method: "get",
  path: "/docs",
  operationId: "readDocs",
  tags: ["Documentation"],
  summary: "This document, for people",
  description: "Requests can be tried there, with the key that opened it.",
  responses: {
    200: {
      description: "A page that asks no other host.",
      content: { "text/html": { schema: z.string() } },
    },
    401: problems[401],
  },
});

export function addDocs(app: OpenAPIHono<ApiEnv>, version: string) {
  app.openapi(documentRoute, (c) => {
    const document = documentOf(app, version, c.get("caller"));
    return c.json<Document, 200>(document, 200);
  });
  app.openapi(pageRoute, (c) => {
    // Everything on the page is beside this address, and would be looked for below it.
    if (new URL(c.req.url).pathname.endsWith("/")) return c.redirect("../docs", 308);
    return c.html(page, 200, { "content-security-policy": CONTENT_SECURITY_POLICY });
  });
  app.get("/docs/start.js", (c) =>
    c.body(start, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.get(`/${folder}/swagger-ui.css`, () => asset(stylesPath, "text/css"));
  app.get(`/${folder}/swagger-ui-bundle.js`, () => asset(scriptPath, "text/javascript"));
}

/** For ever, because the version is in the address; private, because it is behind the key. */
const asset = (path: string, type: string) =>
  new Response(Bun.file(new URL(path, import.meta.url)), {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "private, max-age=31536000, immutable",
    },
  });

function documentOf(app: OpenAPIHono<ApiEnv>, version: string, caller: Caller): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Vivenu event monitor",
      version,
      description:
        "What is on sale, what is sold and what is left, for every event of every Vivenu seller account. " +
        "Names are the sheet's, in camel case. Times are instants in UTC, prices are in major units, sums of them (`value`) in minor ones, percentages go from 0 to 100. " +
        "Errors are `application/problem+json`.",
      contact: { name: "Whoever operates this service" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }, { basic: [] }],
    tags: [
      { name: "Events", description: "Races and what else is sold, with their totals." },
      { name: "Ticket types", description: "What an event sells, each with its numbers." },
      { name: "Sales", description: "What was sold when." },
      { name: "Changes", description: "What changed, and what sold out or came back." },
      { name: "Launches", description: "When sales begin." },
      { name: "Downloads", description: "The sheet's tabs as files." },
      { name: "Operation", description: "Whether the service is well." },
      { name: "Documentation", description: "This document." },
    ],
  });
  const { info } = document;
  // The type is of an older OpenAPI, where a licence had an address and no identifier.
  const license = { name: "Not licensed to others", identifier: "LicenseRef-not-licensed" };
  return { ...withManners(document, caller), info: { ...info, license } };
}

export function addSecuritySchemes({ openAPIRegistry }: OpenAPIHono<ApiEnv>) {
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key as `Authorization: Bearer <key>`.",
  });
  openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "An API key.",
  });
  openAPIRegistry.registerComponent("securitySchemes", "basic", {
    type: "http",
    scheme: "basic",
    description:
      "For browsers and spreadsheets: any user name, an API key as the password. Of GET and HEAD alone.",
  });
}
