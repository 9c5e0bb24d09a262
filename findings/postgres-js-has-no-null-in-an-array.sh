#!/bin/sh
# A null within an array of PostgreSQL is never null to who reads it by postgres.js.
#
# postgres 3.4.9: `array['a', null]` of texts is read as `["a", "NULL"]`, four letters that cannot be told from a text
# "NULL"; of decimals and of uuids as well. Of whole numbers it is read as NaN, of instants as an Invalid Date (JSON
# makes null of both), of booleans as `false`. Writing is right: `["a", null]` is stored with its null, and comes back
# from the same connection as "NULL". It comes up with `array_agg` behind an outer join, and with every array column
# whose elements may be unknown: an event whose ticket type has no name has one that is called "NULL".
# `json_agg`, or `to_json` around the array, has nulls.
#
# Seen on 2026-11-30, Node and Bun alike:
#   texts: ["a","NULL"], decimals: ["1.5","NULL"], whole numbers: [1,NaN], instants: [Date,Invalid Date],
#   booleans: [true,false], the same texts as JSON: ["a",null]
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit postgres@3.4.9 bun@1.4.5 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import postgres from "postgres";

const runtime = process.versions.bun ? "bun" : "node";
const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const sql = postgres({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 1 });

const said = (value) => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : "Date";
  return Number.isNaN(value) ? "NaN" : JSON.stringify(value);
};
const all = (values) => `[${values.map(said).join(",")}]`;
const [row] = await sql`
  select
    array['a', null] as texts, array[1.5, null] as decimals, array[1, null] as numbers,
    array[timestamptz '2026-01-01 00:00Z', null] as instants, array[true, null] as booleans,
    to_json(array['a', null]) as json, ${["a", null]}::text[] as written,
    (select count(*)::int from unnest(${["a", null]}::text[]) as one where one is null) as nulls
`;
console.log(`${runtime}: texts ${all(row.texts)}, decimals ${all(row.decimals)}, whole numbers ${all(row.numbers)}`);
console.log(`${runtime}: instants ${all(row.instants)}, booleans ${all(row.booleans)}`);
console.log(`${runtime}: as JSON ${all(row.json)}`);
console.log(`${runtime}: written with ${row.nulls} null and read as ${all(row.written)}`);
await sql.end();
await server.stop();
await db.close();
JS
{
  node try.mjs
  node_modules/.bin/bun try.mjs
} | tee out
for runtime in node bun; do
  grep -qxF "$runtime: texts [\"a\",\"NULL\"], decimals [\"1.5\",\"NULL\"], whole numbers [1,NaN]" out
  grep -qxF "$runtime: instants [Date,Invalid Date], booleans [true,false]" out
  grep -qxF "$runtime: as JSON [\"a\",null]" out
  grep -qxF "$runtime: written with 1 null and read as [\"a\",\"NULL\"]" out
done
