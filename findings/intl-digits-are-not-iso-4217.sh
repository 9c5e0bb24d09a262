#!/bin/sh
# Two JavaScript engines give one currency different decimals, and neither has those of ISO 4217 for all.
#
# `new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits`, which
# money code likes to take for "how many digits a minor unit has":
#   - ISO 4217 (currency-codes 2.2.0): 2 for HUF, IDR and COP, 3 for IQD, 4 for UYW.
#   - Node 20 (V8): 0 for HUF, IDR, COP, PKR, ALL, AFN, LBP, MGA, MMK, LAK and IQD, for it takes what is usual on
#     a price tag. By ISO 4217 12345 minor units of HUF are 123.45 HUF, and by V8's digits a hundred times as
#     much; Iraqi dinars a thousand times.
#   - Bun 1.4.5 (JavaScriptCore): ISO's, but 2 for UYW.
# So a number that is right in tests under one runtime is wrong in the other. Take the digits from a table of
# ISO 4217.
#
# Seen on 2026-11-28:
#   iso: HUF 2, IDR 2, COP 2, IQD 3, UYW 4, JPY 0, EUR 2
#   node: HUF 0, IDR 0, COP 0, IQD 0, UYW 4, JPY 0, EUR 2
#   bun: HUF 2, IDR 2, COP 2, IQD 3, UYW 2, JPY 0, EUR 2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit currency-codes@2.2.0 bun@1.4.5
cat >try.cjs <<'JS'
const { code } = require("currency-codes");
const currencies = ["HUF", "IDR", "COP", "IQD", "UYW", "JPY", "EUR"];
const say = (name, digits) => console.log(`${name}: ${currencies.map((one) => `${one} ${digits(one)}`).join(", ")}`);

if (!process.versions.bun) say("iso", (currency) => code(currency).digits);
say(process.versions.bun ? "bun" : "node", (currency) =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits,
);
JS
{
  node try.cjs
  node_modules/.bin/bun try.cjs
} | tee out
grep -q '^iso: HUF 2, IDR 2, COP 2, IQD 3, UYW 4, JPY 0, EUR 2$' out
grep -q '^node: HUF 0, IDR 0, COP 0, IQD 0, UYW 4, JPY 0, EUR 2$' out
grep -q '^bun: HUF 2, IDR 2, COP 2, IQD 3, UYW 2, JPY 0, EUR 2$' out
