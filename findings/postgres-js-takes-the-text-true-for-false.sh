#!/bin/sh
# To a boolean column postgres.js writes `false` for the text "true", and for the number 1.
#
# postgres 3.4.9 (postgres.js): it asks PostgreSQL for a parameter's type, and for a boolean it sends "t" of the value
# `true` itself and "f" of everything else. A flag from a form, a CSV file, an environment variable or an SQLite row
# (`"true"`, `"t"`, `"yes"`, `1`), which PostgreSQL reads as true and pg 8.23.1 hands on, is stored as its opposite, and
# within a list as well. Nothing is refused: `"soon"`, at which PostgreSQL has an error, is false too.
# Make it a boolean first, or have PostgreSQL read the text: `${text}::text::boolean`.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-30:
#   postgres.js: true is t, "true" is f, "t" is f, "yes" is f, 1 is f, "soon" is f, ["true",true] is {f,t}
#   pg: true is t, "true" is t, "t" is t, "yes" is t, 1 is t, "soon" is refused, ["true",true] is {t,t}
#   postgres.js, ::text::boolean: "true" is t
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit postgres@3.4.9 pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";
import postgres from "postgres";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const place = { host: "127.0.0.1", port, user: "postgres", database: "postgres" };

await db.exec("create table ticket_type (public boolean, publics boolean[])");
async function told(name, insert) {
  const said = [];
  for (const value of [true, "true", "t", "yes", 1, "soon", ["true", true]]) {
    const column = Array.isArray(value) ? "publics" : "public";
    await db.exec("delete from ticket_type");
    const stored = await insert(`insert into ticket_type (${column}) values ($1)`, [value]).then(
      async () => (await db.query(`select ${column}::text as stored from ticket_type`)).rows[0].stored,
      () => "refused",
    );
    said.push(`${JSON.stringify(value)} is ${stored.replace(/^(t|f)[a-z]+$/, "$1")}`);
  }
  console.log(`${name}: ${said.join(", ")}`);
}
const sql = postgres({ ...place, max: 1 });
await told("postgres.js", (text, values) => sql.unsafe(text, values));
const [{ read }] = await sql`select ${"true"}::text::boolean as read`;
console.log(`postgres.js, ::text::boolean: "true" is ${read}`);
await sql.end();
const client = new pg.Client(place);
await client.connect();
await told("pg", (text, values) => client.query(text, values));
await client.end();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'postgres.js: true is t, "true" is f, "t" is f, "yes" is f, 1 is f, "soon" is f, ["true",true] is {f,t}' out
grep -qxF 'postgres.js, ::text::boolean: "true" is true' out
grep -qxF 'pg: true is t, "true" is t, "t" is t, "yes" is t, 1 is t, "soon" is refused, ["true",true] is {t,t}' out
