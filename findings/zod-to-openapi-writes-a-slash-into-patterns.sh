#!/bin/sh
# A pattern that ignores case becomes, by zod-to-openapi, one that nothing matches; and of a list of literals one is left.
#
# @asteasolutions/zod-to-openapi 9.1.0 (which @hono/zod-openapi 1.6.3 has within it), zod 4.6.7, OpenAPI 3.1: of
# `.regex(/^berlin$/i)` the document says `"pattern": "^berlin$/i"`, for of the slashes around it those at the very beginning
# and end alone are taken away. JSON Schema's `pattern` has no flags, so that a slash behind the end is asked for and no
# text passes. Of `z.literal(["open", "closed"])`, with which zod 4 has several, the first is all of the enum. A `z.bigint()`
# is digits without a minus. What the service takes and answers, a client made from its document refuses. The other way
# around, a second `.regex`, `multipleOf` and `startsWith` are not said, and `z.int32()` may have a fraction.
# zod's own `z.toJSONSchema` has the list of literals, and "^berlin$" for the pattern.
# Write both cases into the pattern, and `z.enum` for a list.
#
# Seen on 2026-11-30, where zod takes each (ajv 8.20.0):
#   /^berlin$/i: pattern ^berlin$/i, "berlin" is refused
#   open or closed: enum open, "closed" is refused
#   bigint: pattern ^\d+$, "-5" is refused
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
const ajv = new Ajv2020({ strict: false });
function documented(schema) {
  const registry = new OpenAPIRegistry();
  registry.register("Named", schema);
  return new OpenApiGeneratorV31(registry.definitions).generateComponents().components.schemas.Named;
}
const word = (passes) => (passes ? "passes" : "is refused");
function tell(name, schema, value) {
  const { type, ...said } = documented(schema);
  const text = Object.entries(said).map(([key, one]) => `${key} ${one}`).join(", ");
  const byZod = word(schema.safeParse(value).success);
  console.log(`${name}: ${text || type}, ${JSON.stringify(value)} ${word(ajv.validate({ type, ...said }, value))}, by zod ${byZod}`);
}
tell("/^berlin$/i", z.string().regex(/^berlin$/i), "berlin");
tell("open or closed", z.literal(["open", "closed"]), "closed");
tell("bigint", z.coerce.bigint(), "-5");
tell("two patterns", z.string().regex(/^[a-z]+$/).regex(/^.{3}$/), "ab");
tell("multiple of 5", z.number().multipleOf(5), 7);
tell("int32", z.int32(), 1.5);
const { pattern } = z.toJSONSchema(z.string().regex(/^berlin$/i));
const { enum: literals } = z.toJSONSchema(z.literal(["open", "closed"]));
console.log(`by zod's own: ${pattern}; ${literals}`);
JS
node try.mjs | tee out
grep -qxF '/^berlin$/i: pattern ^berlin$/i, "berlin" is refused, by zod passes' out
grep -qxF 'open or closed: enum open, "closed" is refused, by zod passes' out
grep -qxF 'bigint: pattern ^\d+$, "-5" is refused, by zod passes' out
grep -qxF 'two patterns: pattern ^[a-z]+$, "ab" passes, by zod is refused' out
grep -qxF 'multiple of 5: number, 7 passes, by zod is refused' out
grep -qxF 'int32: number, 1.5 passes, by zod is refused' out
grep -qxF "by zod's own: ^berlin\$; open,closed" out
