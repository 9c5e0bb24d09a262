#!/bin/sh
# A script that reads from Flowcore and is done ends a minute later; and what ends it at once forgets the tenants
# of every other client in the process.
#
# @flowcore/sdk 1.79.0, Node 20: commands that read by a tenant's name look up once where the tenant lives, and
# keep the answer for 60 s in a cache with a timer that nothing unreferences. So
#   - a process whose work is done waits for the timer: a cron job that reads one page takes a minute more;
#   - `client.close()` clears it, but the cache is the module's: the look-ups of another client, which goes on
#     working, are forgotten too, and its next command asks again.
#
# Seen on 2026-11-28:
#   read one hour, ended 60 s later
#   read one hour and closed, ended 0 s later
#   look-ups of a second client: 1, after the first one was closed: 2
#
# Takes a good minute. Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @flowcore/sdk@1.79.0
cat >flowcore.mjs <<'JS'
import { createServer } from "node:http";
import { EventsFetchCommand, FlowcoreClient } from "@flowcore/sdk";

export let lookUps = 0;
const server = createServer((request, response) => {
  request.resume();
  const isLookUp = request.url.endsWith("/instance");
  if (isLookUp) lookUps += 1;
  response.setHeader("connection", "close");
  response.end(isLookUp ? '{"isDedicated":false,"instance":null}' : '{"events":[]}');
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
// It does not keep the process: what does is the SDK's alone.
server.unref();

export function connect() {
  const client = new FlowcoreClient({ apiKey: "fc_id_secret" });
  client.setBaseUrl(`http://127.0.0.1:${server.address().port}`);
  return client;
}

export const read = (client) =>
  client.execute(
    new EventsFetchCommand({
      tenant: "t", dataCoreId: "d", flowType: "order.0", eventTypes: ["order.placed.0"], timeBucket: "20260301100000",
    }),
  );
JS
cat >script.mjs <<'JS'
import { connect, read } from "./flowcore.mjs";

const closes = process.argv.includes("--close");
const client = connect();
await read(client);
if (closes) client.close();
const doneAt = Date.now();
process.on("exit", () => {
  console.log(`read one hour${closes ? " and closed" : ""}, ended ${Math.round((Date.now() - doneAt) / 1000)} s later`);
});
JS
cat >two.mjs <<'JS'
import * as flowcore from "./flowcore.mjs";

const [one, other] = [flowcore.connect(), flowcore.connect()];
await flowcore.read(other);
await flowcore.read(other);
const before = flowcore.lookUps;
one.close();
await flowcore.read(other);
console.log(`look-ups of a second client: ${before}, after the first one was closed: ${flowcore.lookUps}`);
other.close();
JS
{
  node script.mjs
  node script.mjs --close
  node two.mjs
} | tee out
grep -Eq '^read one hour, ended (59|60|61) s later$' out
grep -Eq '^read one hour and closed, ended [0-5] s later$' out
grep -q '^look-ups of a second client: 1, after the first one was closed: 2$' out
