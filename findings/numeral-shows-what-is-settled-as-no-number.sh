#!/bin/sh
# An account that is settled is shown by numeral as NaN, where what is left of it by floating point is almost nothing.
#
# numeral 2.0.6 (the newest): to round a number it writes it down and puts an exponent behind it, `1.005` + `e+2`. JavaScript writes
# what is below 0.000001 with an exponent of its own, and `5.5e-17e+2` is no number. What is left of 0.1 + 0.2 - 0.3 is such
# a one, and so is the last line of most bills that add up: the page says NaN where "0.00" is meant, and only then.
# From 1e21 on it does so too. A number that is such a text ("1e-7") is read rightly.
# Count in cents, or round by `Number(value.toFixed(2))` before.
#
# Seen on 2026-12-01:
#   0.1 + 0.2 - 0.3 as 0.00: NaN, Intl.NumberFormat 0.00; as $0,0.00: $NaN; 0.0000009: NaN; 0.000001: 0.00; 1.005: 1.01
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit numeral@2.0.6
cat >try.mjs <<'JS'
import numeral from "numeral";

const left = 0.1 + 0.2 - 0.3;
const intl = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
console.log(`left: ${numeral(left).format("0.00")}, Intl ${intl.format(left)}`);
console.log(`in dollars: ${numeral(left).format("$0,0.00")}`);
for (const value of [0.0000009, 0.000001, 1.005, 1e20, 1e21]) console.log(`${value}: ${numeral(value).format("0.00")}`);
JS
node try.mjs | tee out
grep -qxF 'left: NaN, Intl 0.00' out
grep -qxF 'in dollars: $NaN' out
grep -qxF '9e-7: NaN' out
grep -qxF '0.000001: 0.00' out
grep -qxF '1.005: 1.01' out
grep -qxF '100000000000000000000: 100000000000000000000.00' out
grep -qxF '1e+21: NaN' out
