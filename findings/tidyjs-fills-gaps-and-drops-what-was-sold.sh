#!/bin/sh
# tidyjs, asked to fill in the days on which nothing was sold, drops what was sold on the others.
#
# @tidyjs/tidy 2.6.1: `complete({ day: fullSeqDateISOString("day", "day", 1) }, { sold: 0 })` is there for that. The sequence
# begins at the first day, and writes each with `toISOString()`; rows whose day is "2026-03-28" are none of them, and so
# rows are 0 on every day. With Dates that are midnights in Berlin the sequence adds days of UTC, and what was
# sold after the clocks have changed is gone; with prices (`fullSeq("price", 0.1)`) what was sold at 0.3 is, for the
# sequence has 0.30000000000000004. tidyr, which it follows, keeps the rows that are in no sequence. The documentation
# says that the sequence is joined to the rows from the left, and not that rows can be lost.
# Build the sequence from the keys as they are, and compare the sums before and after.
#
# Seen on 2026-11-30, each with 1, 2 and 4 sold:
#   full ISO texts: 4 rows, 7 sold
#   days as texts: 4 rows, 0 sold
#   midnights in Berlin around 29 March: 3 rows, 3 sold
#   prices 0.1, 0.3, 0.4: 4 rows, 5 sold
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @tidyjs/tidy@2.6.1
cat >try.mjs <<'JS'
import { complete, fullSeq, fullSeqDate, fullSeqDateISOString, tidy } from "@tidyjs/tidy";

const told = (name, keys, sequence) => {
  const rows = keys.map((key, index) => ({ key, sold: 2 ** index }));
  const completed = tidy(rows, complete({ key: sequence }, { sold: 0 }));
  const sold = completed.reduce((sum, row) => sum + row.sold, 0);
  console.log(`${name}: ${completed.length} rows, ${sold} sold`);
};
const days = ["2026-03-28", "2026-03-29", "2026-03-31"];
const texts = fullSeqDateISOString("key", "day", 1);
told("full ISO texts", days.map((day) => `${day}T00:00:00.000Z`), texts);
told("days as texts", days, texts);
const midnights = ["2026-03-28T00:00+01:00", "2026-03-29T00:00+01:00", "2026-03-31T00:00+02:00"].map((text) => new Date(text));
told("midnights in Berlin around 29 March", midnights, fullSeqDate("key", "day", 1));
told("prices 0.1, 0.3, 0.4", [0.1, 0.3, 0.4], fullSeq("key", 0.1));
JS
TZ=Europe/Berlin node try.mjs | tee out
grep -qxF 'full ISO texts: 4 rows, 7 sold' out
grep -qxF 'days as texts: 4 rows, 0 sold' out
grep -qxF 'midnights in Berlin around 29 March: 3 rows, 3 sold' out
grep -qxF 'prices 0.1, 0.3, 0.4: 4 rows, 5 sold' out
