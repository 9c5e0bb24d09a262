/**
 * `npm run findings [-- NAME...]`: runs the scripts in `findings/`, one after the other. Each installs public
 * packages in a folder of its own, and ends with 0 while what it says is so. By hand, never in CI: what they are
 * about is not ours to mend.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const folder = join(root, "findings");
const wanted = process.argv.slice(2);
const all = readdirSync(folder).filter((name) => name.endsWith(".sh"));
const unknown = wanted.filter((name) => !all.includes(`${name.replace(/\.sh$/, "")}.sh`));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no finding ${unknown.join(", ")}; there are:\n${all.join("\n")}\n`,
  );
  process.exit(2);
}
const changed = all
  .filter(
    (name) =>
      wanted.length === 0 || wanted.some((one) => `${one.replace(/\.sh$/, "")}.sh` === name),
  )
  .filter((name) => {
    process.stdout.write(`\n${name}\n`);
    return spawnSync(join(folder, name), { stdio: "inherit" }).status !== 0;
  });
process.stdout.write(
  changed.length === 0 ? "\nAll as found.\n" : `\nNot as found any more: ${changed.join(", ")}\n`,
);
process.exitCode = changed.length === 0 ? 0 : 1;
