import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { TestDatabase } from "../../../test/support/database.ts";
import {
  deliveryOf,
  eventOf,
  type HandClock,
  HOUR,
  handClock,
  hyrox,
  logger,
  MINUTE,
  NOON,
  never,
  pace,
  playedVivenu,
  readCounts,
  readPayloads,
  receiver,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { Failure } from "../../lib/failure.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { recordDeletion, recordEvent } from "../events/record-event.ts";
import { readAccountReading, saveAccountReading } from "../store/account-reading.ts";
import { readDueRecounts, requestRecounts } from "../store/recount-requests.ts";
import { poller } from "./poller.ts";
import { recounts } from "./recount-loop.ts";

let database: TestDatabase;
let vivenu: Awaited<ReturnType<typeof playedVivenu>>;
let clock: HandClock;
let playedClock: HandClock;
let berlin: string;

beforeAll(async () => {
  database = await reusedDatabase();
  playedClock = handClock();
  vivenu = await playedVivenu(playedClock);
  berlin = (await vivenu.event("DACH", "HYROX Berlin"))._id;
});
afterAll(async () => {
  await vivenu[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  clock = handClock();
  await emptyTables(
    database.sql,
    `
    event_seen, event_failure, count_seen, count_hint, outbox, ticket_state, running_count, account_reading,
      ticket_reading, ticket_reading_page
  `,
  );
});

const watch = (...eventIds: string[]) =>
  database.sql.begin(async (tx) => {
    for (const eventId of eventIds) {
      const event = { ...eventOf(), _id: eventId };
      await recordEvent(tx, { account: "DACH", source: "poll", event, observedAt: NOON });
    }
  });

const request = (eventId: string, account = "DACH") =>
  requestRecounts(database.sql, [{ account, eventId, at: clock.now() }], { pace });
const due = async () =>
  (await readDueRecounts(database.sql, clock.now(), 20)).map(({ eventId }) => eventId);

type PollEvent = ReturnType<typeof poller>["pollEvent"];

/** Serves recount requests with the real poller, or with what the test puts in its place. */
function counting(pollEvent?: PollEvent, signal: AbortSignal = never) {
  const real = poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 1_000, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const counted: string[] = [];
  const spy: PollEvent = (client, eventId, until) => {
    counted.push(eventId);
    return (pollEvent ?? real.pollEvent)(client, eventId, until);
  };
  const clients = new Map<string, VivenuClient>([["DACH", vivenu.client("DACH")]]);
  const options = { sql: database.sql, clients, pace, clock, logger, signal };
  return { step: recounts({ ...options, poller: { pollEvent: spy } }), counted };
}

test("what a count records belongs to the trace of the webhook that asked for it, and of no other", async () => {
  await watch(berlin, "another");
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const asked = { account: "DACH", eventId: berlin, at: clock.now() };
  await requestRecounts(database.sql, [{ ...asked, traceparent }], { pace });
  await requestRecounts(database.sql, [{ ...asked, eventId: "another" }], { pace });
  clock.forward(pace.debounceMs);
  // Also where this process records no traces: another one may.
  await counting().step();
  const readTraces = async () =>
    (
      await database.sql`
      select distinct traceparent from outbox where event_type like 'sales.%' order by 1
    `
    ).map((row) => row.traceparent);
  expect(await readTraces()).toEqual([traceparent]);
  // Of a later count, which nobody traces, it is no part.
  await request(berlin);
  clock.forward(pace.intervalMs + pace.debounceMs);
  expect(await readDueRecounts(database.sql, clock.now(), 20)).toContainEqual({
    ...{ account: "DACH", eventId: berlin, traceparent: null },
  });
});

describe("a webhook of a sale", () => {
  test("has its event counted 30 seconds later, however many come", async () => {
    await watch(berlin);
    const { send } = receiver({ sql: database.sql, clock });
    const { step, counted } = counting();
    for (let i = 0; i < 29; i += 1) {
      const sold = deliveryOf("ticket.created", { ticket: { _id: `t${i}`, eventId: berlin } });
      expect(await send(sold)).toBe(200);
      clock.forward(SECOND);
      expect(await step()).toBe("idle");
    }
    clock.forward(SECOND);
    expect(await step()).toBe("more");
    expect(counted).toEqual([berlin]);
    expect(await readCounts(database.sql)).toHaveLength(1);
  });

  test("of an event that nobody watches is ignored", async () => {
    await watch(berlin);
    await request("68f0000000000000000000ff");
    await request(berlin, "FRANCE");
    clock.forward(MINUTE);
    expect(await due()).toEqual([]);
  });

  test("of a deleted event is ignored", async () => {
    await watch(berlin);
    await database.sql.begin((tx) =>
      recordDeletion(tx, {
        ...{ account: "DACH", source: "webhook", eventId: berlin, name: null },
        observedAt: clock.now(),
      }),
    );
    await request(berlin);
    clock.forward(MINUTE);
    expect(await due()).toEqual([]);
  });
});

test("an event is recounted at most once in 30 minutes, whatever comes", async () => {
  await watch(berlin);
  const { step, counted } = counting();
  const times: number[] = [];
  for (let i = 0; i < 3 * 60; i += 1) {
    await request(berlin);
    clock.forward(MINUTE);
    const before = counted.length;
    await step();
    if (counted.length > before) times.push((clock.now().getTime() - NOON.getTime()) / MINUTE);
  }
  expect(times).toEqual([1, 31, 61, 91, 121, 151]);
});

test("a sale after a quiet half hour is counted 30 seconds later again", async () => {
  await watch(berlin);
  const { step, counted } = counting();
  await request(berlin);
  clock.forward(MINUTE);
  await step();
  clock.forward(60 * MINUTE);
  expect(await step()).toBe("idle");
  await request(berlin);
  clock.forward(29 * SECOND);
  expect(await step()).toBe("idle");
  clock.forward(SECOND);
  expect(await step()).toBe("more");
  expect(counted).toHaveLength(2);
});

describe("a recount request that comes while its event is counted", () => {
  const meanwhile = (ms: number) =>
    counting(async () => {
      const until = new Date(clock.now().getTime() - 2 * SECOND);
      clock.forward(ms);
      await request(berlin);
      clock.forward(SECOND);
      return until;
    });

  test("is not lost, and waits for its turn", async () => {
    await watch(berlin);
    const { step, counted } = meanwhile(10 * SECOND);
    await request(berlin);
    clock.forward(30 * SECOND);
    await step();
    clock.forward(29 * MINUTE);
    await step();
    expect(counted).toHaveLength(1);
    clock.forward(MINUTE);
    await step();
    expect(counted).toHaveLength(2);
  });

  test("is not lost either when it came in the moments that the count leaves out", async () => {
    await watch(berlin);
    const { step, counted } = counting();
    await request(berlin);
    clock.forward(29 * SECOND);
    await request(berlin);
    clock.forward(SECOND);
    await step();
    expect(counted).toHaveLength(1);
    clock.forward(30 * MINUTE);
    await step();
    expect(counted).toHaveLength(2);
    clock.forward(30 * MINUTE);
    expect(await step()).toBe("idle");
  });
});

describe("an event that cannot be counted now", () => {
  test("waits for its next turn, and the others go on", async () => {
    await watch("a", "b", "c");
    for (const kind of ["unavailable", "refused", "fault"] as const) {
      const { step, counted } = counting(async (_client, eventId) => {
        if (eventId === "b")
          throw kind === "fault" ? new TypeError("a bug") : new Failure(kind, "not now");
        return clock.now();
      });
      for (const eventId of ["a", "b", "c"]) await request(eventId);
      clock.forward(31 * MINUTE);
      expect(await step()).toBe("more");
      expect(counted).toEqual(["a", "b", "c"]);
      expect(await step()).toBe("idle");
      clock.forward(29 * MINUTE);
      expect(await step()).toBe("idle");
      clock.forward(MINUTE);
      expect(await due()).toEqual(["b"]);
      const { step: better } = counting(async () => clock.now());
      await better();
      clock.forward(60 * MINUTE);
    }
  });

  test("is not asked for again and again where no pace is set", async () => {
    await watch("a");
    await request("a");
    clock.forward(MINUTE);
    const failing: PollEvent = async () => {
      throw new Failure("unavailable", "not now");
    };
    const step = recounts({
      ...{ sql: database.sql, clients: new Map([["DACH", vivenu.client("DACH")]]) },
      ...{ poller: { pollEvent: failing }, clock, logger, signal: never },
      pace: { debounceMs: 30 * SECOND, intervalMs: 0 },
    });
    expect(await step()).toBe("more");
    expect(await step()).toBe("idle");
    clock.forward(30 * SECOND);
    expect(await step()).toBe("more");
  });

  test("because the account's key is refused names the account, and one that alone is refused does not", async () => {
    await watch("a", "b");
    const named: string[] = [];
    const statusOf: Record<string, number | undefined> = { a: undefined, b: 401 };
    const refusing: PollEvent = async (_client, eventId) => {
      throw new Failure("refused", "not for this key", { status: statusOf[eventId] });
    };
    const step = recounts({
      ...{ sql: database.sql, clients: new Map([["DACH", vivenu.client("DACH")]]) },
      ...{ poller: { pollEvent: refusing }, pace, clock, logger, signal: never },
      onKeyRefused: (account) => named.push(account),
    });
    await request("a");
    clock.forward(MINUTE);
    await step();
    expect(named).toEqual([]);
    await request("b");
    clock.forward(MINUTE);
    await step();
    expect(named).toEqual(["DACH"]);
  });

  test("because the program stops keeps its turn", async () => {
    await watch("a", "b");
    await request("a");
    await request("b");
    clock.forward(MINUTE);
    const stop = new AbortController();
    const { step, counted } = counting(async () => {
      stop.abort();
      throw new Failure("unavailable", "stopped");
    }, stop.signal);
    expect(await step()).toBe("idle");
    expect(counted).toEqual(["a"]);
    expect(await due()).toEqual(["a", "b"]);
  });
});

describe("an event for which Vivenu answers 404", () => {
  const NOBODYS = "68f0000000000000000000ff";

  test("is gone where a webhook says so too, and so is its recount request", async () => {
    await watch(NOBODYS);
    const gone = { account: "DACH", source: "webhook", eventId: NOBODYS, name: null } as const;
    await database.sql.begin((tx) => recordDeletion(tx, { ...gone, observedAt: clock.now() }));
    await request(NOBODYS);
    clock.forward(MINUTE);
    await counting().step();
    expect(await readPayloads(database.sql, "event.deleted.0")).toMatchObject([
      { eventId: NOBODYS, source: "webhook" },
    ]);
    expect([...(await database.sql`select * from count_hint`)]).toEqual([]);
  });

  test("and nothing else says that it is gone stays, and its account's list is read anew", async () => {
    await watch(NOBODYS);
    await saveAccountReading(database.sql, "DACH", { listedEvents: [NOBODYS] });
    await request(NOBODYS);
    clock.forward(MINUTE);
    await counting().step();
    expect(await readPayloads(database.sql, "event.deleted.0")).toEqual([]);
    const reading = await readAccountReading(database.sql, "DACH");
    expect(reading.listedEvents).toBeNull();
    expect([...(await database.sql`select event_id, reason from event_failure`)]).toEqual([
      { eventId: NOBODYS, reason: expect.stringContaining("stays as it was until the list") },
    ]);
    clock.forward(HOUR);
    expect(await due()).toEqual([NOBODYS]);
  });
});

test("the recount requests of an account that is no longer configured are dropped", async () => {
  const event = { ...eventOf(), _id: "a" };
  await database.sql.begin((tx) =>
    recordEvent(tx, { account: "FRANCE", source: "poll", event, observedAt: NOON }),
  );
  await request("a", "FRANCE");
  clock.forward(MINUTE);
  const { step, counted } = counting();
  await step();
  expect(counted).toEqual([]);
  expect([...(await database.sql`select * from count_hint`)]).toEqual([]);
});
