#!/bin/sh
# In DuckDB the time between two instants depends on the session's zone: 25 hours are 86400 seconds where clocks go back.
#
# @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): a TIMESTAMPTZ is an instant, and of two of them `-` is counted by the
# calendar of the session's TimeZone, with days first. In Berlin from midnight to midnight is "1 day" on 25 October, and
# its `epoch` 86400, where the two epochs are 90000 apart; on the night in March 47 hours are "2 days". A rate per
# hour over that weekend is wrong by the hour, and on a server in UTC it is right. PostgreSQL counts such a
# difference in days of 24 hours everywhere: "1 day 01:00:00" (PGlite 0.5.14, PostgreSQL 18.6).
# `date_diff('hour', ...)` is said to count the limits of hours in between: from the first 02:30 of that night to the
# second it finds none, though minutes are 60.
# Subtract the epochs (`epoch(b) - epoch(a)`, `epoch_ms`).
#
# Seen on 2026-11-30:
#   25 October, 25 hours, UTC: b - a = 1 day 01:00:00, of 90000 seconds; epochs apart 90000
#   25 October, 25 hours, Europe/Berlin: b - a = 1 day, of 86400 seconds; epochs apart 90000
#   28 and 29 March, 47 hours, Europe/Berlin: b - a = 2 days, of 172800 seconds; epochs apart 169200
#   the first 02:30 to the second, Europe/Berlin: date_diff minutes 60, hours 0
#   PostgreSQL, 25 October, Europe/Berlin: 1 day 01:00:00, of 90000 seconds
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @duckdb/node-api@1.5.6-r.1 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { DuckDBInstance } from "@duckdb/node-api";
import { PGlite } from "@electric-sql/pglite";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const row = async (zone, from, to, columns) => {
  await connection.run(`set timezone = '${zone}'`);
  const sql = `select ${columns} from (select timestamptz '${from}' a, timestamptz '${to}' b)`;
  return (await connection.runAndReadAll(sql)).getRowObjectsJson()[0];
};
const told = async (name, zone, from, to) => {
  const { took, seconds, apart } = await row(zone, from, to, "(b - a)::varchar as took, epoch(b - a) as seconds, epoch(b) - epoch(a) as apart");
  console.log(`${name}, ${zone}: b - a = ${took}, of ${seconds} seconds; epochs apart ${apart}`);
};
const october = ["2026-10-24 22:00:00+00", "2026-10-25 23:00:00+00"];
await told("25 October, 25 hours", "UTC", ...october);
await told("25 October, 25 hours", "Europe/Berlin", ...october);
await told("28 and 29 March, 47 hours", "Europe/Berlin", "2026-03-27 23:00:00+00", "2026-03-29 22:00:00+00");
const twice = await row(
  "Europe/Berlin",
  "2026-10-25 00:30:00+00",
  "2026-10-25 01:30:00+00",
  "date_diff('minute', a, b) as minutes, date_diff('hour', a, b) as hours",
);
console.log(`the first 02:30 to the second, Europe/Berlin: date_diff minutes ${twice.minutes}, hours ${twice.hours}`);

const db = await PGlite.create();
await db.exec("set timezone = 'Europe/Berlin'");
const { rows } = await db.query(
  "select (b - a)::text as took, extract(epoch from b - a)::int as seconds from (select $1::timestamptz a, $2::timestamptz b) t",
  october,
);
console.log(`PostgreSQL, 25 October, Europe/Berlin: ${rows[0].took}, of ${rows[0].seconds} seconds`);
await db.close();
JS
node try.mjs | tee out
grep -qxF '25 October, 25 hours, UTC: b - a = 1 day 01:00:00, of 90000 seconds; epochs apart 90000' out
grep -qxF '25 October, 25 hours, Europe/Berlin: b - a = 1 day, of 86400 seconds; epochs apart 90000' out
grep -qxF '28 and 29 March, 47 hours, Europe/Berlin: b - a = 2 days, of 172800 seconds; epochs apart 169200' out
grep -qxF 'the first 02:30 to the second, Europe/Berlin: date_diff minutes 60, hours 0' out
grep -qxF 'PostgreSQL, 25 October, Europe/Berlin: 1 day 01:00:00, of 90000 seconds' out
