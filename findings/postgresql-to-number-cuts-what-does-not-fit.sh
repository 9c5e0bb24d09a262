#!/bin/sh
# PostgreSQL's `to_number` reads 12345 as 1234 where its pattern has four places, and 1,234 as 123.
#
# PGlite 0.5.14 (PostgreSQL 18.6): a pattern names the places of a number. Of a text with more of them the first ones
# are taken and the rest is dropped without an error, so a count is a tenth of itself from the day that it has a digit
# more; the separator of thousands, where the pattern has none, takes a place as well. `to_char` with the same pattern
# shows `####` for such a number. A decimal comma is taken for a separator (0,5 is 5) or ends the number (1.234,56 is
# 1.23), and what stands between digits is skipped (1e3 is 13). A cast is refused for each text that is no number.
# Cast instead, after `replace` of what separates, or compare `to_char` of the result with the text.
#
# Seen on 2026-11-30:
#   12345 by 9999 is 1234 (to_char: ####); 1,234 by 9999 is 123; 1,234,567 by 9,999 is 1234
#   0,5 by 9.9 is 5; 1.234,56 by 9999.99 is 1.23; 1e3 by 9999 is 13, by a cast 1000
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
for (const [text, pattern] of [
  ["1234", "9999"],
  ["12345", "9999"],
  ["1,234", "9999"],
  ["1,234,567", "9,999"],
  ["0,5", "9.9"],
  ["1.234,56", "9999.99"],
  ["1e3", "9999"],
]) {
  const { rows } = await db.query("select to_number($1, $2)::text as number", [text, pattern]);
  const cast = await db
    .query("select $1::text::numeric::text as number", [text])
    .then((result) => result.rows[0].number, () => "refused");
  console.log(`${text} by ${pattern}: ${rows[0].number}, by a cast: ${cast}`);
}
const { rows } = await db.query("select to_char(12345, '9999') as shown");
console.log(`to_char of 12345 by 9999:${rows[0].shown}`);
await db.close();
JS
node try.mjs | tee out
grep -qxF '1234 by 9999: 1234, by a cast: 1234' out
grep -qxF '12345 by 9999: 1234, by a cast: 12345' out
grep -qxF '1,234 by 9999: 123, by a cast: refused' out
grep -qxF '1,234,567 by 9,999: 1234, by a cast: refused' out
grep -qxF '0,5 by 9.9: 5, by a cast: refused' out
grep -qxF '1.234,56 by 9999.99: 1.23, by a cast: refused' out
grep -qxF '1e3 by 9999: 13, by a cast: 1000' out
grep -qxF 'to_char of 12345 by 9999: ####' out
