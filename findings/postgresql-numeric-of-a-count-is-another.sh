#!/bin/sh
# A count of 1234567 that PostgreSQL keeps as `real` is 1234570 as `numeric`, and 9007199254740991 of a `double` is ...990.
#
# PGlite 0.5.14 (PostgreSQL 18.6): both numbers are whole and are kept exactly, they are shown with all their digits, and a
# cast to bigint or by way of a text has them right. The cast to numeric keeps 6 digits of a real and 15 of a double,
# where such numbers are written with up to 9 and 17, and the documentation of numeric types does not say so. An insert
# into a numeric column takes it, and so does `round(x::numeric, 2)`, the usual way to round a double to cents; times in
# microseconds since 1970 are ten microseconds apart.
# Cast by way of a text, `x::text::numeric`, or whole numbers by way of bigint.
#
# Seen on 2026-11-30:
#   real 1234567: shown 1.234567e+06, integer 1234567, numeric 1234570, text and numeric 1234567
#   double 9007199254740991: shown 9.007199254740991e+15, integer 9007199254740991, numeric 9007199254740990, text and numeric 9007199254740991
#   double 1782907200123456: shown 1.782907200123456e+15, integer 1782907200123456, numeric 1782907200123460, text and numeric 1782907200123456
#   double 12345678901234.56 rounded to cents: 12345678901234.60
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
for (const [name, type, value] of [
  ["real", "real", "1234567"],
  ["double", "double precision", "9007199254740991"],
  ["double", "double precision", "1782907200123456"],
]) {
  const { rows } = await db.query(
    `select x::text as shown, x::bigint::text as integer, x::numeric::text as numeric, x::text::numeric::text as by_text from (select '${value}'::${type} as x) t`,
  );
  const { shown, integer, numeric, by_text } = rows[0];
  console.log(`${name} ${value}: shown ${shown}, integer ${integer}, numeric ${numeric}, text and numeric ${by_text}`);
}
const { rows } = await db.query("select round('12345678901234.56'::double precision::numeric, 2)::text as cents");
console.log(`double 12345678901234.56 rounded to cents: ${rows[0].cents}`);
await db.close();
JS
node try.mjs | tee out
grep -qxF 'real 1234567: shown 1.234567e+06, integer 1234567, numeric 1234570, text and numeric 1234567' out
grep -qxF 'double 9007199254740991: shown 9.007199254740991e+15, integer 9007199254740991, numeric 9007199254740990, text and numeric 9007199254740991' out
grep -qxF 'double 1782907200123456: shown 1.782907200123456e+15, integer 1782907200123456, numeric 1782907200123460, text and numeric 1782907200123456' out
grep -qxF 'double 12345678901234.56 rounded to cents: 12345678901234.60' out
