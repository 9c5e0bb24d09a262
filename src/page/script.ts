import { join } from "node:path";

const ENTRY = join(import.meta.dir, "client", "main.ts");

/** The one script that pages load: what is in `client/`, with idiomorph, for browsers of the last years. */
export async function buildScript(): Promise<string> {
  // `npm run build` makes it, where there are no sources to make it from.
  const made = Bun.file(join(import.meta.dir, "page.js"));
  if (await made.exists()) return made.text();
  const { outputs } = await Bun.build({
    entrypoints: [ENTRY],
    target: "browser",
    format: "iife",
    minify: true,
  });
  const [script] = outputs;
  if (!script) throw new Error("The page's script came to nothing.");
  return script.text();
}
