#!/bin/sh
# By @hono/zod-openapi a path that goes on behind a parameter is the path without what follows, and has no such
# parameter.
#
# @hono/zod-openapi 1.6.3, hono 4.13.19, zod 4.6.7: OpenAPI's paths may have a parameter in a part of a segment. Of
# `/events/{id}.csv` the document says just that, and the route is hono's `/events/:id.csv`, in which `id.csv` is a
# parameter's name that matches any segment. Registered first, it takes `/events/1` as well, and both are answered 400,
# for `id` is missing; registered behind `/events/{id}` it is never reached, and `/events/1.csv` is the event whose id is
# "1.csv". hono alone does the same without a word.
# Give such a path a segment of its own (`/events/{id}/csv`), or hono's pattern (`/events/:file{.+\.csv}`).
#
# Seen on 2026-11-30:
#   described: /events/{id}.csv, /events/{id}
#   registered first: /events/1.csv 400, /events/1 400
#   registered last: /events/1.csv "event 1.csv", /events/1 "event 1"
#   hono alone: /events/1 {"id.csv":"1"}
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
import { Hono } from "hono";

const routeOf = (path) =>
  createRoute({
    method: "get",
    path,
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: { description: "the event" } },
  });
const add = {
  csv: (app) => app.openapi(routeOf("/events/{id}.csv"), (c) => c.text(`table ${c.req.valid("param").id}`)),
  event: (app) => app.openapi(routeOf("/events/{id}"), (c) => c.text(`event ${c.req.valid("param").id}`)),
};
async function told(name, ...kinds) {
  const app = new OpenAPIHono();
  for (const kind of kinds) add[kind](app);
  const said = [];
  for (const path of ["/events/1.csv", "/events/1"]) {
    const answer = await app.request(path);
    said.push(`${path} ${answer.ok ? JSON.stringify(await answer.text()) : answer.status}`);
  }
  console.log(`${name}: ${said.join(", ")}`);
  return app.getOpenAPIDocument({ openapi: "3.1.0", info: { title: "t", version: "1" } });
}
const { paths } = await told("registered first", "csv", "event");
console.log(`described: ${Object.keys(paths).join(", ")}`);
await told("registered last", "event", "csv");
const alone = new Hono().get("/events/:id.csv", (c) => c.json(c.req.param()));
console.log(`hono alone: /events/1 ${await (await alone.request("/events/1")).text()}`);
JS
node try.mjs | tee out
grep -qxF 'described: /events/{id}.csv, /events/{id}' out
grep -qxF 'registered first: /events/1.csv 400, /events/1 400' out
grep -qxF 'registered last: /events/1.csv "event 1.csv", /events/1 "event 1"' out
grep -qxF 'hono alone: /events/1 {"id.csv":"1"}' out
