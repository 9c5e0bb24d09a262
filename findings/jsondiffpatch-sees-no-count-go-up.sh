#!/bin/sh
# To jsondiffpatch a count that went from 5n to 700n has not changed, nor what is in a Map.
#
# jsondiffpatch 0.7.7: it compares "JavaScript objects", Dates among them, and `undefined` says that there is no difference. A number, a
# text and a boolean are compared as values, and all else is compared key by key. A bigint, which is what drivers give for
# PostgreSQL's bigint when they are told not to lose digits (`postgres.BigInt`, a type parser of pg), has no keys, so two of them are
# always alike: a notice of what is sold is never sent, and a row that changed in nothing else is not written. Beside a price that
# did change only the price is in the delta, and `patch` makes a row of the new price and the old count. The same goes for a Map, in
# which counts by ticket type may be kept. README has neither of them. From 5 to 5n it is seen. microdiff 1.6.0 and
# deep-diff 1.0.2 see the bigint, and no Map; rfc6902 5.4.0 sees no Date, which is open as its issue 100.
# Make texts of them first, or give `create()` a filter of your own before the trivial one.
#
# Seen on 2026-12-01, of what is before and after:
#   sold 5 to 700: seen; sold 5n to 700n: no difference; price and sold: price alone, patched to {"sold":"5n","price":9900}
#   a Map with 5 and with 700: no difference; a Date: seen, and by rfc6902 no difference; bigints by deep-diff: seen
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit jsondiffpatch@0.7.7 rfc6902@5.4.0 microdiff@1.6.0 deep-diff@1.0.2
cat >try.mjs <<'JS'
import deepDiff from "deep-diff";
import { diff, patch } from "jsondiffpatch";
import microdiff from "microdiff";
import { createPatch } from "rfc6902";

const text = (value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
const seen = (delta) => (delta === undefined || delta.length === 0 ? "no difference" : "seen");
const launch = { before: new Date("2026-12-01T10:00Z"), after: new Date("2026-12-08T10:00Z") };
for (const [name, before, after] of [
  ["numbers", 5, 700],
  ["bigints", 5n, 700n],
  ["a number and a bigint", 5, 5n],
  ["Maps", new Map([["men", 5]]), new Map([["men", 700]])],
  ["Dates", launch.before, launch.after],
]) {
  const [one, other] = [{ sold: before }, { sold: after }];
  const by = { jsondiffpatch: diff(one, other), "deep-diff": deepDiff.diff(one, other), microdiff: microdiff(one, other) };
  const said = Object.entries(by).map(([library, delta]) => `${library} ${seen(delta)}`);
  console.log(`${name}: ${said.join(", ")}`);
}
console.log(`Dates by rfc6902: ${seen(createPatch({ at: launch.before }, { at: launch.after }))}`);
const before = { sold: 5n, price: 8900 };
const delta = diff(before, { sold: 700n, price: 9900 });
console.log(`price and sold: ${text(delta)}, patched to ${text(patch(before, delta))}`);
JS
node try.mjs | tee out
grep -qxF 'numbers: jsondiffpatch seen, deep-diff seen, microdiff seen' out
grep -qxF 'bigints: jsondiffpatch no difference, deep-diff seen, microdiff seen' out
grep -qxF 'a number and a bigint: jsondiffpatch seen, deep-diff seen, microdiff seen' out
grep -qxF 'Maps: jsondiffpatch no difference, deep-diff no difference, microdiff no difference' out
grep -qxF 'Dates: jsondiffpatch seen, deep-diff seen, microdiff seen' out
grep -qxF 'Dates by rfc6902: no difference' out
grep -qxF 'price and sold: {"price":[8900,9900]}, patched to {"sold":"5n","price":9900}' out
