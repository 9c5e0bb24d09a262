#!/bin/sh
# A query that fails behind its first rows leaves holes in the result of the next one: its first row is not there.
#
# postgres 3.4.9 (postgres.js), Node 20 and Bun 1.4.5: rows are counted as they come, and the count begins anew
# with a query that ends well, and with no other. PostgreSQL sends rows before it knows that all is well, so a
# division by zero in row 50, a statement's time limit or a cancelled query leave the count where it was. The next
# query on that connection, whoever's it is, gets its rows behind as many places in which there is nothing:
#   - `result.length` is 50 for a query of one row, `result[0]` is undefined, `for (const row of result)`
#     begins with undefined 49 times, and `const [row] = ...` says that there is no such row;
#   - the query after that is right again, so nobody finds it by trying once more.
# Beginning the count anew in ReadyForQuery mends it.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-29, the same with both:
#   node: behind a failure in row 50, one row comes as 50 places, and the first is undefined
#   node: then one row is 1 again
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

await sql`select 1`;
await sql`
  select n, repeat('x', 9000) as text, 1 / (n - 50) as quotient from generate_series(1, 100) n
`.catch(({ message }) => {
  if (message !== "division by zero") throw new Error(message);
});
const next = await sql`select 1 as one`;
console.log(`${runtime}: behind a failure in row 50, one row comes as ${next.length} places, and the first is ${next[0]}`);
const after = await sql`select 1 as one`;
console.log(`${runtime}: then one row is ${after.length} again`);
await sql.end();
await server.stop();
await db.close();
JS
{
  node try.mjs
  node_modules/.bin/bun try.mjs
} | tee out
for runtime in node bun; do
  grep -q "^$runtime: behind a failure in row 50, one row comes as 50 places, and the first is undefined$" out
  grep -q "^$runtime: then one row is 1 again$" out
done
