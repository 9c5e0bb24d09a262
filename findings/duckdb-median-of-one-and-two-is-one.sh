#!/bin/sh
# DuckDB's median of 1 and 2 is 1, and that of -1 and -2 is -2, where they are stored as DECIMAL.
#
# @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): `median` and `quantile_cont` interpolate, and of integers they give a double,
# 1.5. Of a DECIMAL they give one of the same scale, and what does not fit into it is cut off, always downwards, where
# a cast to that type rounds. Of amounts in whole units (yen, or a column of DECIMAL(10,0)) each percentile is up to one
# too low, and of euros up to a cent. `avg` of the same column is a double.
# Cast to DOUBLE, or to a DECIMAL of more places, before: `median(price::decimal(12,4))`.
#
# Seen on 2026-11-30:
#   1, 2: median of INTEGER 1.5, of DECIMAL(10,0) 1; avg 1.5
#   -1, -2: median of INTEGER -1.5, of DECIMAL(10,0) -2; avg -1.5
#   129.99, 130.00: median of DECIMAL(10,2) 129.99, of DECIMAL(12,4) 129.9950; avg 129.995
#   100, 109, the 10th, 25th, 50th and 90th percentile: DECIMAL(10,0) 100 102 104 108, DOUBLE 100.9 102.25 104.5 108.1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @duckdb/node-api@1.5.6-r.1
cat >try.mjs <<'JS'
import { DuckDBInstance } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const row = async (columns, values) => {
  const rows = values.map((value) => `(${value})`).join(", ");
  return (await connection.runAndReadAll(`select ${columns} from (values ${rows}) t(x)`)).getRowObjectsJson()[0];
};
for (const values of [[1, 2], [-1, -2]]) {
  const { i, d, a } = await row("median(x::integer) i, median(x::decimal(10,0)) d, avg(x::decimal(10,0)) a", values);
  console.log(`${values.join(", ")}: median of INTEGER ${i}, of DECIMAL(10,0) ${d}; avg ${a}`);
}
const price = await row("median(x::decimal(10,2)) d, median(x::decimal(12,4)) m, avg(x::decimal(10,2)) a", ["129.99", "130.00"]);
console.log(`129.99, 130.00: median of DECIMAL(10,2) ${price.d}, of DECIMAL(12,4) ${price.m}; avg ${price.a}`);
const shares = "[0.1, 0.25, 0.5, 0.9]";
const { d, f } = await row(`quantile_cont(x::decimal(10,0), ${shares}) d, quantile_cont(x::double, ${shares}) f`, [100, 109]);
const brief = f.map((value) => Number(value.toFixed(6)));
console.log(`100, 109, the 10th, 25th, 50th and 90th percentile: DECIMAL(10,0) ${d.join(" ")}, DOUBLE ${brief.join(" ")}`);
JS
node try.mjs | tee out
grep -qxF '1, 2: median of INTEGER 1.5, of DECIMAL(10,0) 1; avg 1.5' out
grep -qxF -e '-1, -2: median of INTEGER -1.5, of DECIMAL(10,0) -2; avg -1.5' out
grep -qxF '129.99, 130.00: median of DECIMAL(10,2) 129.99, of DECIMAL(12,4) 129.9950; avg 129.995' out
grep -qxF '100, 109, the 10th, 25th, 50th and 90th percentile: DECIMAL(10,0) 100 102 104 108, DOUBLE 100.9 102.25 104.5 108.1' out
