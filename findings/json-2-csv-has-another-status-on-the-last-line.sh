#!/bin/sh
# json-2-csv takes the end of a file for a part of its last value: of a file that ends its last line, as RFC 4180's examples,
# spreadsheets and exports do, the last row has another status, region or class than all rows that say the same.
#
# json-2-csv 5.6.0 (`csv2json`), Node 20: a text in the last column of the last line is followed by the line break. Totals by that
# column have one group more, which prints like another; a number or an empty cell in that place is right, and so is a text in
# quotes, so that a file shows it only where a text without quotes comes last. With `eol` set to what the file has ("\r\n") the
# last value is right, and a row comes behind it whose first column is empty and which has no other; a file with an empty line in
# the middle has such a row there, too. What its own `json2csv` writes ends without a line break, so that a way there and back
# shows none of it. `trimFieldValues` takes the break off, and blanks that belong to names with it. PapaParse (with
# `skipEmptyLines`) and csv-parse read three rows of two statuses.
# Take the last line's break off before parsing.
#
# Seen on 2026-12-01, of three events, two on sale and one sold out:
#   json-2-csv: 3 rows, sold by status {"ON_SALE":5,"SOLD_OUT":9,"ON_SALE\n":7}
#   json-2-csv, eol "\r\n": 4 rows, the last of them {"event":""}
#   json-2-csv, numbers last: 3 rows, sold 21
#   papaparse and csv-parse: 3 rows, sold by status {"ON_SALE":12,"SOLD_OUT":9}
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit json-2-csv@5.6.0 papaparse@5.7.1 csv-parse@7.0.1
cat >try.mjs <<'JS'
import { parse } from "csv-parse/sync";
import { csv2json } from "json-2-csv";
import Papa from "papaparse";

const lines = ["event,sold,status", "Berlin,5,ON_SALE", "Wien,9,SOLD_OUT", "Oslo,7,ON_SALE"];
const file = `${lines.join("\n")}\n`;
const byStatus = (rows) => {
  const sums = {};
  for (const { status, sold } of rows) sums[status] = (sums[status] ?? 0) + Number(sold);
  return JSON.stringify(sums);
};
const mine = csv2json(file);
console.log(`json-2-csv: ${mine.length} rows, sold by status ${byStatus(mine)}`);
const windows = csv2json(`${lines.join("\r\n")}\r\n`, { delimiter: { eol: "\r\n" } });
console.log(`json-2-csv, eol "\\r\\n": ${windows.length} rows, the last of them ${JSON.stringify(windows.at(-1))}`);
const numbersLast = csv2json("event,sold\nBerlin,5\nWien,9\nOslo,7\n");
console.log(`json-2-csv, numbers last: ${numbersLast.length} rows, sold ${numbersLast.reduce((sum, { sold }) => sum + sold, 0)}`);
const others = [Papa.parse(file, { header: true, skipEmptyLines: true }).data, parse(file, { columns: true })];
if (byStatus(others[0]) !== byStatus(others[1])) throw new Error("the others disagree");
console.log(`papaparse and csv-parse: ${others[0].length} rows, sold by status ${byStatus(others[0])}`);
JS
node try.mjs | tee out
grep -qxF 'json-2-csv: 3 rows, sold by status {"ON_SALE":5,"SOLD_OUT":9,"ON_SALE\n":7}' out
grep -qxF 'json-2-csv, eol "\r\n": 4 rows, the last of them {"event":""}' out
grep -qxF 'json-2-csv, numbers last: 3 rows, sold 21' out
grep -qxF 'papaparse and csv-parse: 3 rows, sold by status {"ON_SALE":12,"SOLD_OUT":9}' out
