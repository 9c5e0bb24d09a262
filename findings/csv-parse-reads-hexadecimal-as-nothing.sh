#!/bin/sh
# csv-parse reads each id in hexadecimal as 0: a column of addresses or hashes is one of zeros.
#
# csv-parse 7.0.3, `cast: true`, "the parser will attempt to convert input string to native types": whether a text is a number it
# asks of JavaScript's subtraction, by which "0x1f" is 31, and the number of `parseFloat`, which stops at the x. So "0x1f",
# "0xdeadbeef", "0b101" and "0o17" are 0, and ids that differ are one: whoever groups by them has one row. Where a
# letter behind f is in it, as in "0xZZ", it stays text. Asked for upstream in 2017 (issue 148, closed). papaparse 5.7.1 (`dynamicTyping`) leaves all of
# them texts, and d3-dsv 3.0.2 (`autoType`) has 31. Nothing is said, and the documentation has no word on such texts.
# Cast by a function that names the columns that are numbers.
#
# Seen on 2026-11-30:
#   0x1f: csv-parse 0, papaparse "0x1f", d3-dsv 31
#   0xdeadbeef: csv-parse 0, papaparse "0xdeadbeef", d3-dsv 3735928559
#   0b101: csv-parse 0, papaparse "0b101", d3-dsv 5
#   0xZZ: csv-parse "0xZZ", papaparse "0xZZ", d3-dsv "0xZZ"
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit csv-parse@7.0.3 papaparse@5.7.1 d3-dsv@3.0.2
cat >try.mjs <<'JS'
import { parse } from "csv-parse/sync";
import { autoType, csvParse } from "d3-dsv";
import Papa from "papaparse";

const ids = ["0x1f", "0xdeadbeef", "0b101", "0xZZ"];
const text = `id,kind\n${ids.map((id) => `${id},ticket\n`).join("")}`;
const cast = parse(text, { columns: true, cast: true });
const typed = Papa.parse(text, { header: true, dynamicTyping: true }).data;
const auto = csvParse(text, autoType);
ids.forEach((id, at) => {
  const [one, other, third] = [cast, typed, auto].map((rows) => JSON.stringify(rows[at].id));
  console.log(`${id}: csv-parse ${one}, papaparse ${other}, d3-dsv ${third}`);
});
console.log(`different ids by csv-parse: ${new Set(cast.map(({ id }) => id)).size} of ${ids.length}`);
JS
node try.mjs | tee out
grep -qxF '0x1f: csv-parse 0, papaparse "0x1f", d3-dsv 31' out
grep -qxF '0xdeadbeef: csv-parse 0, papaparse "0xdeadbeef", d3-dsv 3735928559' out
grep -qxF '0b101: csv-parse 0, papaparse "0b101", d3-dsv 5' out
grep -qxF '0xZZ: csv-parse "0xZZ", papaparse "0xZZ", d3-dsv "0xZZ"' out
grep -qxF 'different ids by csv-parse: 2 of 4' out
