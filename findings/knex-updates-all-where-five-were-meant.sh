#!/bin/sh
# By Knex "hold five places" holds all of them, "what was refunded is closed" closes every sale, and 3 and 5 more are 5 more.
#
# knex 3.3.0 on PostgreSQL: `limit` and `orderBy` of an `update` are left out of the statement, which PostgreSQL has no place for, and so is a
# `join`, with its condition: what is left is an `update` without a `where`. Nothing is said. `delete` refuses the first ("`limit` has
# no effect on a `delete` statement"), and writes the second as `using`. Of two `increment` of one column the later one is
# all that is added. MySQL's dialect has limit and join in its statement. Where the `where` names the joined table PostgreSQL refuses, so it is the
# join that is to choose the rows by itself which is lost. The documentation of `update`, `join` and `limit` does not say so. The join is open as
# issue 2796; of the limit 350 and 2466 were closed, as PostgreSQL has none there. Statements are run by PGlite 0.5.14.
# Choose the rows in a `whereIn("id", knex(...).select("id").limit(5))`, take `updateFrom` for `join`, and add the amounts up before.
#
# Seen on 2026-12-01, of eight places and eight sales, three of them refunded, and of 100 that are raised by 3 and by 5:
#   five places held: 8; by `whereIn` 5; sales closed by the join: 8; by `whereIn` 3; 100 raised: 105
#   as written: update "place" set "held" = $1; update "sale" set "closed" = $1; update "total" set "sold" = "sold" + $1
#   delete with a limit: refused
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit knex@3.3.0 pg@8.23.1 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import createKnex from "knex";

const knex = createKnex({ client: "pg" });
const db = await PGlite.create();
const tables = `
  drop table if exists place, sale, refund, total;
  create table place (id int, held boolean default false);
  create table sale (id int, closed boolean default false);
  create table refund (sale_id int);
  create table total (sold int);
  insert into place select n from generate_series(1, 8) n;
  insert into sale select n from generate_series(1, 8) n;
  insert into refund values (2), (3), (5);
  insert into total values (100)`;
async function told(name, query, read) {
  await db.exec(tables);
  const { sql, bindings } = query.toSQL().toNative();
  await db.query(sql, bindings);
  console.log(`${name}: ${(await db.query(read)).rows[0].n} by ${sql}`);
}
const held = "select count(*)::int n from place where held";
const closed = "select count(*)::int n from sale where closed";
await told("five places held", knex("place").update({ held: true }).orderBy("id").limit(5), held);
await told("five, by whereIn", knex("place").update({ held: true }).whereIn("id", knex("place").select("id").orderBy("id").limit(5)), held);
await told("closed by the join", knex("sale").join("refund", "refund.sale_id", "sale.id").update({ closed: true }), closed);
await told("closed by whereIn", knex("sale").update({ closed: true }).whereIn("id", knex("refund").select("sale_id")), closed);
await told("100 raised", knex("total").increment("sold", 3).increment("sold", 5), "select sold n from total");
try {
  console.log(knex("place").limit(5).del().toSQL().sql);
} catch ({ message }) {
  console.log(message);
}
await db.close();
JS
node try.mjs | tee out
grep -qxF 'five places held: 8 by update "place" set "held" = $1' out
grep -q '^five, by whereIn: 5 by ' out
grep -qxF 'closed by the join: 8 by update "sale" set "closed" = $1' out
grep -q '^closed by whereIn: 3 by ' out
grep -qxF '100 raised: 105 by update "total" set "sold" = "sold" + $1' out
grep -qF '`limit` has no effect on a `delete` statement' out
