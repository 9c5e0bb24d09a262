#!/bin/sh
# By fast-formula-parser what is due a month after 31 January is due on 3 March, and a working day before Monday is that Monday.
#
# fast-formula-parser 1.0.19 (the newest), "a fast and reliable excel formula parser": EDATE puts the day into the other month and
# lets it run over, where Excel, Google Sheets and the other two take that month's last day: a month before 31 March is 3 March
# too. WORKDAY and WORKDAY.INTL answer the day itself for any count of days that is negative, so that a reminder "two working days
# before" comes on the day. The other two: hyperformula 3.5.0, @formulajs/formulajs 4.6.1.
# Count such days outside of its formulas.
#
# Seen on 2026-12-01, each answered by fast-formula-parser, hyperformula, formula.js:
#   EDATE of 2026-01-31 and 1: 03-03, 02-28, 02-28; of 2026-03-31 and -1: 03-03, 02-28, 02-28
#   WORKDAY of Monday 2026-07-06 and 1: 07-07 of all; and -1: 07-06, 07-03, 07-03; of Wednesday 2026-07-08 and -5: 07-08, 07-01, 07-01
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit fast-formula-parser@1.0.19 hyperformula@3.5.0 @formulajs/formulajs@4.6.1
cat >try.mjs <<'JS'
import * as formulajs from "@formulajs/formulajs";
import Parser from "fast-formula-parser";
import { HyperFormula } from "hyperformula";

const parser = new Parser();
const position = { row: 1, col: 1, sheet: "Sheet1" };
const shown = (serial) => new Date(Date.UTC(1899, 11, 30 + serial)).toISOString().slice(5, 10);
for (const [name, year, month, day, count] of [
  ["EDATE", 2026, 1, 31, 1],
  ["EDATE", 2026, 3, 31, -1],
  ["WORKDAY", 2026, 7, 6, 1],
  ["WORKDAY", 2026, 7, 6, -1],
  ["WORKDAY", 2026, 7, 8, -5],
]) {
  const formula = `${name}(DATE(${year},${month},${day}),${count})`;
  const hyper = HyperFormula.buildFromArray([[`=${formula}`]], { licenseKey: "gpl-v3" }).getCellValue({ sheet: 0, row: 0, col: 0 });
  const other = formulajs[name](new Date(year, month - 1, day), count);
  const js = typeof other === "number" ? shown(other) : other.toISOString().slice(5, 10);
  console.log(`${formula}: ${shown(parser.parse(formula, position))}, ${shown(hyper)}, ${js}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'EDATE(DATE(2026,1,31),1): 03-03, 02-28, 02-28' out
grep -qxF 'EDATE(DATE(2026,3,31),-1): 03-03, 02-28, 02-28' out
grep -qxF 'WORKDAY(DATE(2026,7,6),1): 07-07, 07-07, 07-07' out
grep -qxF 'WORKDAY(DATE(2026,7,6),-1): 07-06, 07-03, 07-03' out
grep -qxF 'WORKDAY(DATE(2026,7,8),-5): 07-08, 07-01, 07-01' out
