import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { pacedBell } from "./paced-bell.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function stage(ring: () => Promise<unknown> = async () => {}) {
  let at = 0;
  const rings: number[] = [];
  const ringing = () => {
    rings.push(at);
    return ring();
  };
  return {
    ...{ rings, bell: pacedBell(ringing, () => at) },
    forward(ms: number) {
      for (let passed = 0; passed < ms; passed += 1) {
        at += 1;
        jest.advanceTimersByTime(1);
      }
    },
  };
}

test("what comes after a quiet while is told of at once, by whoever keeps it", () => {
  const { bell, rings, forward } = stage();
  expect(bell.isDue()).toBe(true);
  forward(1_000);
  expect(bell.isDue()).toBe(true);
  expect(rings).toEqual([]);
});

test("what follows closely is told of once, soon after the last time", () => {
  const { bell, rings, forward } = stage();
  expect(bell.isDue()).toBe(true);
  for (let n = 0; n < 5; n += 1) {
    forward(3);
    expect(bell.isDue()).toBe(false);
    bell.ringLater();
  }
  forward(100);
  expect(rings).toEqual([25]);
  expect(bell.isDue()).toBe(true);
});

test("while it pours in, a second has forty rings at most, and the last delivery one behind it", () => {
  const { bell, rings, forward } = stage();
  let inTransactions = 0;
  for (let ms = 0; ms < 1_000; ms += 1) {
    if (bell.isDue()) inTransactions += 1;
    else bell.ringLater();
    forward(1);
  }
  forward(25);
  expect(rings.length + inTransactions).toBeLessThanOrEqual(41);
  expect(rings.at(-1)).toBeGreaterThanOrEqual(1_000);
});

test("a ring that fails stops nothing: whoever waits looks by itself", () => {
  const { bell, rings, forward } = stage(() => Promise.reject(new Error("no connection")));
  bell.isDue();
  bell.ringLater();
  forward(25);
  bell.ringLater();
  forward(25);
  expect(rings).toEqual([25, 50]);
});
