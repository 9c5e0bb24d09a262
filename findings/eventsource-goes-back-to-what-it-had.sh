#!/bin/sh
# After a break eventsource asks again for what it has read, where the server had moved its place on without an event.
#
# eventsource 4.1.1 with eventsource-parser 3.1.1, Node 20: by the HTML standard (9.2.6) a block that has an `id` and no `data`
# is no event, and sets the place all the same: the last event ID is set before the data are looked at. A server sends such
# blocks for what its filter leaves out. And an event without an id has the last one (`lastEventId`). Here such a block is
# dropped with its id, and an event without one has an empty text. Behind a filter that lets little through, a reader that
# comes back is sent everything since its last event again, and what a short log has no more it cannot be sent; who
# stores `lastEventId` beside what was read stores "".
# Send the place as an event of its own, and an id with each event.
#
# Seen on 2026-12-01, of id 1 with data a, id 2 alone, data c, id 9 alone:
#   a has 1, c has "", asked for behind the break: 1; by the standard c has 2, and 9 is asked for
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit eventsource@4.1.1 eventsource-parser@3.1.1
cat >try.mjs <<'JS'
import { once } from "node:events";
import { createServer } from "node:http";
import { EventSource } from "eventsource";

const asked = [];
const server = createServer((request, response) => {
  asked.push(request.headers["last-event-id"] ?? "nothing");
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (asked.length === 1) response.end("retry: 10\n\nid: 1\ndata: a\n\nid: 2\n\ndata: c\n\nid: 9\n\n");
  else response.write("data: end\n\n");
}).listen(0, "127.0.0.1");
await once(server, "listening");
const source = new EventSource(`http://127.0.0.1:${server.address().port}/`);
await new Promise((resolve) => {
  source.onmessage = ({ data, lastEventId }) => {
    if (data === "end") resolve();
    else console.log(`${data} has "${lastEventId}"`);
  };
});
console.log(`asked for: ${asked.join(", then ")}`);
source.close();
server.closeAllConnections();
server.close();
JS
node try.mjs | tee out
grep -qxF 'a has "1"' out
grep -qxF 'c has ""' out
grep -qxF 'asked for: nothing, then 1' out
