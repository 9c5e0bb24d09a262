#!/bin/sh
# In Bun a request's `url` may be a path and no URL: `new URL(request.url)` throws.
#
# Bun 1.4.5: HTTP/1.0 asks for no `Host`, and load balancers' health checks (HAProxy's `option httpchk` among them)
# send none. `Bun.serve` then hands over a Request whose `url` is "/health", where the Fetch standard, and every
# Request that one makes oneself, has an absolute URL. `new URL(request.url)`, with which a handler likes to begin,
# throws, and the check is answered 500 by a service that is well.
# So take the path with a base: `new URL(request.url, "http://localhost")`.
#
# Seen on 2026-11-28:
#   GET /health HTTP/1.1 with a host: url http://service/health, answered 200
#   GET /health HTTP/1.0: url /health, answered 500, TypeError
#   new Request("/health"): TypeError
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5
cat >try.mjs <<'JS'
import { connect } from "node:net";

let url;
let thrown = "";
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    url = request.url;
    return new Response(new URL(request.url).pathname);
  },
  error(error) {
    thrown = `, ${error.name}`;
    return new Response("", { status: 500 });
  },
});
const ask = (head) =>
  new Promise((resolve) => {
    let answer = "";
    const socket = connect(server.port, "127.0.0.1", () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("close", () => resolve(answer.split(" ")[1]));
  });

const modern = await ask("GET /health HTTP/1.1\r\nHost: service:80");
console.log(`GET /health HTTP/1.1 with a host: url ${url}, answered ${modern}`);
const old = await ask("GET /health HTTP/1.0");
console.log(`GET /health HTTP/1.0: url ${url}, answered ${old}${thrown}`);
try {
  new Request("/health");
} catch (error) {
  console.log(`new Request("/health"): ${error.name}`);
}
server.stop(true);
JS
node_modules/.bin/bun try.mjs | tee out
grep -q '^GET /health HTTP/1.1 with a host: url http://service.*/health, answered 200$' out
grep -q '^GET /health HTTP/1.0: url /health, answered 500, TypeError$' out
grep -q '^new Request("/health"): TypeError$' out
