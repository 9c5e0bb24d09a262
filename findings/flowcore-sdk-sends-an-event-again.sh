#!/bin/sh
# Flowcore's SDK sends an event up to four times by itself, and nothing in the requests tells them apart.
#
# @flowcore/sdk 1.79.0, Node 20, a client as its README makes it: where ingestion answers 502, 503, 504, 500,
# 429 or 408, which a proxy does after the event was stored as well as before,
#   - `IngestEventCommand` is sent three times more, 250 ms apart, whatever `Retry-After` asks for;
#   - all four requests have the same body and headers: no key, no number of the attempt, by which the other
#     side could know them for one event.
# So one call may store four events, each with an id of its own, and still throw. `retry: null` in the client's
# options ends it; what was perhaps stored is then the caller's to find out.
#
# Seen on 2026-11-28:
#   requests: 4, different bodies: 1, different headers: 1, threw: 502
#   waited 30 s as Retry-After asks: false
#   with retry: null, requests: 1
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
  let body = "";
  for await (const part of request) body += part;
  seen.push({ body, headers: JSON.stringify(request.headers) });
  response.writeHead(502, { "retry-after": "30" }).end("bad gateway");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const send = async (options) => {
  seen.length = 0;
  const client = new FlowcoreClient({ apiKey: "fc_id_secret", ...options });
  client.setBaseUrl(`http://127.0.0.1:${server.address().port}`);
  const target = { tenantName: "t", dataCoreId: "d", flowTypeName: "order.0", eventTypeName: "order.placed.0" };
  const error = await client
    .execute(new IngestEventCommand({ ...target, eventData: { order: 1 } }))
    .catch((thrown) => thrown);
  client.close();
  return error.status;
};
const different = (name) => new Set(seen.map((request) => request[name])).size;

const startedAt = Date.now();
const threw = await send({});
console.log(`requests: ${seen.length}, different bodies: ${different("body")}, different headers: ${different("headers")}, threw: ${threw}`);
console.log(`waited 30 s as Retry-After asks: ${Date.now() - startedAt >= 30_000}`);
await send({ retry: null });
console.log(`with retry: null, requests: ${seen.length}`);
server.closeAllConnections();
server.close();
JS
node try.mjs | tee out
grep -q '^requests: 4, different bodies: 1, different headers: 1, threw: 502$' out
grep -q '^waited 30 s as Retry-After asks: false$' out
grep -q '^with retry: null, requests: 1$' out
