#!/bin/sh
# In CSV that SheetJS makes of a workbook a sale at 10:15:59.7 is at 10:15:00, a minute early; and one of 28.5 percent is 28%.
#
# xlsx 0.18.5 (the newest on npm), Node 20: what a cell shows, in `sheet_to_csv`, in HTML and as a cell's `w`, is made by its own
# formatter (SSF). With seconds in the format it rounds what is behind them, 59.7 to 60, writes that as 00 and does not carry
# it: each time in the second half of a minute's last second loses a minute, one of 120 where times have milliseconds. With
# a date, hours and minutes it carries into an hour 24 of the same day. Numbers it rounds by their binary fractions, where
# Excel rounds the digits that it shows, as numfmt 4.0.1 does.
# Take the number (`raw: true`) and format it yourself.
#
# Seen on 2026-12-01, the format, SheetJS, numfmt:
#   10:15:59.7 as hh:mm:ss: 10:15:00, 10:16:00; 23:59:59.99 as yyyy-mm-dd hh:mm: 2026-07-01 24:00, 2026-07-02 00:00
#   0.285 as 0%: 28%, 29%; 1.005 as 0.00: 1.00, 1.01
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xlsx@0.18.5 numfmt@4.0.1
cat >try.mjs <<'JS'
import { format } from "numfmt";
import XLSX from "xlsx";

const serial = (time) => Date.parse(time) / 86_400_000 + 25_569;
const cells = [
  ["10:15:59.7", serial("2026-07-01T10:15:59.700Z"), "hh:mm:ss"],
  ["10:15:59.3", serial("2026-07-01T10:15:59.300Z"), "hh:mm:ss"],
  ["23:59:59.99", serial("2026-07-01T23:59:59.990Z"), "yyyy-mm-dd hh:mm"],
  ["0.285", 0.285, "0%"],
  ["1.005", 1.005, "0.00"],
];
for (const [name, v, z] of cells) {
  const csv = XLSX.utils.sheet_to_csv({ "!ref": "A1", A1: { t: "n", v, z } }).trim();
  console.log(`${name} as ${z}: ${csv}, ${format(z, v)}`);
}
JS
node try.mjs | tee out
grep -qxF '10:15:59.7 as hh:mm:ss: 10:15:00, 10:16:00' out
grep -qxF '10:15:59.3 as hh:mm:ss: 10:15:59, 10:15:59' out
grep -qxF '23:59:59.99 as yyyy-mm-dd hh:mm: 2026-07-01 24:00, 2026-07-02 00:00' out
grep -qxF '0.285 as 0%: 28%, 29%' out
grep -qxF '1.005 as 0.00: 1.00, 1.01' out
