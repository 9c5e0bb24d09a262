#!/bin/sh
# Drizzle reads an id that is stored as a text in jsonb as a number, where it happens to have digits alone.
#
# drizzle-orm 0.45.4 on PGlite 0.5.14 (PostgreSQL 18.6): the driver has parsed a `jsonb` column already, and where the value is a
# text Drizzle parses that text as JSON once more, and keeps it where it is none. "12345678901234567890" comes back as
# 12345678901234567000, "1e5" as 100000, "true" as true, and a message that is itself JSON as an object, while what is in
# the table, what `jsonb_typeof` says and what the driver answers is the text that was inserted. Of the types that
# `$type<string>()` promises nothing is checked. A text within an object stays one. Issue 3018, open
# upstream, says it of another driver; that was not run here.
# Keep a text in an object, or in a column of type text.
#
# Seen on 2026-11-30, inserted by Drizzle, all of them strings for PostgreSQL and for the driver:
#   "berlin" is "berlin", "12345678901234567890" is 12345678901234567000, "1e5" is 100000, "true" is true,
#   "{\"a\":1}" is {"a":1}, {"id":"1e5"} is {"id":"1e5"}
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit drizzle-orm@0.45.4 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { asc } from "drizzle-orm";
import { integer, jsonb, pgTable } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/pglite";

const client = await PGlite.create();
await client.exec("create table note (at int primary key, value jsonb)");
const note = pgTable("note", { at: integer("at").primaryKey(), value: jsonb("value") });
const db = drizzle(client);
const values = ["berlin", "12345678901234567890", "1e5", "true", '{"a":1}', { id: "1e5" }];
await db.insert(note).values(values.map((value, at) => ({ at, value })));
const { rows } = await client.query("select value, jsonb_typeof(value) as type from note order by at");
const read = await db.select().from(note).orderBy(asc(note.at));
for (const [at, value] of values.entries()) {
  const { value: stored, type } = rows[at];
  const same = JSON.stringify(stored) === JSON.stringify(value) ? "the same" : "another";
  console.log(`${JSON.stringify(value)}: ${type}, by the driver ${same}, by Drizzle ${JSON.stringify(read[at].value)}`);
}
await client.close();
JS
node try.mjs | tee out
grep -qxF '"berlin": string, by the driver the same, by Drizzle "berlin"' out
grep -qxF '"12345678901234567890": string, by the driver the same, by Drizzle 12345678901234567000' out
grep -qxF '"1e5": string, by the driver the same, by Drizzle 100000' out
grep -qxF '"true": string, by the driver the same, by Drizzle true' out
grep -qxF '"{\"a\":1}": string, by the driver the same, by Drizzle {"a":1}' out
grep -qxF '{"id":"1e5"}: object, by the driver the same, by Drizzle {"id":"1e5"}' out
