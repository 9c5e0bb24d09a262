/**
 * `npm run build`: the program in `dist/`, or in the folder that is named, with the migrations and the page's
 * script beside it. It is what the image runs: each process loads the chunks of its role, and takes less
 * memory than with a file for each module.
 */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildScript } from "../src/page/script.ts";

const [outdir = "dist"] = process.argv.slice(2);
await rm(outdir, { recursive: true, force: true });
const built = await Bun.build({
  entrypoints: ["src/main.ts"],
  outdir,
  target: "bun",
  splitting: true,
  // Names stay: errors are told by theirs.
  minify: { whitespace: true, syntax: true },
  sourcemap: "linked",
});
await cp("src/database/migrations", join(outdir, "migrations"), { recursive: true });
await Bun.write(join(outdir, "page.js"), await buildScript());
process.stdout.write(`${built.outputs.map(({ path }) => path).join("\n")}\n`);
