#!/bin/sh
# A date that SheetJS writes is the number 46204 to read-excel-file, and a price beside some other formats is a day of January 1900.
#
# xlsx 0.18.5 (SheetJS), read-excel-file 9.3.17, Node 20: a date in .xlsx is a number with a format, and a file lists its own formats by
# ids. SheetJS begins these at 60, where Excel and others begin at 164. read-excel-file looks at the text of a format from 100 on,
# and takes ids of less for those that Excel has built in, in any language: 71 to 81 are dates in Thai. So "yyyy-mm-dd" of a
# file by SheetJS is none, and the twelfth to the twenty-second format of such a workbook are dates whatever they are: 12.5 in "0.0 kg" is
# noon of 11 January 1900. Prices in the others are right, as nothing else is a date.
# README says of telling a date from a number that "so far it seems to work correctly". exceljs 4.4.0 and SheetJS read each
# right, for the text of the format is in the file.
# Give SheetJS the built-in format 14 ("m/d/yy") or texts of ISO 8601 for dates, and few formats; or read by another library.
#
# Seen on 2026-12-01, of 46204.5 as "yyyy-mm-dd", alone, and of 12.5 in 24 formats of prices and weights:
#   read-excel-file: number 46204.5; 13 numbers, 11 dates from 1900-01-11; exceljs: date 2026-07-01; 24 numbers; SheetJS the same
#   m/d/yy: date 2026-07-01 of all
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xlsx@0.18.5 read-excel-file@9.3.17 exceljs@4.4.0
cat >try.mjs <<'JS'
import ExcelJS from "exceljs";
import readExcelFile from "read-excel-file/node";
import XLSX from "xlsx";

/** A workbook by SheetJS with one column, of `value` in each of `formats`. */
function write(path, value, formats) {
  const sheet = { "!ref": `A1:A${formats.length}` };
  for (const [index, z] of formats.entries()) sheet[`A${index + 1}`] = { t: "n", v: value, z };
  XLSX.writeFile({ SheetNames: ["Sheet"], Sheets: { Sheet: sheet } }, path);
}
const readers = {
  "read-excel-file": async (path) => (await readExcelFile(path))[0].data.map(([value]) => value),
  exceljs: async (path) => {
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(path);
    return book.worksheets[0].getColumn(1).values.slice(1);
  },
  SheetJS: async (path) =>
    XLSX.utils.sheet_to_json(XLSX.readFile(path, { cellDates: true }).Sheets.Sheet, { header: 1 }).map(([value]) => value),
};
const say = (value) => (value instanceof Date ? `date ${value.toISOString().slice(0, 10)}` : `${typeof value} ${value}`);
function sumUp(values) {
  const dates = values.filter((value) => value instanceof Date);
  const first = dates.length > 0 ? ` from ${dates[0].toISOString().slice(0, 10)}` : "";
  return `${values.length - dates.length} numbers, ${dates.length} dates${first}`;
}
write("own.xlsx", 46204.5, ["yyyy-mm-dd"]);
write("builtin.xlsx", 46204.5, ["m/d/yy"]);
const units = ["EUR", "USD", "CHF", "GBP", "SEK", "PLN", "kg", "km"];
write("prices.xlsx", 12.5, units.flatMap((unit) => ["0.0", "0.00", "#,##0.00"].map((digits) => `${digits} "${unit}"`)));
for (const [name, read] of Object.entries(readers)) {
  const [[own], [builtin], prices] = [await read("own.xlsx"), await read("builtin.xlsx"), await read("prices.xlsx")];
  console.log(`${name}: yyyy-mm-dd ${say(own)}; m/d/yy ${say(builtin)}; prices ${sumUp(prices)}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'read-excel-file: yyyy-mm-dd number 46204.5; m/d/yy date 2026-07-01; prices 13 numbers, 11 dates from 1900-01-11' out
for name in exceljs SheetJS; do
  grep -qxF "$name: yyyy-mm-dd date 2026-07-01; m/d/yy date 2026-07-01; prices 24 numbers, 0 dates" out
done
