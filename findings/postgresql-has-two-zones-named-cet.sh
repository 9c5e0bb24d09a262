#!/bin/sh
# One PostgreSQL has two zones of the name CET: as the session's it has summer time, in `at time zone` it has none.
#
# PGlite 0.5.14 (PostgreSQL 18.6): CET, MET, EET and WET are names of the IANA database, with summer time, and
# abbreviations of PostgreSQL, of a fixed offset. `set timezone` takes names alone; `at time zone`, `date_trunc` with a
# zone and a literal with one look among the abbreviations first. So in July 12:00 of CET is 10:00Z in one statement
# and 11:00Z in the next, and Node's Intl is with the first.
# A sale of half past midnight is on the day before wherever a query names the zone that the session has.
# Europe/Berlin and its like are the same everywhere.
#
# Seen on 2026-11-30, for 2026-07-01 12:00 and for the day of 2026-06-30T22:30Z:
#   CET: session 10:00Z, at time zone 11:00Z, literal 11:00Z; its day by session 2026-07-01, by at time zone 2026-06-30
#   EET: session 09:00Z, at time zone 10:00Z, literal 10:00Z; its day by session 2026-07-01, by at time zone 2026-07-01
#   Europe/Berlin: session 10:00Z, at time zone 10:00Z, literal 10:00Z; its day by session 2026-07-01, by at time zone 2026-07-01
#   Intl shows 12:00 at 10:00Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";

const db = await PGlite.create();
const one = async (sql) => Object.values((await db.query(`select (${sql})::text as it`)).rows[0])[0];
const utc = (instant) => one(`to_char((${instant}) at time zone 'UTC', 'HH24:MI"Z"')`);
const local = "timestamp '2026-07-01 12:00'";
const sale = "timestamptz '2026-06-30 22:30:00Z'";
for (const zone of ["CET", "EET", "Europe/Berlin"]) {
  await db.exec(`set timezone = '${zone}'`);
  const session = await utc(`${local}::timestamptz`);
  const named = await utc(`${local} at time zone '${zone}'`);
  const literal = await utc(`timestamptz '2026-07-01 12:00 ${zone}'`);
  const days = [await one(`${sale}::date`), await one(`(${sale} at time zone '${zone}')::date`)];
  console.log(
    `${zone}: session ${session}, at time zone ${named}, literal ${literal}; ` +
      `its day by session ${days[0]}, by at time zone ${days[1]}`,
  );
}
const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: "CET", timeStyle: "short" });
console.log(`Intl shows ${shown.format(new Date("2026-07-01T10:00:00Z"))} at 10:00Z`);
JS
node try.mjs | tee out
grep -qx 'CET: session 10:00Z, at time zone 11:00Z, literal 11:00Z; its day by session 2026-07-01, by at time zone 2026-06-30' out
grep -qx 'EET: session 09:00Z, at time zone 10:00Z, literal 10:00Z; its day by session 2026-07-01, by at time zone 2026-07-01' out
grep -qx 'Europe/Berlin: session 10:00Z, at time zone 10:00Z, literal 10:00Z; its day by session 2026-07-01, by at time zone 2026-07-01' out
grep -qx 'Intl shows 12:00 at 10:00Z' out
