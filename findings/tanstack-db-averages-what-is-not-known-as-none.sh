#!/bin/sh
# In a live query of TanStack DB what is not known is none for the average and the least, and not for the count.
#
# @tanstack/db 0.15.2, Node 20: queries are "SQL-like", and since a pull request of 2025 (453) `count(row.sold)` leaves out null, so that it is
# as in SQL. Its siblings make 0 of null and of what is missing: of 5, 7 and one that is not known there are two, the average is 4
# and the least 0; of discounts of -5 and one that is not known the greatest is 0; the first sale of an event that has none is the
# number 0 where the others have a Date, which a page shows as 1970. The types say `number | null | undefined`. A price that is a text,
# as PostgreSQL's numeric comes, is a number to `sum` and `avg`, and a text to `min` and `max`: of 12.50 and 7.50 the sum is 20,
# the least is 12.50 and the greatest 7.50. Of no row at all there is no row, where SQL has one with a count of 0.
# The documentation of live queries lists the five side by side, and has not a word of null. A known fault of `min` and 0 is another (1775).
# Give the average as `sum` over `count`, and hand over rows without null in a query of their own.
#
# Seen on 2026-12-01, of 5, 7 and null sold, discounts of -5 and null, no time, and prices of 12.50 and 7.50:
#   TanStack DB: count 2, sum 12, average 4, least 0; greatest discount 0; first 0; prices 20, 12.50 to 7.50; of nothing no row
#   PostgreSQL (PGlite 0.5.14): count 2, sum 12, average 6, least 5; greatest discount -5; first null; prices 20, 7.50 to 12.50; of nothing count 0
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @tanstack/db@0.15.2 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { avg, count, createCollection, createLiveQueryCollection, localOnlyCollectionOptions, max, min, sum } from "@tanstack/db";

const sales = [
  { id: 1, sold: 5, discount: -5, price: "12.50", at: null },
  { id: 2, sold: 7, discount: -5, price: "7.50", at: null },
  { id: 3, sold: null, discount: null, price: null, at: null },
];
function say(name, row, prices, nothing) {
  const of = nothing === undefined ? "no row" : `count ${nothing.number}`;
  console.log(
    `${name}: count ${row.number}, sum ${row.total}, average ${row.average}, least ${row.least}; greatest discount ${row.discount}; ` +
      `first ${row.first}; prices ${prices.total}, ${prices.least} to ${prices.greatest}; of nothing ${of}`,
  );
}
const collection = (id, rows) => createCollection(localOnlyCollectionOptions({ id, getKey: (row) => row.id, initialData: rows }));
async function query(rows, select) {
  const live = createLiveQueryCollection({ query: (from) => from.from({ sale: rows }).select(select), startSync: true });
  await live.preload();
  return [...live.values()][0];
}
const all = ({ sale }) => ({
  number: count(sale.sold),
  total: sum(sale.sold),
  average: avg(sale.sold),
  least: min(sale.sold),
  discount: max(sale.discount),
  first: min(sale.at),
});
const ofPrices = ({ sale }) => ({ total: sum(sale.price), least: min(sale.price), greatest: max(sale.price) });
say(
  "TanStack DB",
  await query(collection("sales", sales), all),
  await query(collection("priced", sales.slice(0, 2)), ofPrices),
  await query(collection("none", []), ({ sale }) => ({ number: count(sale.id) })),
);

const db = await PGlite.create();
await db.exec("create table sale (sold int, discount int, price numeric, at timestamptz)");
for (const { sold, discount, price, at } of sales) {
  await db.query("insert into sale values ($1, $2, $3, $4)", [sold, discount, price, at]);
}
const first = async (text) => (await db.query(text)).rows[0];
say(
  "PostgreSQL",
  await first(
    `select count(sold)::int as number, sum(sold)::int as total, avg(sold)::float as average, min(sold) as least,
       max(discount) as discount, min(at) as first from sale`,
  ),
  await first("select sum(price)::float as total, min(price)::text as least, max(price)::text as greatest from sale where price is not null"),
  await first("select count(sold)::int as number from sale where false"),
);
await db.close();
JS
node try.mjs | tee out
grep -qxF 'TanStack DB: count 2, sum 12, average 4, least 0; greatest discount 0; first 0; prices 20, 12.50 to 7.50; of nothing no row' out
grep -qxF 'PostgreSQL: count 2, sum 12, average 6, least 5; greatest discount -5; first null; prices 20, 7.50 to 12.50; of nothing count 0' out
