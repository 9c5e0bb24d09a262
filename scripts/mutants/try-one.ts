import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "./change.ts";
import { changed } from "./find.ts";
import { runTests } from "./run-tests.ts";
import type { TestFile } from "./tests-of.ts";

export type Verdict = "noticed" | "out of time" | "not noticed" | "no test runs it" | "broken";

interface Place {
  /** A copy of the checkout, in which nobody else changes anything. */
  folder: string;
  postgres: string;
  signal: AbortSignal;
}

/** On a machine that is busy with others a test may take ten times as long as alone; but none for ever. */
const PATIENCE = 10;
const BEGIN_MS = 30_000;
const MOST_MS = 120_000;

/** Makes the change, runs the tests that should notice until one does, and puts the file back. */
export async function tryOne(
  { folder, postgres, signal }: Place,
  change: Change,
  tests: TestFile[],
): Promise<{ verdict: Verdict; by: string }> {
  if (tests.length === 0) return { verdict: "no test runs it", by: "" };
  const target = join(folder, change.file);
  const text = readFileSync(target, "utf8");
  try {
    writeFileSync(target, changed(text, change));
    for (const some of inTurns(tests)) {
      const expectedMs = some.reduce((sum, { tookMs }) => sum + tookMs, 0);
      const paths = some.map(({ path }) => `./${path}`);
      const limitMs = Math.min(BEGIN_MS + PATIENCE * expectedMs, MOST_MS);
      const run = await runTests(folder, paths, { postgres, signal, limitMs });
      if (run.verdict === "passed") continue;
      if (run.verdict === "out of time") return { verdict: "out of time", by: "" };
      const isBroken = /syntax error at or near/.test(run.output);
      return { verdict: isBroken ? "broken" : "noticed", by: run.said };
    }
    return { verdict: "not noticed", by: "" };
  } finally {
    writeFileSync(target, text);
  }
}

/** Bun runs the files of one call in an order of its own, and most changes are noticed by the nearest. */
function inTurns(tests: TestFile[]) {
  return [tests.slice(0, 1), tests.slice(1, 4), tests.slice(4)].filter((some) => some.length > 0);
}
