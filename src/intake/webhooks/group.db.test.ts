import { expect, test } from "bun:test";
import { never } from "../../../test/support/intake.ts";
import { grouped } from "./group.ts";

const settings = { most: 10, withinMs: 8_000, isOutage: () => false };

test("what comes in while a run is under way is done together in the next", async () => {
  const runs: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const double = grouped(
    async (items: number[]) => {
      runs.push(items);
      if (runs.length === 1) await gate.promise;
      return items.map((value) => value * 2);
    },
    { ...settings, most: 3 },
  );
  const first = double(1, never);
  await Bun.sleep(0);
  const rest = [2, 3, 4, 5].map((value) => double(value, never));
  gate.resolve();
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10]);
  expect(runs).toEqual([[1], [2, 3, 4], [5]]);
});

test("one that fails fails alone", async () => {
  const check = grouped(async (items: number[]) => {
    if (items.includes(2)) throw new Error("not 2");
    return items;
  }, settings);
  const outcomes = await Promise.allSettled([1, 2, 3].map((value) => check(value, never)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("one that fails among two hundred costs a few runs more, not two hundred", async () => {
  let runs = 0;
  const check = grouped(
    async (items: number[]) => {
      runs += 1;
      if (items.includes(77)) throw new Error("not 77");
      return items;
    },
    { ...settings, most: 200 },
  );
  const values = Array.from({ length: 200 }, (_, value) => value);
  const outcomes = await Promise.allSettled(values.map((value) => check(value, never)));
  expect(outcomes.flatMap(({ status }, i) => (status === "rejected" ? i : []))).toEqual([77]);
  expect(runs).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(200)));
});

test("an outage fails a group once, and nobody tries its parts", async () => {
  let runs = 0;
  const check = grouped(
    async (_items: number[]): Promise<number[]> => {
      runs += 1;
      throw new Error("the database is gone");
    },
    { ...settings, isOutage: () => true },
  );
  const outcomes = await Promise.allSettled([1, 2, 3].map((value) => check(value, never)));
  expect(outcomes.map(({ status }) => status)).toEqual(Array(3).fill("rejected"));
  expect(runs).toBe(1);
});

test("a run that never ends is left behind, and what comes later goes on without it", async () => {
  const runs: number[][] = [];
  const given: AbortSignal[] = [];
  const keep = grouped(
    async (items: number[], signal) => {
      runs.push(items);
      given.push(signal);
      return items[0] === 1 ? new Promise<never>(() => {}) : items;
    },
    { ...settings, withinMs: 50, isOutage: () => true },
  );
  const first = keep(1, never);
  await Bun.sleep(0);
  const second = keep(2, never);
  const gone = AbortSignal.abort(new Error("nobody waits for it any more"));
  const third = keep(3, gone);
  const outcomes = await Promise.allSettled([first, second, third]);
  expect(outcomes.map((outcome) => outcome.status === "rejected" && `${outcome.reason}`)).toEqual([
    "Failure: it took longer than 50 ms",
    false,
    "Error: nobody waits for it any more",
  ]);
  expect(runs).toEqual([[1], [2]]);
  expect(given.map(({ aborted }) => aborted)).toEqual([true, false]);
});
