import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { fakeClock } from "../../../test/fixtures/vivenu/scripted.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import type { Lease } from "../../database/lease.ts";
import { createLogger } from "../../lib/logger.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { loopRunner } from "./runner.ts";

const MINUTE_MS = 60_000;
const config = loadConfig(usableEnvironment);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A leader whose loops run on a clock that moves by their own pauses. */
function leader() {
  const held = new AbortController();
  const reasons: string[] = [];
  const told = new Map<string, string>();
  const lease: Lease = {
    ...{ name: "consumer", token: 1n, signal: held.signal, check: async () => {} },
    giveUp(reason) {
      reasons.push(reason);
      held.abort();
    },
  };
  const failing = {
    note: (name: string, words: string) => void told.set(name, words),
    clear: (name: string) => void told.delete(name),
    ...{ here: () => [], read: async () => [] },
  };
  const clock = fakeClock();
  const { run } = loopRunner({
    ...{ config, clock, failing, logger: createLogger("silent") },
    ...{ metrics: createMetrics(), signal: held.signal },
  });
  return { run, lease, reasons, told, clock, held };
}

test("a reader that hangs is told of within a minute, and gives its lease up after five", async () => {
  const { run, lease, reasons, told } = leader();
  const reading = Promise.withResolvers<"idle">();
  const looping = run("consumer of x", () => reading.promise, {
    ...{ lease, idleMs: 1_000, isVital: true },
  });
  jest.advanceTimersByTime(MINUTE_MS);
  expect(told.get("consumer of x")).toContain("stands still");
  expect(reasons).toEqual([]);
  jest.advanceTimersByTime(4 * MINUTE_MS);
  expect(reasons).toEqual(["consumer of x gets nothing done"]);
  reading.resolve("idle");
  await looping;
});

test("a reader that is slow and gets on keeps its lease for hours", async () => {
  const { run, lease, reasons, held } = leader();
  const reading = Promise.withResolvers<"idle">();
  let goesOn = () => {};
  const step = (progress: () => void) => {
    goesOn = progress;
    return reading.promise;
  };
  const looping = run("consumer of x", step, { lease, idleMs: 1_000, isVital: true });
  for (let minute = 0; minute < 180; minute += 4) {
    jest.advanceTimersByTime(4 * MINUTE_MS);
    goesOn();
  }
  expect(reasons).toEqual([]);
  held.abort();
  reading.resolve("idle");
  await looping;
});

test("a reader that throws for ever is told of at once, and gives its lease up after a quarter of an hour", async () => {
  const { run, lease, reasons, clock } = leader();
  const began = clock.now().getTime();
  await run(
    "consumer of x",
    async () => {
      throw new Error("no such page");
    },
    { lease, idleMs: 1_000, isVital: true },
  );
  expect(reasons).toEqual(["consumer of x fails without an end"]);
  const minutes = (clock.now().getTime() - began) / MINUTE_MS;
  expect(minutes).toBeGreaterThanOrEqual(15);
  expect(minutes).toBeLessThan(18);
});

test("one that fails now and then keeps it, and so does a loop that nobody depends on", async () => {
  const { run, lease, reasons, held } = leader();
  let steps = 0;
  await run(
    "consumer of x",
    async () => {
      steps += 1;
      if (steps === 400) held.abort();
      if (steps % 5 === 0) return "idle";
      throw new Error("sometimes");
    },
    { lease, idleMs: 60_000, isVital: true },
  );
  const other = leader();
  let tries = 0;
  await other.run(
    "refilling rows",
    async () => {
      tries += 1;
      if (tries === 100) other.held.abort();
      throw new Error("always");
    },
    { lease: other.lease, idleMs: 1_000 },
  );
  expect([...reasons, ...other.reasons]).toEqual([]);
});
