#!/bin/sh
# csv-stringify, asked for the line ends that RFC 4180 has, leaves other line breaks in a field without quotes.
#
# csv-stringify 6.9.0: with the default record delimiter (LF) a field that holds LF or CR is quoted. With
# `record_delimiter: "windows"` (CRLF) only one that holds CRLF is, although RFC 4180 quotes each field with a CR or
# an LF. Readers that find out by themselves where records end take such a file apart in the middle of a field, as
# Python's csv module does: an event's name that somebody pasted with a line break becomes two rows, without an error
# anywhere. Readers that are told of CRLF (csv-parse finds it by the first record) read it whole, so a test with one
# of these does not notice. `quoted_match: /[\r\n]/` mends it.
#
# Seen on 2026-11-29:
#   default: "id;name\n1;\"Lyon\rune ligne\"\n"
#   windows: "id;name\r\n1;Lyon\nune ligne\r\n"
#   windows: "id;name\r\n1;Lyon\rune ligne\r\n"
#   quoted_match: "id;name\r\n1;\"Lyon\nune ligne\"\r\n"
#   csv-parse reads 2 records, python 3
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit csv-stringify@6.9.0 csv-parse@7.0.3
cat >try.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

const told = (name, text, options) => {
  const csv = stringify([["id", "name"], ["1", text]], { delimiter: ";", ...options });
  console.log(`${name}: ${JSON.stringify(csv)}`);
  return csv;
};
const windows = { record_delimiter: "windows" };
told("default", "Lyon\rune ligne", {});
const csv = told("windows", "Lyon\nune ligne", windows);
told("windows", "Lyon\rune ligne", windows);
told("quoted_match", "Lyon\nune ligne", { ...windows, quoted_match: /[\r\n]/ });
writeFileSync("out.csv", csv);
console.log(`csv-parse reads ${parse(csv, { delimiter: ";" }).length} records`);
JS
cat >read.py <<'PY'
import csv

records = list(csv.reader(open("out.csv", newline=""), delimiter=";"))
print(f"python reads {len(records)} records: {records[1:]}")
PY
{
  node try.mjs
  python3 read.py
} | tee out
grep -qFx 'default: "id;name\n1;\"Lyon\rune ligne\"\n"' out
grep -qFx 'windows: "id;name\r\n1;Lyon\nune ligne\r\n"' out
grep -qFx 'windows: "id;name\r\n1;Lyon\rune ligne\r\n"' out
grep -qFx 'quoted_match: "id;name\r\n1;\"Lyon\nune ligne\"\r\n"' out
grep -qx 'csv-parse reads 2 records' out
grep -qFx "python reads 3 records: [['1', 'Lyon'], ['une ligne']]" out
