#!/bin/sh
# To math.js a ticket of 100 with 19% tax and a fee of 5 is 104, and 200 * 10% + 5 is 0.
#
# mathjs 15.2.0, `evaluate`, by which calculators and formulas of users are computed: "%" is a percentage and the modulus, and what follows
# says which. A "+" or "-" is taken for the sign of a number, so "19% + 5" is the rest of 19 by +5, which is 4, and what is added is
# that rest. "10% + 5%" is 0, and so is "p% - 5". Whether "100 + 19%" is 119 is decided by what stands behind it: with a discount
# of 10 it is 99. A plausible number comes out whenever the rate is no multiple of the next one. The documentation of the syntax
# lists both signs in one table, "8% = 0.08" and "8 % 3 = 2", and says of neither that it depends on what follows. A known fault,
# issues 2851 and 3563, both open.
# Write a percentage in parentheses, "100 + (19%) * 100 + 5", or as "* 1.19", or refuse a "%" that is followed by a sign.
#
# Seen on 2026-12-01:
#   100 + 19% is 119; 100 + 19% + 5 is 104; 100 + 19% - 10 is 99; 200 * 10% + 5 is 0; 100 - 10% - 5 is 100; 10% + 5% is 0; 5 + 200 * 10% is 25
#   as parsed: 100 + (19 % (+5)), (200 * 10) % (+5)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit mathjs@15.2.0
cat >try.mjs <<'JS'
import { evaluate, parse } from "mathjs";

for (const text of [
  "100 + 19%",
  "100 + 19% + 5",
  "100 + 19% - 10",
  "200 * 10% + 5",
  "5 + 200 * 10%",
  "100 - 10% - 5",
  "10% + 5%",
  "(19%) + 5",
]) {
  console.log(`${text} is ${evaluate(text)}, as ${parse(text).toString({ parenthesis: "all" })}`);
}
JS
node try.mjs | tee out
grep -qxF '100 + 19% is 119, as 100 + (100 * (19 / 100))' out
grep -qxF '100 + 19% + 5 is 104, as 100 + (19 % (+5))' out
grep -qxF '100 + 19% - 10 is 99, as 100 + (19 % (-10))' out
grep -qxF '200 * 10% + 5 is 0, as (200 * 10) % (+5)' out
grep -qxF '5 + 200 * 10% is 25, as 5 + (200 * (10 / 100))' out
grep -qxF '100 - 10% - 5 is 100, as 100 - (10 % (-5))' out
grep -qxF '10% + 5% is 0, as 10 % ((+5) / 100)' out
grep -qxF '(19%) + 5 is 5.19, as (19 / 100) + 5' out
