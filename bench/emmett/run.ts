import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd, ofBench } from "../ending.ts";
import { generateFacts, type Season } from "../facts.ts";
import type { Measured } from "../replay.ts";

/** The published library that a replay is measured against, and its parts, at these versions. */
const PINNED = {
  "@event-driven-io/emmett-postgresql": "0.42.0",
  "@event-driven-io/emmett": "0.42.0",
  "@event-driven-io/dumbo": "0.12.7",
};

/** Its rebuild of the same rows from the same facts, in a folder that is deleted afterwards. */
export async function emmettPart(url: string, season: Season): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-emmett-"));
  const remove = atEnd(() => rm(folder, { recursive: true, force: true }));
  try {
    const manifest = { private: true, type: "module", dependencies: PINNED };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const installed = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
      cwd: folder,
      encoding: "utf8",
    });
    if (installed.status !== 0) throw new Error(`npm install failed: ${installed.stderr}`);
    await cp("bench/emmett/rebuild.mjs", join(folder, "rebuild.mjs"));
    const facts = join(folder, "facts.ndjson");
    await writeFacts(facts, season);
    const child = spawn("node", ["rebuild.mjs", url, facts], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    ofBench(child);
    let last = "";
    for await (const line of createInterface({ input: child.stdout })) last = line;
    // The cast: our own script wrote the line.
    return JSON.parse(last) as Measured;
  } finally {
    await remove();
  }
}

async function writeFacts(path: string, season: Season) {
  const file = createWriteStream(path);
  for (const fact of generateFacts(season))
    if (!file.write(`${JSON.stringify(fact)}\n`)) await once(file, "drain");
  file.end();
  await once(file, "finish");
}
