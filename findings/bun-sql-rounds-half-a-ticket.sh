#!/bin/sh
# Bun's SQL client stores half a ticket as none, and one and a half as two, where other clients are refused.
#
# Bun 1.4.5, `Bun.SQL`: it tells PostgreSQL a parameter's type by its value, and a number with a fraction is a
# double. PostgreSQL then casts it to the column's type, as it does for an expression in SQL: into an integer it is
# rounded, half to even, so 0.5 and 2.5 are 0 and 2, without an error. Into a `numeric` it has 15 digits: the last ones of
# 123456789.12345679 are gone. postgres 3.4.9 and pg 8.23.1 leave the type to PostgreSQL and send text: an integer is
# "invalid input syntax", and a numeric has all digits. A text is refused by Bun's client as well: "1.5" is no integer.
# Check that a count is one, and hand amounts over as texts.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-30:
#   Bun.SQL: integer 0.5 is 0, 1.5 is 2, 2.5 is 2, "1.5" is refused; numeric 123456789.123457
#   postgres.js: integer 0.5 is refused, 1.5 is refused, 2.5 is refused, "1.5" is refused; numeric 123456789.12345679
#   pg: the same as postgres.js
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 postgres@3.4.9 pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
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

await db.exec("create table sale (tickets integer, amount numeric)");
async function told(name, run) {
  const stored = async (column, value) => {
    await db.exec("delete from sale");
    return run(`insert into sale (${column}) values ($1)`, [value]).then(
      async () => (await db.query(`select ${column}::text as stored from sale`)).rows[0].stored,
      () => "refused",
    );
  };
  const said = [];
  for (const value of [0.5, 1.5, 2.5, "1.5"]) {
    said.push(`${JSON.stringify(value)} is ${await stored("tickets", value)}`);
  }
  console.log(`${name}: integer ${said.join(", ")}; numeric ${await stored("amount", 123456789.12345679)}`);
}
const bun = new SQL({ adapter: "postgres", hostname: place.host, port, database: "postgres", username: "postgres", max: 1, tls: false });
await told("Bun.SQL", async (text, values) => bun.unsafe(text, values));
await bun.close();
const sql = postgres({ ...place, user: "postgres", max: 1 });
await told("postgres.js", async (text, values) => sql.unsafe(text, values));
await sql.end();
const client = new pg.Client({ ...place, user: "postgres" });
await client.connect();
await told("pg", (text, values) => client.query(text, values));
await client.end();
await server.stop();
await db.close();
JS
node_modules/.bin/bun try.mjs | tee out
grep -qxF 'Bun.SQL: integer 0.5 is 0, 1.5 is 2, 2.5 is 2, "1.5" is refused; numeric 123456789.123457' out
for name in postgres.js pg; do
  grep -qxF "$name: integer 0.5 is refused, 1.5 is refused, 2.5 is refused, \"1.5\" is refused; numeric 123456789.12345679" out
done
