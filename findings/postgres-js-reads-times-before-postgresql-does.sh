#!/bin/sh
# A time that is handed to postgres.js as a text loses its microseconds, and is taken by the machine's clock and not by
# the session's.
#
# postgres 3.4.9 (postgres.js): where PostgreSQL says that a parameter is a time, postgres.js reads the text as a
# JavaScript Date and sends that. So what was read as text to keep it whole (`created_at::text`, the cursor of a log)
# and is asked for again has three digits of six, and `created_at > ${cursor}` finds the last row once more, at each
# page. A time without an offset, which PostgreSQL takes by the session's `timezone`, is shifted by the machine's, and
# so is one for a column without a zone. pg 8.23.1 hands texts on.
# `${text}::text::timestamptz` leaves it to PostgreSQL.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket; its session is in UTC.
#
# Seen on 2026-11-30, of 12:00:00.123456Z and of 12:00 in July, where the machine is in New York:
#   postgres.js: 12:00:00.123, rows behind the last one 1; timestamptz 16:00, timestamp 16:00
#   postgres.js, ::text: 12:00:00.123456, rows behind the last one 0; timestamptz 12:00, timestamp 12:00
#   pg: 12:00:00.123456, rows behind the last one 0; timestamptz 12:00, timestamp 12:00
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

await db.exec("set timezone to 'UTC'");
await db.exec("create table fact (created_at timestamptz)");
await db.exec("insert into fact values ('2026-07-01 12:00:00.123456Z')");
const clock = (text) => text.replace(/^.* |\+00$/g, "");
async function told(name, ask, cast = "") {
  const cursor = (await ask("select created_at::text as value from fact"))[0].value;
  const [sent] = await ask(`select ($1${cast}::timestamptz)::text as value`, cursor);
  const behind = await ask(`select from fact where created_at > $1${cast}::timestamptz`, cursor);
  const local = [];
  for (const type of ["timestamptz", "timestamp"]) {
    const [{ value }] = await ask(`select ($1${cast}::${type})::text as value`, "2026-07-01 12:00");
    local.push(`${type} ${clock(value)}`);
  }
  console.log(`${name}: ${clock(sent.value)}, rows behind the last one ${behind.length}; ${local.join(", ")}`);
}
const sql = postgres({ ...place, max: 1 });
const byPostgresJs = (text, ...values) => sql.unsafe(text, values);
await told("postgres.js", byPostgresJs);
await told("postgres.js, ::text", byPostgresJs, "::text");
await sql.end();
const client = new pg.Client(place);
await client.connect();
await told("pg", async (text, ...values) => (await client.query(text, values)).rows);
await client.end();
await server.stop();
await db.close();
JS
TZ=America/New_York node try.mjs | tee out
grep -qxF 'postgres.js: 12:00:00.123, rows behind the last one 1; timestamptz 16:00:00, timestamp 16:00:00' out
for name in "postgres.js, ::text" pg; do
  grep -qxF "$name: 12:00:00.123456, rows behind the last one 0; timestamptz 12:00:00, timestamp 12:00:00" out
done
