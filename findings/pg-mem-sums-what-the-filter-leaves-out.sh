#!/bin/sh
# In a test with pg-mem a sum has what its filter leaves out, a month has 30 days and a year 360.
#
# pg-mem 3.0.14, which is a PostgreSQL in memory for unit tests: what it does not know it refuses, with a message that names the parts of
# a statement which "have not been read". `filter (where ...)` of an aggregate and `order by` within one are read, and nothing is made of them:
# a sum over the sales of one event is that of all, a list in order is in no order. A date and '1 month' are 30 days on, so
# that 31 January is followed by 2 March, and '1 year' is 360 of them. `not in (5, null)`, which in PostgreSQL is never true, has
# all but 5; `greatest` and `least` are null beside a null; the week of 1 January 2027 is 1, not 53. A test that was
# written by what pg-mem answers is green, and wrong of the database. README's limitations are views, indices, zones, and that numbers
# are those of JavaScript. A real PostgreSQL without a server is PGlite 0.5.14, by which the other answers are.
# Test such statements on PGlite or on a server.
#
# Seen on 2026-12-01, by pg-mem, in brackets by PGlite:
#   sum(n) filter (where e = 'a') of 5, 7 and 1: 13 (6); array_agg(n order by n desc): 5,7,1 (7,5,1)
#   31 January and a month: 2026-03-02 (2026-02-28); 31 July and a year: 2027-07-26 (2027-07-31)
#   n not in (5, null): 7,1 (nothing); greatest(1, null, 3): null (3); week of 2027-01-01: 1 (53)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit pg-mem@3.0.14 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { newDb } from "pg-mem";

const memory = newDb();
const real = await PGlite.create();
const tables = "create table sale (e text, n int); insert into sale values ('a', 5), ('b', 7), ('a', 1)";
memory.public.none(tables);
await real.exec(tables);

function shown(rows) {
  const values = rows.flatMap((row) => Object.values(row).flat());
  const texts = values.map((value) => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value)));
  return texts.length === 0 ? "nothing" : texts.join(",");
}
for (const [name, text] of [
  ["the sum of one event", "select sum(n) filter (where e = 'a') v from sale"],
  ["the number of one event", "select count(*) filter (where e = 'a') v from sale"],
  ["a list in order", "select array_agg(n order by n desc) v from sale"],
  ["31 January and a month", "select timestamp '2026-01-31' + interval '1 month' v"],
  ["31 July and a year", "select timestamp '2026-07-31' + interval '1 year' v"],
  ["31 July and 31 days", "select timestamp '2026-07-31' + interval '31 days' v"],
  ["not in with null", "select n v from sale where n not in (5, null)"],
  ["greatest with null", "select greatest(1, null, 3) v"],
  ["the week of New Year 2027", "select extract(week from date '2027-01-01') v"],
]) {
  console.log(`${name}: ${shown(memory.public.many(text))} (${shown((await real.query(text)).rows)})`);
}
await real.close();
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'the sum of one event: 13 (6)' out
grep -qxF 'the number of one event: 3 (2)' out
grep -qxF 'a list in order: 5,7,1 (7,5,1)' out
grep -qxF '31 January and a month: 2026-03-02 (2026-02-28)' out
grep -qxF '31 July and a year: 2027-07-26 (2027-07-31)' out
grep -qxF '31 July and 31 days: 2026-08-31 (2026-08-31)' out
grep -qxF 'not in with null: 7,1 (nothing)' out
grep -qxF 'greatest with null: null (3)' out
grep -qxF 'the week of New Year 2027: 1 (53)' out
