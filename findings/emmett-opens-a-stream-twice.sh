#!/bin/sh
# Emmett appends to a stream that is there although it was told that it must not exist, on PostgreSQL alone.
#
# @event-driven-io/emmett and emmett-postgresql 0.42.0: `expectedStreamVersion: "STREAM_DOES_NOT_EXIST"` guards a creation:
# the second of two commands that open one sale is refused. In memory it is; on PostgreSQL the value is taken for "no
# check", as is `"STREAM_EXISTS"`, and a stream begins twice, or begins where it should have been there, without an error. A
# number is compared in both. So a test with the store in memory shows a guard that the service does not have.
# `expectedStreamVersion: 0n` is refused by both stores where the stream is there.
#
# Seen on 2026-11-30:
#   memory: opened: appended; again, STREAM_DOES_NOT_EXIST: refused; again, 0: refused; one that is not there, STREAM_EXISTS: refused; events 1
#   postgresql: opened: appended; again, STREAM_DOES_NOT_EXIST: appended; again, 0: refused; one that is not there, STREAM_EXISTS: appended; events 2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0 \
  @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { getInMemoryEventStore } from "@event-driven-io/emmett";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const stores = {
  memory: getInMemoryEventStore(),
  postgresql: getPostgreSQLEventStore(`postgresql://postgres:postgres@127.0.0.1:${port}/postgres`),
};
const sold = (...numbers) => numbers.map((number) => ({ type: "Sold", data: { number } }));
for (const [name, store] of Object.entries(stores)) {
  const append = (stream, expectedStreamVersion) =>
    store.appendToStream(stream, sold(1), { expectedStreamVersion }).then(() => "appended", () => "refused");
  const first = await append("sale", 0n);
  const again = await append("sale", "STREAM_DOES_NOT_EXIST");
  const zero = await append("sale", 0n);
  const missing = await append("nothing", "STREAM_EXISTS");
  const { events } = await store.readStream("sale");
  console.log(
    `${name}: opened: ${first}; again, STREAM_DOES_NOT_EXIST: ${again}; again, 0: ${zero}; ` +
      `one that is not there, STREAM_EXISTS: ${missing}; events ${events.length}`,
  );
}
await stores.postgresql.close();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'memory: opened: appended; again, STREAM_DOES_NOT_EXIST: refused; again, 0: refused; one that is not there, STREAM_EXISTS: refused; events 1' out
grep -qxF 'postgresql: opened: appended; again, STREAM_DOES_NOT_EXIST: appended; again, 0: refused; one that is not there, STREAM_EXISTS: appended; events 2' out
