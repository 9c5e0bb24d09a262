#!/bin/sh
# To Arquero the seven days before today are those, today, and tomorrow.
#
# arquero 8.0.1, the same in 8.0.3: `rolling(d => op.mean(d.sold), [-7, -1])` is the mean of the week before, by the API reference: "each entry
# indicates an offset from the current value". Of both entries only the size is taken, the first one backwards and the second one
# forwards, so that [-7, -1] is [-7, 1], and [1, 7], the week to come, is [-1, 7]. What today is compared with has today in it, and
# tomorrow: a launch is not much more than usual, and a model that is tried on the past knows what it is asked for. A frame
# that has the row itself at its end or around it ([-6, 0], [-3, 3]), as all examples have, is right. Issue 219, open, asks how
# to leave the row out, and was told to lag first. `cume_dist` of rows that are equal is that of the last one of them, but for
# the lowest: there each row has another one, or the first one's; `ntile` is made of it, so that equal rows are in two parts.
# The PostgreSQL is PGlite 0.5.14. Derive `op.lag(d.sold, 1)` first, and roll over that with [-6, 0].
#
# Seen on 2026-12-01, of 1, 2, 4, 8, 100 and 16 sold on six days, in brackets by PostgreSQL:
#   the two days before: 3, 7, 15, 114, 128, 124 (null, 1, 3, 6, 12, 108); the two days after: 7, 15, 114, 128, 124, 116 (6, 12, 108, 116, 16, null)
#   with today, [-1, 0]: 1, 3, 6, 12, 108, 116 (the same); lagged first: null, 1, 3, 6, 12, 108
#   cume_dist of 5, 5, 7, 7: 0.25, 0.5, 1, 1 (0.5, 0.5, 1, 1)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit arquero@8.0.1 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { op, rolling, table } from "arquero";

const sold = [1, 2, 4, 8, 100, 16];
const days = table({ day: sold.map((_, day) => day), sold }).orderby("day");
const real = await PGlite.create();
await real.exec("create table sale (day int, sold int); create table equal (sold int); insert into equal values (5), (5), (7), (7)");
for (const [day, count] of sold.entries()) await real.query("insert into sale values ($1, $2)", [day, count]);

const shown = (values) => Array.from(values, (value) => String(value ?? null)).join(", ");
const inSql = async (text) => shown((await real.query(text)).rows.map((row) => row.n));
for (const [name, frame, between] of [
  ["the two days before", [-2, -1], "2 preceding and 1 preceding"],
  ["the two days after", [1, 2], "1 following and 2 following"],
  ["with today", [-1, 0], "1 preceding and current row"],
]) {
  const sums = days.derive({ n: rolling((d) => op.sum(d.sold), frame) }).array("n");
  console.log(`${name}: ${shown(sums)} (${await inSql(`select sum(sold) over (order by day rows between ${between})::int as n from sale`)})`);
}
const lagged = days.derive({ before: (d) => op.lag(d.sold, 1) }).derive({ n: rolling((d) => op.sum(d.before), [-1, 0]) });
console.log(`lagged first: ${shown(lagged.array("n"))}`);
const shares = table({ sold: [5, 5, 7, 7] }).orderby("sold").derive({ n: () => op.cume_dist() }).array("n");
console.log(`cume_dist: ${shown(shares)} (${await inSql("select cume_dist() over (order by sold) as n from equal")})`);
await real.close();
JS
node try.mjs | tee out
grep -qxF 'the two days before: 3, 7, 15, 114, 128, 124 (null, 1, 3, 6, 12, 108)' out
grep -qxF 'the two days after: 7, 15, 114, 128, 124, 116 (6, 12, 108, 116, 16, null)' out
grep -qxF 'with today: 1, 3, 6, 12, 108, 116 (1, 3, 6, 12, 108, 116)' out
grep -qxF 'lagged first: null, 1, 3, 6, 12, 108' out
grep -qxF 'cume_dist: 0.25, 0.5, 1, 1 (0.5, 0.5, 1, 1)' out
