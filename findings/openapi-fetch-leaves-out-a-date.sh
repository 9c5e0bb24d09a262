#!/bin/sh
# A Date that is handed to openapi-fetch as a parameter is left out of the request: the sales since July are those of all time.
#
# openapi-fetch 0.17.0, Node 20: openapi-typescript's documentation shows how `format: date-time` becomes a `Date` in
# the types, so the compiler asks for one. In a query such a value is taken for an object with fields of its own, of
# which a Date has none, and nothing is written: the server sees no `from` and answers about everything. In a path the
# place stays empty, and `/days/{day}` asks for `/days/`. In a list the same Date is refused with an error, as every
# object is that has fields with objects.
# Hand over texts (`toISOString()`), or give the client a `querySerializer` and a `pathSerializer`.
#
# Seen on 2026-11-30:
#   query: http://sales.test/sales?&region=EMEA
#   path: http://sales.test/days/
#   list: refused
#   text: http://sales.test/sales?from=2026-07-01T00%3A00%3A00.000Z&region=EMEA
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit openapi-fetch@0.17.0
cat >try.mjs <<'JS'
import createClient from "openapi-fetch";

const asked = [];
const client = createClient({
  baseUrl: "http://sales.test",
  fetch: async (request) => {
    asked.push(request.url);
    return Response.json({});
  },
});
const from = new Date("2026-07-01T00:00:00Z");
const told = async (name, path, params) => {
  await client.GET(path, { params }).catch(() => asked.push("refused"));
  console.log(`${name}: ${asked.pop()}`);
};
await told("query", "/sales", { query: { from, region: "EMEA" } });
await told("path", "/days/{day}", { path: { day: from } });
await told("list", "/sales", { query: { at: [from] } });
await told("text", "/sales", { query: { from: from.toISOString(), region: "EMEA" } });
JS
node try.mjs | tee out
grep -qxF 'query: http://sales.test/sales?&region=EMEA' out
grep -qxF 'path: http://sales.test/days/' out
grep -qxF 'list: refused' out
grep -qxF 'text: http://sales.test/sales?from=2026-07-01T00%3A00%3A00.000Z&region=EMEA' out
