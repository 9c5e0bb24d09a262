#!/bin/sh
# By postgres.js nothing is left when nothing is to be left out.
#
# postgres 3.4.9: `where id not in ${sql(ids)}` of an empty list becomes `not in (null)`, which is true of no row. What
# asks for all events but the ones that somebody muted finds every event until the last one is unmuted, and then none,
# without an error. A list that has a null among its ids does the same. `in ${sql([])}` finds no row, as it should.
# `id <> all(${ids})` is true of every row when the list is empty.
#
# Seen on 2026-11-30, over three rows:
#   not in one: 2 rows, not in none: 0 rows, <> all of none: 3 rows
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

await sql`create table event as select n as id from generate_series(1, 3) n`;
const found = async (name, ids) => {
  const without = await sql`select id from event where id not in ${sql(ids)}`;
  const others = await sql`select id from event where id <> all(${ids}::int[])`;
  console.log(`${name} left out: not in ${without.length} rows, <> all ${others.length} rows`);
};
await found("one", [2]);
await found("none", []);
await sql.end();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'one left out: not in 2 rows, <> all 2 rows' out
grep -qxF 'none left out: not in 0 rows, <> all 3 rows' out
