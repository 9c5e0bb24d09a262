#!/bin/sh
# Emmett's store in memory and its store on PostgreSQL begin to read at different events.
#
# @event-driven-io/emmett and emmett-postgresql 0.42.0: of a stream of five `from: 3n` is the fourth event on in memory,
# which counts from 0, and the third on in PostgreSQL, which compares positions that begin with 1. `maxCount: 2n` behind a
# `from` is two events in memory and three in PostgreSQL, so pages of it overlap. Who reads on from the version that a
# snapshot has, gets each event once in tests and the snapshot's last one twice in production. Behind the last event
# PostgreSQL says that there is no such stream, `streamExists: false` and version 0; in memory it is there, with
# version 5.
# Read without `from`, or look at each event's `metadata.streamPosition`, which is the same in both.
#
# Seen on 2026-11-30:
#   memory: from 3 reads 4,5; from 1 at most 2 reads 2,3; from 6 reads 0, exists true, version 5
#   postgresql: from 3 reads 3,4,5; from 1 at most 2 reads 1,2,3; from 6 reads 0, exists false, version 0
#   a snapshot at version 3 and what comes from there: memory 15 of 15, postgresql 18 of 15
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
  await store.appendToStream("sale", sold(1, 2, 3, 4, 5));
  const read = async (options) => {
    const { events, streamExists, currentStreamVersion } = await store.readStream("sale", options);
    return { numbers: events.map(({ data }) => data.number), streamExists, currentStreamVersion };
  };
  const third = await read({ from: 3n });
  const page = await read({ from: 1n, maxCount: 2n });
  const behind = await read({ from: 6n });
  console.log(
    `${name}: from 3 reads ${third.numbers}; from 1 at most 2 reads ${page.numbers}; ` +
      `from 6 reads ${behind.numbers.length}, exists ${behind.streamExists}, version ${behind.currentStreamVersion}`,
  );
  const snapshot = 1 + 2 + 3;
  const sum = third.numbers.reduce((total, number) => total + number, snapshot);
  console.log(`${name}: a snapshot at version 3 and what comes from there is ${sum} of 15`);
}
await stores.postgresql.close();
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -qxF 'memory: from 3 reads 4,5; from 1 at most 2 reads 2,3; from 6 reads 0, exists true, version 5' out
grep -qxF 'postgresql: from 3 reads 3,4,5; from 1 at most 2 reads 1,2,3; from 6 reads 0, exists false, version 0' out
grep -qxF 'memory: a snapshot at version 3 and what comes from there is 15 of 15' out
grep -qxF 'postgresql: a snapshot at version 3 and what comes from there is 18 of 15' out
