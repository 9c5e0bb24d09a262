#!/bin/sh
# formula.js counts an empty cell as a 0 in a median, an empty text as a 0 that was asked for, and leaves out a real 0.
#
# @formulajs/formulajs 4.6.1: AVERAGE, MIN, COUNT and QUARTILE pass over a null in a range, as Excel does over an
# empty cell. MEDIAN, PERCENTILE and SMALL of the same range take it for 0: of three days of which one is not known yet
# the median is the lower of the other two. COUNTIF, SUMIF and their like take an empty text for 0, so what nobody has
# filled in is sold out. And TEXTJOIN, told to leave out what is empty, leaves out each 0: "0, 3, 0" is "3".
# Take nulls and empty texts out before these functions, and hand TEXTJOIN numbers as texts.
#
# Seen on 2026-11-30, of [null, 3, 5]:
#   AVERAGE 4, MIN 3, COUNT 2, QUARTILE.INC second 4
#   MEDIAN 3, PERCENTILE.INC half 3, SMALL first 0
#   of [0, "", 7] are 0: COUNTIF 2, COUNTIFS 2; of 5, 6 and 8 beside them SUMIF 11, SUMIFS 11
#   TEXTJOIN of 0, 3, 0: "3", with empty ones kept "0,3,0"
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @formulajs/formulajs@4.6.1
cat >try.mjs <<'JS'
import { AVERAGE, COUNT, COUNTIF, COUNTIFS, MEDIAN, MIN, PERCENTILE, QUARTILE, SMALL, SUMIF, SUMIFS, TEXTJOIN } from "@formulajs/formulajs";

const days = [null, 3, 5];
console.log(`AVERAGE ${AVERAGE(days)}, MIN ${MIN(days)}, COUNT ${COUNT(days)}, QUARTILE.INC second ${QUARTILE.INC(days, 2)}`);
console.log(`MEDIAN ${MEDIAN(days)}, PERCENTILE.INC half ${PERCENTILE.INC(days, 0.5)}, SMALL first ${SMALL(days, 1)}`);
const left = [0, "", 7];
const sold = [5, 6, 8];
console.log(
  `of [0, "", 7] are 0: COUNTIF ${COUNTIF(left, 0)}, COUNTIFS ${COUNTIFS(left, 0)}; of 5, 6 and 8 beside them SUMIF ${SUMIF(left, 0, sold)}, SUMIFS ${SUMIFS(sold, left, 0)}`,
);
console.log(`TEXTJOIN of 0, 3, 0: "${TEXTJOIN(",", true, [0, 3, 0])}", with empty ones kept "${TEXTJOIN(",", false, [0, 3, 0])}"`);
JS
node try.mjs | tee out
grep -qxF 'AVERAGE 4, MIN 3, COUNT 2, QUARTILE.INC second 4' out
grep -qxF 'MEDIAN 3, PERCENTILE.INC half 3, SMALL first 0' out
grep -qxF 'of [0, "", 7] are 0: COUNTIF 2, COUNTIFS 2; of 5, 6 and 8 beside them SUMIF 11, SUMIFS 11' out
grep -qxF 'TEXTJOIN of 0, 3, 0: "3", with empty ones kept "0,3,0"' out
