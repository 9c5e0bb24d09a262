#!/bin/sh
# ArkType takes 31 June for a date of ISO 8601 and makes it 1 July; Effect's DateTime does so too.
#
# arktype 2.2.10, effect 4.1.0, Node 20 and Bun 1.4.5: `string.date.iso` is for a text that is "an ISO 8601 (YYYY-MM-DDTHH:mm:ss.sssZ)
# date", and `string.date.iso.parse` makes a Date of it. Of the days they ask that there are two digits and that JavaScript reads
# them, and both engines count a day up to 31 on into the next month. `DateTime.make` of Effect, whose answer for what is no date is
# none, hands such a text to the engine as well. Who types 31 June for the end of a sale gets a day more, which nobody
# asked for, and 30 February is 2 March. zod 4.6.7 and ajv-formats 3.0.1 refuse each of these.
# Compare what was read with what was written, or ask Temporal.
#
# Seen on 2026-12-01:
#   2026-06-31: arktype 2026-07-01, effect 2026-07-01, zod refused, ajv-formats refused; 2026-02-30: 2026-03-02 of both
#   2026-06-32: refused by all
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit arktype@2.2.10 effect@4.1.0 zod@4.6.7 ajv@8.20.0 ajv-formats@3.0.1 bun@1.4.5
cat >try.mjs <<'JS'
import Ajv from "ajv";
import formats from "ajv-formats";
import { type } from "arktype";
import { DateTime, Option } from "effect";
import { z } from "zod";

const ajv = new Ajv();
formats(ajv);
const date = type("string.date.iso.parse");
for (const text of ["2026-06-30", "2026-06-31", "2026-02-30", "2026-06-32"]) {
  const read = date(text);
  const made = DateTime.make(text);
  console.log(
    [
      `${text}: arktype ${read instanceof type.errors ? "refused" : read.toISOString().slice(0, 10)}`,
      `effect ${Option.isNone(made) ? "refused" : DateTime.formatIso(made.value).slice(0, 10)}`,
      `zod ${z.iso.date().safeParse(text).success ? text : "refused"}`,
      `ajv-formats ${ajv.validate({ type: "string", format: "date" }, text) ? text : "refused"}`,
    ].join(", "),
  );
}
JS
for runtime in node node_modules/.bin/bun; do
  "$runtime" try.mjs | tee out
  grep -qxF '2026-06-30: arktype 2026-06-30, effect 2026-06-30, zod 2026-06-30, ajv-formats 2026-06-30' out
  grep -qxF '2026-06-31: arktype 2026-07-01, effect 2026-07-01, zod refused, ajv-formats refused' out
  grep -qxF '2026-02-30: arktype 2026-03-02, effect 2026-03-02, zod refused, ajv-formats refused' out
  grep -qxF '2026-06-32: arktype refused, effect refused, zod refused, ajv-formats refused' out
done
