import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { handClock } from "../../../test/support/intake.ts";
import { connect } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { createLogger } from "../../lib/logger.ts";
import { failingLoops } from "../status/failing.ts";
import { accountWatch } from "./account-watch.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function stage() {
  const shown = new Map<string, string>();
  const failing = {
    ...failingLoops(connect("postgres://nobody@127.0.0.1:1/none", { max: 1 })),
    note(of: string | { loop: string; account: string }, words: string) {
      if (typeof of === "string") throw new Error(`${of} says not whose it is`);
      expect(of.loop).toBe(`poll of ${of.account}`);
      shown.set(of.loop, words);
    },
    clear: (name: string) => void shown.delete(name),
  };
  const lease: Lease = {
    ...{ name: "poller", token: 1n, signal: new AbortController().signal },
    ...{ check: async () => {}, giveUp: () => {} },
  };
  const logger = createLogger("silent");
  const given = { failing, clock: handClock(), logger };
  return { shown, ...accountWatch(given, lease, (account) => `poll of ${account}`) };
}

test("an account that stands still is named within a minute, while another's poll goes on for hours", async () => {
  const { shown, watch, context, stepOf } = stage();
  let steps = 0;
  stepOf(() => {
    steps += 1;
  });
  const [hanging, living] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const works = [watch("DACH", () => hanging.promise), watch("ITALY", () => living.promise)];
  context.onRequest("DACH")("answered");
  for (let n = 0; n < 600; n += 1) {
    jest.advanceTimersByTime(30_000);
    if (n === 1) expect([...shown.keys()]).toEqual(["poll of DACH"]);
    // Now a request, now a minute of waiting for the budget.
    if (n % 2 === 0) context.onRequest("ITALY")("answered");
    else context.onWaiting("ITALY");
  }
  expect([...shown.keys()]).toEqual(["poll of DACH"]);
  expect(steps).toBe(601);
  hanging.resolve();
  living.resolve();
  await Promise.all(works);
  expect(shown.size).toBe(0);
});

test("requests that are not answered are no silence of ours", () => {
  const { shown, watch, context } = stage();
  void watch("DACH", () => new Promise(() => {}));
  for (let n = 0; n < 20; n += 1) {
    const over = context.onRequest("DACH");
    jest.advanceTimersByTime(40_000);
    over("failed");
  }
  expect(shown.size).toBe(0);
});
