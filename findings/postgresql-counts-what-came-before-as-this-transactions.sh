#!/bin/sh
# PostgreSQL's statistics of the current transaction hold what transactions before it did.
#
# PGlite 0.5.14 (PostgreSQL 18.6): `pg_stat_xact_user_tables` is documented as "actions taken so far within the current
# transaction". It shows what the session has not reported yet, and a session reports once a second at most. So a
# transaction that has done nothing finds the scans and the written rows of the one before it, when that ended less
# than a second ago, and finds none when it waited. A test that counts what a statement reads, or a projection that
# counts what it wrote, is right on a slow machine and wrong on a quick one.
# Take the difference of two looks within the transaction.
#
# Seen on 2026-12-01, in a transaction that has read and written nothing:
#   at once: 2 scans, 2000 rows read, 10 updated
#   when the session has been idle: 0 scans, 0 rows read, 0 updated
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";

const db = await PGlite.create();
/** A second statement after a second is what makes a session report. */
async function idle() {
  await new Promise((over) => setTimeout(over, 1_500));
  await db.query("select 1");
}
const look = (when) =>
  db.transaction(async (tx) => {
    const { rows } = await tx.query(
      `select seq_scan as scans, seq_tup_read as read, n_tup_upd as updated
      from pg_stat_xact_user_tables where relname = 'sales'`,
    );
    const [{ scans, read, updated }] = rows;
    console.log(`${when}: ${scans} scans, ${read} rows read, ${updated} updated`);
  });

await db.exec("create table sales (id int primary key, sold int)");
await db.exec("insert into sales select n, 0 from generate_series(1, 1000) n");
await db.exec("analyze sales");
await idle();
await db.transaction(async (tx) => {
  await tx.query("select sum(sold) from sales");
  await tx.query("update sales set sold = 1 where id % 100 = 0");
});
await look("at once");
await idle();
await look("when the session has been idle");
await db.close();
JS
node try.mjs | tee out
grep -qxF 'at once: 2 scans, 2000 rows read, 10 updated' out
grep -qxF 'when the session has been idle: 0 scans, 0 rows read, 0 updated' out
