#!/bin/sh
# In a CPU profile of Bun a process that waits is at work: the time goes to the function that ran last.
#
# Bun 1.4.5: a `.cpuprofile` has a sample for each millisecond of work and none while nothing runs, and
# the next sample's `timeDeltas` is the whole pause. Whoever sums these by function, as Chrome's DevTools, speedscope
# and Bun's own `--cpu-prof-md` do, finds three seconds of a timer in `work`, which took a fifth of one. Node's profile
# of the same script has them in a node of its own, "(idle)". In a service, which waits for most of its time, the
# function that writes to a socket last becomes the hottest of all.
# So cut each delta at two or three intervals before summing, or count samples.
#
# Seen on 2026-11-29:
#   bun: work over 2800 ms, (idle) under 1500 ms, longest delta over 2800 ms
#   bun, each delta cut at 3 ms: work under 1500 ms, (idle) under 1500 ms, longest delta over 2800 ms
#   node: work under 1500 ms, (idle) over 2800 ms, longest delta under 1500 ms
# of a script that works for 200 ms and waits for 3000.
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5
cat >try.mjs <<'JS'
function work(ms) {
  let sum = 0;
  for (const until = performance.now() + ms; performance.now() < until; ) sum += Math.sqrt(sum + 1);
  return sum;
}
work(100);
await new Promise((resolve) => setTimeout(resolve, 3_000));
work(100);
JS
cat >sum.mjs <<'JS'
import { readFileSync } from "node:fs";

const [file, cut = "Infinity"] = process.argv.slice(2);
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8"));
const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
const ms = { idle: 0, work: 0 };
samples.forEach((id, index) => {
  const kind = nameOf.get(id) === "(idle)" ? "idle" : "work";
  ms[kind] += Math.min(timeDeltas[index], Number(cut)) / 1_000;
});
const about = (value) => (value > 2_800 ? "over 2800 ms" : value < 1_500 ? "under 1500 ms" : `${Math.round(value)} ms`);
const longest = timeDeltas.reduce((most, delta) => Math.max(most, delta)) / 1_000;
console.log(`work ${about(ms.work)}, (idle) ${about(ms.idle)}, longest delta ${about(longest)}`);
JS
node_modules/.bin/bun --cpu-prof --cpu-prof-name=bun.cpuprofile try.mjs
node --cpu-prof --cpu-prof-name=node.cpuprofile try.mjs
{
  echo "bun: $(node sum.mjs bun.cpuprofile)"
  echo "bun, each delta cut at 3 ms: $(node sum.mjs bun.cpuprofile 3000)"
  echo "node: $(node sum.mjs node.cpuprofile)"
} | tee out
grep -q '^bun: work over 2800 ms, (idle) under 1500 ms, longest delta over 2800 ms$' out
grep -q '^bun, each delta cut at 3 ms: work under 1500 ms' out
grep -q '^node: work under 1500 ms, (idle) over 2800 ms' out
