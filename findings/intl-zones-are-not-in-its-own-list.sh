#!/bin/sh
# The zone of an event in Mumbai is none by Node's own list of zones, and neither is UTC.
#
# Node 20.20.2 (V8) and Bun 1.4.5 (JavaScriptCore): `Intl.supportedValuesOf("timeZone")`, by which a configuration or a
# zod enum likes to ask whether there is such a zone, has one name of each zone, and the two engines do not take the
# same. Node lists old names (Asia/Calcutta) and not `UTC`, `Asia/Kolkata`, `Europe/Kyiv` or `America/Argentina/Buenos_Aires`,
# all of which its DateTimeFormat takes, and `resolvedOptions().timeZone` says another name than was given. Bun lists the
# new ones, and keeps what was given. So a zone from a browser (V8's name) is refused on Bun by its list, one that Bun
# wrote is refused on Node, and two names of one zone are two groups. PostgreSQL (PGlite 0.5.14) has all of both.
# Ask DateTimeFormat whether it throws, and compare what zones show, not what they are called.
#
# Seen on 2026-11-30, listed, and the name that is said:
#   node: UTC no UTC, Asia/Kolkata no Asia/Calcutta, Asia/Calcutta yes Asia/Calcutta, Europe/Kyiv no Europe/Kiev
#   bun: UTC yes UTC, Asia/Kolkata yes Asia/Kolkata, Asia/Calcutta no Asia/Calcutta, Europe/Kyiv yes Europe/Kyiv
#   PostgreSQL has UTC, Asia/Kolkata, Asia/Calcutta, Europe/Kyiv
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 @electric-sql/pglite@0.5.14
cat >zones.mjs <<'JS'
export const zones = ["UTC", "Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv"];
JS
cat >try.mjs <<'JS'
import { zones } from "./zones.mjs";

const listed = new Set(Intl.supportedValuesOf("timeZone"));
const said = zones.map((timeZone) => {
  const name = new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  return `${timeZone} ${listed.has(timeZone) ? "yes" : "no"} ${name}`;
});
console.log(`${process.versions.bun ? "bun" : "node"}: ${said.join(", ")}`);
JS
cat >postgresql.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { zones } from "./zones.mjs";

const db = await PGlite.create();
const { rows } = await db.query("select name from pg_timezone_names where name = any($1)", [zones]);
const names = new Set(rows.map(({ name }) => name));
console.log(`PostgreSQL has ${zones.filter((zone) => names.has(zone)).join(", ")}`);
await db.close();
JS
{
  node try.mjs
  node_modules/.bin/bun try.mjs
  node postgresql.mjs
} | tee out
grep -qxF 'node: UTC no UTC, Asia/Kolkata no Asia/Calcutta, Asia/Calcutta yes Asia/Calcutta, Europe/Kyiv no Europe/Kiev' out
grep -qxF 'bun: UTC yes UTC, Asia/Kolkata yes Asia/Kolkata, Asia/Calcutta no Asia/Calcutta, Europe/Kyiv yes Europe/Kyiv' out
grep -qxF 'PostgreSQL has UTC, Asia/Kolkata, Asia/Calcutta, Europe/Kyiv' out
