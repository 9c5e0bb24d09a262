import { beforeEach, describe, expect, test } from "bun:test";
import { type HandClock, HOUR, handClock, MINUTE, NOON } from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { isFailure } from "../../lib/failure.ts";
import { type Priority, readHourOfRequests, sharedBudget } from "./request-budget.ts";

const database = emptiedDatabase();
let clock: HandClock;
beforeEach(async () => {
  clock = handClock();
});

const budget = (limits: { perMinute: number; perHour: number; account?: string }) =>
  sharedBudget({ sql: database.sql, account: "DACH", clock, ...limits });

/** When each of so many requests was let through; two processes ask in turn. */
async function taken(requests: number, limits: { perMinute: number; perHour: number }) {
  const processes = [budget(limits), budget(limits)];
  const times: number[] = [];
  for (let i = 0; i < requests; i += 1) {
    await processes[i % 2]?.take();
    times.push(clock.now().getTime());
    clock.forward(1_300);
  }
  return times;
}

const most = (times: number[], windowMs: number, from: (time: number) => number) =>
  Math.max(
    ...times.map(
      (time) => times.filter((t) => t >= from(time) && t < from(time) + windowMs).length,
    ),
  );

test("two processes together make no more requests a minute than the account has", async () => {
  const times = await taken(35, { perMinute: 10, perHour: 1_000 });
  expect(most(times, MINUTE, (time) => time - (time % MINUTE))).toBe(10);
  // Three minutes are waited out and no more.
  expect((times.at(-1) ?? 0) - NOON.getTime()).toBeLessThan(4 * MINUTE);
});

test("two processes together make no more requests in any hour than the account has", async () => {
  const limits = { perMinute: 7, perHour: 20 };
  const times = await taken(50, limits);
  expect(most(times, HOUR, (time) => time)).toBe(20);
});

test("the hour is any hour, not one that begins when the clock strikes", async () => {
  const limits = { perMinute: 5, perHour: 5 };
  clock.forward(59.9 * MINUTE);
  const before = await taken(5, limits);
  clock.forward(HOUR - 10_000);
  const after = await taken(5, limits);
  expect(most([...before, ...after], HOUR, (time) => time)).toBe(5);
});

test("many who ask at once get no more than there is", async () => {
  const limits = { perMinute: 5, perHour: 100 };
  const gone = new AbortController();
  const halted = { ...clock, pause: async () => gone.abort() };
  const processes = [1, 2].map(() =>
    sharedBudget({ sql: database.sql, account: "DACH", clock: halted, ...limits }),
  );
  const asked = Array.from({ length: 20 }, (_, i) => processes[i % 2]?.take(gone.signal));
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
});

test("accounts do not share their budgets", async () => {
  const limits = { perMinute: 1, perHour: 1 };
  await budget(limits).take();
  await budget({ ...limits, account: "FRANCE" }).take();
  expect(clock.now()).toEqual(NOON);
});

test("whoever waits is let go when the program stops", async () => {
  const limits = { perMinute: 1, perHour: 1 };
  await budget(limits).take();
  const stop = new AbortController();
  const waiting = sharedBudget({
    ...{ sql: database.sql, account: "DACH", ...limits },
    clock: {
      ...clock,
      pause: (_ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) resolve();
          signal?.addEventListener("abort", () => resolve());
        }),
    },
  }).take(stop.signal);
  stop.abort();
  const failure = await waiting.catch((error) => error);
  expect(isFailure(failure, "unavailable")).toBe(true);
});

test("what is older than two hours is forgotten", async () => {
  const limits = { perMinute: 5, perHour: 1_000 };
  await taken(5, limits);
  clock.forward(3 * HOUR);
  await budget(limits).take();
  const rows = await database.sql`select minute from request_budget`;
  expect(rows).toHaveLength(1);
});

describe("a budget that is shared by what is urgent and what can wait", () => {
  const limits = { perMinute: 100_000, perHour: 100 };
  const of = (priority: Priority) =>
    sharedBudget({ sql: database.sql, account: "DACH", clock, ...limits, priority });

  /** How many requests go through before the hour is used up. */
  async function takeAll(priority: Priority) {
    const stop = new AbortController();
    const waiting = { ...clock, pause: async () => stop.abort() };
    const own = sharedBudget({
      ...{ sql: database.sql, account: "DACH", clock: waiting, ...limits, priority },
    });
    for (let taken = 0; ; taken += 1)
      try {
        await own.take(stop.signal);
      } catch {
        return taken;
      }
  }

  test("keeps enough for a launch while a nightly count runs", async () => {
    const hour = async () =>
      (await readHourOfRequests(database.sql, clock.now(), limits.perHour)).get("DACH");
    for (let n = 0; n < 59; n += 1) await of("nightly").take();
    expect(await hour()).toEqual({ requests: 59, isLeftForPolls: true });
    expect(await takeAll("nightly")).toBe(1);
    expect(await hour()).toEqual({ requests: 60, isLeftForPolls: false });
    expect(await takeAll("recount")).toBe(10);
    expect(await takeAll("launch")).toBe(30);
    expect(await hour()).toEqual({ requests: 100, isLeftForPolls: false });
  });

  test("starves nobody while a launch takes what it can", async () => {
    expect(await takeAll("launch")).toBe(70);
    expect(await takeAll("nightly")).toBe(20);
    expect(await takeAll("recount")).toBe(10);
  });

  test("is never exceeded, whoever asks in whatever order", async () => {
    const asking = ["launch", "recount", "nightly", "launch", "nightly"] as const;
    let taken = 0;
    for (const priority of asking) taken += await takeAll(priority);
    expect(taken).toBe(100);
    clock.forward(62 * MINUTE);
    await of("recount").take();
  });
});
