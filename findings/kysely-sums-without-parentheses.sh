#!/bin/sh
# Of 100 places, 30 sold and 20 held, Kysely leaves 90: it writes "minus what is sold plus what is held" without parentheses.
#
# kysely 0.28.19 on PGlite 0.5.14 (PostgreSQL 18.6): `eb(a, "-", eb(b, "+", c))` is an expression within an expression,
# and its types know it as one, but the inner one is written as it stands: `a - b + c`. So `(a + b) * c` is `a + b * c`, and
# `eb.neg(a - b)` is `-a - b`. What `eb.and` and `eb.or` make has its parentheses by itself, so does a subquery, and the
# documentation of `eb` and `neg` says nothing; there is an `eb.parens`, which its one example uses.
# Wrap each inner sum in `eb.parens(...)`.
#
# Seen on 2026-11-30, of capacity 100, sold 30, held 20, price 2:
#   capacity - (sold + held): "capacity" - "sold" + "held" is 90
#   (sold + held) * price: "sold" + "held" * "price" is 70
#   neg(sold - held): -"sold" - "held" is -50
#   capacity - parens(sold + held): "capacity" - ("sold" + "held") is 50
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit kysely@0.28.19 @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";

const db = await PGlite.create();
await db.exec("create table sale (capacity int, sold int, held int, price int); insert into sale values (100, 30, 20, 2)");
const kysely = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (instance) => new PostgresIntrospector(instance),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
const told = async (name, build) => {
  const { sql, parameters } = kysely.selectFrom("sale").select((eb) => build(eb).as("it")).compile();
  const { rows } = await db.query(sql, [...parameters]);
  console.log(`${name}: ${sql.slice("select ".length, sql.indexOf(" as "))} is ${rows[0].it}`);
};
const plus = (eb, parens = (it) => it) => parens(eb("sold", "+", eb.ref("held")));
await told("capacity - (sold + held)", (eb) => eb("capacity", "-", plus(eb)));
await told("(sold + held) * price", (eb) => eb(plus(eb), "*", eb.ref("price")));
await told("neg(sold - held)", (eb) => eb.neg(eb("sold", "-", eb.ref("held"))));
await told("capacity - parens(sold + held)", (eb) => eb("capacity", "-", plus(eb, eb.parens)));
await db.close();
JS
node try.mjs | tee out
grep -qxF 'capacity - (sold + held): "capacity" - "sold" + "held" is 90' out
grep -qxF '(sold + held) * price: "sold" + "held" * "price" is 70' out
grep -qxF 'neg(sold - held): -"sold" - "held" is -50' out
grep -qxF 'capacity - parens(sold + held): "capacity" - ("sold" + "held") is 50' out
