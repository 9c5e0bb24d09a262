#!/bin/sh
# exceljs reads 26.5 hours as noon on 25 January 1900, and 26.5 pieces as 26.5: by one letter behind the number.
#
# exceljs 4.4.0, Node 20: whether a number is a date it finds by its number format, in which it looks for a letter of
# d, m, y, h, s, b. ECMA-376 (18.8.31) has `\h` for the letter itself, which `0.0\h` shows as "26.5h", and `_d` for a
# space as wide as a d; exceljs takes what is between quotes away first, and these not. So a column of hours, of
# metres or of seconds is one of dates, which JSON makes texts of; with `0.0"h"`, which looks the same in Excel, it is
# one of numbers. Of durations it is the other way around: `[h]:mm` is a date, `[h]` beside it a number.
# SheetJS 0.18.5 and read-excel-file 9.2.3 read numbers in all of the first.
#
# Seen on 2026-11-30:
#   0.0"h": exceljs 26.5, SheetJS n, read-excel-file 26.5
#   0.0\h: exceljs "1900-01-25T12:00:00.000Z", SheetJS n, read-excel-file 26.5
#   #,##0\m: exceljs "1900-01-25T12:00:00.000Z", SheetJS n, read-excel-file 26.5
#   0.0_d: exceljs "1900-01-25T12:00:00.000Z", SheetJS n, read-excel-file 26.5
#   [h]: exceljs 26.5
#   [h]:mm: exceljs "1900-01-25T12:00:00.000Z"
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit exceljs@4.4.0 xlsx@0.18.5 read-excel-file@9.3.17
cat >try.mjs <<'JS'
import ExcelJS from "exceljs";
import readXlsxFile from "read-excel-file/node";
import XLSX from "xlsx";

const formats = ['0.0"h"', "0.0\\h", "#,##0\\m", "0.0_d", "[h]", "[h]:mm"];
const written = new ExcelJS.Workbook();
const row = written.addWorksheet("Hours").addRow(formats.map(() => 26.5));
formats.forEach((format, index) => {
  row.getCell(index + 1).numFmt = format;
});
await written.xlsx.writeFile("hours.xlsx");

const read = new ExcelJS.Workbook();
await read.xlsx.readFile("hours.xlsx");
const sheetjs = XLSX.readFile("hours.xlsx", { cellDates: true }).Sheets.Hours;
const [third] = await readXlsxFile("hours.xlsx");
formats.forEach((format, index) => {
  const { value, address } = read.worksheets[0].getRow(1).getCell(index + 1);
  const others = `, SheetJS ${sheetjs[address].t}, read-excel-file ${third.data[0][index]}`;
  console.log(`${format}: exceljs ${JSON.stringify(value)}${format.startsWith("[") ? "" : others}`);
});
JS
node try.mjs | tee out
grep -qFx '0.0"h": exceljs 26.5, SheetJS n, read-excel-file 26.5' out
for format in '0.0\h' '#,##0\m' '0.0_d'; do
  grep -qFx "$format: exceljs \"1900-01-25T12:00:00.000Z\", SheetJS n, read-excel-file 26.5" out
done
grep -qFx '[h]: exceljs 26.5' out
grep -qFx '[h]:mm: exceljs "1900-01-25T12:00:00.000Z"' out
