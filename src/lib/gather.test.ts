import { expect, test } from "bun:test";
import { gathered } from "./gather.ts";

test("what is asked in one turn is worked on together, and each is answered what it asked", async () => {
  const worked: number[][] = [];
  const double = gathered(async (numbers: readonly number[]) => {
    worked.push([...numbers]);
    return (number) => 2 * number;
  });
  const twice = async (number: number) => double(await double(number));
  expect(await Promise.all([twice(1), twice(2), twice(3)])).toEqual([4, 8, 12]);
  expect(worked).toEqual([
    [1, 2, 3],
    [2, 4, 6],
  ]);
});

test("where the work fails each of its turn fails, and none that asks later", async () => {
  const ask = gathered(async (numbers: readonly number[]) => {
    if (numbers.includes(13)) throw new Error("no");
    return (number) => number;
  });
  const outcomes = await Promise.allSettled([ask(1), ask(13)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask(2)).toBe(2);
});
