import { expect, test } from "bun:test";
import { grouped } from "./group.ts";

test("what comes in while a run is under way is done together in the next", async () => {
  const runs: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const double = grouped(
    async (items: number[]) => {
      runs.push(items);
      if (runs.length === 1) await gate.promise;
      return items.map((item) => item * 2);
    },
    { most: 3 },
  );
  const first = double(1);
  await Bun.sleep(0);
  const rest = [2, 3, 4, 5].map(double);
  gate.resolve();
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10]);
  expect(runs).toEqual([[1], [2, 3, 4], [5]]);
});

test("one that fails fails alone", async () => {
  const check = grouped(
    async (items: number[]) => {
      if (items.includes(2)) throw new Error("not 2");
      return items;
    },
    { most: 10 },
  );
  const outcomes = await Promise.allSettled([1, 2, 3].map(check));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
