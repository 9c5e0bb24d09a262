#!/bin/sh
# SheetJS reads a CSV of half of Europe without its decimal commas: 94,46 percent are 9446, and 129,00 euros are 12900.
#
# xlsx 0.18.5 (the newest on npm): in a file whose fields are between semicolons a number with a decimal comma becomes
# a number, for commas are taken for separators of thousands wherever they stand. A price is a hundredfold, a share of
# one digit tenfold, 0,5 is 5, and where points do separate thousands 1.234,56 becomes 1.23456: a thousandth. Nothing
# is said, the cell is of type "n" as it should be, and no option names the decimal mark. Who expects a text for what
# is not understood, as for "€ 12,50", gets one for that alone.
# Read the cells as they stand (`raw: true`), and the numbers by oneself.
#
# Seen on 2026-11-29:
#   94,46 -> 9446 n
#   1,5 -> 15 n
#   129,00 -> 12900 n
#   0,5 -> 5 n
#   -0,25 -> -25 n
#   1.234,56 -> 1.23456 n
#   € 12,50 -> "€ 12,50" s
#   raw: 94,46 -> "94,46" s
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

function told(name, text, options) {
  const book = XLSX.read(`share;event\r\n${text};HYROX Berlin\r\n`, { type: "string", ...options });
  const { v, t } = book.Sheets[book.SheetNames[0]].A2;
  console.log(`${name}${text} -> ${JSON.stringify(v)} ${t}`);
}
for (const text of ["94,46", "1,5", "129,00", "0,5", "-0,25", "1.234,56", "€ 12,50"]) told("", text);
told("raw: ", "94,46", { raw: true });
JS
node try.mjs | tee out
grep -qx -- '94,46 -> 9446 n' out
grep -qx -- '1,5 -> 15 n' out
grep -qx -- '129,00 -> 12900 n' out
grep -qx -- '0,5 -> 5 n' out
grep -qx -- '-0,25 -> -25 n' out
grep -qx -- '1.234,56 -> 1.23456 n' out
grep -qx -- '€ 12,50 -> "€ 12,50" s' out
grep -qx -- 'raw: 94,46 -> "94,46" s' out
