#!/bin/sh
# By HyperFormula 1.10 rounded up to cents is 1.11, and 0.29 rounded down to cents is 0.28.
#
# hyperformula 3.5.0: ROUNDUP, ROUNDDOWN and TRUNC with two places multiply by 100, cut, and divide, and 0.29 * 100 is
# 28.999999999999996. The number was typed, no sum has been at it, and nothing is to be rounded: Excel, Google Sheets
# and formula.js 4.6.1 leave it as it is. Of all prices from 0.00 to 99.99 one in 17 changes by a cent, in the
# direction of the function. Its setting "smart rounding", which is on, takes care of such errors where numbers are
# compared, and `=0.29*100=29` is TRUE; no function looks at it. `ROUNDUP(ROUND(A1, 6), 2)` is 1.11 as well, for it is
# the multiplication that errs.
# Count in cents, `ROUND(A1 * 100, 0)`, and divide at the end.
#
# Seen on 2026-11-30:
#   ROUNDUP(1.1,2) = 1.11, ROUNDDOWN(0.29,2) = 0.28, TRUNC(0.29,2) = 0.28, ROUND(0.29,2) = 0.29
#   0.29*100=29 is true, INT(0.29*100) = 28
#   prices of 10000 that change: ROUNDUP 573, ROUNDDOWN 573, TRUNC 573, ROUND 0
#   formula.js: ROUNDUP(1.1,2) = 1.1, ROUNDDOWN(0.29,2) = 0.29
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit hyperformula@3.5.0 @formulajs/formulajs@4.6.1
cat >try.mjs <<'JS'
import * as formulajs from "@formulajs/formulajs";
import { HyperFormula } from "hyperformula";

const licenseKey = "gpl-v3";
const one = (formula) => HyperFormula.buildFromArray([[`=${formula}`]], { licenseKey }).getCellValue({ sheet: 0, row: 0, col: 0 });
const tell = (...formulas) => formulas.map((formula) => `${formula} = ${one(formula)}`).join(", ");
console.log(tell("ROUNDUP(1.1,2)", "ROUNDDOWN(0.29,2)", "TRUNC(0.29,2)", "ROUND(0.29,2)"));
console.log(`0.29*100=29 is ${one("0.29*100=29")}, ${tell("INT(0.29*100)")}`);

const names = ["ROUNDUP", "ROUNDDOWN", "TRUNC", "ROUND"];
const rows = Array.from({ length: 10_000 }, (_, cents) => [cents / 100, ...names.map((name) => `=${name}(A${cents + 1},2)`)]);
const values = HyperFormula.buildFromArray(rows, { licenseKey }).getSheetValues(0);
const changed = names.map((name, index) => `${name} ${values.filter((row) => row[index + 1] !== row[0]).length}`);
console.log(`prices of 10000 that change: ${changed.join(", ")}`);
console.log(`formula.js: ROUNDUP(1.1,2) = ${formulajs.ROUNDUP(1.1, 2)}, ROUNDDOWN(0.29,2) = ${formulajs.ROUNDDOWN(0.29, 2)}`);
JS
node try.mjs | tee out
grep -qxF 'ROUNDUP(1.1,2) = 1.11, ROUNDDOWN(0.29,2) = 0.28, TRUNC(0.29,2) = 0.28, ROUND(0.29,2) = 0.29' out
grep -qxF '0.29*100=29 is true, INT(0.29*100) = 28' out
grep -qxF 'prices of 10000 that change: ROUNDUP 573, ROUNDDOWN 573, TRUNC 573, ROUND 0' out
grep -qxF 'formula.js: ROUNDUP(1.1,2) = 1.1, ROUNDDOWN(0.29,2) = 0.29' out
