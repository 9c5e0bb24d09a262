#!/bin/sh
# A BigInt within an element is nothing in hono's JSX, and neither are a Date and an object that has words.
#
# hono 4.13.19: `<td>{3n}</td>` is `<td></td>`, without an error or a warning, where React writes 3. PostgreSQL's
# `count(*)` and `sum` are such numbers to a client that reads them as BigInt: a table of tickets sold then has empty
# cells. In an attribute the same value is written, so `<data value={3n}>{3n}</data>` has its number and shows none.
# A Date and an object with a `toString` vanish in the same way; React refuses these.
# Write `String(value)`.
#
# Seen on 2026-11-30:
#   number: <td>3</td>, BigInt: <td></td>, Date: <td></td>, with toString: <td></td>, attribute: <data value="3"></data>
#   React: <td>3</td> of the BigInt
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit hono@4.13.19 react@19.2.4 react-dom@19.2.4
cat >try.mjs <<'JS'
import { jsx } from "hono/jsx/jsx-runtime";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";

const cell = (children) => String(jsx("td", { children }));
console.log(`number: ${cell(3)}`);
console.log(`BigInt: ${cell(3n)}`);
console.log(`Date: ${cell(new Date(0))}`);
console.log(`with toString: ${cell({ toString: () => "words" })}`);
console.log(`attribute: ${jsx("data", { value: 3n, children: 3n })}`);
console.log(`React's BigInt: ${renderToStaticMarkup(createElement("td", null, 3n))}`);
JS
node try.mjs | tee out
grep -qxF 'number: <td>3</td>' out
grep -qxF 'BigInt: <td></td>' out
grep -qxF 'Date: <td></td>' out
grep -qxF 'with toString: <td></td>' out
grep -qxF 'attribute: <data value="3"></data>' out
grep -qxF "React's BigInt: <td>3</td>" out
