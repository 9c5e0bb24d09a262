#!/bin/sh
# A text that looks like an escaped character comes back from an .xlsx as another text, also to who wrote it.
#
# ECMA-376 (ST_Xstring) writes a character as `_xHHHH_`, so a text that itself holds `_x0031_` has to be written with
# `_x005F_` for its first underscore. exceljs 4.4.0 and write-excel-file 4.1.1 do not, and readers decode: exceljs and
# SheetJS (xlsx 0.18.5) read "Wave_x0031_" as "Wave1". exceljs does not read back what it wrote itself. With the
# underscore escaped by hand all of them (and LibreOffice and openpyxl) read the text as it was.
#
# Seen on 2026-11-29:
#   exceljs writes Wave_x0031_; exceljs reads Wave1, SheetJS reads Wave1
#   write-excel-file writes Wave_x0031_; exceljs reads Wave1, SheetJS reads Wave1
#   write-excel-file, escaped by hand: exceljs reads Wave_x0031_, SheetJS reads Wave_x0031_
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit write-excel-file@4.1.1 exceljs@4.4.0 xlsx@0.18.5
cat >try.mjs <<'JS'
import { readFileSync } from "node:fs";
import ExcelJS from "exceljs";
import writeXlsxFile from "write-excel-file/node";
import XLSX from "xlsx";

const TEXT = "Wave_x0031_";

async function told(name, file) {
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(file);
  const { Sheets, SheetNames } = XLSX.read(readFileSync(file));
  const by = [book.worksheets[0].getCell("A1").value, Sheets[SheetNames[0]].A1.v];
  console.log(`${name} exceljs reads ${by[0]}, SheetJS reads ${by[1]}`);
}

const own = new ExcelJS.Workbook();
own.addWorksheet("a").addRow([TEXT]);
await own.xlsx.writeFile("exceljs.xlsx");
await told(`exceljs writes ${TEXT};`, "exceljs.xlsx");
for (const [name, value] of [
  [`write-excel-file writes ${TEXT};`, TEXT],
  ["write-excel-file, escaped by hand:", TEXT.replace("_x", "_x005F_x")],
]) {
  await writeXlsxFile([[{ value, type: String }]]).toFile("own.xlsx");
  await told(name, "own.xlsx");
}
JS
node try.mjs | tee out
grep -qx 'exceljs writes Wave_x0031_; exceljs reads Wave1, SheetJS reads Wave1' out
grep -qx 'write-excel-file writes Wave_x0031_; exceljs reads Wave1, SheetJS reads Wave1' out
grep -qx 'write-excel-file, escaped by hand: exceljs reads Wave_x0031_, SheetJS reads Wave_x0031_' out
