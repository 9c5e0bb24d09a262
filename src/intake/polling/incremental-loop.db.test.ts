import { describe, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  DAY,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  NOON,
  never,
  readCounts,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { Failure } from "../../lib/failure.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { saveAccountReading } from "../store/account-reading.ts";
import { noteEventFailure } from "../store/event-failures.ts";
import { readDueRecounts, requestRecounts } from "../store/recount-requests.ts";
import { incrementalLoop } from "./incremental-loop.ts";
import { defaultIncrementalPace } from "./launch.ts";
import { poller } from "./poller.ts";

const BERLIN = "68f0000000000000000000a1";

const database = emptiedDatabase();

/** One account with one event, which goes on sale in ten minutes. */
async function stage({ isWatched = false } = {}) {
  const clock = handClock();
  const answers = { status: 200, on: "/api/" };
  const model = modelVivenu({ now: clock.now });
  const sellStart = new Date(NOON.getTime() + 10 * MINUTE).toISOString();
  const later = new Date(NOON.getTime() + 90 * DAY).toISOString();
  const dates = { sellStart, start: later, end: later };
  model.putEvent({ ...eventJson(), _id: BERLIN, name: "HYROX Berlin", ...dates, underShops: [] });
  const asked: string[] = [];
  const counted: string[] = [];
  const answered: string[] = [];
  const answeredAt = new Map<string, number>();
  const long = { isCut: false };
  const clientOf = (account: string, priority: string) =>
    clientFor({
      ...{ baseUrl: "https://vivenu.example.com", region: account, clock },
      fetch: async (url) => {
        asked.push(priority);
        const { pathname, searchParams } = new URL(url);
        if (long.isCut && pathname === "/api/tickets" && searchParams.get("top") !== "1")
          return new Response("", { status: 503 });
        const isAnswered = answers.status === 200 || !pathname.startsWith(answers.on);
        if (isAnswered) answeredAt.set(account, clock.now().getTime());
        return isAnswered ? model.fetch(url) : new Response("", { status: answers.status });
      },
    });
  const polling = poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 1_000, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const failed: { account: string; isKeyRefused: boolean }[] = [];
  const looksWanted = new Set<string>();
  const { step, ended } = incrementalLoop({
    ...{ looksWanted, sql: database.sql, accounts: ["DACH", "FRANCE"], clientOf, poller: polling },
    ...{ filter: hyrox, pace: defaultIncrementalPace, clock, logger, signal: never },
    onFailed: (failure) => failed.push(failure),
    onAnswered: (account) => answered.push(account),
    onCounted: ({ account }) => counted.push(account),
    ...(isWatched && {
      silence: { limitMs: 45 * SECOND, answeredAt: (account: string) => answeredAt.get(account) },
    }),
  });
  const sold = async () =>
    (await readCounts(database.sql)).at(-1)?.ticketTypes.reduce((sum, type) => sum + type.sold, 0);
  async function passes(ms: number) {
    clock.forward(ms);
    await step();
    await ended();
  }
  return {
    ...{
      clock,
      model,
      answers,
      asked,
      failed,
      answered,
      answeredAt,
      counted,
      long,
      sold,
      looksWanted,
      passes,
    },
    /** As a recount does that reads an account's changes. */
    followed: (followedAt: Date) => saveAccountReading(database.sql, "DACH", { followedAt }),
    /** As a recount does that is not answered: its next turn is half an hour later. */
    async outage(at: Date) {
      const one = { account: "DACH", eventId: BERLIN };
      await requestRecounts(database.sql, [{ ...one, at }], {
        pace: { debounceMs: 30 * MINUTE, intervalMs: 30 * MINUTE },
      });
      const error = new Failure("unavailable", "no answer");
      await noteEventFailure(database.sql, { ...one, work: "count" }, { error, at });
    },
    due: async () =>
      (await readDueRecounts(database.sql, clock.now(), 20)).map(({ eventId }) => eventId),
    poll: () => polling.pollAccount(clientOf("DACH", "nightly"), never),
    minute: () => passes(MINUTE),
  };
}

test("a launch is shown a minute later, at one or two requests a minute", async () => {
  const { clock, model, asked, sold, poll, minute } = await stage();
  await poll();
  for (let i = 0; i < 10; i += 1) await minute();
  const before = asked.length;
  for (let i = 1; i <= 30; i += 1) {
    clock.forward(-3 * SECOND);
    for (let n = 0; n < 10; n += 1) model.put({ eventId: BERLIN, ticketTypeId: MEN });
    clock.forward(3 * SECOND);
    await minute();
    expect(await sold()).toBe(10 * i);
  }
  expect(new Set(asked.slice(before))).toEqual(new Set(["launch"]));
  expect(asked.length - before).toBeLessThanOrEqual(54);
});

test("a sale in a launch that Vivenu shows minutes late is counted within five minutes", async () => {
  const { clock, model, sold, poll, minute } = await stage();
  await poll();
  for (let i = 0; i < 17; i += 1) await minute();
  clock.forward(-2 * MINUTE);
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  clock.forward(2 * MINUTE);
  for (let i = 0; i < 5; i += 1) await minute();
  expect(await sold()).toBe(1);
});

test("an account that was never polled is left to its first poll", async () => {
  const { asked, minute } = await stage();
  await minute();
  expect(asked).toEqual([]);
});

test("a refused key is said, stops its account only, and is tried with two requests a minute at most", async () => {
  const { answers, asked, failed, poll, passes } = await stage();
  await poll();
  answers.status = 401;
  const before = asked.length;
  // The loop looks each second; a clock that goes by minutes would hide what is asked between them.
  for (let second = 0; second < 20 * 60; second += 5) await passes(5 * SECOND);
  expect(failed[0]).toEqual({ account: "DACH", isKeyRefused: true });
  expect(asked.length - before).toBeLessThanOrEqual(40);
});

test.each([401, 503])(
  "an account that was answered with %i for hours is counted within a minute after it, though its events were recounted meanwhile",
  async (status) => {
    const { answers, clock, followed, sold, model, failed, poll, minute } = await stage();
    await poll();
    // Its launch is long over: it is looked at once an hour.
    for (let i = 0; i < 120; i += 1) await minute();
    answers.status = status;
    for (let i = 0; i < 180; i += 1) await minute();
    const before = failed.length;
    expect(before).toBeGreaterThan(100);
    answers.status = 200;
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    await followed(clock.now());
    await minute();
    expect(failed).toHaveLength(before);
    expect(await sold()).toBe(1);
  },
);

describe.each([
  { status: 404, on: "/api/tickets" },
  { status: 400, on: "/api/tickets" },
  { status: 404, on: "/api/events" },
  { status: 500, on: "/api/events" },
])("an account of which $on is answered with $status for two hours", (trouble) => {
  test("is asked two requests a minute meanwhile, is never taken for mended, and is counted within a minute after it", async () => {
    const { answers, asked, model, sold, failed, counted, poll, minute, passes } = await stage();
    await poll();
    await passes(2 * DAY);
    Object.assign(answers, trouble);
    for (let i = 0; i < 130; i += 1) await minute();
    expect(failed.length).toBeGreaterThan(0);
    const before = { asked: asked.length, counted: counted.length };
    for (let second = 0; second < 20 * 60; second += 10) await passes(10 * SECOND);
    expect(asked.length - before.asked).toBeLessThanOrEqual(41);
    expect(counted).toHaveLength(before.counted);
    answers.status = 200;
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    await minute();
    expect(counted.length).toBeGreaterThan(before.counted);
    expect(await sold()).toBe(1);
  });
});

test.each([403, 404, 500])(
  "tickets are counted every minute of a launch while the list of events is answered with %i",
  async (status) => {
    const { answers, model, sold, counted, failed, poll, minute } = await stage();
    await poll();
    for (let i = 0; i < 20; i += 1) await minute();
    Object.assign(answers, { status, on: "/api/events" });
    const before = counted.length;
    for (let i = 1; i <= 30; i += 1) {
      model.put({ eventId: BERLIN, ticketTypeId: MEN });
      await minute();
      await minute();
      expect(await sold()).toBe(i);
    }
    // Before its list is due again nothing is known of its trouble.
    expect(counted.length - before).toBeLessThanOrEqual(10);
    expect(failed.length).toBeGreaterThan(45);
  },
);

test("an account that fails only where a long list is read waits the longer, the more it asks until then", async () => {
  const { asked, failed, model, poll, passes, long } = await stage();
  await poll();
  await passes(2 * DAY);
  long.isCut = true;
  for (let n = 0; n < 3; n += 1) model.put({ eventId: BERLIN, ticketTypeId: MEN });
  await passes(HOUR);
  expect(failed).toHaveLength(1);
  const before = asked.length;
  for (let second = 0; second < 60 * 60; second += 10) await passes(10 * SECOND);
  expect(failed.length).toBeGreaterThan(1);
  expect(asked.length - before).toBeLessThanOrEqual(370);
});

test("an account whose changes PostgreSQL does not take for two hours is counted within a minute after it", async () => {
  const { model, sold, failed, poll, minute, passes } = await stage();
  await poll();
  await passes(2 * DAY);
  await database.sql`alter table account_reading add constraint played check (false) not valid`;
  try {
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    for (let i = 0; i < 130; i += 1) await minute();
    expect(failed.length).toBeGreaterThan(0);
  } finally {
    await database.sql`alter table account_reading drop constraint played`;
  }
  await minute();
  expect(await sold()).toBe(1);
});

describe("an account of which nothing is to be counted for an hour", () => {
  test.each([401, 404, 503])(
    "is told within a minute to be answered with %i, and within a minute not to be any more",
    async (status) => {
      const { answers, failed, answered, poll, passes } = await stage({ isWatched: true });
      await poll();
      await passes(2 * DAY);
      for (let second = 0; second < 10 * 60; second += 5) await passes(5 * SECOND);
      expect(failed).toEqual([]);
      answers.status = status;
      for (let second = 0; second < 60; second += 5) await passes(5 * SECOND);
      expect(failed.at(0)?.account).toBe("DACH");
      for (let second = 0; second < 180; second += 5) await passes(5 * SECOND);
      answers.status = 200;
      const before = { answered: answered.length, failed: failed.length };
      for (let second = 0; second < 45; second += 5) await passes(5 * SECOND);
      expect(answered).toHaveLength(before.answered + 1);
      expect(failed).toHaveLength(before.failed);
    },
  );

  test("is asked for by one request in 45 s, and by none where another asks", async () => {
    const { asked, poll, passes, clock, answeredAt } = await stage({ isWatched: true });
    await poll();
    await passes(2 * DAY);
    const before = asked.length;
    for (let second = 0; second < 30 * 60; second += 5) await passes(5 * SECOND);
    expect(asked.length - before).toBeGreaterThanOrEqual(36);
    expect(asked.length - before).toBeLessThanOrEqual(40);
    const alone = asked.length;
    for (let second = 0; second < 10 * 60; second += 5) {
      answeredAt.set("DACH", clock.now().getTime());
      await passes(5 * SECOND);
    }
    expect(asked).toHaveLength(alone);
  });
});

test("an event that an outage kept from being counted is due when its account is answered again", async () => {
  const { answers, clock, due, poll, minute, outage } = await stage();
  await poll();
  answers.status = 503;
  for (let i = 0; i < 10; i += 1) await minute();
  await outage(clock.now());
  expect(await due()).toEqual([]);
  answers.status = 200;
  await minute();
  expect(await due()).toEqual([BERLIN]);
});

test("a key that is given back within a minute is no longer said to be refused in the next", async () => {
  const { answers, asked, failed, poll, minute } = await stage();
  await poll();
  answers.status = 401;
  for (let i = 0; i < 20 && failed.length === 0; i += 1) await minute();
  expect(failed).toEqual([{ account: "DACH", isKeyRefused: true }]);
  answers.status = 200;
  const before = asked.length;
  await minute();
  expect(asked.length).toBeGreaterThan(before);
  expect(failed).toHaveLength(1);
});

test("a key that a recount finds refused is looked at once more within a minute, and soon again when it was given back", async () => {
  const { answers, asked, failed, poll, minute, looksWanted } = await stage();
  await poll();
  await minute();
  const before = asked.length;
  await minute();
  expect(asked).toHaveLength(before);
  answers.status = 401;
  looksWanted.add("DACH");
  await minute();
  expect(failed).toEqual([{ account: "DACH", isKeyRefused: true }]);
  answers.status = 200;
  const given = asked.length;
  await minute();
  expect(failed).toHaveLength(1);
  expect(asked.length).toBeGreaterThan(given);
});

test("the wait for a refused key does not go on from that of an outage", async () => {
  const { answers, asked, failed, poll, minute } = await stage();
  await poll();
  answers.status = 503;
  for (let i = 0; i < 60; i += 1) await minute();
  answers.status = 401;
  for (let i = 0; i < 6; i += 1) await minute();
  expect(failed.at(-1)?.isKeyRefused).toBe(true);
  answers.status = 200;
  const before = asked.length;
  for (let i = 0; i < 3; i += 1) await minute();
  expect(asked.length).toBeGreaterThan(before);
});

test("an outage in a launch is over when Vivenu is back", async () => {
  const { answers, model, clock, sold, poll, minute } = await stage();
  await poll();
  for (let i = 0; i < 11; i += 1) await minute();
  answers.status = 404;
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  for (let i = 0; i < 10; i += 1) await minute();
  answers.status = 200;
  for (let i = 0; i < 2; i += 1) await minute();
  expect(clock.now() > NOON).toBe(true);
  expect(await sold()).toBe(1);
});

test("after hours in which Vivenu did not answer an account is counted within five minutes, and few requests were made meanwhile", async () => {
  const { answers, asked, model, sold, poll, minute } = await stage();
  await poll();
  // Its launch is long over: what was sold by now is counted once an hour.
  for (let i = 0; i < 120; i += 1) await minute();
  answers.status = 503;
  const before = asked.length;
  for (let i = 0; i < 180; i += 1) await minute();
  expect((asked.length - before) / 3).toBeLessThanOrEqual(200);
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  answers.status = 200;
  for (let i = 0; i < 5; i += 1) await minute();
  expect(await sold()).toBe(1);
});

test("an event that appears between two polls is counted by its account's next look", async () => {
  const { model, sold, poll, minute } = await stage();
  await poll();
  const _id = "68f0000000000000000000a9";
  model.putEvent({ ...eventJson(), _id, name: "HYROX Hamburg" });
  model.put({ eventId: _id, ticketTypeId: MEN });
  for (let i = 0; i < 15; i += 1) await minute();
  expect(await sold()).toBe(1);
});

test("an account that failed under a clock that ran ahead is counted as soon as it is right", async () => {
  const { clock, model, answers, sold, poll, minute } = await stage();
  await poll();
  clock.forward(5 * MINUTE + 30 * DAY);
  answers.status = 401;
  await minute();
  await minute();
  clock.forward(-30 * DAY);
  answers.status = 200;
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  const updatedAt = clock.now().toISOString();
  model.putEvent({ ...eventJson(), _id: BERLIN, name: "HYROX Berlin II", updatedAt });
  await minute();
  expect(await sold()).toBe(1);
  // And its events are asked for, which was tried last in a month that is not yet.
  const [seen] = await database.sql`
    select description ->> 'name' as name from event_seen where event_id = ${BERLIN}
  `;
  expect(seen).toEqual({ name: "HYROX Berlin II" });
});
