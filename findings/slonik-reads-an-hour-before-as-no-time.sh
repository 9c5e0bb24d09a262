#!/bin/sh
# By Slonik an hour before the start is 0 seconds, a day less an hour is a whole day, and a month is as long as the one that today is in.
#
# slonik 47.3.2, Node 20: an `interval` is read "in seconds", by the table of type parsers that are on unless one takes them
# off. It is written as a duration of ISO 8601 for that, and read by a pattern that knows no minus and need not match to the
# end: from the first negative part on, all is 0, without an error. What is early is on time, a total of what is too much and too little is
# too much. What is left is added to the machine's clock: '1 month' is 28 days in February and an hour less than 31 in March, and
# '1 day' has 23 hours on the day before the clocks change, on a machine in Berlin. PostgreSQL's own seconds, `extract(epoch from ...)`, are of 30
# days, and always the same. The documentation has nothing of this. The PostgreSQL is PGlite 0.5.14, behind a socket.
# Select `extract(epoch from ...)`, or give a parser of your own for "interval".
#
# Seen on 2026-12-01, of two times that are subtracted in SQL, and of a month and a day on three days of the clock:
#   -01:00:00 0 (epoch -3600), 1 day -01:00:00 86400 (82800), 2 days -00:30:00 172800 (171000), 01:30:00 5400 (5400)
#   1 mon: 2026-02-10 28 days, 2026-03-10 30.96 days (30); 1 day: 2026-03-28 23 hours, 2026-03-10 24 hours (24)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit slonik@47.3.2 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { createPool, sql } from "slonik";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const pool = await createPool(`postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=disable`, { maximumPoolSize: 1 });

const read = (interval) =>
  pool.one(sql.unsafe`select ${interval}::interval as slonik, ${interval}::interval::text as text, extract(epoch from ${interval}::interval)::float8 as epoch`);
for (const [at, start] of [
  ["2026-07-01 08:00", "2026-07-01 09:00"],
  ["2026-07-01 09:00", "2026-07-01 07:30"],
]) {
  const early = await pool.one(
    sql.unsafe`select ${at}::timestamp - ${start}::timestamp as slonik, (${at}::timestamp - ${start}::timestamp)::text as text,
      extract(epoch from ${at}::timestamp - ${start}::timestamp)::float8 as epoch`,
  );
  console.log(`${early.text}: ${early.slonik} (${early.epoch})`);
}
for (const interval of ["1 day -1 hour", "2 days -30 minutes"]) {
  const { text, slonik, epoch } = await read(interval);
  console.log(`${text}: ${slonik} (${epoch})`);
}
const now = Date.now;
for (const [day, interval, unit, seconds] of [
  ["2026-02-10", "1 month", "days", 86_400],
  ["2026-03-10", "1 month", "days", 86_400],
  ["2026-03-28", "1 day", "hours", 3600],
  ["2026-03-10", "1 day", "hours", 3600],
]) {
  // The machine's clock is what is read here, and nothing else of it is touched.
  Date.now = () => Date.parse(`${day}T12:00+01:00`);
  const { text, slonik, epoch } = await read(interval);
  Date.now = now;
  console.log(`${text} on ${day}: ${Number((slonik / seconds).toFixed(2))} ${unit} (${epoch / seconds})`);
}
await pool.end();
await server.stop();
await db.close();
process.exit(0);
JS
TZ=Europe/Berlin node try.mjs | tee out
grep -qxF -e '-01:00:00: 0 (-3600)' out
grep -qxF '01:30:00: 5400 (5400)' out
grep -qxF '1 day -01:00:00: 86400 (82800)' out
grep -qxF '2 days -00:30:00: 172800 (171000)' out
grep -qxF '1 mon on 2026-02-10: 28 days (30)' out
grep -qxF '1 mon on 2026-03-10: 30.96 days (30)' out
grep -qxF '1 day on 2026-03-28: 23 hours (24)' out
grep -qxF '1 day on 2026-03-10: 24 hours (24)' out
