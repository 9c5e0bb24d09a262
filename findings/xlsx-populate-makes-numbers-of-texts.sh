#!/bin/sh
# xlsx-populate reads the postcode 10115 as a number and 01067 as a text, and writes that into a cell which nobody changed.
#
# xlsx-populate 1.21.0: what is a text in the file is a number for it where the text is what JavaScript writes of that
# number, and stays one otherwise, since its XML parser does so with every text before a cell is made of it. Of a column of
# codes, all of them texts by the file (`t="s"`), which SheetJS 0.18.5 reads as such, some are numbers: `===` with a code does not
# find them, `find` neither, and they sort apart. A file that was read and written again has numbers there, right-aligned
# and shown with the reader's own separators; the texts "Infinity" and "NaN" become numbers that no spreadsheet has.
# Open upstream as issue 371; README has no word of it.
# Set such cells again by `value(String(...))` before writing.
#
# Seen on 2026-11-30, of texts:
#   10115 number, 01067 string, 1.5 number, 1.50 string, 68e1 string, Infinity number
#   written again, by SheetJS: 10115 n, 01067 s, 1.5 n, 1.50 s, 68e1 s, Infinity n
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xlsx-populate@1.21.0 xlsx@0.18.5
cat >try.mjs <<'JS'
import XLSX from "xlsx";
import XlsxPopulate from "xlsx-populate";

const texts = ["10115", "01067", "1.5", "1.50", "68e1", "Infinity"];
const written = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(written, XLSX.utils.aoa_to_sheet([texts]), "Codes");
XLSX.writeFile(written, "codes.xlsx", { bookSST: true });
function bySheetJs(file) {
  const sheet = XLSX.readFile(file).Sheets.Codes;
  return texts.map((text, at) => `${text} ${sheet[XLSX.utils.encode_cell({ r: 0, c: at })].t}`).join(", ");
}
const workbook = await XlsxPopulate.fromFileAsync("codes.xlsx");
const cells = texts.map((_, at) => workbook.sheet(0).cell(1, at + 1));
console.log(`in the file, by SheetJS: ${bySheetJs("codes.xlsx")}`);
console.log(`xlsx-populate: ${texts.map((text, at) => `${text} ${typeof cells[at].value()}`).join(", ")}`);
console.log(`found: 10115 ${workbook.find("10115").length}, 01067 ${workbook.find("01067").length}`);
await workbook.toFileAsync("again.xlsx");
console.log(`written again, by SheetJS: ${bySheetJs("again.xlsx")}`);
JS
node try.mjs | tee out
grep -qxF 'in the file, by SheetJS: 10115 s, 01067 s, 1.5 s, 1.50 s, 68e1 s, Infinity s' out
grep -qxF 'xlsx-populate: 10115 number, 01067 string, 1.5 number, 1.50 string, 68e1 string, Infinity number' out
grep -qxF 'found: 10115 0, 01067 1' out
grep -qxF 'written again, by SheetJS: 10115 n, 01067 s, 1.5 n, 1.50 s, 68e1 s, Infinity n' out
