#!/bin/sh
# pg reads a decimal with all its digits, and the same one within an array without the last ones.
#
# pg 8.23.1 on PGlite 0.5.14 (PostgreSQL 18.6): since 2.0 a `numeric` and a `bigint` are texts to JavaScript, by its list of changes;
# README of pg-types calls a result that is not the one of the database "a very bad thing". A `bigint` is a text within an array
# as well, and a `numeric[]` is one of doubles. So `array_agg(amount)` has other amounts than the rows, ids of 18 digits that are
# `numeric` are ids of somebody else, and 0.10 is 0.1, which is added as a double.
# postgres 3.4.9 and Bun's client (1.4.5) read texts in both.
# Ask for `array_agg(amount::text)`, or set a parser for type 1231.
#
# Seen on 2026-11-30, of the amounts 12345678901234567.89 and 0.10 as rows and as an array, and of the id 123456789012345678:
#   pg: rows ["12345678901234567.89","0.10"]; array [12345678901234568,0.1]; id [123456789012345680]; bigint ["123456789012345678"]
#   postgres.js, Bun.SQL: the same rows; array ["12345678901234567.89","0.10"]; id ["123456789012345678"]; the same bigint
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit pg@8.23.1 postgres@3.4.9 bun@1.4.5 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { SQL } from "bun";
import pg from "pg";
import postgres from "postgres";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const place = { host: "127.0.0.1", port, database: "postgres" };
await db.exec("create table sale (amount numeric); insert into sale values (12345678901234567.89), (0.10)");

async function tell(name, read) {
  const rows = (await read("select amount from sale")).map(({ amount }) => amount);
  const [{ amounts, ids, whole }] = await read(
    "select array_agg(amount) as amounts, array[123456789012345678::numeric] as ids, array[123456789012345678::bigint] as whole from sale",
  );
  console.log(`${name}: rows ${JSON.stringify(rows)}; array ${JSON.stringify(amounts)}; id ${JSON.stringify(ids)}; bigint ${JSON.stringify(whole)}`);
}
const client = new pg.Client({ ...place, user: "postgres" });
await client.connect();
await tell("pg", async (text) => (await client.query(text)).rows);
await client.end();
const sql = postgres({ ...place, user: "postgres", max: 1 });
await tell("postgres.js", (text) => sql.unsafe(text));
await sql.end();
const bun = new SQL({ adapter: "postgres", hostname: place.host, port, database: "postgres", username: "postgres", max: 1, tls: false });
await tell("Bun.SQL", (text) => bun.unsafe(text));
await bun.close();
await server.stop();
await db.close();
JS
node_modules/.bin/bun try.mjs | tee out
rows='rows ["12345678901234567.89","0.10"]'
bigint='bigint ["123456789012345678"]'
grep -qxF "pg: $rows; array [12345678901234568,0.1]; id [123456789012345680]; $bigint" out
for name in postgres.js Bun.SQL; do
  grep -qxF "$name: $rows; array [\"12345678901234567.89\",\"0.10\"]; id [\"123456789012345678\"]; $bigint" out
done
