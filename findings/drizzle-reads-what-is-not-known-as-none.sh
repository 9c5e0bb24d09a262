#!/bin/sh
# In a list of counts Drizzle reads the one that is not known as 0, and in one of amounts as NaN.
#
# drizzle-orm 0.45.4, with pg 8.23.1 and on PGlite 0.5.14 (PostgreSQL 18.6): a column's reader is not asked when the column is
# null. Within an array each element goes through it, null as well, so it is whatever the reader makes of null: `Number(null)`
# of a `bigint({ mode: "number" })` is 0, a time is an Invalid Date, and `mode: "bigint"` throws. Of integers, texts and
# booleans, which have no reader, null stays null. Drizzle's types have `number[]`, and its documentation of arrays says nothing
# of null. What is written is right: null is stored as NULL, so a row that is read and written back has 0 from then on.
# Read such a column with sql`to_jsonb(...)`, or as a text.
#
# Seen on 2026-11-30, of what becomes of the null in an array of 1 and null; by pg and on PGlite the same:
#   integer null, bigint as number 0, bigint as bigint throws, numeric as number NaN, timestamptz Invalid Date
#   sold is written as {1,NULL}, and is {1,0} when it was read and written back
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit drizzle-orm@0.45.4 pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { drizzle as byPg } from "drizzle-orm/node-postgres";
import { bigint, integer, numeric, pgTable, timestamp } from "drizzle-orm/pg-core";
import { drizzle as byPGlite } from "drizzle-orm/pglite";
import pg from "pg";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
await db.exec(`
  create table race (plain integer[], sold bigint[], exact bigint[], amount numeric[], at timestamptz[]);
  insert into race values ('{1,null}', '{1,null}', '{1,null}', '{1,null}', '{2026-07-01Z,null}');
`);
const race = pgTable("race", {
  plain: integer().array(),
  sold: bigint({ mode: "number" }).array(),
  exact: bigint({ mode: "bigint" }).array(),
  amount: numeric({ mode: "number" }).array(),
  at: timestamp({ withTimezone: true }).array(),
});
const pool = new pg.Pool({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 1 });
for (const [name, orm] of Object.entries({ PGlite: byPGlite(db), pg: byPg(pool) })) {
  const read = async (column) => (await orm.select({ values: race[column] }).from(race))[0].values;
  const said = [];
  for (const column of ["plain", "sold", "exact", "amount", "at"]) {
    const values = await read(column).then((list) => list.map(String), () => ["throws"]);
    said.push(`${column} ${values.at(-1)}`);
  }
  console.log(`${name}: ${said.join(", ")}`);
  await db.exec("update race set sold = '{1,null}'");
  await orm.update(race).set({ sold: [1, null] });
  const stored = async () => (await db.query("select sold::text from race")).rows[0].sold;
  const written = await stored();
  await orm.update(race).set({ sold: await read("sold") });
  console.log(`${name}: written ${written}, read and written back ${await stored()}`);
}
await pool.end();
await server.stop();
await db.close();
JS
node try.mjs | tee out
for name in PGlite pg; do
  grep -qxF "$name: plain null, sold 0, exact throws, amount NaN, at Invalid Date" out
  grep -qxF "$name: written {1,NULL}, read and written back {1,0}" out
done
