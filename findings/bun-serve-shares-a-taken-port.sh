#!/bin/sh
# In Bun a server with `development: false` shares a port that another process has: no EADDRINUSE.
#
# Bun 1.4.5: the documentation of `Bun.serve` says that `reusePort` is false unless it is set. With `development:
# false`, which everybody sets who serves something, it is on all the same. A second start of one service on one
# machine then ends with no error: both listen, and the system gives each of them about half of the connections. Who
# forgot that the older one still runs sees two versions answer in turn.
# So say `reusePort: false` beside it.
#
# Seen on 2026-11-30:
#   as it stands: the second is refused (EADDRINUSE)
#   development: false: both listen on one port
#   development: false, reusePort: false: the second is refused (EADDRINUSE)
#
# Exits 0 while it is so, 1 when it has changed. Linux alone: elsewhere ports are not shared.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5
cat >serve.mjs <<'JS'
const [options, port] = [JSON.parse(process.argv[2]), Number(process.argv[3])];
try {
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response(), ...options });
  console.log(server.port);
} catch (error) {
  console.log(error.code);
  process.exit();
}
JS
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";

const started = async (options, port) => {
  const child = spawn(process.execPath, ["serve.mjs", JSON.stringify(options), String(port)]);
  const said = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data).trim())));
  return { said, end: () => child.kill() };
};

for (const [name, options] of [
  ["as it stands", {}],
  ["development: false", { development: false }],
  ["development: false, reusePort: false", { development: false, reusePort: false }],
]) {
  const first = await started(options, 0);
  const second = await started(options, first.said);
  console.log(`${name}: ${second.said === first.said ? "both listen on one port" : `the second is refused (${second.said})`}`);
  first.end();
  second.end();
}
JS
node_modules/.bin/bun try.mjs | tee out
grep -q '^as it stands: the second is refused (EADDRINUSE)$' out
grep -q '^development: false: both listen on one port$' out
grep -q '^development: false, reusePort: false: the second is refused (EADDRINUSE)$' out
