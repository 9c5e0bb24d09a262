#!/bin/sh
# Of the 24 hexadecimal digits of a document's id YAML makes infinity, or null, where one of them is an e and the others
# happen to be decimal.
#
# Ticketing systems on MongoDB (Vivenu among them) name events by ObjectIds. In the core schema of YAML 1.2, which
# yaml 2.9.1, js-yaml 4.1.0 and Bun 1.4.5 (`Bun.YAML`) follow, `68e123456789012345678901` is a number: 68 times ten to
# the power of 10^21. It is read as Infinity, without an error, and as JSON it is null; with the e further back it is a
# number that has lost its digits, as one without an e has. The id beside it, with an f in it, is text. Of random ids
# one of tens of thousands is such, so a list of ids that nobody put between quotes works for years.
# A parser of YAML 1.1 such as PyYAML reads text, for a float has a point there, so that a check in CI by another
# parser finds nothing.
#
# Seen on 2026-11-29:
#   yaml: [Infinity,"68f123456789012345678901",6.812345678901234e+22] json: [null,"68f123456789012345678901",6.812345678901234e+22]
#   js-yaml: the same
#   Bun.YAML: the same
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit yaml@2.9.1 js-yaml@4.1.0 bun@1.4.5
cat >try.cjs <<'JS'
const text = `events:
  - 68e123456789012345678901
  - 68f123456789012345678901
  - 6812345678901234567890e1
`;
function told(name, { events }) {
  const shown = events.map((id) => (typeof id === "string" ? JSON.stringify(id) : String(id)));
  console.log(`${name}: [${shown}] json: ${JSON.stringify(events)}`);
}
if (process.versions.bun) told("Bun.YAML", Bun.YAML.parse(text));
else {
  told("yaml", require("yaml").parse(text));
  told("js-yaml", require("js-yaml").load(text));
}
JS
{
  node try.cjs
  node_modules/.bin/bun try.cjs
} | tee out
for parser in yaml js-yaml Bun.YAML; do
  grep -qx "$parser: \[Infinity,\"68f123456789012345678901\",6.812345678901234e+22\] json: \[null,\"68f123456789012345678901\",6.812345678901234e+22\]" out
done
