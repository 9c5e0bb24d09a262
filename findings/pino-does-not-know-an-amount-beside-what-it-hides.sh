#!/bin/sh
# Told to hide e-mail addresses, pino writes "unable to serialize, circular reference" in place of an amount of money.
#
# pino 10.4.0 (@pinojs/redact 0.4.0): `redact: ["*.email"]` hides that field one level down. Any object on the first level
# is rebuilt for it from its own fields, with its class but without what is private in it, also where no field of that
# name is. What needs its private part to be written, a Temporal.Instant, an amount of a class with `#cents`, a Buffer,
# then throws, and the line has a text about a circular reference in its place, which there is none of. The same object is
# written as ever without the option, with `customer.email`, and one level deeper.
# Name the paths, or hand such values over as texts.
#
# Seen on 2026-11-30:
#   no redact: {"amount":"129.95 EUR","at":"2026-07-01T00:00:00Z","order":{"amount":"129.95 EUR"}}
#   customer.email: {"amount":"129.95 EUR","at":"2026-07-01T00:00:00Z","order":{"amount":"129.95 EUR"}}
#   *.email: {"amount":"[unable to serialize, circular reference is too complex to analyze]","at":"[unable to serialize, circular reference is too complex to analyze]","order":{"amount":"129.95 EUR"}}
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit pino@10.4.0 temporal-polyfill@1.0.8
cat >try.mjs <<'JS'
import { Writable } from "node:stream";
import pino from "pino";
import { Temporal } from "temporal-polyfill";

class Amount {
  #cents;
  constructor(cents) {
    this.#cents = cents;
  }
  toJSON() {
    return `${(this.#cents / 100).toFixed(2)} EUR`;
  }
}
for (const path of [undefined, "customer.email", "*.email"]) {
  const lines = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = pino({ base: null, timestamp: false, ...(path && { redact: [path] }) }, sink);
  const amount = new Amount(12995);
  log.info({ amount, at: Temporal.Instant.from("2026-07-01T00:00:00Z"), order: { amount } });
  const { level: _, ...line } = JSON.parse(lines.join(""));
  console.log(`${path ?? "no redact"}: ${JSON.stringify(line)}`);
}
JS
node try.mjs | tee out
whole='{"amount":"129.95 EUR","at":"2026-07-01T00:00:00Z","order":{"amount":"129.95 EUR"}}'
lost='"[unable to serialize, circular reference is too complex to analyze]"'
grep -qxF "no redact: $whole" out
grep -qxF "customer.email: $whole" out
grep -qxF "*.email: {\"amount\":$lost,\"at\":$lost,\"order\":{\"amount\":\"129.95 EUR\"}}" out
