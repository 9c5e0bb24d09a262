#!/bin/sh
# A ticket's barcode of digits that Emmett stores as a text is read as a number, and has lost the zeros in front.
#
# @event-driven-io/emmett and emmett-postgresql 0.42.0 (dumbo 0.12.7): JSON from PostgreSQL is read so that a BigInt which was
# written as a text becomes one again, and there is nothing by which it tells such a text from another. Each text of 16
# characters or more that JavaScript takes for a whole number beyond 2^53 becomes a BigInt, one in hexadecimal as well, and
# what is less than that stays a text: of two barcodes one is a number, of one field. `===` and `JSON.stringify` then fail.
# A BigInt of 5 comes back as the text "5". The store in memory keeps all of it, and so tests see none of this. The parsers are
# those of the package pg, for the whole process: another client's `jsonb` column is read like that too.
# Put a letter in front of what is no number.
#
# Seen on 2026-11-30, of what is read from memory and from PostgreSQL:
#   barcode "0012345678901234567890", 12345678901234567890n
#   short barcode "001234567890", "001234567890"
#   order "0x1234567890abcdef1234", 85968058272638546416180n
#   cents 5n, "5"
#   another client of pg reads '{"barcode": "0012345678901234567890"}' as 12345678901234567890n
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0 \
  @event-driven-io/dumbo@0.12.7 pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { getInMemoryEventStore } from "@event-driven-io/emmett";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import pg from "pg";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
const shown = (value) => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value));

const data = {
  barcode: "0012345678901234567890",
  short: "001234567890",
  order: "0x1234567890abcdef1234",
  cents: 5n,
};
const stores = { memory: getInMemoryEventStore(), postgresql: getPostgreSQLEventStore(url) };
for (const [name, store] of Object.entries(stores)) {
  await store.appendToStream("sale", [{ type: "Sold", data }]);
  const { events } = await store.readStream("sale");
  const read = events[0].data;
  console.log(`${name}: ${Object.keys(data).map((field) => `${field} ${shown(read[field])}`).join(", ")}`);
}
const { rows } = await db.query("select message_data #>> '{barcode}' as stored from emt_messages");
console.log(`stored: barcode ${rows[0].stored}`);

const client = new pg.Client({ connectionString: url });
await client.connect();
const other = await client.query(`select '{"barcode": "0012345678901234567890"}'::jsonb as ticket`);
console.log(`another client: barcode ${shown(other.rows[0].ticket.barcode)}`);
await client.end();
await stores.postgresql.close();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'memory: barcode "0012345678901234567890", short "001234567890", order "0x1234567890abcdef1234", cents 5n' out
grep -qxF 'postgresql: barcode 12345678901234567890n, short "001234567890", order 85968058272638546416180n, cents "5"' out
grep -qxF 'stored: barcode 0012345678901234567890' out
grep -qxF 'another client: barcode 12345678901234567890n' out
