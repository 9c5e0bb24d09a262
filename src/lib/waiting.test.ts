import { expect, test } from "bun:test";
import { fakeClock } from "../../test/fixtures/vivenu/scripted.ts";
import { waitTelling } from "./waiting.ts";

test("a long wait is told of at least every quarter of a minute, and is as long as it was to be", async () => {
  const clock = fakeClock("2026-03-01T10:00:00.000Z");
  const told: number[] = [];
  const begun = clock.now().getTime();
  await waitTelling(clock, 40_000, {
    onWaiting: () => void told.push(clock.now().getTime() - begun),
  });
  expect(told).toEqual([0, 15_000, 30_000]);
  expect(clock.now().getTime() - begun).toBe(40_000);
});

test("a wait ends with its signal", async () => {
  const clock = fakeClock("2026-03-01T10:00:00.000Z");
  const ending = new AbortController();
  let told = 0;
  await waitTelling(clock, 600_000, {
    signal: ending.signal,
    onWaiting() {
      told += 1;
      if (told === 2) ending.abort();
    },
  });
  expect(told).toBe(2);
});
