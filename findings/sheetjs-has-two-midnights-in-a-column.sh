#!/bin/sh
# In one column of CSV, SheetJS reads a date as UTC's midnight or as the machine's, by how it is written.
#
# xlsx 0.18.5 (the newest on npm), Node 20, `cellDates: true`: `2026-07-01` becomes midnight in UTC, `7/1/2026` midnight
# on the machine's clock. Two spellings of one day are apart by the machine's offset, and the text that the cell
# shows (`w`) is made by the machine's clock: west of Greenwich the ISO one, which sorts, compares and is what an API
# writes, is shown as the day before. Where the machine runs in UTC nothing is to be seen.
#
# Seen on 2026-11-29:
#   UTC: 2026-07-01 is 2026-07-01T00:00:00.000Z, shown 7/1/26; 7/1/2026 is 2026-07-01T00:00:00.000Z, shown 7/1/26
#   America/New_York: 2026-07-01 is 2026-07-01T00:00:00.000Z, shown 6/30/26; 7/1/2026 is 2026-07-01T04:00:00.000Z, shown 7/1/26
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xlsx@0.18.5
cat >try.mjs <<'JS'
import XLSX from "xlsx";

const book = XLSX.read("Date\n2026-07-01\n7/1/2026\n", { type: "string", cellDates: true });
const { A2, A3 } = book.Sheets.Sheet1;
const told = (text, { v, w }) => `${text} is ${v.toISOString()}, shown ${w}`;
console.log(`${process.env.TZ}: ${told("2026-07-01", A2)}; ${told("7/1/2026", A3)}`);
JS
{
  TZ=UTC node try.mjs
  TZ=America/New_York node try.mjs
} | tee out
grep -qx 'UTC: 2026-07-01 is 2026-07-01T00:00:00.000Z, shown 7/1/26; 7/1/2026 is 2026-07-01T00:00:00.000Z, shown 7/1/26' out
grep -qx 'America/New_York: 2026-07-01 is 2026-07-01T00:00:00.000Z, shown 6/30/26; 7/1/2026 is 2026-07-01T04:00:00.000Z, shown 7/1/26' out
