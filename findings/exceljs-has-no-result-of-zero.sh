#!/bin/sh
# exceljs reads a formula whose result is 0 as one without a result, and a sum of 1 as 1.
#
# exceljs 4.4.0, Node 20: README gives a formula's cell as `{ formula, result }` and `cell.result` as its number. It
# puts what is in the file there by its truth: 0, FALSE and the empty text are dropped, and such a cell
# looks like one that was never calculated. The file holds the 0 (SheetJS reads it), and exceljs itself wrote it.
# Who shows "not known" for a missing result shows that of what is sold out, and who skips such rows has an average
# without its zeros. The typed 0 in the cell beside it stays 0.
# Where a formula has no result, look into the file by another reader before calling it unknown.
#
# Seen on 2026-11-30:
#   SUM 7: exceljs {"formula":"SUM(B1:B9)","result":7}, SheetJS n 7
#   SUM 0: exceljs {"formula":"SUM(B1:B9)"}, SheetJS n 0
#   B1>0: exceljs {"formula":"B1>0"}, SheetJS b false
#   T(B1): exceljs {"formula":"T(B1)"}, SheetJS s ""
#   typed 0: exceljs 0, SheetJS n 0
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit exceljs@4.4.0 xlsx@0.18.5
cat >try.mjs <<'JS'
import ExcelJS from "exceljs";
import XLSX from "xlsx";

const cells = {
  "SUM 7": { formula: "SUM(B1:B9)", result: 7 },
  "SUM 0": { formula: "SUM(B1:B9)", result: 0 },
  "B1>0": { formula: "B1>0", result: false },
  "T(B1)": { formula: "T(B1)", result: "" },
  "typed 0": 0,
};
const written = new ExcelJS.Workbook();
written.addWorksheet("Sales").addRow(Object.values(cells));
await written.xlsx.writeFile("sales.xlsx");

const read = new ExcelJS.Workbook();
await read.xlsx.readFile("sales.xlsx");
const other = XLSX.readFile("sales.xlsx").Sheets.Sales;
Object.keys(cells).forEach((name, index) => {
  const { value, address } = read.worksheets[0].getRow(1).getCell(index + 1);
  const { t, v } = other[address];
  console.log(`${name}: exceljs ${JSON.stringify(value)}, SheetJS ${t} ${JSON.stringify(v)}`);
});
JS
node try.mjs | tee out
grep -qFx 'SUM 7: exceljs {"formula":"SUM(B1:B9)","result":7}, SheetJS n 7' out
grep -qFx 'SUM 0: exceljs {"formula":"SUM(B1:B9)"}, SheetJS n 0' out
grep -qFx 'B1>0: exceljs {"formula":"B1>0"}, SheetJS b false' out
grep -qFx 'T(B1): exceljs {"formula":"T(B1)"}, SheetJS s ""' out
grep -qFx 'typed 0: exceljs 0, SheetJS n 0' out
