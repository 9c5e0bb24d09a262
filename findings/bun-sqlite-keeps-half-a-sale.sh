#!/bin/sh
# In Bun's SQLite a sale that failed halfway is kept by half, where the transaction's function waits for something.
#
# Bun 1.4.5, `bun:sqlite`: `database.transaction(fn)` is to commit when `fn` returns, and "if an exception is thrown, the
# transaction will be rolled back". An async function returns at its first `await`: what was written before is committed then,
# what is written behind it is in no transaction, and an exception rolls nothing back, though who waits for the transaction is
# given it. Types and runtime take such a function; better-sqlite3, whose interface it is, refuses it ("Transaction function
# cannot return a promise"). `Bun.SQL` on SQLite, whose `begin` looks alike, rolls back. So the ticket is sold and unpaid.
# Ask for what has to be waited for before the transaction, or use `Bun.SQL`.
#
# Seen on 2026-12-01, a ticket, then a payment that is refused:
#   bun:sqlite: refused, 1 ticket; without await: refused, 0 tickets; Bun.SQL: refused, 0 tickets
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5
cat >try.mjs <<'JS'
import { SQL } from "bun";
import { Database } from "bun:sqlite";

const pay = async () => {
  await Promise.resolve();
  throw new Error("refused");
};
for (const [name, sell] of [
  ["bun:sqlite", async (database) => {
    database.run("insert into tickets values (1)");
    await pay();
  }],
  ["bun:sqlite without await", (database) => {
    database.run("insert into tickets values (1)");
    throw new Error("refused");
  }],
]) {
  const database = new Database(":memory:");
  database.run("create table tickets (id integer)");
  const told = await Promise.try(database.transaction(() => sell(database))).catch(({ message }) => message);
  console.log(`${name}: ${told}, tickets: ${database.query("select count(*) as n from tickets").get().n}`);
}
const sql = new SQL("sqlite://:memory:");
await sql`create table tickets (id integer)`;
const told = await sql
  .begin(async (transaction) => {
    await transaction`insert into tickets values (1)`;
    await pay();
  })
  .catch(({ message }) => message);
const [{ n }] = await sql`select count(*) as n from tickets`;
console.log(`Bun.SQL: ${told}, tickets: ${n}`);
JS
node_modules/.bin/bun try.mjs | tee out
grep -qxF 'bun:sqlite: refused, tickets: 1' out
grep -qxF 'bun:sqlite without await: refused, tickets: 0' out
grep -qxF 'Bun.SQL: refused, tickets: 0' out
