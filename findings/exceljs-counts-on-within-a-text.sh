#!/bin/sh
# In a column that was filled down exceljs reads "H1" as "H2" in the next row, and the sheet 'Q1 2026' as 'Q2 2026'.
#
# exceljs 4.4.0, Node 20: what is filled down is in a file once, as a shared formula (ECMA-376, 18.3.1.40), and each further cell
# says that it has the same, with its references moved. exceljs moves whatever looks like a reference, also in a text between
# quotation marks and in the name of a sheet. So the wave H1, which each row asks for, is H2, H3 and H4 further down, and a price
# is taken from the sheet of another quarter. README: it is "translated to the slave cells in the usual Excel fashion".
# `fillFormula` of exceljs itself writes such files, and Excel does. HyperFormula 3.5.0 fills down as spreadsheets do.
# Take the formula of the first cell, and move its references with care for quotes.
#
# Seen on 2026-11-30, of =IF(A2="H1",B2,0) in C2 and ='Q1 2026'!B2 in D2, filled down to row 4:
#   exceljs reads C3 IF(A3="H2",B3,0), C4 IF(A4="H3",B4,0), D3 'Q2 2026'!B3
#   HyperFormula has C3 IF(A3="H1",B3,0), C4 IF(A4="H1",B4,0), D3 'Q1 2026'!B3
#   of three tickets of H1 for 10 the sum is 30, and 10 by what exceljs reads
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit exceljs@4.4.0 hyperformula@3.5.0
cat >try.mjs <<'JS'
import ExcelJS from "exceljs";
import { HyperFormula } from "hyperformula";

const written = new ExcelJS.Workbook();
const sheet = written.addWorksheet("Sales");
sheet.addRow(["wave", "price", "of H1", "list price"]);
for (let row = 2; row <= 4; row++) sheet.addRow(["H1", 10]);
sheet.fillFormula("C2:C4", 'IF(A2="H1",B2,0)');
sheet.fillFormula("D2:D4", "'Q1 2026'!B2");
for (const name of ["Q1 2026", "Q2 2026", "Q3 2026"]) written.addWorksheet(name);
await written.xlsx.writeFile("sales.xlsx");

const read = new ExcelJS.Workbook();
await read.xlsx.readFile("sales.xlsx");
const byExceljs = (address) => `=${read.getWorksheet("Sales").getCell(address).formula}`;
const quarters = { "Q1 2026": [], "Q2 2026": [], "Q3 2026": [] };
const rows = (formulas) => [["wave", "price"], ...formulas.map((formula) => ["H1", 10, formula])];
const options = { licenseKey: "gpl-v3" };

const filled = HyperFormula.buildFromSheets(
  { Sales: [["wave", "price"], ["H1", 10, byExceljs("C2"), byExceljs("D2")], ["H1", 10], ["H1", 10]], ...quarters },
  options,
);
for (const row of [2, 3]) {
  filled.copy({ start: { sheet: 0, row: 1, col: 2 }, end: { sheet: 0, row: 1, col: 3 } });
  filled.paste({ sheet: 0, row, col: 2 });
}
const byHyperFormula = (row, col) => filled.getCellFormula({ sheet: 0, row, col });
const sum = (engine) => [1, 2, 3].reduce((total, row) => total + engine.getCellValue({ sheet: 0, row, col: 2 }), 0);
const asRead = HyperFormula.buildFromSheets({ Sales: rows(["C2", "C3", "C4"].map(byExceljs)), ...quarters }, options);

console.log(`exceljs: C2 ${byExceljs("C2")}; C3 ${byExceljs("C3")}; C4 ${byExceljs("C4")}; D3 ${byExceljs("D3")}; sum ${sum(asRead)}`);
console.log(
  `HyperFormula: C2 ${byHyperFormula(1, 2)}; C3 ${byHyperFormula(2, 2)}; C4 ${byHyperFormula(3, 2)}; ` +
    `D3 ${byHyperFormula(2, 3)}; sum ${sum(filled)}`,
);
JS
node try.mjs | tee out
grep -qxF "exceljs: C2 =IF(A2=\"H1\",B2,0); C3 =IF(A3=\"H2\",B3,0); C4 =IF(A4=\"H3\",B4,0); D3 ='Q2 2026'!B3; sum 10" out
grep -qxF "HyperFormula: C2 =IF(A2=\"H1\",B2,0); C3 =IF(A3=\"H1\",B3,0); C4 =IF(A4=\"H1\",B4,0); D3 ='Q1 2026'!B3; sum 30" out
