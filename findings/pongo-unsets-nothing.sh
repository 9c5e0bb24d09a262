#!/bin/sh
# Pongo is told to remove a name from a document, says that it has changed one, and the name is there.
#
# @event-driven-io/pongo 0.16.11 (the newest), on PGlite 0.5.14 (PostgreSQL 18.6): `$unset` becomes `data - '{name}'`, which
# PostgreSQL takes for a field whose name has braces, and no document has that one. The answer is `successful`,
# `modifiedCount: 1` and a version more. A path into the document, which a filter finds by, is the name of a new field
# beside it for `$set` and `$inc`: what was sold online stays 5, however often one is added.
# Replace the document (`handle`, `replaceOne`), and look at it afterwards.
#
# Seen on 2026-11-30, of {"name":"Jo","sold":{"online":5}}, each successful and modified 1:
#   {"$unset":{"name":""}}: {"name":"Jo","sold":{"online":5}}
#   {"$inc":{"sold.online":1}}: {"name":"Jo","sold":{"online":5},"sold.online":1}
#   {"$set":{"sold.online":9}}: {"name":"Jo","sold":{"online":5},"sold.online":9}
#   {"$set":{"name":"Al"}}: {"name":"Al","sold":{"online":5}}
#   found by {"sold.online":5}: 1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit --legacy-peer-deps @event-driven-io/pongo@0.16.11 @event-driven-io/dumbo@0.12.7 \
  pg@8.23.1 pg-connection-string@2.9.1 uuid@10.0.0 ansis@3.17.0 cli-table3@0.6.5 commander@12.1.0 \
  @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { pongoClient } from "@event-driven-io/pongo";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const client = pongoClient(`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`);
const sales = client.db().collection("sales");

const updates = [{ $unset: { name: "" } }, { $inc: { "sold.online": 1 } }, { $set: { "sold.online": 9 } }, { $set: { name: "Al" } }];
for (const update of updates) {
  await sales.deleteMany();
  await sales.insertOne({ _id: "1", name: "Jo", sold: { online: 5 } });
  const { successful, modifiedCount } = await sales.updateOne({ _id: "1" }, update);
  const { _id, _version, ...left } = await sales.findOne({ _id: "1" });
  const claimed = successful && modifiedCount === 1 ? "" : " (not said to be done)";
  console.log(`${JSON.stringify(update)}${claimed}: ${JSON.stringify(left)}`);
}
console.log(`found by {"sold.online":5}: ${(await sales.find({ "sold.online": 5 })).length}`);
await client.close();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF '{"$unset":{"name":""}}: {"name":"Jo","sold":{"online":5}}' out
grep -qxF '{"$inc":{"sold.online":1}}: {"name":"Jo","sold":{"online":5},"sold.online":1}' out
grep -qxF '{"$set":{"sold.online":9}}: {"name":"Jo","sold":{"online":5},"sold.online":9}' out
grep -qxF '{"$set":{"name":"Al"}}: {"name":"Al","sold":{"online":5}}' out
grep -qxF 'found by {"sold.online":5}: 1' out
