#!/bin/sh
# A price range that is handed to orval's client arrives as "[object Object]", and two regions as one that has a comma in it.
#
# orval 8.38.0, `client: "fetch"`: OpenAPI 3.1 writes an object in a query as `min=5&max=9` where the document says nothing of it
# (style form, explode), and a list of style pipeDelimited as `a|b`. orval knows deepObject and lists; each other value it turns
# into a text. The compiler asks for an object, so nobody sees it: the service gets no `min` and no `max`, and answers with all
# sales, or refuses. That deepObject was such a text too is an issue of orval's (2589), and was mended; these two were not.
# Use deepObject, or a parameter for each field.
#
# Seen on 2026-11-30:
#   a range, style form: price=[object Object], and by the specification min=5&max=9
#   a range, deepObject: price[min]=5&price[max]=9
#   a list: region=DACH&region=ITALY
#   a list, pipeDelimited: region=DACH,ITALY, and by the specification region=DACH|ITALY
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit orval@8.38.0 bun@1.4.5
cat >document.mjs <<'JS'
import { writeFileSync } from "node:fs";

const range = { type: "object", properties: { min: { type: "integer" }, max: { type: "integer" } } };
const list = { type: "array", items: { type: "string" } };
const sales = (operationId, parameter) => ({
  get: {
    operationId,
    parameters: [{ in: "query", ...parameter }],
    responses: { 200: { description: "sales", content: { "application/json": { schema: list } } } },
  },
});
writeFileSync(
  "api.json",
  JSON.stringify({
    openapi: "3.1.0",
    info: { title: "Sales", version: "1" },
    paths: {
      "/form": sales("form", { name: "price", schema: range }),
      "/deep": sales("deep", { name: "price", style: "deepObject", explode: true, schema: range }),
      "/list": sales("list", { name: "region", schema: list }),
      "/pipe": sales("pipe", { name: "region", style: "pipeDelimited", explode: false, schema: list }),
    },
  }),
);
writeFileSync("orval.config.mjs", 'export default { api: { input: "./api.json", output: { client: "fetch", target: "./api.ts" } } };');
JS
node document.mjs
node_modules/.bin/orval --config orval.config.mjs >/dev/null 2>&1
cat >try.ts <<'JS'
import { getDeepUrl, getFormUrl, getListUrl, getPipeUrl } from "./api.ts";

const price = { min: 5, max: 9 };
const region = ["DACH", "ITALY"];
const urls = [getFormUrl({ price }), getDeepUrl({ price }), getListUrl({ region }), getPipeUrl({ region })];
for (const url of urls) console.log(decodeURIComponent(url.replaceAll("+", " ")));
JS
node_modules/.bin/bun try.ts | tee out
grep -qxF '/form?price=[object Object]' out
grep -qxF '/deep?price[min]=5&price[max]=9' out
grep -qxF '/list?region=DACH&region=ITALY' out
grep -qxF '/pipe?region=DACH,ITALY' out
