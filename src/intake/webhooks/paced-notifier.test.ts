import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { pacedNotifier } from "./paced-notifier.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function stage(send: () => Promise<unknown> = async () => {}) {
  let at = 0;
  const notifications: number[] = [];
  const notify = () => {
    notifications.push(at);
    return send();
  };
  return {
    ...{ notifications, notifier: pacedNotifier(notify, () => at) },
    forward(ms: number) {
      for (let passed = 0; passed < ms; passed += 1) {
        at += 1;
        jest.advanceTimersByTime(1);
      }
    },
  };
}

test("what comes after a quiet while is told of at once, by whoever keeps it", () => {
  const { notifier, notifications, forward } = stage();
  expect(notifier.isDue()).toBe(true);
  forward(1_000);
  expect(notifier.isDue()).toBe(true);
  expect(notifications).toEqual([]);
});

test("what follows closely is told of once, soon after the last time", () => {
  const { notifier, notifications, forward } = stage();
  expect(notifier.isDue()).toBe(true);
  for (let n = 0; n < 5; n += 1) {
    forward(3);
    expect(notifier.isDue()).toBe(false);
    notifier.notifyLater();
  }
  forward(100);
  expect(notifications).toEqual([25]);
  expect(notifier.isDue()).toBe(true);
});

test("while it pours in, a second has forty notifications at most, and the last delivery one behind it", () => {
  const { notifier, notifications, forward } = stage();
  let inTransactions = 0;
  for (let ms = 0; ms < 1_000; ms += 1) {
    if (notifier.isDue()) inTransactions += 1;
    else notifier.notifyLater();
    forward(1);
  }
  forward(25);
  expect(notifications.length + inTransactions).toBeLessThanOrEqual(41);
  expect(notifications.at(-1)).toBeGreaterThanOrEqual(1_000);
});

test("a notification that fails stops nothing: whoever waits looks by itself", () => {
  const { notifier, notifications, forward } = stage(() =>
    Promise.reject(new Error("no connection")),
  );
  notifier.isDue();
  notifier.notifyLater();
  forward(25);
  notifier.notifyLater();
  forward(25);
  expect(notifications).toEqual([25, 50]);
});
