#!/bin/sh
# A price of 12.50 is no multiple of a cent to Valibot, and one of 19.99 is none to Ajv.
#
# valibot 1.5.0, ajv 8.20.0, Node 20: JSON Schema (Validation, 6.2.1) takes a number for `multipleOf` "if division by this
# keyword's value results in an integer", and its own suite of tests wants 0.0075 to be a multiple of 0.0001. Valibot asks whether
# `value % 0.01` is 0 and Ajv whether `value / 0.01` is whole, both in binary fractions, in which a cent is not a
# cent. Valibot refuses nearly every price, so that is noticed; Ajv refuses one in seven: a ticket at 19.99 is refused where
# one at 12.50 is sold. zod 4.6.7 and typebox 1.4.3 take all of them.
# Count in cents; or tell Ajv `multipleOfPrecision`.
#
# Seen on 2026-12-01, of the 10,000 prices from 0.01 to 100.00:
#   valibot refuses 9986, 12.50 among them; ajv 1363, 19.99 among them; ajv with multipleOfPrecision 6, zod and typebox none
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit valibot@1.5.0 ajv@8.20.0 zod@4.6.7 typebox@1.4.3
cat >try.mjs <<'JS'
import Ajv from "ajv";
import { Type } from "typebox";
import Value from "typebox/value";
import * as v from "valibot";
import { z } from "zod";

const schema = { type: "number", multipleOf: 0.01 };
const price = v.pipe(v.number(), v.multipleOf(0.01));
const zod = z.number().multipleOf(0.01);
const typebox = Type.Number({ multipleOf: 0.01 });
const takes = {
  valibot: (value) => v.safeParse(price, value).success,
  ajv: new Ajv().compile(schema),
  "ajv with a precision": new Ajv({ multipleOfPrecision: 6 }).compile(schema),
  zod: (value) => zod.safeParse(value).success,
  typebox: (value) => Value.Check(typebox, value),
};
const prices = Array.from({ length: 10_000 }, (_, index) => (index + 1) / 100);
for (const [name, take] of Object.entries(takes)) {
  const refused = prices.filter((value) => !take(value));
  const those = [12.5, 19.9, 19.99].filter((value) => refused.includes(value)).join(", ") || "none";
  console.log(`${name}: ${refused.length} refused, of 12.5, 19.9 and 19.99: ${those}`);
}
JS
node try.mjs | tee out
grep -qxF 'valibot: 9986 refused, of 12.5, 19.9 and 19.99: 12.5, 19.9, 19.99' out
grep -qxF 'ajv: 1363 refused, of 12.5, 19.9 and 19.99: 19.9, 19.99' out
for name in 'ajv with a precision' zod typebox; do
  grep -qxF "$name: 0 refused, of 12.5, 19.9 and 19.99: none" out
done
