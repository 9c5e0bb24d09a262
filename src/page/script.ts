import { join } from "node:path";

const ENTRY = join(import.meta.dir, "client", "main.ts");

/** The one script that pages load: what is in `client/`, with idiomorph, for browsers of the last years. */
export async function buildScript(): Promise<string> {
  const { outputs } = await Bun.build({
    ...{ entrypoints: [ENTRY], target: "browser", format: "iife", minify: true },
  });
  const [script] = outputs;
  if (!script) throw new Error("The page's script came to nothing.");
  return script.text();
}
