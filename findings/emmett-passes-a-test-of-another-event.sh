#!/bin/sh
# A test by Emmett passes although the decider refunds the second ticket that it is expected to sell.
#
# @event-driven-io/emmett 0.42.0, `DeciderSpecification`: its guide on testing says "Assert the events it produces", and how to mend a
# time that "fails by milliseconds". What is asked is that there are as many events, and that each expected one is found somewhere
# among the produced ones: one produced event does for two expected ones, and the order does not count. Fields that are not
# expected do not count either, nor does a Date, which is compared by its fields and has none. No documentation says so.
# Of one event with another amount the test fails, as it should.
# Compare what `decide` returns with `assert.deepStrictEqual`.
#
# Seen on 2026-11-30, of what is produced against what is expected:
#   one sold for 5, for 6: fails
#   sold for 5 and refunded 5, sold for 5 twice: passes
#   sold for 5 and for 500, sold for 5 twice: passes
#   refunded and then sold, sold and then refunded: passes
#   sold in 1970, sold in 2026: passes
#   three seats, two of them: passes
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @event-driven-io/emmett@0.42.0
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { DeciderSpecification } from "@event-driven-io/emmett";

const sold = (data) => ({ type: "Sold", data });
const refunded = (data) => ({ type: "Refunded", data });
const outcome = (run) => {
  try {
    run();
    return "passes";
  } catch {
    return "fails";
  }
};
function tell(name, produced, expected) {
  const spec = DeciderSpecification.for({ decide: () => produced, evolve: (state) => state, initialState: () => ({}) });
  const byEmmett = outcome(() => spec([]).when({ type: "Sell", data: {} }).then(expected));
  console.log(`${name}: ${byEmmett}; deepStrictEqual ${outcome(() => assert.deepEqual(produced, expected))}`);
}
tell("one amount", [sold({ amount: 5 })], [sold({ amount: 6 })]);
tell("the same", [sold({ amount: 5 }), refunded({ amount: 5 })], [sold({ amount: 5 }), refunded({ amount: 5 })]);
tell("another type", [sold({ amount: 5 }), refunded({ amount: 5 })], [sold({ amount: 5 }), sold({ amount: 5 })]);
tell("another amount", [sold({ amount: 5 }), sold({ amount: 500 })], [sold({ amount: 5 }), sold({ amount: 5 })]);
tell("the order", [refunded({ amount: 5 }), sold({ amount: 5 })], [sold({ amount: 5 }), refunded({ amount: 5 })]);
tell("a time", [sold({ at: new Date("1970-01-01") })], [sold({ at: new Date("2026-07-01") })]);
tell("seats", [sold({ seats: [1, 2, 3] })], [sold({ seats: [1, 2] })]);
JS
node try.mjs | tee out
grep -qxF 'one amount: fails; deepStrictEqual fails' out
grep -qxF 'the same: passes; deepStrictEqual passes' out
for name in 'another type' 'another amount' 'the order' 'a time' 'seats'; do
  grep -qxF "$name: passes; deepStrictEqual fails" out
done
