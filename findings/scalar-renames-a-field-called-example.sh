#!/bin/sh
# Scalar's way from OpenAPI 3.0 to 3.1 renames a field that is called `example`, and takes null from a price that may be null.
#
# @scalar/openapi-upgrader 0.1.11, Node 20: where 3.0 has the keyword `example`, a schema of 3.1 has `examples`, a list. The upgrader does
# that to whatever has the name, so a service whose answers have a field `example` has one `examples` in 3.1, and a list
# where its schema was. And 3.1 has null among a schema's types where 3.0 has `nullable`, which it knows no more; that is done
# beside `type`, and not beside `allOf`, in which a document of 3.0 has to wrap a `$ref`. Clients that are made of it, and
# validators (@cfworker/json-schema 4.1.1 here), refuse the null that the service always sent.
# Compare the fields' names, and search for what is left of `nullable`.
#
# Seen on 2026-12-01:
#   the fields price, total, example: price, total, examples, the last a list
#   price, nullable beside its type: null is taken; total, nullable beside allOf: null is refused
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @scalar/openapi-upgrader@0.1.11 @cfworker/json-schema@4.1.1
cat >try.mjs <<'JS'
import { Validator } from "@cfworker/json-schema";
import { upgrade } from "@scalar/openapi-upgrader";

const { components } = upgrade(
  {
    openapi: "3.0.3",
    info: { title: "Sales", version: "1" },
    paths: {},
    components: {
      schemas: {
        Amount: { type: "number" },
        Sale: {
          type: "object",
          properties: {
            price: { type: "number", nullable: true },
            total: { nullable: true, allOf: [{ $ref: "#/components/schemas/Amount" }] },
            example: { type: "string" },
          },
        },
      },
    },
  },
  "3.1",
);
const { properties } = components.schemas.Sale;
const last = Object.values(properties).at(-1);
console.log(`fields: ${Object.keys(properties).join(", ")}, the last a ${Array.isArray(last) ? "list" : "schema"}`);
for (const name of ["price", "total"]) {
  const taken = new Validator({ components, ...properties[name] }, "2020-12").validate(null).valid;
  console.log(`${name} of null: ${taken ? "taken" : "refused"}, ${JSON.stringify(properties[name])}`);
}
JS
node try.mjs | tee out
grep -qxF 'fields: price, total, examples, the last a list' out
grep -qxF 'price of null: taken, {"type":["number","null"]}' out
grep -qxF 'total of null: refused, {"nullable":true,"allOf":[{"$ref":"#/components/schemas/Amount"}]}' out
