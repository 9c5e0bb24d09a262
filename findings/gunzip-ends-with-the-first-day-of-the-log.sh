#!/bin/sh
# Of a log that gzip wrote a day at a time, Bun's and fflate's `gunzipSync` read the first day, and say nothing of the rest.
#
# Bun 1.4.5, fflate 0.8.3, pako 3.0.3: a gzip file is a series of members by RFC 1952 (2.2), so `gzip >> log.gz` each night, `cat` of
# such files and what exporters write by blocks is one valid file. `Bun.gunzipSync`, by either of its libraries, and fflate's
# `gunzipSync`, `gunzip` and `decompressSync` stop at the end of the first member. Their siblings go on: fflate's own `Gunzip`,
# and in Bun `node:zlib`, `DecompressionStream` and `fetch`. pako's `ungzip` has all, and its `Inflate`, given a member by each
# `push`, has the first alone. Neither the documentation nor the types of these functions say a word of members;
# fflate's history says that streaming has them. Open upstream: Bun's pull request 31522, fflate's 287.
# Read such a file by `node:zlib` or as a stream.
#
# Seen on 2026-12-01, of two members with one sale each:
#   Bun.gunzipSync 1 sale, by zlib 1 sale; node:zlib, DecompressionStream and fetch 2 sales
#   fflate.gunzipSync, gunzip and decompressSync 1 sale, Gunzip 2 sales; pako.ungzip 2 sales, Inflate 1 sale
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 fflate@0.8.3 pako@3.0.3
cat >try.mjs <<'JS'
import zlib from "node:zlib";
import * as fflate from "fflate";
import * as pako from "pako";

const days = ["sale of Monday\n", "sale of Tuesday\n"].map((text) => zlib.gzipSync(text));
const log = Buffer.concat(days);

async function told(name, read) {
  const lines = new TextDecoder().decode(await read()).split("\n").length - 1;
  console.log(`${name}: ${lines} ${lines === 1 ? "sale" : "sales"}`);
}
const whole = async (body) => new Uint8Array(await new Response(body).arrayBuffer());
await told("Bun.gunzipSync", () => Bun.gunzipSync(log));
await told("Bun.gunzipSync by zlib", () => Bun.gunzipSync(log, { library: "zlib" }));
await told("Bun.gunzipSync by libdeflate", () => Bun.gunzipSync(log, { library: "libdeflate" }));
await told("node:zlib", () => zlib.gunzipSync(log));
await told("DecompressionStream", () => whole(new Blob([log]).stream().pipeThrough(new DecompressionStream("gzip"))));
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(log, { headers: { "content-encoding": "gzip" } }) });
await told("fetch", async () => whole((await fetch(server.url)).body));
await server.stop(true);
await told("fflate.gunzipSync", () => fflate.gunzipSync(log));
await told("fflate.gunzip", () => new Promise((resolve, reject) => fflate.gunzip(log, (error, data) => (error ? reject(error) : resolve(data)))));
await told("fflate.decompressSync", () => fflate.decompressSync(log));
await told("fflate.Gunzip", () => {
  const parts = [];
  new fflate.Gunzip((part) => parts.push(part)).push(log, true);
  return Buffer.concat(parts);
});
await told("pako.ungzip", () => pako.ungzip(log));
await told("pako.Inflate", () => {
  const inflate = new pako.Inflate();
  inflate.push(days[0], false);
  inflate.push(days[1], true);
  return inflate.result;
});
process.exit(0);
JS
node_modules/.bin/bun try.mjs | tee out
for name in Bun.gunzipSync 'Bun.gunzipSync by zlib' 'Bun.gunzipSync by libdeflate' fflate.gunzipSync fflate.gunzip fflate.decompressSync pako.Inflate; do
  grep -qxF "$name: 1 sale" out
done
for name in node:zlib DecompressionStream fetch fflate.Gunzip pako.ungzip; do
  grep -qxF "$name: 2 sales" out
done
