#!/bin/sh
# Asked for "HYROX*", formula.js finds the first race and counts and sums none.
#
# @formulajs/formulajs 4.6.1: in Excel and Google Sheets `*` and `?` stand for any letters in a condition, and capitals
# do not count. MATCH knows both; COUNTIF, COUNTIFS, SUMIF and SUMIFS take a star for a star, and "hyrox" is not "HYROX".
# The answer is 0, which is a number as any other.
# SUBSTITUTE, which can be told which of several places to change, does not see one at the very start of a text:
# the first is the second, and the third of three is not found. (With a text before it, it is right.)
# Hand the rows to a filter of JavaScript and count those.
#
# Seen on 2026-11-30:
#   HYROX*: MATCH finds row 1; COUNTIF 0, COUNTIFS 0, SUMIF 0, SUMIFS 0
#   hyrox berlin: MATCH finds row 1; COUNTIF 0, COUNTIFS 0, SUMIF 0, SUMIFS 0
#   HYROX Berlin: MATCH finds row 1; COUNTIF 1, COUNTIFS 1, SUMIF 5, SUMIFS 5
#   SUBSTITUTE a by X in a-a-a: first "a-X-a", second "a-a-X", third "a-a-a"
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @formulajs/formulajs@4.6.1
cat >try.mjs <<'JS'
import * as formula from "@formulajs/formulajs";

const races = ["HYROX Berlin", "HYROX Paris", "Relay"];
const sold = [5, 6, 7];
for (const condition of ["HYROX*", "hyrox berlin", "HYROX Berlin"]) {
  const counted = [
    `COUNTIF ${formula.COUNTIF(races, condition)}`,
    `COUNTIFS ${formula.COUNTIFS(races, condition)}`,
    `SUMIF ${formula.SUMIF(races, condition, sold)}`,
    `SUMIFS ${formula.SUMIFS(sold, races, condition)}`,
  ];
  console.log(`${condition}: MATCH finds row ${formula.MATCH(condition, races, 0)}; ${counted.join(", ")}`);
}
const changed = [1, 2, 3].map((place) => formula.SUBSTITUTE("a-a-a", "a", "X", place));
console.log(`SUBSTITUTE a by X in a-a-a: first "${changed[0]}", second "${changed[1]}", third "${changed[2]}"`);
JS
node try.mjs | tee out
grep -qxF 'HYROX*: MATCH finds row 1; COUNTIF 0, COUNTIFS 0, SUMIF 0, SUMIFS 0' out
grep -qxF 'hyrox berlin: MATCH finds row 1; COUNTIF 0, COUNTIFS 0, SUMIF 0, SUMIFS 0' out
grep -qxF 'HYROX Berlin: MATCH finds row 1; COUNTIF 1, COUNTIFS 1, SUMIF 5, SUMIFS 5' out
grep -qxF 'SUBSTITUTE a by X in a-a-a: first "a-X-a", second "a-a-X", third "a-a-a"' out
