#!/bin/sh
# On Bun a text that hono answers is a file to download as soon as something adds a header to it.
#
# hono 4.13.19 and Bun 1.4.5: `c.text("ok")` leaves the content type to `new Response("ok")`, to which the Fetch standard
# gives `text/plain;charset=UTF-8`. Bun gives it none, and sends text/plain where a Response comes from a text and as it
# is. A middleware that calls `c.header(...)` behind `next()`, or makes `new Response(c.res.body, c.res)` of it, hands on a
# stream without a type, which is sent as `application/octet-stream`: a browser saves it instead of showing it. With a
# header set before `next()`, or a status other than 200, hono writes the type itself. On Node it is always there, and
# JSON and HTML have theirs everywhere; in-process (`app.request`) a test on Bun sees none at all.
# Name the type: `c.text(text, 200, { "content-type": "text/plain; charset=UTF-8" })`.
#
# Seen on 2026-11-30:
#   bun: as it is text/plain;charset=utf-8, a header before text/plain; charset=UTF-8
#   bun: a header behind application/octet-stream, a copy application/octet-stream, with its type text/plain; charset=UTF-8
#   in-process: on bun null, on node text/plain;charset=UTF-8
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit hono@4.13.19 bun@1.4.5
cat >try.mjs <<'JS'
import { Hono } from "hono";

const before = async (c, next) => {
  c.header("x-one", "1");
  await next();
};
const behind = async (c, next) => {
  await next();
  c.header("x-one", "1");
};
const copy = async (c, next) => {
  await next();
  c.res = new Response(c.res.body, c.res);
};
const nothing = (_, next) => next();
const appOf = (middleware, headers) =>
  new Hono().use(middleware).get("/", (c) => (headers ? c.text("ok", 200, headers) : c.text("ok")));

if (process.versions.bun) {
  const typed = { "content-type": "text/plain; charset=UTF-8" };
  for (const [name, app] of Object.entries({
    "as it is": appOf(nothing),
    "a header before": appOf(before),
    "a header behind": appOf(behind),
    "a copy": appOf(copy),
    "with its type": appOf(behind, typed),
  })) {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
    const answer = await fetch(server.url);
    console.log(`sent by bun, ${name}: ${answer.headers.get("content-type")}`);
    server.stop(true);
  }
}
const runtime = process.versions.bun ? "bun" : "node";
const answer = await appOf(behind).request("/");
console.log(`in-process on ${runtime}: ${answer.headers.get("content-type")}`);
JS
{
  node_modules/.bin/bun try.mjs
  node try.mjs
} | tee out
grep -qxF 'sent by bun, as it is: text/plain;charset=utf-8' out
grep -qxF 'sent by bun, a header before: text/plain; charset=UTF-8' out
grep -qxF 'sent by bun, a header behind: application/octet-stream' out
grep -qxF 'sent by bun, a copy: application/octet-stream' out
grep -qxF 'sent by bun, with its type: text/plain; charset=UTF-8' out
grep -qxF 'in-process on bun: null' out
grep -qxF 'in-process on node: text/plain;charset=UTF-8' out
