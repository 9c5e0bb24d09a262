#!/bin/sh
# By PostgreSQL a year is less than 361 days, and whoever wants to be told 30 days before cannot be told a month before.
#
# PGlite 0.5.14 (PostgreSQL 18.6): an `interval` keeps months, days and microseconds apart, and adds each of them rightly. To
# compare two, months are taken for 30 days, in `=`, `order by`, `max`, `distinct`, `group by` and unique constraints.
# `extract(epoch ...)` takes a year for 365.25 days, so that one order contradicts the other. The chapter on dates
# says how intervals are added, and not this. A table of reminders, unique by event and how long before, refuses the second of
# '30 days' and '1 month', and grouped by it both are counted as the one that comes first.
# Keep days and months in columns of their own, or make the text unique.
#
# Seen on 2026-11-30:
#   the longer of 1 year and 361 days: 361 days, by extract(epoch): 1 year
#   groups of 30 days, 1 month and 720 hours: 1; added to 2027-02-01: 2027-03-03 and 2027-03-01
#   1 month after 30 days: duplicate key value violates unique constraint "reminder_pkey"
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
const shown = async (sql) => (await db.query(sql)).rows.map((row) => row.shown).join(" and ");
const long = "(values (interval '1 year'), (interval '361 days')) long (time)";
console.log(`the longer: ${await shown(`select max(time)::text as shown from ${long}`)}`);
const byEpoch = `select time::text as shown from ${long} order by extract(epoch from time) desc limit 1`;
console.log(`by extract(epoch): ${await shown(byEpoch)}`);
const same = "(values (interval '30 days'), (interval '1 month'), (interval '720 hours')) same (time)";
console.log(`groups: ${await shown(`select count(distinct time)::int as shown from ${same}`)}`);
console.log(
  `added: ${await shown(`select (date '2027-02-01' + time)::date::text as shown from ${same} limit 2`)}`,
);
await db.exec("create table reminder (event text, before interval, primary key (event, before))");
await db.query("insert into reminder values ('a', '30 days')");
await db
  .query("insert into reminder values ('a', '1 month')")
  .then(() => console.log("both stand"), (error) => console.log(error.message));
await db.close();
JS
node try.mjs | tee out
grep -qxF 'the longer: 361 days' out
grep -qxF 'by extract(epoch): 1 year' out
grep -qxF 'groups: 1' out
grep -qxF 'added: 2027-03-03 and 2027-03-01' out
grep -qxF 'duplicate key value violates unique constraint "reminder_pkey"' out
