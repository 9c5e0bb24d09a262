#!/bin/sh
# An event that Flowcore's SDK is told to keep for an hour is kept for ever, unless it has metadata; and the
# hour is not sent.
#
# @flowcore/sdk 1.79.0, Node 20: `ttl` and `isEphemeral` of `IngestEventCommand`
#   - are left out of the request, without an error, where `metadata` is missing or empty;
#   - with metadata are sent as the text "true": the ttl's own value appears nowhere;
#   - are written into the object that the caller passed as metadata, so that the next event which is sent with
#     the same object is ephemeral too, though nobody asked for it.
# So pass an object made for this one call, with at least one key, and look at what was stored.
#
# Seen on 2026-11-28:
#   ttl without metadata: nothing
#   ttl 60 with metadata: {"source":"shop","ttl-on/stored-event":"true"}
#   the next event, without ttl: {"source":"shop","ttl-on/stored-event":"true"}
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @flowcore/sdk@1.79.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { FlowcoreClient, IngestEventCommand } from "@flowcore/sdk";

let sent;
const server = createServer((request, response) => {
  const header = request.headers["x-flowcore-metadata-json"];
  sent = header ? Buffer.from(header, "base64").toString() : "nothing";
  request.resume().on("end", () => response.end('{"eventId":"x","success":true}'));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const client = new FlowcoreClient({ apiKey: "fc_id_secret" });
client.setBaseUrl(`http://127.0.0.1:${server.address().port}`);
const send = async (input) => {
  const target = { tenantName: "t", dataCoreId: "d", flowTypeName: "order.0", eventTypeName: "order.placed.0" };
  await client.execute(new IngestEventCommand({ ...target, eventData: { order: 1 }, ...input }));
  return sent;
};

const metadata = { source: "shop" };
console.log(`ttl without metadata: ${await send({ ttl: "60" })}`);
console.log(`ttl 60 with metadata: ${await send({ ttl: "60", metadata })}`);
console.log(`the next event, without ttl: ${await send({ metadata })}`);
client.close();
server.closeAllConnections();
server.close();
JS
node try.mjs | tee out
grep -q '^ttl without metadata: nothing$' out
grep -q '^ttl 60 with metadata: {"source":"shop","ttl-on/stored-event":"true"}$' out
grep -q '^the next event, without ttl: {"source":"shop","ttl-on/stored-event":"true"}$' out
