import { expect, test } from "bun:test";
import { childOf } from "./abort.ts";
import { type Clock, systemClock } from "./clock.ts";
import { backoffMs, loop, wakeSignal } from "./loop.ts";

/** Pauses end when the test or a signal says so; what was asked for is kept. */
function heldClock() {
  const pauses: number[] = [];
  let release: (() => void) | undefined;
  const clock: Clock = {
    now: () => new Date(0),
    pause(ms, signal) {
      pauses.push(ms);
      return new Promise((resolve) => {
        release = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
        if (signal?.aborted) resolve();
      });
    },
  };
  return { clock, pauses, release: () => release?.() };
}

const quickClock = (pauses: number[]): Clock => ({
  now: () => new Date(0),
  pause: async (ms) => void pauses.push(ms),
});

test("a loop goes on at once while there is more, and rests when there is not", async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  const outcomes = ["more", "more", "idle", "more", "idle"] as const;
  let steps = 0;
  await loop(
    async () => {
      const outcome = outcomes[steps] ?? "idle";
      steps += 1;
      if (steps === outcomes.length) stop.abort();
      return outcome;
    },
    { clock: quickClock(pauses), idleMs: 7, signal: stop.signal, onFailure: () => {} },
  );
  expect(steps).toBe(5);
  expect(pauses).toEqual([7, 7]);
});

test("a loop that fails rests ever longer, up to 20 s, and starts anew after a success", async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  const failures: number[] = [];
  let steps = 0;
  await loop(
    async () => {
      steps += 1;
      if (steps === 10) return "more";
      if (steps === 12) stop.abort();
      throw new Error("no");
    },
    {
      ...{ clock: quickClock(pauses), idleMs: 7, retryMs: 1_000, signal: stop.signal },
      onFailure: (_, count) => failures.push(count),
    },
  );
  expect(pauses).toEqual([1, 2, 4, 8, 16, 20, 20, 20, 20, 1].map((seconds) => seconds * 1_000));
  expect(failures).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
  expect(backoffMs(5_000, 1_000)).toBe(20_000);
});

test("a notification ends the rest, and one during a step ends the next rest at once", async () => {
  const stop = new AbortController();
  const wake = wakeSignal();
  const { clock, pauses } = heldClock();
  let steps = 0;
  const looping = loop(
    async () => {
      steps += 1;
      if (steps === 2) wake.notify();
      if (steps === 4) stop.abort();
      return "idle";
    },
    { clock, idleMs: 7, signal: stop.signal, woken: wake, onFailure: () => {} },
  );
  while (pauses.length < 1) await Bun.sleep(0);
  wake.notify();
  while (pauses.length < 3) await Bun.sleep(0);
  expect(steps).toBe(3);
  wake.notify();
  await looping;
});

test("a loop without a wake signal rests for its time, and with one the timer is enough", async () => {
  const stop = new AbortController();
  const { clock, pauses, release } = heldClock();
  let steps = 0;
  const looping = loop(
    async () => {
      steps += 1;
      return "idle";
    },
    { clock, idleMs: 7, signal: stop.signal, woken: wakeSignal(), onFailure: () => {} },
  );
  while (pauses.length < 1) await Bun.sleep(0);
  release();
  while (pauses.length < 2) await Bun.sleep(0);
  expect(steps).toBe(2);
  stop.abort();
  await looping;
});

test("a loop stops at once while it rests, after a failure too", async () => {
  for (const outcome of ["idle", "failure"]) {
    const stop = new AbortController();
    const began = performance.now();
    const looping = loop(
      async () => {
        setTimeout(() => stop.abort(), 1);
        if (outcome === "failure") throw new Error("no");
        return "idle";
      },
      {
        ...{ clock: systemClock, idleMs: 60_000, retryMs: 60_000, signal: stop.signal },
        ...{ woken: wakeSignal(), onFailure: () => {} },
      },
    );
    await looping;
    expect(performance.now() - began).toBeLessThan(50_000);
  }
});

test("rests leave nothing behind on the signal of the process", async () => {
  const stop = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = stop.signal;
  stop.signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(stop.signal, given);
  };
  stop.signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(stop.signal, given);
  };
  let steps = 0;
  await loop(
    async () => {
      steps += 1;
      if (steps === 100) stop.abort();
      return "idle";
    },
    {
      ...{ clock: quickClock([]), idleMs: 1, signal: stop.signal },
      woken: wakeSignal(),
      onFailure: () => {},
    },
  );
  expect(listeners).toBeLessThanOrEqual(0);
});

test("a child signal ends with its parent, and an ended child tells its parent nothing", () => {
  const parent = new AbortController();
  const [one, two] = [childOf(parent.signal), childOf(parent.signal)];
  one.end();
  expect([one.signal.aborted, two.signal.aborted, parent.signal.aborted]).toEqual([
    true,
    false,
    false,
  ]);
  parent.abort();
  expect(two.signal.aborted).toBe(true);
  expect(childOf(parent.signal).signal.aborted).toBe(true);
});
