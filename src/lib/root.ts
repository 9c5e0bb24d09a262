import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the whole project, also where what was built of it runs: the nearest with a package.json. */
export function projectRoot(from = import.meta.dir): string {
  if (existsSync(join(from, "package.json"))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("no folder above this program has a package.json");
  return projectRoot(above);
}
