#!/bin/sh
# In Paris every date of a workbook is read as 23:59:39 of the day before; in Berlin it is right.
#
# xlsx 0.18.5 (SheetJS, the newest on npm), Node 20, `cellDates: true`: README has type `d` then, a Date, and in the zone
# of most machines it is midnight of the day that the cell has. It counts from 1899-12-30 on the machine's own clock, and corrects by
# `getTimezoneOffset`, which knows whole minutes only. Paris was 9 minutes 21 seconds ahead then, Shanghai 8 hours
# 5 minutes 43: what is left of the seconds stays in each date of today. Where it is taken away the date is the day
# before (Paris, Shanghai, Singapore), where it is added nobody notices (Dublin). Nothing is wrong with the file, with
# the text that the cell shows, or on a server in UTC, so the sales of a whole column move by a day on a desk alone.
#
# Seen on 2026-11-30, for 2026-07-01 (Node 20.20.2):
#   UTC: 2026-07-01 00:00:00, shown 2026-07-01
#   Europe/Berlin: 2026-07-01 00:00:00, shown 2026-07-01
#   Europe/Paris: 2026-06-30 23:59:39, shown 2026-07-01
#   Asia/Shanghai: 2026-06-30 23:59:17, shown 2026-07-01
#   Asia/Singapore: 2026-06-30 23:59:35, shown 2026-07-01
#   Europe/Dublin: 2026-07-01 00:00:21, shown 2026-07-01
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xlsx@0.18.5
cat >write.mjs <<'JS'
import XLSX from "xlsx";

// 46204 is Excel's number for 2026-07-01.
const sheet = XLSX.utils.aoa_to_sheet([[{ t: "n", v: 46204, z: "yyyy-mm-dd" }]]);
const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, sheet, "Sales");
XLSX.writeFile(book, "sales.xlsx");
JS
cat >read.mjs <<'JS'
import XLSX from "xlsx";

const { v, w } = XLSX.readFile("sales.xlsx", { cellDates: true }).Sheets.Sales.A1;
console.log(`${process.env.TZ}: ${v.toLocaleString("sv-SE")}, shown ${w}`);
JS
TZ=UTC node write.mjs
for zone in UTC Europe/Berlin Europe/Paris Asia/Shanghai Asia/Singapore Europe/Dublin; do
  TZ=$zone node read.mjs
done | tee out
for zone in UTC Europe/Berlin; do
  grep -qx "$zone: 2026-07-01 00:00:00, shown 2026-07-01" out
done
grep -qx 'Europe/Paris: 2026-06-30 23:59:39, shown 2026-07-01' out
grep -qx 'Asia/Shanghai: 2026-06-30 23:59:17, shown 2026-07-01' out
grep -qx 'Asia/Singapore: 2026-06-30 23:59:35, shown 2026-07-01' out
grep -qx 'Europe/Dublin: 2026-07-01 00:00:21, shown 2026-07-01' out
