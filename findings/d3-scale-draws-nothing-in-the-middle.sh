#!/bin/sh
# A linear scale of d3 whose domain begins and ends at the same value puts every value in the middle.
#
# d3-scale 4.0.3: `scaleLinear([0, max(sold)], [height, 0])` is how a curve of what was sold is drawn. On the day that
# sales open everything is 0, the domain is [0, 0], and the scale answers half of the range for 0, and for anything
# else: a flat line at half height, and bars that are half full, where nothing was sold. `clamp` changes nothing, and
# `nice` leaves the domain as it is. A clock's scale does the same with one point in time.
# Give the domain a length: `[0, max(sold) || 1]`.
#
# Seen on 2026-11-30:
#   [0, 0] to [0, 100]: 0 at 50, 5 at 50; clamped 50; nice 50; of one instant 50; [0, 1]: 0 at 0
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit d3-scale@4.0.3
cat >try.mjs <<'JS'
import { scaleLinear, scaleUtc } from "d3-scale";

const sold = [0, 0, 0];
const scale = scaleLinear([0, Math.max(...sold)], [0, 100]);
const launch = new Date("2026-11-30T11:00:00Z");
console.log(`nothing sold: 0 at ${scale(0)}, 5 at ${scale(5)}`);
console.log(`clamped: 0 at ${scale.copy().clamp(true)(0)}`);
console.log(`nice: 0 at ${scale.copy().nice()(0)}`);
console.log(`one instant: at ${scaleUtc([launch, launch], [0, 100])(launch)}`);
console.log(`with a length: 0 at ${scaleLinear([0, Math.max(...sold) || 1], [0, 100])(0)}`);
JS
node try.mjs | tee out
grep -qxF 'nothing sold: 0 at 50, 5 at 50' out
grep -qxF 'clamped: 0 at 50' out
grep -qxF 'nice: 0 at 50' out
grep -qxF 'one instant: at 50' out
grep -qxF 'with a length: 0 at 0' out
