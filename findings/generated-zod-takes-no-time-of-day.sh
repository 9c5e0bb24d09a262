#!/bin/sh
# Of what OpenAPI's formats of time mean, generated zod validators take a part: of instants those in UTC, and of times of
# day those alone that are not valid.
#
# @hey-api/openapi-ts 0.99.0 and orval 7.13.2, zod 4.6.7: JSON Schema's `date-time` and `time` are RFC 3339's, in which an
# offset has to be: `2026-07-01T14:00:00+02:00` and `14:00:00+02:00`, as a ticketing system writes them in local time.
# Both generators make `z.iso.datetime()` and `z.iso.time()` of them. The first takes "Z" alone, and the second no offset
# at all, "Z" neither. So a client that is made from a document which is right refuses answers that are right.
# Both have options for instants (`dates.offset`, `dateTimeOptions`); no option makes `time` what it is.
#
# Seen on 2026-11-30:
#   ajv: date-time in UTC taken, with an offset taken; time in UTC taken, with an offset taken, without one refused
#   hey-api: date-time in UTC taken, with an offset refused; time in UTC refused, with an offset refused, without one taken
#   orval: the same as hey-api
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @hey-api/openapi-ts@0.99.0 orval@7.13.2 typescript@5.9.3 zod@4.6.7 ajv@8.20.0 ajv-formats@3.0.1 bun@1.4.5
cat >document.mjs <<'JS'
import { writeFileSync } from "node:fs";

export const schema = {
  type: "object",
  properties: { at: { type: "string", format: "date-time" }, doors: { type: "string", format: "time" } },
};
const content = { "application/json": { schema } };
const get = { operationId: "readEvent", responses: { 200: { description: "the event", content } } };
const document = { openapi: "3.1.0", info: { title: "t", version: "1" }, paths: { "/event": { get } } };
writeFileSync("document.json", JSON.stringify(document));
JS
cat >try.ts <<'TS'
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { schema } from "./document.mjs";
import { zReadEventResponse } from "./hey/zod.gen.ts";
import { readEventResponse } from "./orval.ts";

const ajv = new Ajv();
addFormats(ajv);
const takes = {
  ajv: ajv.compile(schema),
  "hey-api": (value: object) => zReadEventResponse.safeParse(value).success,
  orval: (value: object) => readEventResponse.safeParse(value).success,
};
for (const [name, isTaken] of Object.entries(takes)) {
  const told = (value: object) => (isTaken(value) ? "taken" : "refused");
  const instants = `in UTC ${told({ at: "2026-07-01T12:00:00Z" })}, with an offset ${told({ at: "2026-07-01T14:00:00+02:00" })}`;
  const times = `in UTC ${told({ doors: "12:00:00Z" })}, with an offset ${told({ doors: "14:00:00+02:00" })}`;
  console.log(`${name}: date-time ${instants}; time ${times}, without one ${told({ doors: "14:00:00" })}`);
}
TS
node document.mjs
node_modules/.bin/openapi-ts -i document.json -o hey -p zod >/dev/null
node_modules/.bin/orval --input document.json --output orval.ts --client zod >/dev/null
node_modules/.bin/bun try.ts | tee out
grep -qxF 'ajv: date-time in UTC taken, with an offset taken; time in UTC taken, with an offset taken, without one refused' out
for name in hey-api orval; do
  grep -qxF "$name: date-time in UTC taken, with an offset refused; time in UTC refused, with an offset refused, without one taken" out
done
