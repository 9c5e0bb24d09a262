#!/bin/sh
# A test that asks Bun for a sale of July by `toMatchObject` passes with one of January, and with no time at all (`{}`).
#
# Bun 1.4.5, `bun test`: `toMatchObject` compares the fields that the wanted object has. It does so of every object within, and a
# Date, a Map, a Set, an Error and a RegExp have none, so whatever was received is right: another time, another map, an empty object.
# `expect.objectContaining` and `toEqual` compare them. `Bun.deepMatch` does as `toMatchObject` does. Bun's documentation lists the
# matcher among those of Jest that it has, without a restriction; Jest 30 (expect 30.5.2) compares a Date, a Map, a Set and an Error.
# A suite that was moved from Jest stays green, and looks at less.
# Compare such a field on its own with `toEqual`, or wrap `toMatchObject` in a preload, which puts a matcher in its place.
#
# Seen on 2026-11-30, of { value: received } and toMatchObject({ value: wanted }):
#   Bun: the same time passes, another time passes, no time passes, another map passes, another set passes, another error passes
#   Jest: the same time passes, another time fails, no time fails, another map fails, another set fails, another error fails
#   Bun by objectContaining: the same time passes, and all others fail
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 expect@30.5.2
cat >cases.mjs <<'JS'
const january = new Date("2026-01-15T12:00Z");
const july = new Date("2026-07-15T12:00Z");
const cases = {
  "the same time": [new Date(july), july],
  "another time": [january, july],
  "no time": [{}, july],
  "another map": [new Map([["sold", 1]]), new Map([["sold", 2]])],
  "another set": [new Set(["a"]), new Set(["b"])],
  "another error": [new Error("a"), new Error("b")],
};
export function tell(name, check) {
  const said = Object.entries(cases).map(([label, [received, wanted]]) => {
    try {
      check({ value: received }, { value: wanted });
      return `${label} passes`;
    } catch {
      return `${label} fails`;
    }
  });
  console.log(`${name}: ${said.join(", ")}`);
}
JS
cat >sale.test.mjs <<'JS'
import { expect, test } from "bun:test";
import { tell } from "./cases.mjs";

test("a sale", () => {
  tell("Bun", (received, wanted) => expect(received).toMatchObject(wanted));
  tell("Bun, objectContaining", (received, wanted) => expect(received).toEqual(expect.objectContaining(wanted)));
  tell("Bun.deepMatch", (received, wanted) => expect(Bun.deepMatch(wanted, received)).toBe(true));
});
JS
cat >jest.mjs <<'JS'
import { expect } from "expect";
import { tell } from "./cases.mjs";

tell("Jest", (received, wanted) => expect(received).toMatchObject(wanted));
JS
{
  node_modules/.bin/bun test sale.test.mjs 2>/dev/null
  node jest.mjs
} | tee out
passes='the same time passes, another time passes, no time passes, another map passes, another set passes, another error passes'
fails='the same time passes, another time fails, no time fails, another map fails, another set fails, another error fails'
grep -qxF "Bun: $passes" out
grep -qxF "Bun, objectContaining: $fails" out
grep -qxF "Jest: $fails" out
