#!/bin/sh
# PostgreSQL writes what is five minutes early as "00:-05", and an hour and a half as "-01:-30".
#
# PGlite 0.5.14 (PostgreSQL 18.6): `to_char` of an interval signs each field that is negative, and none that is 0; a
# fraction of a second has its sign behind the point. The same interval as a text has one sign in front of all. A
# difference of two times is negative as soon as something comes before it was planned, so nobody who tries it with
# what is late sees it. PostgreSQL reads "00:-05" back as no interval, and "-01:-30" neither. The offset of a zone
# (pattern `OF`), which had a sign in its minutes too, has one in front by now.
# Write `to_char(greatest(time, -time), 'HH24:MI')`, and the sign by oneself.
#
# Seen on 2026-11-30:
#   -5 minutes: 00:-05, as text -00:05:00; -90 minutes: -01:-30, as text -01:30:00
#   -1.5 seconds by SS.MS: -01.-500; offset of Newfoundland: -03:30
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
for (const [time, pattern] of [
  ["-5 minutes", "HH24:MI"],
  ["-90 minutes", "HH24:MI"],
  ["-1.5 seconds", "SS.MS"],
]) {
  const { rows } = await db.query(
    "select to_char($1::interval, $2) as shown, $1::interval::text as text",
    [time, pattern],
  );
  const [{ shown, text }] = rows;
  const again = await db.query("select $1::text::interval", [shown]).then(
    () => "read again",
    () => "not read again",
  );
  console.log(`${time}: ${shown}, ${again}; as text ${text}`);
}
await db.exec("set timezone = 'America/St_Johns'");
const { rows } = await db.query("select to_char(timestamptz '2026-11-30 12:00Z', 'OF') as shown");
console.log(`offset: ${rows[0].shown}`);
await db.close();
JS
node try.mjs | tee out
grep -qxF -e '-5 minutes: 00:-05, not read again; as text -00:05:00' out
grep -qxF -e '-90 minutes: -01:-30, not read again; as text -01:30:00' out
grep -qF -e '-1.5 seconds: -01.-500, not read again; as text -00:00:01.5' out
grep -qxF 'offset: -03:30' out
