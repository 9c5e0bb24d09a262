import { spawnSync } from "node:child_process";
import { root } from "./setup.mjs";

/**
 * The seed of a run's properties: what `PROPERTY_SEED` says, or the commit. Where there is no commit, as in
 * an archive of the files, it is always the same.
 */
export function seedOfRun() {
  const said = process.env.PROPERTY_SEED;
  if (said) return whole(said);
  const { stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" });
  // Seven digits in base 16 are a whole number that fast-check takes as it is.
  return Number.parseInt(/^[0-9a-f]{7}/.exec(stdout ?? "")?.[0] ?? "1", 16);
}

function whole(said) {
  if (!/^\d{1,9}$/.test(said))
    throw new Error(`PROPERTY_SEED is a number of at most nine digits, and not "${said}"`);
  return Number(said);
}
