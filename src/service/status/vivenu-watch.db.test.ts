import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { handClock } from "../../../test/support/intake.ts";
import type { AttemptOutcome } from "../../vivenu/request.ts";
import { vivenuWatch } from "./vivenu-watch.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function stage() {
  const clock = handClock(new Date("2026-03-01T10:00:00.000Z"));
  const shown = new Map<string, string>();
  const failing = {
    note(of: string | { loop: string; account: string }, words: string) {
      if (typeof of === "string") throw new Error(`${of} says not whose it is`);
      expect(of.loop).toEndWith(of.account);
      shown.set(of.loop, words);
    },
    clear: (name: string) => void shown.delete(name),
  };
  const watch = vivenuWatch({ failing, clock });
  const after = (ms: number) => {
    clock.forward(ms);
    jest.advanceTimersByTime(ms);
  };
  return {
    ...{ shown, watch, after },
    /** A request that takes so long. */
    ask(account: string, outcome: AttemptOutcome, ms = 10) {
      const over = watch.sent(account);
      after(ms);
      over(outcome);
    },
  };
}

test("one request that fails alone is not told, three in a row are, with when the first was sent", () => {
  const { shown, after, ask } = stage();
  after(5_000);
  ask("DACH", "failed", 1_000);
  ask("DACH", "failed", 1_000);
  expect(shown.size).toBe(0);
  ask("DACH", "failed", 1_000);
  expect([...shown]).toEqual([
    [
      "Vivenu for DACH",
      "the last 3 requests were not answered, since 2026-03-01T10:00:05.000Z; it is asked again and again.",
    ],
  ]);
});

test("one that waits for its answer is told within a minute, however long it may wait", () => {
  const { shown, after, watch } = stage();
  const over = watch.sent("DACH");
  after(39_000);
  expect(shown.size).toBe(0);
  after(2_000);
  expect(shown.get("Vivenu for DACH")).toStartWith(
    "the last request was not answered, since 2026-",
  );
  after(200_000);
  over("answered");
  expect(shown.size).toBe(0);
});

test("two that fail slowly are told within a minute as well", () => {
  const { shown, ask } = stage();
  ask("DACH", "failed", 30_000);
  expect(shown.size).toBe(0);
  ask("DACH", "failed", 20_000);
  expect(shown.get("Vivenu for DACH")).toStartWith("the last 2 requests were not answered");
});

test("an account that is let through by no request is told, one that has to wait now and then is not", () => {
  const { shown, ask, after } = stage();
  for (let n = 0; n < 9; n += 1) {
    ask("DACH", "throttled");
    after(9_000);
    if (n % 2 === 1) ask("DACH", "answered");
  }
  expect(shown.size).toBe(0);
  ask("DACH", "answered");
  for (let n = 0; n < 4; n += 1) {
    ask("DACH", "throttled");
    after(9_000);
  }
  expect([...shown]).toEqual([
    [
      "Vivenu's limit for DACH",
      expect.stringMatching(/^it lets no request through \(429\), since /),
    ],
  ]);
  ask("DACH", "answered");
  expect(shown.size).toBe(0);
});

test("slow answers are answers", () => {
  const { shown, ask } = stage();
  for (let n = 0; n < 100; n += 1) ask("DACH", "answered", 39_000);
  expect(shown.size).toBe(0);
});

test.each(["answered", "throttled", "refused"] as const)(
  "a request that is %s ends it, for that account alone",
  (outcome) => {
    const { shown, ask } = stage();
    for (const account of ["DACH", "ITALY"]) for (let n = 0; n < 3; n += 1) ask(account, "failed");
    ask("DACH", outcome);
    expect([...shown.keys()]).toEqual(["Vivenu for ITALY"]);
    ask("DACH", "failed");
    expect(shown.size).toBe(1);
  },
);

test("a request that was stopped says nothing of Vivenu", () => {
  const { shown, after, watch } = stage();
  for (let n = 0; n < 5; n += 1) watch.sent("DACH")();
  after(60_000);
  expect(shown.size).toBe(0);
});

test("whoever loses the lease takes back what it said", () => {
  const { shown, after, ask, watch } = stage();
  for (let n = 0; n < 3; n += 1) ask("DACH", "failed");
  watch.sent("ITALY");
  watch.end();
  after(60_000);
  expect(shown.size).toBe(0);
});
