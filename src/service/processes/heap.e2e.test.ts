import { expect, test } from "bun:test";
import { COLLECTS_EARLY } from "./heap.ts";

/** Keeps some 40 MB, makes garbage of 100 pages without a pause, and prints what it takes of memory. */
const PROGRAM = `
  const kept = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  const page = () => Array.from({ length: 3_000 }, (_, index) => ({ index, name: "name " + index }));
  for (let pages = 0; pages < 100; pages += 1) JSON.parse(JSON.stringify(page()));
  console.log(process.memoryUsage.rss(), kept.length);
`;

async function megabytesWith(settings: Record<string, string>) {
  const env = { PATH: process.env.PATH ?? "", ...settings };
  await using child = Bun.spawn([process.execPath, "-e", PROGRAM], { env, stdout: "pipe" });
  return Number.parseInt(await child.stdout.text(), 10) / 1_000_000;
}

test("a burst of garbage takes less memory where it is collected early", async () => {
  const [early, byItself] = await Promise.all([megabytesWith(COLLECTS_EARLY), megabytesWith({})]);
  expect(early).toBeGreaterThan(40);
  expect(early).toBeLessThan(0.8 * byItself);
});
