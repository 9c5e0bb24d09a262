#!/bin/sh
# Bun's YAML parser drops the first of two entries of one name without a word, and its errors name our line, not the file's.
#
# Bun 1.4.5, `Bun.YAML.parse`: YAML 1.2 calls a mapping with two keys alike an error, and the packages yaml 2.8.1 and
# js-yaml 4.1.1 refuse it; Bun keeps the last. In a configuration of who is told of a launch, a channel that was copied
# and not renamed is gone, and nothing says so. Where a text is wrong, the `line` of Bun's SyntaxError is that of the
# program that called it: what is made of it sends people to a line of their file that is right, or not there.
#
# Seen on 2026-11-29:
#   Bun: {"office":{"slack":"b"}}
#   yaml: Map keys must be unique at line 2, column 1
#   js-yaml: duplicated mapping key in line 2
#   Bun of a text of one line: SyntaxError in line 6
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 yaml@2.8.1 js-yaml@4.1.1
cat >try.mjs <<'JS'
import { load } from "js-yaml";
import { parse } from "yaml";

const told = (name, work, words) => {
  try {
    console.log(`${name}: ${JSON.stringify(work())}`);
  } catch (error) { console.log(`${name}: ${words(error)}`); }
};
const oneLine = () => Bun.YAML.parse("office: [a");
const twice = "office: { slack: a }\noffice: { slack: b }\n";
told("Bun", () => Bun.YAML.parse(twice));
told("yaml", () => parse(twice), ({ message }) => message.split(":\n")[0]);
told("js-yaml", () => load(twice), ({ reason, mark }) => `${reason} in line ${mark.line + 1}`);
told("Bun of a text of one line", oneLine, ({ name, line }) => `${name} in line ${line}`);
JS
node_modules/.bin/bun try.mjs | tee out
grep -qx 'Bun: {"office":{"slack":"b"}}' out
grep -qx 'yaml: Map keys must be unique at line 2, column 1' out
grep -qx 'js-yaml: duplicated mapping key in line 2' out
grep -qx 'Bun of a text of one line: SyntaxError in line [2-9][0-9]*' out
