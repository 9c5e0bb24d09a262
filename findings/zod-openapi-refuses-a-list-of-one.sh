#!/bin/sh
# A list in a query that is described by the document of @hono/zod-openapi is refused when it has one entry.
#
# @hono/zod-openapi 1.6.3, hono 4.13.19, zod 4.6.7, Node 20: of `query: z.object({ region: z.array(z.string()) })`
#   - the OpenAPI document says an array, which a client sends as `?region=A&region=B`, and one entry of it as
#     `?region=A`;
#   - the validator is given the text "A" for the latter, for one value is no list to it, and answers 400
#     "expected array, received string". Two or more are taken.
# So a generated client works until a user picks exactly one. The schema has to take both
# (`z.union([z.string(), z.array(z.string())])`, then a list of it), which the document says in turn.
#
# Seen on 2026-11-28:
#   described as {"type":"array","items":{"type":"string"}}
#   ?region=A&region=B answered 200 ["A","B"]
#   ?region=A answered 400 Invalid input: expected array, received string
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @hono/zod-openapi@1.6.3 hono@4.13.19 zod@4.6.7
cat >try.mjs <<'JS'
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";

const app = new OpenAPIHono();
const content = { "application/json": { schema: z.array(z.string()) } };
const route = createRoute({
  method: "get",
  path: "/events",
  request: { query: z.object({ region: z.array(z.string()) }) },
  responses: { 200: { description: "events", content } },
});
app.openapi(route, (c) => c.json(c.req.valid("query").region));

const document = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "events", version: "1" } });
console.log("described as", JSON.stringify(document.paths["/events"].get.parameters[0].schema));
for (const query of ["?region=A&region=B", "?region=A"]) {
  const response = await app.request(`/events${query}`);
  const text = await response.text();
  const { error } = JSON.parse(text);
  console.log(query, "answered", response.status, error ? JSON.parse(error.message)[0].message : text);
}
JS
node try.mjs | tee out
grep -q '^described as {"type":"array","items":{"type":"string"}}$' out
grep -q '^?region=A&region=B answered 200 \["A","B"\]$' out
grep -q '^?region=A answered 400 Invalid input: expected array, received string$' out
