#!/bin/sh
# A Date that postgres.js writes into a `timestamp` comes back as another instant, unless the machine runs in UTC.
#
# postgres 3.4.9 (postgres.js), Node 20: a Date is sent as an ISO text in UTC, and PostgreSQL drops the zone where the
# column has none; read, the text is given to `new Date(text)`, which takes it by the machine's clock. So the value moves
# by the machine's offset with every reading and writing, in a container never and on a desk in New York by four
# hours. A `date` beside it is read as midnight in UTC everywhere, so the same day as `date` and as `timestamp` are
# two instants in one row. `timestamptz` is right.
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-29:
#   UTC: timestamp 2026-07-01T00:00:00.000Z, date 2026-07-01T00:00:00.000Z, timestamptz 2026-07-01T00:00:00.000Z
#   UTC: after reading and writing twice it is 2026-07-01 00:00:00
#   America/New_York: timestamp 2026-07-01T04:00:00.000Z, date 2026-07-01T00:00:00.000Z, timestamptz 2026-07-01T00:00:00.000Z
#   America/New_York: after reading and writing twice it is 2026-07-01 08:00:00
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
const { TZ } = process.env;

await sql`create table launch (at timestamp, day date, instant timestamptz)`;
const midnight = new Date("2026-07-01T00:00:00Z");
await sql`insert into launch values (${midnight}, ${midnight}, ${midnight})`;
const read = async () => (await sql`select * from launch`)[0];
const { at, day, instant } = await read();
console.log(`${TZ}: timestamp ${at.toISOString()}, date ${day.toISOString()}, timestamptz ${instant.toISOString()}`);
for (let times = 0; times < 2; times += 1) await sql`update launch set at = ${(await read()).at}`;
const [{ stored }] = await sql`select at::text as stored from launch`;
console.log(`${TZ}: after reading and writing twice it is ${stored}`);
await sql.end();
await server.stop();
await db.close();
JS
for zone in UTC America/New_York; do TZ=$zone node try.mjs; done | tee out
same=2026-07-01T00:00:00.000Z
grep -qx "UTC: timestamp $same, date $same, timestamptz $same" out
grep -qx 'UTC: after reading and writing twice it is 2026-07-01 00:00:00' out
grep -qx "America/New_York: timestamp 2026-07-01T04:00:00.000Z, date $same, timestamptz $same" out
grep -qx 'America/New_York: after reading and writing twice it is 2026-07-01 08:00:00' out
