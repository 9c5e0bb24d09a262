#!/bin/sh
# By Vega the races "Berlin 2026", "Hamburg 2026" and "Köln 2026" are one bar of a chart: it reads each as New Year 2026.
#
# vega 6.4.0 (vega-loader 5.1.3), Node 20: `parse: "auto"` is to "perform automatic type inference" on a file of CSV, by its
# documentation. A column is dates where `Date.parse` takes all of its texts. ECMAScript has one format for that and leaves
# the rest to the engine, and V8 (as Bun's) takes any words with a number behind them: a year is its New Year, 1 to 12 are
# months of 2001. So races and waves become times, and what is sold is summed over all races of a year. One "Wave 13" in the
# file, and all of them are texts.
# Name the columns that are texts: `format: { parse: { race: "string", sold: "number" } }`.
#
# Seen on 2026-12-01, on a machine in UTC:
#   Berlin 2026, Hamburg 2026, Köln 2026: one bar, 2026-01-01, 21 sold; named as texts: three bars, 5, 7 and 9
#   Wave 1, Wave 2, Wave 13: texts; Wave 1, Wave 2, Wave 12: 2001-01-01, 2001-02-01, 2001-12-01
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit vega@6.4.0
cat >try.mjs <<'JS'
import { parse, read, View } from "vega";

async function bars(types) {
  const values = "race,sold\nBerlin 2026,5\nHamburg 2026,7\nKöln 2026,9\n";
  const sum = { type: "aggregate", groupby: ["race"], ops: ["sum"], fields: ["sold"], as: ["sold"] };
  const data = [{ name: "races", values, format: { type: "csv", parse: types }, transform: [sum] }];
  const view = await new View(parse({ data }), { renderer: "none" }).runAsync();
  return view.data("races").map(({ race, sold }) => `${shown(race)} ${sold}`).join(", ");
}
const shown = (value) => (typeof value === "string" ? value : new Date(Number(value)).toISOString().slice(0, 10));
console.log(`as it finds them: ${await bars("auto")}`);
console.log(`named: ${await bars({ race: "string", sold: "number" })}`);
for (const last of [13, 12]) {
  const rows = read(`wave,sold\nWave 1,5\nWave 2,7\nWave ${last},9\n`, { type: "csv", parse: "auto" });
  console.log(`up to ${last}: ${rows.map(({ wave }) => shown(wave)).join(", ")}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'as it finds them: 2026-01-01 21' out
grep -qxF 'named: Berlin 2026 5, Hamburg 2026 7, Köln 2026 9' out
grep -qxF 'up to 13: Wave 1, Wave 2, Wave 13' out
grep -qxF 'up to 12: 2001-01-01, 2001-02-01, 2001-12-01' out
