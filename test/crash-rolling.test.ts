import { expect, test } from "bun:test";
import { rollingRestart } from "./crash/rolling.ts";
test("rolling", async () => {
  const report = await rollingRestart({ perSecond: 200, rounds: 1 });
  process.stderr.write(JSON.stringify(report,null,1).slice(0,6000)+"\n");
  expect(report.faults).toEqual([]);
}, 600_000);
