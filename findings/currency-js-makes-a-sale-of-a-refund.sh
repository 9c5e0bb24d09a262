#!/bin/sh
# currency.js reads a refund as a sale where the amount was written by Intl for Sweden, Norway or Finland.
#
# currency.js 2.0.4, Node 20 and Bun 1.4.5: in Swedish, Norwegian, Finnish, Estonian, Lithuanian, Slovenian and Croatian
# a minus is U+2212, and `Intl.NumberFormat` writes that. currency.js drops what is neither digit, hyphen nor decimal mark,
# and this minus with it: "−5,00 kr" is 5, with `errorOnInvalid: true` as well. A total of what was copied from a page
# or a sheet is too high by twice each refund, and in German, French or English it is right.
# Replace U+2212 by a hyphen first.
#
# Seen on 2026-11-30, the same with both:
#   -5 is read as sv SEK 5, nb NOK 5, fi EUR 5, lt EUR 5, de EUR -5, fr EUR -5, en EUR -5
#   a sale of 20 and a refund of 5 are sv 25, de 15
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit currency.js@2.0.4 bun@1.4.5
cat >try.cjs <<'JS'
const currency = require("currency.js");

const runtime = process.versions.bun ? "bun" : "node";
function readBack(locale, code, amount) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency: code });
  const decimal = format.formatToParts(1.5).find(({ type }) => type === "decimal").value;
  const separator = decimal === "," ? "." : ",";
  return currency(format.format(amount), { decimal, separator, errorOnInvalid: true });
}
const said = Object.entries({ sv: "SEK", nb: "NOK", fi: "EUR", lt: "EUR", de: "EUR", fr: "EUR", en: "EUR" }).map(
  ([locale, code]) => `${locale} ${code} ${readBack(locale, code, -5).value}`,
);
console.log(`${runtime}: -5 is read as ${said.join(", ")}`);
const sums = [["sv", "SEK"], ["de", "EUR"]].map(
  ([locale, code]) => `${locale} ${readBack(locale, code, 20).add(readBack(locale, code, -5)).value}`,
);
console.log(`${runtime}: a sale of 20 and a refund of 5 are ${sums.join(", ")}`);
JS
{
  node try.cjs
  node_modules/.bin/bun try.cjs
} | tee out
for runtime in node bun; do
  grep -qxF "$runtime: -5 is read as sv SEK 5, nb NOK 5, fi EUR 5, lt EUR 5, de EUR -5, fr EUR -5, en EUR -5" out
  grep -qxF "$runtime: a sale of 20 and a refund of 5 are sv 25, de 15" out
done
