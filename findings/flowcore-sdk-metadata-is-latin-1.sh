#!/bin/sh
# Metadata that Flowcore's SDK sends is Latin-1: "Köln" arrives as another text, and "Łódź" is never sent.
#
# @flowcore/sdk 1.79.0, Node 20: an event's metadata is sent as base64 of JSON, made by `btoa`, which takes each
# character for a byte. So
#   - "ö" is sent as the one byte F6, which is no UTF-8: who decodes JSON as JSON is defined, in UTF-8, reads
#     U+FFFD in its place;
#   - a character above U+00FF ("Ł", "→", an emoji) throws "Invalid character" before anything is sent;
#   - the payload beside it is UTF-8 and arrives as it was.
# So keep metadata to ASCII (`\u00f6` is ASCII, and JSON), or put such texts into the payload.
#
# Seen on 2026-11-28:
#   sent {"city":"Köln"}, bytes 7b2263697479223a224bf66c6e227d, as UTF-8 {"city":"K�ln"}, payload {"city":"Köln"}
#   sent {"city":"Łódź"}: InvalidCharacterError, requests: 0
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

const seen = [];
const server = createServer(async (request, response) => {
  let payload = "";
  request.setEncoding("utf8");
  for await (const part of request) payload += part;
  seen.push({ bytes: Buffer.from(request.headers["x-flowcore-metadata-json"], "base64"), payload });
  response.end('{"eventId":"x","success":true}');
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const client = new FlowcoreClient({ apiKey: "fc_id_secret" });
client.setBaseUrl(`http://127.0.0.1:${server.address().port}`);
const send = (city) => {
  const target = { tenantName: "t", dataCoreId: "d", flowTypeName: "order.0", eventTypeName: "order.placed.0" };
  return client.execute(new IngestEventCommand({ ...target, eventData: { city }, metadata: { city } }));
};

await send("Köln");
const [{ bytes, payload }] = seen;
console.log(`sent {"city":"Köln"}, bytes ${bytes.toString("hex")}, as UTF-8 ${bytes.toString("utf8")}, payload ${payload}`);
seen.length = 0;
const error = await send("Łódź").catch((thrown) => thrown);
console.log(`sent {"city":"Łódź"}: ${error.name}, requests: ${seen.length}`);
client.close();
server.closeAllConnections();
server.close();
JS
node try.mjs | tee out
grep -q 'bytes 7b2263697479223a224bf66c6e227d, .*payload {"city":"Köln"}$' out
grep -q '^sent {"city":"Łódź"}: InvalidCharacterError, requests: 0$' out
