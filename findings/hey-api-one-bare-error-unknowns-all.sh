#!/bin/sh
# One error answer without a body in an OpenAPI document takes the type from all other errors of that operation.
#
# @hey-api/openapi-ts 0.99.0: an answer that has no `content` (a 431 that the server writes before any handler runs, a
# bare 304) is typed `unknown`, and the operation's error is the union of all its errors. A union with `unknown` is
# `unknown`: so a dashboard's `error.title`, which compiled, does not any more, and where it is cast nothing is checked.
# So say such an answer only of operations that have no other error, or give it a body.
#
# Seen on 2026-11-29:
#   hey-api, 400: typed
#   hey-api, 400 and a bare 431: unknown
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @hey-api/openapi-ts@0.99.0 typescript@5.9.3
cat >documents.mjs <<'JS'
import { writeFileSync } from "node:fs";

const schema = { type: "object", required: ["title"], properties: { title: { type: "string" } } };
const wrong = { description: "wrong", content: { "application/problem+json": { schema } } };
const ok = { description: "ok", content: { "application/json": { schema: { type: "string" } } } };
const bare = { 431: { description: "headers are too large" } };
for (const [file, more] of [["one", {}], ["two", bare]]) {
  const responses = { 200: ok, 400: wrong, ...more };
  const paths = { "/events": { get: { operationId: "listEvents", responses } } };
  const document = { openapi: "3.1.0", info: { title: "t", version: "1" }, paths };
  writeFileSync(`${file}.json`, JSON.stringify(document));
}
JS
node documents.mjs
for file in one two; do npx openapi-ts -i $file.json -o $file >/dev/null; done
echo 'import type { ListEventsError } from "./one/types.gen"; export const title = (e: ListEventsError) => e.title;' >one.ts
echo 'import type { ListEventsError } from "./two/types.gen"; export const title = (e: ListEventsError) => e.title;' >two.ts
told() {
  if npx tsc --noEmit --strict --skipLibCheck --allowImportingTsExtensions --moduleResolution bundler \
    --module esnext "$2" >said 2>&1; then
    echo "$1: typed"
  else
    grep -q "is of type 'unknown'" said && echo "$1: unknown"
  fi
}
{
  told "hey-api, 400" one.ts
  told "hey-api, 400 and a bare 431" two.ts
} | tee out
grep -qx 'hey-api, 400: typed' out
grep -qx 'hey-api, 400 and a bare 431: unknown' out
