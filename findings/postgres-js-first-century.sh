#!/bin/sh
# A time of the years 1 to 99 comes out of PostgreSQL as one of our own time: .NET's "no date" is New Year 2001.
#
# postgres 3.4.9 (postgres.js), Node 20 and Bun 1.4.5: a `timestamptz` is read with `new Date(text)`, and
# PostgreSQL's text of it is not ISO's. What is no ISO text JavaScript engines read by rules of their own, by which
# a year below 50 is one after 2000 and one from 50 to 99 one after 1900, however many zeros it has. So
#   - 0001-01-01, which .NET's `DateTime.MinValue` and many an import write for "not known", is 2001-01-01;
#   - written back it is the year 2001 in the database, without an error anywhere.
# A parser of one's own (`types: {...}`) that puts a T between day and time reads all of them right.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-28, the same with both:
#   node: 0001-01-01 is read as 2001-01-01T00:00:00.000Z, 0099-12-31 as 1999-12-31T00:00:00.000Z, 0100-01-01 as 0100-01-01T00:00:00.000Z
#   node: read and written back, it is stored as 2001-01-01 00:00:00+00
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

const [read] = await sql`
  select timestamptz '0001-01-01 00:00Z' as first, timestamptz '0099-12-31 00:00Z' as last,
         timestamptz '0100-01-01 00:00Z' as next
`;
const { first, last, next } = read;
console.log(`${runtime}: 0001-01-01 is read as ${first.toISOString()}, 0099-12-31 as ${last.toISOString()}, 0100-01-01 as ${next.toISOString()}`);
const [written] = await sql`select (${first}::timestamptz at time zone 'UTC')::text || '+00' as stored`;
console.log(`${runtime}: read and written back, it is stored as ${written.stored}`);
await sql.end();
await server.stop();
await db.close();
JS
{
  node try.mjs
  node_modules/.bin/bun try.mjs
} | tee out
for runtime in node bun; do
  grep -q "^$runtime: 0001-01-01 is read as 2001-01-01T00:00:00.000Z, 0099-12-31 as 1999-12-31T00:00:00.000Z, 0100-01-01 as 0100-01-01T00:00:00.000Z$" out
  grep -q "^$runtime: read and written back, it is stored as 2001-01-01 00:00:00+00$" out
done
