import { expect, test } from "bun:test";
import { seeded } from "../sandbox/random.ts";
import { everyCase, runMatrix, someCases } from "./crash/matrix.ts";
test("share", async () => {
  const t=performance.now();
  const { failed, struck } = await runMatrix({ cases: (process.env.ALL ? everyCase(seeded(1)) : someCases(Number(process.env.CASES ?? 10), seeded(Number(process.env.SEED ?? 1)))), seed: 1, say: (l)=>process.stderr.write(l+"\n") });
  process.stderr.write(JSON.stringify(struck)+" "+(performance.now()-t)+"\n");
  expect(failed).toEqual([]);
}, 600_000);
