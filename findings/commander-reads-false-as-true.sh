#!/bin/sh
# An option that commander reads from the environment is on when its variable says "false".
#
# commander 15.1.0: `new Option("--dry-run").env("DRY_RUN")` looks at whether the variable is set. `DRY_RUN=false`, `0`,
# `no` and even an empty one turn it on. In Kubernetes a variable is always text, and an unset one is usually written
# as `value: ""`, so a manifest that says `DRY_RUN: "false"` tries for ever and does nothing, and whoever reads it sees
# the opposite. `--no-send` by `NO_SEND=false` does not send either. An option that takes a value has the text.
# Read such a variable by a parser of its own (`new Option("--dry-run [yes]").env(...).argParser(...)`), or with the
# rest of the configuration.
#
# Seen on 2026-11-30:
#   unset: dryRun undefined, "": true, "false": true, "0": true; send without NO_SEND true, with NO_SEND=false: false
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit commander@15.1.0
cat >try.mjs <<'JS'
import { Command, Option } from "commander";

const optionsOf = () =>
  new Command()
    .addOption(new Option("--dry-run").env("DRY_RUN"))
    .addOption(new Option("--no-send").env("NO_SEND"))
    .parse([], { from: "user" })
    .opts();
const { dryRun, send } = optionsOf();
console.log(`unset: dryRun ${dryRun}, send ${send}`);
for (const value of ["", "false", "0", "no"]) {
  process.env.DRY_RUN = value;
  process.env.NO_SEND = value;
  const { dryRun, send } = optionsOf();
  console.log(`"${value}": dryRun ${dryRun}, send ${send}`);
}
JS
env -u DRY_RUN -u NO_SEND node try.mjs | tee out
grep -qxF 'unset: dryRun undefined, send true' out
for value in "" false 0 no; do
  grep -qxF "\"$value\": dryRun true, send false" out
done
