#!/bin/sh
# Papa Parse finds the two columns of a long file, and one column in a short file of the same kind.
#
# papaparse 5.7.1, Node 20: README promises to find the delimiter by itself. It tries each on the first ten lines, and
# takes one only if they have more than 1.99 fields on average; the empty line behind the last line break, which
# RFC 4180 allows and every export writes, counts as one with one field. So a file of two columns is known from its
# tenth line on; a shorter one is cut at commas: each row is one text, or, where prices have decimal commas, "129"
# without the cents is in the first column and nothing is in the second. Its error ("Unable to auto-detect") is in
# `errors` while the rows come as ever, and is not there where the commas are as many in each row.
# A partner's list of yesterday's sales works in the season and not in its first week. `skipEmptyLines: true` mends
# the first, naming `delimiter` both.
#
# Seen on 2026-11-30:
#   9 lines: delimiter "," 1 columns, UndetectableDelimiter
#   10 lines: delimiter ";" 2 columns
#   9 lines, no line break at the end: delimiter ";" 2 columns
#   9 lines, skipEmptyLines: delimiter ";" 2 columns
#   prices and fees: delimiter "," ["1","50;2","50"], no error
#   prices and fees, delimiter ";": ["1,50","2,50"]
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit papaparse@5.7.1
cat >try.mjs <<'JS'
import Papa from "papaparse";

const file = (lines) =>
  `day;sold\n${Array.from({ length: lines - 1 }, (_, day) => `2026-07-0${day + 1};${day}\n`).join("")}`;
const told = (name, text, options) => {
  const { data, meta, errors } = Papa.parse(text, options);
  const codes = errors.map(({ code }) => `, ${code}`).join("");
  console.log(`${name}: delimiter "${meta.delimiter}" ${data[1].length} columns${codes}`);
};
told("9 lines", file(9));
told("10 lines", file(10));
told("9 lines, no line break at the end", file(9).trimEnd());
told("9 lines, skipEmptyLines", file(9), { skipEmptyLines: true });

const prices = "price;fee\n1,50;2,50\n3,50;4,50\n5,50;6,50\n";
const { data, meta, errors } = Papa.parse(prices, { skipEmptyLines: false });
const said = errors.length === 0 ? "no error" : errors[0].code;
console.log(`prices and fees: delimiter "${meta.delimiter}" ${JSON.stringify(data[1])}, ${said}`);
const named = Papa.parse(prices, { delimiter: ";" });
console.log(`prices and fees, delimiter ";": ${JSON.stringify(named.data[1])}`);
JS
node try.mjs | tee out
grep -qFx '9 lines: delimiter "," 1 columns, UndetectableDelimiter' out
grep -qFx '10 lines: delimiter ";" 2 columns' out
grep -qFx '9 lines, no line break at the end: delimiter ";" 2 columns' out
grep -qFx '9 lines, skipEmptyLines: delimiter ";" 2 columns' out
grep -qFx 'prices and fees: delimiter "," ["1","50;2","50"], no error' out
grep -qFx 'prices and fees, delimiter ";": ["1,50","2,50"]' out
