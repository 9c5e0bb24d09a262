import { expect, test } from "bun:test";
import { event } from "../../../test/support/found-tab.ts";
import type { Clock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { wakeSignal } from "../../lib/loop.ts";
import { createMirror } from "./mirror.ts";

/** A spreadsheet that is empty whatever is written, and a clock at which somebody does something. */
function stage(onPause: () => void) {
  const calls: string[] = [];
  const pauses: number[] = [];
  let now = Date.parse("2026-03-01T12:00:00Z");
  const nothing = { tabs: [], takenIds: [] };
  const clock: Clock = {
    now: () => new Date(now),
    async pause(ms) {
      pauses.push(ms);
      now += ms;
      onPause();
    },
  };
  const mirror = createMirror({
    spreadsheet: {
      readFilled: async () => new Map(),
      async read() {
        calls.push("read");
        return nothing;
      },
      async write() {
        calls.push("write");
        return nothing;
      },
    },
    readRows: async () => ({ events: [event()], ticketTypes: [] }),
    clock,
    logger: createLogger("silent"),
  });
  return { mirror, calls, pauses };
}

test("a mirror that is to stop while it gathers what changed reads and writes nothing more", async () => {
  const stop = new AbortController();
  const { mirror, calls } = stage(() => stop.abort());
  await mirror.run(stop.signal);
  expect(calls).toEqual([]);
});

test("a mirror that goes on reads and writes after each pause", async () => {
  const stop = new AbortController();
  let count = 0;
  const { mirror, calls, pauses } = stage(() => {
    count += 1;
    if (count === 4) stop.abort();
  });
  await mirror.run(stop.signal);
  expect(calls).toEqual(["read", "write", "read", "write"]);
  // After a quiet minute nothing is gathered but what is told within a moment.
  expect(pauses.slice(0, 3)).toEqual([250, 60_000, 250]);
  expect(mirror.state.lastFailure).toBeNull();
});

test("a mirror that is woken all the time looks at everything as often as one that is left alone", async () => {
  const stop = new AbortController();
  const woken = wakeSignal();
  const reads: number[] = [];
  let now = Date.parse("2026-03-01T12:00:00Z");
  const started = now;
  const clock: Clock = {
    now: () => new Date(now),
    async pause(ms, signal) {
      // Somebody wakes it each second: a minute is never over.
      if (ms > 2_000) return new Promise((end) => signal?.addEventListener("abort", () => end()));
      now += ms;
    },
  };
  const mirror = createMirror({
    spreadsheet: {
      readFilled: async () => new Map(),
      async read() {
        reads.push((now - started) / 1_000);
        return { tabs: [], takenIds: [] };
      },
      write: async () => ({ tabs: [], takenIds: [] }),
    },
    async readRows() {
      now += 1_000;
      woken.notify();
      if (now - started > 200_000) stop.abort();
      return { events: [event()], ticketTypes: [] };
    },
    clock,
    logger: createLogger("silent"),
  });
  await mirror.run(stop.signal, woken);
  // In the first of its rounds, of three seconds each, that begins a minute after the last look.
  expect(reads).toEqual([1.25, 64.25, 127.25, 190.25]);
});
