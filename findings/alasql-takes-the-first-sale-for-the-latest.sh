#!/bin/sh
# AlaSQL takes the first sale of a file for the latest one: the order within `over (...)` is read, and nothing is made of it.
#
# alasql 4.19.1 (SQL on arrays, CSV and sheets), Node 20: `row_number() over (partition by event order by day desc)`, by which one
# takes the latest row of each, numbers rows as they stand, and starts anew where the next row is of another event. In a file that
# is sorted by day that means: all are number 1, so that "the latest of each" is all of them; with rows sorted by event it is the first of each.
# A `sum` with an order is the whole in each row, and not what has come up to it. It is computed of what is selected beside it: without the
# partition's column it is the total of all, without its own column 0. `rank` and `lag`, which are missing, throw. `max` and `sum` of
# texts are undefined: the last day that is a text, the prices of a file. README's limitations have neither; issue 2408 calls
# `row_number` with a partition right, 1216 asks for the order, and 609, for the greatest text, is open.
# Sort in a query of its own by `order by event, day desc` before numbering, and hand over numbers and Dates.
#
# Seen on 2026-12-01, of sales on three days, a 5, b 9, a 7, in brackets by PGlite 0.5.14:
#   the latest of each: a 5, b 9, a 7 (a 7, b 9); sorted by event before: a 5, b 9 (a 7, b 9)
#   running totals of each: 12, 9, 12 (5, 9, 12); totals of each: 12, 9, 12; without "event" 21, 21, 21; without "sold" 0, 0, 0 (12, 9, 12)
#   the last day: undefined (2026-07-03); prices 12.50 and 7.50: undefined (20.00)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit alasql@4.19.1 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import alasql from "alasql";

const sales = [
  { event: "a", sold: 5, day: "2026-07-01", price: "12.50" },
  { event: "b", sold: 9, day: "2026-07-02", price: "7.50" },
  { event: "a", sold: 7, day: "2026-07-03", price: null },
];
const byEvent = [sales[0], sales[2], sales[1]];
const real = await PGlite.create();
alasql("create table sale; create table sorted");
alasql.tables.sale.data = sales;
alasql.tables.sorted.data = byEvent;
for (const [table, rows] of [["sale", sales], ["sorted", byEvent]]) {
  await real.exec(`create table ${table} (event text, sold int, day text, price numeric)`);
  for (const { event, sold, day, price } of rows) await real.query(`insert into ${table} values ($1, $2, $3, $4)`, [event, sold, day, price]);
}
const latest = (table) =>
  `select event, sold from (select event, sold, row_number() over (partition by event order by day desc) as nth from ${table}) x where nth = 1`;
const shown = (rows) => rows.map((row) => Object.values(row).join(" ")).join(", ");
const numbers = (rows) => rows.map((row) => row.n).join(", ");
for (const [name, text, show] of [
  ["the latest of each", latest("sale"), shown],
  ["the latest of each, sorted by event before", latest("sorted"), shown],
  ["running totals of each", "select day, event, sold, sum(sold) over (partition by event order by day) as n from sale order by day", numbers],
  ["totals of each", "select day, event, sold, sum(sold) over (partition by event) as n from sale order by day", numbers],
  ["totals of each without event", "select day, sold, sum(sold) over (partition by event) as n from sale order by day", numbers],
  ["totals of each without sold", "select day, event, sum(sold) over (partition by event) as n from sale order by day", numbers],
  ["the last day", "select max(day) as v from sale", ([row]) => String(row.v)],
  ["the prices", "select sum(price) as v from sale", ([row]) => String(row.v)],
]) {
  console.log(`${name}: ${show(alasql(text))} (${show((await real.query(text)).rows)})`);
}
await real.close();
JS
node try.mjs | tee out
grep -qxF 'the latest of each: a 5, b 9, a 7 (a 7, b 9)' out
grep -qxF 'the latest of each, sorted by event before: a 5, b 9 (a 7, b 9)' out
grep -qxF 'running totals of each: 12, 9, 12 (5, 9, 12)' out
grep -qxF 'totals of each: 12, 9, 12 (12, 9, 12)' out
grep -qxF 'totals of each without event: 21, 21, 21 (12, 9, 12)' out
grep -qxF 'totals of each without sold: 0, 0, 0 (12, 9, 12)' out
grep -qxF 'the last day: undefined (2026-07-03)' out
grep -qxF 'the prices: undefined (20.00)' out
