/** `npm run build`: the program as one file in `dist/`, with the migrations and the page's script beside it. */
import { cp, rm } from "node:fs/promises";
import { buildScript } from "../src/page/script.ts";

await rm("dist", { recursive: true, force: true });
const built = await Bun.build({
  entrypoints: ["src/main.ts"],
  outdir: "dist",
  target: "bun",
  sourcemap: "linked",
});
await cp("src/database/migrations", "dist/migrations", { recursive: true });
await Bun.write("dist/page.js", await buildScript());
process.stdout.write(`${built.outputs.map(({ path }) => path).join("\n")}\n`);
