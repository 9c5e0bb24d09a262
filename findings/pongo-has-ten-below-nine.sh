#!/bin/sh
# Asked for what costs more than 9, Pongo does not find what costs 10; asked for one day, it finds every day.
#
# @event-driven-io/pongo 0.16.11 (the newest), on PGlite 0.5.14 (PostgreSQL 18.6): `$gt`, `$gte`, `$lt` and `$lte` compare the
# text of a field with the text of the value, so 10 and 100 are below 9, and "from 9 to 10" is nothing. A Date
# is compared as "2026-07-02 12:00" with the "2026-07-02T00:00" that is stored, so all of a day is after each moment of it.
# `$eq` and a plain value compare JSON and are right, but for a Date: that is taken for an object of which each field
# must be equal, has none, and is equal to all there is, and who deletes what is of one moment deletes everything.
# Hand dates over as the texts that are stored (`toISOString()`), and write comparisons of numbers as SQL.
#
# Seen on 2026-11-30, of prices 9, 10 and 100, on 1, 2 and 3 July:
#   price 10: 10
#   price > 9: none
#   price < 50: 10, 100
#   price from 9 to 10: none
#   at before noon of 2 July: 9
#   at before noon of 2 July as a text: 9, 10
#   at 1 July: 9, 10, 100
#   at 1 July as a text: 9
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

const july = (day) => new Date(Date.UTC(2026, 6, day));
await sales.insertMany([9, 10, 100].map((price, index) => ({ _id: `${index}`, price, at: july(index + 1) })));
const told = async (name, filter) => {
  const found = (await sales.find(filter)).map(({ price }) => price).sort((a, b) => a - b);
  console.log(`${name}: ${found.join(", ") || "none"}`);
};
await told("price 10", { price: 10 });
await told("price > 9", { price: { $gt: 9 } });
await told("price < 50", { price: { $lt: 50 } });
await told("price from 9 to 10", { price: { $gte: 9, $lte: 10 } });
const noon = new Date("2026-07-02T12:00:00Z");
await told("at before noon of 2 July", { at: { $lt: noon } });
await told("at before noon of 2 July as a text", { at: { $lt: noon.toISOString() } });
await told("at 1 July", { at: july(1) });
await told("at 1 July as a text", { at: july(1).toISOString() });
await client.close();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'price 10: 10' out
grep -qxF 'price > 9: none' out
grep -qxF 'price < 50: 10, 100' out
grep -qxF 'price from 9 to 10: none' out
grep -qxF 'at before noon of 2 July: 9' out
grep -qxF 'at before noon of 2 July as a text: 9, 10' out
grep -qxF 'at 1 July: 9, 10, 100' out
grep -qxF 'at 1 July as a text: 9' out
