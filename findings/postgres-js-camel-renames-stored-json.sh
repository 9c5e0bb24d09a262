#!/bin/sh
# Asking postgres.js for column names in camelCase renames the keys inside stored JSON as well; a document that is
# read and written back is another one.
#
# postgres 3.4.9 (postgres.js), Node 20: `transform: postgres.camel`, of which the README says that it transforms
# column names,
#   - goes through the values of `json` and `jsonb` columns too, at every depth: {"by_day": {"2026-03-01": 3}}
#     comes as {byDay: ...}, and keys that are data (a slug, a country's code, a ticket type's id) are renamed
#     like those that are names;
#   - does nothing of the kind when JSON is written. So what was read and is written back unchanged is stored with
#     other keys, and a query on the old ones (`document ->> 'by_day'`) finds nothing any more.
# `transform: { column: postgres.camel.column }` is the columns alone.
#
# The PostgreSQL is PGlite 0.5.14, behind a socket.
#
# Seen on 2026-11-28:
#   stored {"by_day":{"men_pro":3}}, read {"byDay":{"menPro":3}}
#   read and written back: {"byDay":{"menPro":3}}
#   with the columns alone, read {"by_day":{"men_pro":3}} as soldToday
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit postgres@3.4.9 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import postgres from "postgres";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1" });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const connect = (transform) =>
  postgres({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 1, transform });
const text = async () => (await db.query("select sold_today::text as text from shop")).rows[0].text.replaceAll(" ", "");

await db.exec(`create table shop (sold_today jsonb); insert into shop values ('{"by_day": {"men_pro": 3}}')`);
const columns = connect({ column: postgres.camel.column });
const [alone] = await columns`select sold_today from shop`;
await columns.end();
const before = await text();
const camel = connect(postgres.camel);
const [{ soldToday }] = await camel`select sold_today from shop`;
await camel`update shop set sold_today = ${camel.json(soldToday)}`;
await camel.end();
console.log(`stored ${before}, read ${JSON.stringify(soldToday)}`);
console.log(`read and written back: ${await text()}`);
console.log(`with the columns alone, read ${JSON.stringify(alone.soldToday)} as ${Object.keys(alone)}`);
await server.stop();
await db.close();
JS
node try.mjs | tee out
grep -q '^stored {"by_day":{"men_pro":3}}, read {"byDay":{"menPro":3}}$' out
grep -q '^read and written back: {"byDay":{"menPro":3}}$' out
grep -q '^with the columns alone, read {"by_day":{"men_pro":3}} as soldToday$' out
