#!/bin/sh
# Of many rows that are inserted together, postgres.js writes the columns that the first one has.
#
# postgres 3.4.9: `insert into t ${sql(rows)}` takes the names of the columns from the first object. What only a later
# one has is left out, and nothing says so: of `[{ id: 1 }, { id: 2, sold: 40 }]` the second row has no `sold`, or the
# column's default. The other way round, where a later row lacks what the first one has, it refuses: "Undefined values
# are not allowed". So the same rows are inserted, refused or lose a number by the order that they happen to have:
# facts of one kind with an optional field lose it whenever an older one comes first.
# Name the columns (`sql(rows, "id", "sold")`), and write null where there is no value.
#
# Seen on 2026-11-30:
#   [{id:1},{id:2,sold:40}] is stored as [[1,null],[2,null]]
#   [{id:2,sold:40},{id:1}] is refused: UNDEFINED_VALUE
#   with named columns and nulls it is stored as [[1,null],[2,40]]
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit postgres@3.4.9 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import postgres from "postgres";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const sql = postgres({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 1 });

await sql`create table counted (id integer, sold integer)`;
async function stored(rows, ...columns) {
  await sql`delete from counted`;
  try {
    await sql`insert into counted ${sql(rows, ...columns)}`;
  } catch (error) {
    return `refused: ${error.code}`;
  }
  const found = await sql`select id, sold from counted order by id`;
  return `stored as ${JSON.stringify(found.map(({ id, sold }) => [id, sold]))}`;
}
const without = { id: 1 };
const having = { id: 2, sold: 40 };
console.log(`the row without it first: ${await stored([without, having])}`);
console.log(`the row that has it first: ${await stored([having, without])}`);
console.log(`named columns: ${await stored([{ ...without, sold: null }, having], "id", "sold")}`);
await sql.end();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'the row without it first: stored as [[1,null],[2,null]]' out
grep -qxF 'the row that has it first: refused: UNDEFINED_VALUE' out
grep -qxF 'named columns: stored as [[1,null],[2,40]]' out
