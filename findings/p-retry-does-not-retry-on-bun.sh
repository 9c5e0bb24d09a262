#!/bin/sh
# p-retry asks once and gives up on Bun where nobody answers or the connection is cut, since Bun calls that a TypeError.
#
# p-retry 9.0.0 with is-network-error 1.3.2: a TypeError is a mistake in the program and is not tried again, "with the exception
# of network errors" (README), which are known by their whole message, such as Node's "fetch failed". A `fetch` of Bun 1.4.5 that
# fails on the network rejects with a TypeError, as the Fetch standard has it, and with messages of its own, so that `retries: 2`
# is one attempt, whatever `shouldRetry` says. Bun 1.3.14 rejected with an Error, which is tried again: an update of the runtime
# turns retries off, and what is delivered by them is lost at the first hiccup. Bun's pull request 35988, open, is to mend it.
# Wrap the error, `throw new Error("unreachable", { cause: error })`, or look at `error.code`.
#
# Seen on 2026-11-30, with `retries: 2`:
#   Node: nobody listens TypeError, 3 attempts; cut off TypeError, 3 attempts
#   Bun 1.3.14: nobody listens Error, 3 attempts; cut off Error, 3 attempts
#   Bun 1.4.5: nobody listens TypeError, 1 attempt; cut off TypeError, 1 attempt; wrapped Error, 3 attempts
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit p-retry@9.0.0 is-network-error@1.3.2 bun@1.4.5 older-bun@npm:bun@1.3.14
cat >try.mjs <<'JS'
import { once } from "node:events";
import { createServer } from "node:net";
import pRetry from "p-retry";

const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : "Node";
const cutting = createServer((socket) => socket.once("data", () => socket.destroy())).listen(0, "127.0.0.1");
await once(cutting, "listening");
const closed = createServer().listen(0, "127.0.0.1");
await once(closed, "listening");
const nobody = closed.address().port;
closed.close();
await once(closed, "close");

async function attempt(name, port, wrap = (error) => error) {
  let attempts = 0;
  const error = await pRetry(
    async () => {
      attempts += 1;
      return fetch(`http://127.0.0.1:${port}/`).catch((error) => {
        throw wrap(error);
      });
    },
    { retries: 2, minTimeout: 1, shouldRetry: () => true },
  ).catch((error) => error);
  console.log(`${runtime}: ${name}: ${error.name}, attempts ${attempts}`);
}
await attempt("nobody listens", nobody);
await attempt("cut off", cutting.address().port);
await attempt("wrapped", nobody, (cause) => new Error("unreachable", { cause }));
process.exit();
JS
{
  node try.mjs
  node_modules/older-bun/bin/bun.exe try.mjs
  node_modules/bun/bin/bun.exe try.mjs
} | tee out
for name in "nobody listens" "cut off"; do
  grep -qxF "Node: $name: TypeError, attempts 3" out
  grep -qxF "Bun 1.3.14: $name: Error, attempts 3" out
  grep -qxF "Bun 1.4.5: $name: TypeError, attempts 1" out
done
grep -qxF "Bun 1.4.5: wrapped: Error, attempts 3" out
