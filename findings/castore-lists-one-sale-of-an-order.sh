#!/bin/sh
# Of three sales that Castore stores together its list shows one, where it is read page by page from PostgreSQL.
#
# @castore/core and its adapters for memory and for PostgreSQL 2.4.2: `listAggregateIds` is how all of a store are found, with
# `limit` and `nextPageToken`, to rebuild a projection or to send all events again. On PostgreSQL the next page is what is later
# than the last one's first event, and PostgreSQL gives all that `pushEventGroup` stores one time, that of the transaction. What
# has the time of a page's last one is in no page, and there is no token after it, so the list ends. In memory the page goes on
# behind the last one's id. `initialEventAfter` has what came at that time in memory, and has it not on PostgreSQL; `limit: 0` and
# `maxVersion: 0` are nothing in memory, and everything on PostgreSQL. The documentation says "ordered by the timestamp of their
# initial event" and "to retrieve aggregate ids that appeared after a certain timestamp", and nothing of two at one time.
# Read the ids from the table, or give each its own time.
#
# Seen on 2026-11-30, of how many sales there are on each page and in a list of at most 0, and how many events up to version 0:
#   memory: at once 3, by 1 1 + 1 + 1, by 2 2 + 1, after the first 3, at most 0 0, up to version 0 0
#   postgresql: at once 3, by 1 1 + 0, by 2 2 + 0, after the first 0, at most 0 3, up to version 0 1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @castore/core@2.4.2 @castore/event-storage-adapter-in-memory@2.4.2 \
  @castore/event-storage-adapter-postgres@2.4.2 postgres@3.4.9 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { EventStore, EventType } from "@castore/core";
import { InMemoryEventStorageAdapter } from "@castore/event-storage-adapter-in-memory";
import { PostgresEventStorageAdapter } from "@castore/event-storage-adapter-postgres";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
await server.start();
const connectionString = `postgresql://postgres:postgres@127.0.0.1:${server.getServerConn().split(":").pop()}/postgres`;
await PostgresEventStorageAdapter.createEventTable({ connectionString });

const adapters = {
  memory: new InMemoryEventStorageAdapter(),
  postgresql: new PostgresEventStorageAdapter({ connectionString }),
};
const sales = ["aaaaaaaa", "bbbbbbbb", "cccccccc"].map((start) => `${start}-0000-4000-8000-000000000000`);
for (const [name, eventStorageAdapter] of Object.entries(adapters)) {
  const store = new EventStore({
    eventStoreId: "SALES",
    eventTypes: [new EventType({ type: "SOLD" })],
    reducer: (aggregate, { aggregateId, version }) => ({ ...aggregate, aggregateId, version }),
    eventStorageAdapter,
  });
  const sold = sales.map((aggregateId) => store.groupEvent({ aggregateId, version: 1, type: "SOLD" }));
  await EventStore.pushEventGroup(...sold);

  const pages = async (limit) => {
    const found = [];
    let pageToken;
    do {
      const page = await store.listAggregateIds({ limit, pageToken });
      found.push(page.aggregateIds.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found.join(" + ");
  };
  const { aggregateIds } = await store.listAggregateIds();
  const initialEventAfter = aggregateIds[0].initialEventTimestamp;
  const after = await store.listAggregateIds({ initialEventAfter });
  const ofNone = await store.listAggregateIds({ limit: 0 });
  const { events } = await store.getEvents(sales[0], { maxVersion: 0 });
  console.log(
    `${name}: at once ${aggregateIds.length}, by 1 ${await pages(1)}, by 2 ${await pages(2)}, ` +
      `after the first ${after.aggregateIds.length}, at most 0 ${ofNone.aggregateIds.length}, up to version 0 ${events.length}`,
  );
}
await server.stop();
await db.close();
process.exit(0);
JS
node try.mjs | tee out
grep -qxF 'memory: at once 3, by 1 1 + 1 + 1, by 2 2 + 1, after the first 3, at most 0 0, up to version 0 0' out
grep -qxF 'postgresql: at once 3, by 1 1 + 0, by 2 2 + 0, after the first 0, at most 0 3, up to version 0 1' out
