#!/bin/sh
# A row that exceljs inserts moves the total down, and the total leaves out the last row from then on.
#
# exceljs 4.4.0: `insertRow`, `insertRows`, `spliceRows` and `duplicateRow` move cells, and each formula as the text that it is.
# Excel and Google Sheets change what a formula refers to when a row is inserted or deleted in it. Of three events with
# `SUM(B2:B4)` below them, after a fourth came in above, the total in B6 is still that of B2 to B4: the last event is not in it.
# After a deletion the total is one of its own cells. `result` is the one from before, which readers without formulas show.
# README has a known issue of merged cells that move, and none of formulas. Issue 1607 upstream says it, and is closed
# without a change.
# Write the formulas last, or with `INDEX(B:B,ROW()-1)` for their end.
#
# Seen on 2026-11-30, events of 10, 20 and 30:
#   as written: B5 SUM(B2:B4), result 60
#   100 inserted above: B6 SUM(B2:B4), result 60; its rows hold 130, all hold 160
#   one deleted: B4 SUM(B2:B4), which is a cell of its own sum
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit exceljs@4.4.0
cat >try.mjs <<'JS'
import ExcelJS from "exceljs";

function sheet() {
  const sold = new ExcelJS.Workbook().addWorksheet("Sold");
  sold.addRows([["Event", "Sold"], ["Berlin", 10], ["Paris", 20], ["Rome", 30]]);
  sold.addRow(["All", { formula: "SUM(B2:B4)", result: 60 }]);
  return sold;
}
function tell(name, sold) {
  const total = sold.getColumn(2).values.findIndex((value) => value?.formula);
  const { formula, result } = sold.getCell(total, 2).value;
  const [first, last] = formula.match(/\d+/g).map(Number);
  const sum = (from, to) => {
    let all = 0;
    for (let row = from; row <= to; row += 1) all += Number(sold.getCell(row, 2).value) || 0;
    return all;
  };
  const own = total <= last ? ", itself in it" : "";
  console.log(`${name}: B${total} ${formula}, result ${result}; its rows hold ${sum(first, last)}, all hold ${sum(2, total - 1)}${own}`);
}
tell("as written", sheet());
const inserted = sheet();
inserted.insertRow(2, ["London", 100]);
tell("inserted", inserted);
const doubled = sheet();
doubled.duplicateRow(2, 1, true);
tell("duplicated", doubled);
const deleted = sheet();
deleted.spliceRows(2, 1);
tell("deleted", deleted);
JS
node try.mjs | tee out
grep -qxF 'as written: B5 SUM(B2:B4), result 60; its rows hold 60, all hold 60' out
grep -qxF 'inserted: B6 SUM(B2:B4), result 60; its rows hold 130, all hold 160' out
grep -qxF 'duplicated: B6 SUM(B2:B4), result 60; its rows hold 40, all hold 70' out
grep -q '^deleted: B4 SUM(B2:B4), result 60; .*, itself in it$' out
