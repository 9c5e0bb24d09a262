#!/bin/sh
# To Knex's `whereJsonPath` a ticket of 19.99 costs 20, is not less than 20, and one of 5.40 is not more than 5.
#
# knex 3.3.0 on PostgreSQL: where it is compared with a whole number other than 0, what is at the path is cast to `int`, and that rounds. So each
# price is compared as the next whole one, by all operators: `=` has what is a cent off, `>` lacks what is up to half a unit more,
# and `<` what is up to half a unit less. That the list is wrong is nowhere to be seen. A number with cents, 19.99, is an error, and
# 0.5 is compared as a `float`, rightly. The documentation of `whereJsonPath` names the operators and types of databases, and
# no cast. Pull request 6449, open, is to mend it. SQLite's dialect casts nothing. Statements are run by PGlite 0.5.14.
# Write `whereRaw("(data->>'price')::numeric > ?", [5])`.
#
# Seen on 2026-12-01, of prices of 5.40, 5.50, 19.99 and 20.00, in brackets by numeric:
#   = 20: 19.99, 20.00 (20.00); < 20: 5.40, 5.50 (5.40, 5.50, 19.99); > 5: 5.50, 19.99, 20.00 (all); <= 5: 5.40 (none); > 0.5: all (all)
#   as written: jsonb_path_query_first("data", ?)::int = ?
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
await db.exec("create table ticket (data jsonb)");
for (const price of ["5.40", "5.50", "19.99", "20.00"]) await db.query("insert into ticket values ($1)", [`{"price": ${price}}`]);

async function prices(query) {
  const { sql, bindings } = query.select(knex.raw("data->>'price' as price")).toSQL().toNative();
  const { rows } = await db.query(sql, bindings);
  return rows.map((row) => row.price).join(", ") || "none";
}
for (const [operator, price] of [["=", 20], ["<", 20], [">", 5], ["<=", 5], [">", 0.5]]) {
  const byPath = await prices(knex("ticket").whereJsonPath("data", "$.price", operator, price));
  const byNumeric = await prices(knex("ticket").whereRaw(`(data->>'price')::numeric ${operator} ?`, [price]));
  console.log(`${operator} ${price}: ${byPath} (${byNumeric})`);
}
console.log(knex("ticket").whereJsonPath("data", "$.price", "=", 20).toSQL().sql);
await db.close();
JS
node try.mjs | tee out
grep -qxF '= 20: 19.99, 20.00 (20.00)' out
grep -qxF '< 20: 5.40, 5.50 (5.40, 5.50, 19.99)' out
grep -qxF '> 5: 5.50, 19.99, 20.00 (5.40, 5.50, 19.99, 20.00)' out
grep -qxF '<= 5: 5.40 (none)' out
grep -qxF '> 0.5: 5.40, 5.50, 19.99, 20.00 (5.40, 5.50, 19.99, 20.00)' out
grep -qxF 'select * from "ticket" where jsonb_path_query_first("data", ?)::int = ?' out
