#!/bin/sh
# Apache Arrow reads a price of 12.50 as 1250, and one that is not known as the price of another row.
#
# apache-arrow 21.2.0, on a Parquet file that parquet-wasm 0.8.0 reads: of a decimal with two places `Number(value)`, `String(value)`,
# a row's `toString()` and its JSON all leave the places out, so each amount is a hundredfold. The type knows them
# (`type.scale`), and no method uses it. `toArray()` of a column, from which totals and charts are made, hands over the buffer
# as it is: where there is no value it has what happens to stand there, the number of another row. `get` and iteration have null.
# Both are open upstream (arrow-js, issues 77 and 105), and the documentation of `toArray` says nothing of nulls.
# hyparquet 1.33.0 reads the same file right.
# Divide by ten to the power of `type.scale`, and take `toJSON()` where `nullCount` is not 0.
#
# Seen on 2026-11-30:
#   price: arrow 1250, 1999, -5; a row {"price": 1250, "sold": 1}; hyparquet 12.5, 19.99, -0.05
#   sold: arrow toArray 1, 3, 3, sum 7; toJSON 1, null, 3; hyparquet 1, null, 3
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit apache-arrow@21.2.0 parquet-wasm@0.8.0 hyparquet@1.33.0 hyparquet-writer@0.17.0
cat >try.mjs <<'JS'
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { readParquet } from "parquet-wasm/node";

const file = parquetWriteBuffer({
  columnData: [
    { name: "price", data: [12.5, 19.99, -0.05] },
    { name: "sold", data: [1, null, 3] },
  ],
  schema: [
    { name: "root", num_children: 2 },
    { name: "price", type: "INT32", converted_type: "DECIMAL", scale: 2, precision: 9, repetition_type: "REQUIRED" },
    { name: "sold", type: "INT32", repetition_type: "OPTIONAL" },
  ],
});
const table = tableFromIPC(readParquet(new Uint8Array(file)).intoIPCStream());
const price = table.getChild("price");
const sold = table.getChild("sold");
const others = await parquetReadObjects({ file });
const list = (values) => [...values].map(String).join(", ");
console.log(`places: ${price.type.scale}`);
console.log(`price: arrow ${list(Array.from(price, Number))}; as texts ${list(price)}; a row ${table.get(0)}`);
console.log(`price: hyparquet ${list(others.map((row) => row.price))}`);
const values = sold.toArray();
console.log(`sold: arrow toArray ${list(values)}, sum ${values.reduce((sum, value) => sum + value, 0)}`);
console.log(`sold: arrow toJSON ${list(sold.toJSON())}; hyparquet ${list(others.map((row) => row.sold))}`);
JS
node try.mjs | tee out
grep -qxF 'places: 2' out
grep -qxF 'price: arrow 1250, 1999, -5; as texts 1250, 1999, -5; a row {"price": 1250, "sold": 1}' out
grep -qxF 'price: hyparquet 12.5, 19.99, -0.05' out
grep -qxF 'sold: arrow toArray 1, 3, 3, sum 7' out
grep -qxF 'sold: arrow toJSON 1, null, 3; hyparquet 1, null, 3' out
