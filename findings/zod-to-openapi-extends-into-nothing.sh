#!/bin/sh
# By zod-to-openapi a schema that extends another takes nothing, or not what its service answers.
#
# @asteasolutions/zod-to-openapi 9.1.0 (which @hono/zod-openapi 1.6.3 has within it), zod 4.6.7, OpenAPI 3.1: of
# `Sale.extend({...}).openapi("Refund")` the document says `allOf` of the component of Sale and of what differs. In zod `extend`
# replaces; `allOf` adds. Where Sale is strict its `additionalProperties: false` refuses each field that was added; where a
# field has got another type it must be both; where it has become optional it is required still. Each is a document by which all
# answers, or those without the field, are wrong, and a client that checks them throws. `omit` and `partial` have schemas of their
# own and are right.
# Leave out the inner name, or spread: `z.object({ ...Sale.shape, ... })`.
#
# Seen on 2026-11-30, by zod and by the document (ajv 8.20.0):
#   a strict one with a field more: zod passes, the document refuses
#   a field of another type: zod passes, the document refuses
#   a field that became optional, absent: zod passes, the document refuses
#   spread: zod passes, the document passes
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
function tell(name, inner, outer, value) {
  const Sale = inner.openapi("Sale");
  const Refund = outer(Sale).openapi("Refund");
  const registry = new OpenAPIRegistry();
  registry.register("Both", z.object({ sale: Sale, refund: Refund }));
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: "document", ...new OpenApiGeneratorV31(registry.definitions).generateComponents() });
  const documented = ajv.compile({ $ref: "document#/components/schemas/Refund" })(value);
  const word = (passes) => (passes ? "passes" : "refuses");
  console.log(`${name}: zod ${word(Refund.safeParse(value).success)}, the document ${word(documented)}`);
}
const strict = z.strictObject({ amount: z.number() });
const loose = z.object({ amount: z.number(), note: z.string() });
const more = { reason: z.string() };
tell("a strict one with a field more", strict, (Sale) => Sale.extend(more), { amount: 5, reason: "ill" });
tell("a field of another type", loose, (Sale) => Sale.extend({ amount: z.string() }), { amount: "5.00", note: "" });
tell("a field that became optional, absent", loose, (Sale) => Sale.extend({ note: z.string().optional() }), { amount: 5 });
tell("spread", strict, (Sale) => z.strictObject({ ...Sale.shape, ...more }), { amount: 5, reason: "ill" });
tell("omit", loose, (Sale) => Sale.omit({ note: true }), { amount: 5 });
JS
node try.mjs | tee out
for name in "a strict one with a field more" "a field of another type" "a field that became optional, absent"; do
  grep -qxF "$name: zod passes, the document refuses" out
done
grep -qxF 'spread: zod passes, the document passes' out
grep -qxF 'omit: zod passes, the document passes' out
