#!/bin/sh
# google-spreadsheet writes to the row of another sale, and deletes it, once three rows were deleted.
#
# google-spreadsheet 5.3.0: rows that `getRows` gave keep their number, and `row.delete()` takes one from each below the deleted
# one, so that `save()` still goes to the right one. It finds the rows by the number that they had when they were read, and takes
# the deleted one out by the number that it has now: from the second deletion on that is a row which is still there. That row is
# never renumbered again. With the third deletion above it, it is saved over the row below it, which is another sale's, and
# `delete()` deletes that one. What `addRow` gave back is never renumbered, so there one deletion is enough. The documentation
# says of `delete()` that the row is removed, and nothing of other rows.
# Read the rows again after a deletion, or delete from the last to the first and save before.
#
# A stand-in answers in Google's place, with a sheet that does what the reference of the Sheets API says of the four requests.
#
# Seen on 2026-11-30, of sales 2 to 8 in the rows 2 to 8:
#   3, 6 and 2 deleted, then 5 is marked "checked" and saved: the sheet has 4, 5, 5 checked, 8; sale 7 is gone
#   the same, and 5 is deleted: 4, 5, 8
#   9 added, 2 deleted, 9 marked and saved: 3, 4, 5, 6, 7, 8, 9, 9 checked
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit google-spreadsheet@5.3.0
cat >try.mjs <<'JS'
import { GoogleSpreadsheet } from "google-spreadsheet";

/** The sheet, with its header, as the Sheets API keeps it. */
let cells;
const properties = { sheetId: 0, title: "Sales", index: 0, gridProperties: { rowCount: 100, columnCount: 2 } };
const spreadsheet = { properties: { title: "Sales" }, sheets: [{ properties }] };
const firstRow = (range) => Number(/!?A(\d+)/.exec(range)[1]);
function answer(method, path, body) {
  if (method === "GET" && path.includes("values:batchGet")) {
    return { valueRanges: [{ values: [cells[0]] }, { values: cells.slice(1) }] };
  }
  if (method === "GET" && path.includes("/values/")) return { values: [cells[0]] };
  if (method === "GET") return spreadsheet;
  if (path.endsWith(":batchUpdate")) {
    const { startRowIndex, endRowIndex } = body.requests[0].deleteRange.range;
    cells.splice(startRowIndex, endRowIndex - startRowIndex);
    return { replies: [{}], updatedSpreadsheet: spreadsheet };
  }
  if (path.endsWith(":append")) {
    cells.push(...body.values);
    return { updates: { updatedRange: `Sales!A${cells.length}:B${cells.length}`, updatedData: { values: body.values } } };
  }
  if (method === "PUT") {
    cells[firstRow(body.range.split("!")[1]) - 1] = body.values[0];
    return { updatedData: { values: body.values } };
  }
  throw new Error(`${method} ${path}`);
}
globalThis.fetch = async (request) => {
  const body = request.method === "GET" ? undefined : await request.json();
  return Response.json(answer(request.method, new URL(request.url).pathname, body));
};

async function tell(name, run) {
  cells = [["sale", "note"], ...[2, 3, 4, 5, 6, 7, 8].map((sale) => [String(sale), ""])];
  const document = new GoogleSpreadsheet("id", { token: "of the stand-in" });
  await document.loadInfo();
  const sheet = document.sheetsByIndex[0];
  const rows = await sheet.getRows();
  await run((sale) => rows.find((row) => row.get("sale") === String(sale)), sheet);
  console.log(`${name}: ${cells.slice(1).map((row) => row.filter(Boolean).join(" ")).join(", ")}`);
}
const marked = async (row) => {
  row.set("note", "checked");
  await row.save();
};
await tell("two deleted, saved", async (row) => {
  for (const sale of [3, 6]) await row(sale).delete();
  await marked(row(5));
});
await tell("three deleted, saved", async (row) => {
  for (const sale of [3, 6, 2]) await row(sale).delete();
  await marked(row(5));
});
await tell("three deleted, deleted", async (row) => {
  for (const sale of [3, 6, 2, 5]) await row(sale).delete();
});
await tell("added", async (row, sheet) => {
  const added = await sheet.addRow({ sale: "9", note: "" });
  await row(2).delete();
  await marked(added);
});
JS
node try.mjs | tee out
grep -qxF 'two deleted, saved: 2, 4, 5 checked, 7, 8' out
grep -qxF 'three deleted, saved: 4, 5, 5 checked, 8' out
grep -qxF 'three deleted, deleted: 4, 5, 8' out
grep -qxF 'added: 3, 4, 5, 6, 7, 8, 9, 9 checked' out
