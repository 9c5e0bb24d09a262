#!/bin/sh
# PGlite's live query loses the row of all rows, and those that belong to nothing, as soon as something is sold.
#
# PGlite 0.5.14 (PostgreSQL 18.6), `live.incrementalQuery`: it is given a key, and computes with it in SQL what has changed.
# Rows whose key is NULL are in the first results; at the next change that concerns them they are gone, and do not
# come back. A query grouped by `rollup (event)`, which is what a table with a total at its end is made of, has NULL in the
# total's key, so that the total is there until the first sale; a group of what has no event is lost like that, too. Two
# rows of one key are one from the start, so a total by the page is too small. `live.query` of the same SQL is right in
# all of it, and the documentation says of the key that it tells rows apart, and nothing of NULL.
# Take `coalesce(event, '')` for the key, which must be unique.
#
# Seen on 2026-11-30:
#   rollup, at first: a 5, c 1, null 6; a 100 more: a 105, c 1; live.query: a 105, c 1, null 106
#   without an event, at first: a 5, null 7; null 10 more: a 5; live.query: a 5, null 17
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { live } from "@electric-sql/pglite/live";

const db = await PGlite.create({ extensions: { live } });
await db.exec("create table sale (event text, sold int)");
const list = (rows) => rows.map((row) => `${row.event} ${row.sold}`).join(", ");

/** The first results of `text`, and those after `change`. */
async function follow(run, change) {
  let newest;
  let heard = () => {};
  const query = await run((results) => {
    newest = results.rows;
    heard();
  });
  const first = query.initialResults.rows;
  const changed = new Promise((resolve) => {
    heard = resolve;
  });
  await db.exec(change);
  await changed;
  await query.unsubscribe();
  return `at first: ${list(first)}; afterwards: ${list(newest)}`;
}
async function tell(name, rows, grouped, change) {
  const text = `select event, sum(sold)::int as sold from sale group by ${grouped} order by event`;
  const begin = () => db.exec(`truncate sale; insert into sale values ${rows}`);
  await begin();
  console.log(`${name}, by key, ${await follow((hear) => db.live.incrementalQuery(text, [], "event", hear), change)}`);
  await begin();
  console.log(`${name}, live.query, ${await follow((hear) => db.live.query(text, [], hear), change)}`);
}
await tell("rollup", "('a', 5), ('c', 1)", "rollup (event)", "insert into sale values ('a', 100)");
await tell("no event", "('a', 5), (null, 7)", "event", "insert into sale values (null, 10)");
await db.close();
JS
node try.mjs | tee out
grep -qxF 'rollup, by key, at first: a 5, c 1, null 6; afterwards: a 105, c 1' out
grep -qxF 'rollup, live.query, at first: a 5, c 1, null 6; afterwards: a 105, c 1, null 106' out
grep -qxF 'no event, by key, at first: a 5, null 7; afterwards: a 5' out
grep -qxF 'no event, live.query, at first: a 5, null 7; afterwards: a 5, null 17' out
