#!/bin/sh
# A barcode that is a number is another text in SQLite by sql.js and libSQL: 4006381333931 becomes "4006381333931.0".
#
# sql.js 1.17.0, @libsql/client 0.18.0 on a file or in memory: SQLite has integers and reals, JavaScript one kind of number. libSQL's
# client hands over each number as a real, sql.js each one that does not fit into 32 bits; what is whole goes back into an
# integer where a column is INTEGER, so nothing is seen there. Into a TEXT column, in JSON that SQL makes, and behind `||` the real
# is written with its point: the ticket is not found by the text that is on it, and a time in milliseconds has a fraction.
# By libSQL half of 5 is 2.5 as well, where SQLite counts 2. In sql.js wave 5 is "Wave 5", so that tests with small numbers are
# right. bun:sqlite, `Bun.SQL` and node-sqlite3-wasm 0.8.60 hand over integers. Neither README says anything of it.
# Hand over texts where texts are stored, or a `BigInt` (in libSQL), or `cast(? as integer)`.
#
# Seen on 2026-12-01, of a code in a TEXT column, found by its text, a time in JSON, a wave behind a text, and 5 / 2:
#   sql.js: 4006381333931.0, not found, {"at":1782900000000.0}, Wave 5, 2
#   @libsql/client: 4006381333931.0, not found, {"at":1782900000000.0}, Wave 5.0, 2.5
#   bun:sqlite, Bun.SQL and node-sqlite3-wasm: 4006381333931, found, {"at":1782900000000}, Wave 5, 2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 sql.js@1.17.0 @libsql/client@0.18.0 node-sqlite3-wasm@0.8.60
cat >node.mjs <<'JS'
import { createClient } from "@libsql/client";
import wasm from "node-sqlite3-wasm";
import initSqlJs from "sql.js";
import { told } from "./told.mjs";

const SQL = await initSqlJs();
const js = new SQL.Database();
await told("sql.js", (text, values) => js.exec(text, values)[0]?.values[0] ?? []);
const client = createClient({ url: ":memory:" });
await told("@libsql/client", async (sql, args) => Array.from((await client.execute({ sql, args })).rows[0] ?? []));
client.close();
const database = new wasm.Database();
await told("node-sqlite3-wasm", (text, values) => Object.values(database.all(text, values)[0] ?? {}));
database.close();
JS
cat >bun.mjs <<'JS'
import { Database } from "bun:sqlite";
import { told } from "./told.mjs";

const database = new Database(":memory:");
await told("bun:sqlite", (text, values) => database.query(text).values(...values)[0] ?? []);
const sql = new Bun.SQL("sqlite://:memory:");
await told("Bun.SQL", async (text, values) => Object.values((await sql.unsafe(text, values))[0] ?? {}));
await sql.close();
JS
cat >told.mjs <<'JS'
/** Says what `run`, which answers with the values of the first row, makes of a ticket's numbers. */
export async function told(name, run) {
  await run("create table ticket (code text)", []);
  await run("insert into ticket values (?)", [4006381333931]);
  const [code] = await run("select code from ticket", []);
  const found = await run("select 1 from ticket where code = ?", ["4006381333931"]);
  const [json, wave, half] = await run("select json_object('at', ?) a, 'Wave ' || ? b, ? / 2 c", [1782900000000, 5, 5]);
  console.log(`${name}: ${code}, ${found.length === 1 ? "found" : "not found"}, ${json}, ${wave}, ${half}`);
}
JS
{ node node.mjs; node_modules/.bin/bun bun.mjs; } | tee out
grep -qxF 'sql.js: 4006381333931.0, not found, {"at":1782900000000.0}, Wave 5, 2' out
grep -qxF '@libsql/client: 4006381333931.0, not found, {"at":1782900000000.0}, Wave 5.0, 2.5' out
for name in bun:sqlite Bun.SQL node-sqlite3-wasm; do
  grep -qxF "$name: 4006381333931, found, {\"at\":1782900000000}, Wave 5, 2" out
done
