#!/bin/sh
# By zod-to-openapi which of two prices may be null is decided by the order in which they stand.
#
# @asteasolutions/zod-to-openapi 9.1.0 (which @hono/zod-openapi 1.6.3 has within it), zod 4.6.7, OpenAPI 3.1: a schema with a name,
# `.openapi("Price")`, is a component, and `Price.nullable()` a field beside it. Where that field is the first to use it, the
# component itself may be null, and so each other field that refers to it. Where it comes later, it is
# `allOf` of the component and `type: ["object", "null"]`, which null does not pass, for the component is an object:
# what a service answers rightly its own document refuses. `z.union([Price, z.null()])` is right in both. Pull request 387
# upstream, open, is about the second. A field that is moved changes what the others may be.
# Write `z.union([Price, z.null()])`.
#
# Seen on 2026-11-30, by the document (ajv 8.20.0), where zod takes a null of `was` alone:
#   was first: a null of now passes, a null of was passes
#   now first: a null of now is refused, a null of was is refused
#   a union: a null of now is refused, a null of was passes
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @asteasolutions/zod-to-openapi@9.1.0 zod@4.6.7 ajv@8.20.0
cat >try.mjs <<'JS'
import { extendZodWithOpenApi, OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";

extendZodWithOpenApi(z);
const price = { amount: 20 };
function tell(name, fields) {
  const Price = z.object({ amount: z.number() }).openapi("Price");
  const Event = z.object(fields(Price));
  const registry = new OpenAPIRegistry();
  registry.register("Event", Event);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: "document", ...new OpenApiGeneratorV31(registry.definitions).generateComponents() });
  const documented = ajv.compile({ $ref: "document#/components/schemas/Event" });
  const ofNow = { now: null, was: price };
  const ofWas = { now: price, was: null };
  const word = (passes) => (passes ? "passes" : "is refused");
  console.log(`${name}: a null of now ${word(documented(ofNow))}, a null of was ${word(documented(ofWas))}`);
  console.log(`${name}, zod: ${word(Event.safeParse(ofNow).success)}, ${word(Event.safeParse(ofWas).success)}`);
}
tell("was first", (Price) => ({ was: Price.nullable(), now: Price }));
tell("now first", (Price) => ({ now: Price, was: Price.nullable() }));
tell("a union", (Price) => ({ was: z.union([Price, z.null()]), now: Price }));
JS
node try.mjs | tee out
grep -qxF 'was first: a null of now passes, a null of was passes' out
grep -qxF 'now first: a null of now is refused, a null of was is refused' out
grep -qxF 'a union: a null of now is refused, a null of was passes' out
for name in "was first" "now first" "a union"; do
  grep -qxF "$name, zod: is refused, passes" out
done
