#!/bin/sh
# Bun's JSONL reads the count 1234 as 12 and 34 where a chunk ends within it, and a log with a bad line up to there, without a word.
#
# Bun 1.4.5: `Bun.JSONL.parseChunk` is "designed for streaming", with a loop in its reference that gives it what came and keeps what it
# did not read. A line that is a number has no end of its own, and the parser takes the end of the chunk for it: 1234 that comes as
# "12" and "34" is 12 and 34, with no error. So a log of counts has more of them than lines, their sum is too small, and it is another one
# with each read, as the chunks fall. Objects are waited for. `parse` of a whole text with a line that is no JSON gives what is before it,
# and nothing of what is after; so does one in which a line has two objects, as two writers make it. The page on JSONL says of that very
# example that it throws a SyntaxError; the reference of the types says that it does not. Pull requests 36029, on two values in
# a line, and 42488, on exponents and escapes that are cut, are open; neither is about a number.
# Read to the last line break alone, `parseChunk(buffer, 0, buffer.lastIndexOf(10) + 1)`, and look at `error` of `parseChunk` rather than call `parse`.
#
# Seen on 2026-12-01, of 1234 and 5678, cut at each place, and of a log of three lines:
#   by the loop of the reference: cut after 2 characters 12, 34, 5678, sum 5724; after 4 1234, 5678, sum 6912; another sum at 6 of 9 places
#   to the last line break: another sum at none of them
#   parse: a bad line 1 of 3; two objects in a line 1 of 4; the page's example [{"valid":true}]; JSON.parse of each line: SyntaxError
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5
cat >try.mjs <<'JS'
const log = Buffer.from("1234\n5678\n");
const whole = (buffer) => Bun.JSONL.parseChunk(buffer);
const toTheLastBreak = (buffer) => Bun.JSONL.parseChunk(buffer, 0, buffer.lastIndexOf(10) + 1);

/** What the loop in the reference of `parseChunk` does with the chunks of a stream. */
async function read(stream, parse) {
  const counts = [];
  let buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    buffer = Buffer.concat([buffer, chunk]);
    const { values, read, error } = parse(buffer);
    if (error) throw error;
    counts.push(...values);
    buffer = buffer.subarray(read);
  }
  return counts;
}
const sum = (counts) => counts.reduce((total, count) => total + count, 0);
const cutAt = (place) => new Blob([log]).stream().pipeThrough(
  new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.slice(0, place));
      controller.enqueue(chunk.slice(place));
    },
  }),
);
for (const [name, parse] of [["by the loop of the reference", whole], ["to the last line break", toTheLastBreak]]) {
  let wrong = 0;
  for (let place = 1; place < log.length; place++) {
    const counts = await read(cutAt(place), parse);
    if (sum(counts) !== 6912) wrong += 1;
    if (place === 2 || place === 4) console.log(`${name}, cut after ${place}: ${counts.join(", ")}, sum ${sum(counts)}`);
  }
  console.log(`${name}: another sum at ${wrong} of ${log.length - 1} places`);
}

const told = (name, work) => {
  try {
    console.log(`${name}: ${JSON.stringify(work())}`);
  } catch (error) {
    console.log(`${name}: ${error.name}`);
  }
};
const bad = '{"sold":1}\n{"sold":\n{"sold":3}\n';
told("a bad line", () => Bun.JSONL.parse(bad));
told("a bad line, by JSON.parse", () => bad.trim().split("\n").map((line) => JSON.parse(line)));
told("two objects in a line", () => Bun.JSONL.parse('{"sold":1}{"sold":2}\n{"sold":3}\n{"sold":4}\n'));
told("the page's example", () => Bun.JSONL.parse('{"valid":true}\n{invalid}\n'));
JS
node_modules/.bin/bun try.mjs | tee out
grep -qxF 'by the loop of the reference, cut after 2: 12, 34, 5678, sum 5724' out
grep -qxF 'by the loop of the reference, cut after 4: 1234, 5678, sum 6912' out
grep -qxF 'by the loop of the reference: another sum at 6 of 9 places' out
grep -qxF 'to the last line break: another sum at 0 of 9 places' out
grep -qxF 'a bad line: [{"sold":1}]' out
grep -qxF 'a bad line, by JSON.parse: SyntaxError' out
grep -qxF 'two objects in a line: [{"sold":1}]' out
grep -qxF "the page's example: [{\"valid\":true}]" out
