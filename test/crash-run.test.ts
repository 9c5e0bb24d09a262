import { expect, test } from "bun:test";
import { crashTest } from "./crash/crash.ts";
test("crash", async () => {
  const t=performance.now();
  const report = await crashTest({ kills: Number(process.env.KILLS ?? 5), seed: Number(process.env.SEED ?? 1), say: (l)=>process.stderr.write(l+"\n") });
  process.stderr.write(JSON.stringify(report,null,1).slice(0,6000)+" "+(performance.now()-t)+"\n");
  expect(report.faults).toEqual([]);
}, 600_000);
