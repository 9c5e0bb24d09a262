import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { TestDatabase } from "../../../test/support/database.ts";
import { fc } from "../../../test/support/fast-check.ts";
import {
  deliveryOf,
  eventJson,
  type HandClock,
  handClock,
  hyrox,
  logger,
  MINUTE,
  NOON,
  never,
  pace,
  readPayloads,
  SECOND,
} from "../../../test/support/intake.ts";
import { noise } from "../../../test/support/noise.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Clock } from "../../lib/clock.ts";
import { acceptance, pack } from "./accept.ts";
import { translator } from "./translate.ts";

let database: TestDatabase;
let clock: HandClock;

beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(clear);

async function clear() {
  clock = handClock();
  await database.sql`truncate inbox, event_seen, count_hint, outbox`;
}

interface Sent {
  account: string | null;
  type: string;
  /** Of the event. */
  id: string;
  name: string;
  /** Of its change, from noon on. */
  minute: number;
}

const idOf = (letter: string) => `68f0000000000000000000${letter.repeat(2)}`;

async function deliver({ account, type, id, name, minute }: Sent, body?: string) {
  const accept = acceptance({ sql: database.sql, pace, withinMs: 8_000 });
  const updatedAt = new Date(NOON.getTime() + minute * MINUTE).toISOString();
  const event = eventJson({ _id: idOf(id), name, updatedAt });
  const packed = await pack(Buffer.from(body ?? deliveryOf(type, { event })));
  await accept({ account, type, receivedAt: clock.now(), eventIds: [], body: packed }, never);
  clock.forward(SECOND);
}

const updated = (id: string, name = `HYROX ${id}`): Sent => ({
  ...{ account: "DACH", type: "event.updated", id, name, minute: 0 },
});

const step = (together?: number) =>
  translator({
    ...{ sql: database.sql, filter: hyrox, pace, clock, logger },
    ...(together !== undefined && { together }),
  })();

const names = async () =>
  (await readPayloads(database.sql, "event.updated.0")).map(({ name }) => name);

const inbox = () => database.sql<{ failures: number; refused: boolean; transaction: string }[]>`
  select failures, refused_at is not null as refused, xmin::text as transaction
  from inbox order by delivery_id
`;

test("deliveries that wait are translated in one transaction, whatever their events", async () => {
  for (const id of "abcdef") await deliver(updated(id));
  expect(await step()).toBe("more");
  expect(await names()).toHaveLength(6);
  expect(new Set((await inbox()).map(({ transaction }) => transaction)).size).toBe(1);
  expect(await step()).toBe("idle");
});

/** A clock by which each look takes some time, and who says how long somebody paused. */
function slowClock() {
  let at = clock.now().getTime();
  const pauses: number[] = [];
  const slow: Clock = {
    now() {
      at += 15;
      return new Date(at);
    },
    pause: async (ms) => void pauses.push(ms),
  };
  return { slow, pauses };
}

test("whoever has translated all that was there rests twice as long as that took, and not where more waits", async () => {
  const { slow, pauses } = slowClock();
  const translate = translator({
    ...{ sql: database.sql, filter: hyrox, pace, clock: slow, logger, together: 3 },
  });
  for (const id of "abcde") await deliver(updated(id));
  expect(await translate()).toBe("more");
  expect(pauses).toEqual([]);
  expect(await translate()).toBe("more");
  const [pause = 0] = pauses;
  // Between the first look at the clock and the last of the step there are others.
  expect(pause % 30).toBe(0);
  expect(pause).toBeGreaterThanOrEqual(30);
  expect(pause).toBeLessThanOrEqual(200);
  expect(await names()).toHaveLength(5);
  expect(await translate()).toBe("idle");
  expect(pauses).toHaveLength(1);
});

test("nor where what waits is too large for one transaction, however few they are", async () => {
  const { slow, pauses } = slowClock();
  const translate = translator({
    ...{ sql: database.sql, filter: hyrox, pace, clock: slow, logger },
  });
  for (const id of "abcd") {
    // It can be made no smaller.
    const extra = noise(600_000, id);
    const event = { ...eventJson({ _id: idOf(id), name: `HYROX ${id}` }), extra };
    await deliver(updated(id), deliveryOf("event.updated", { event }));
  }
  expect(await translate()).toBe("more");
  expect(pauses).toEqual([]);
  expect((await names()).length).toBeLessThan(4);
  while ((await translate()) === "more");
  expect(await names()).toHaveLength(4);
});

test("one that is no JSON is a dead letter, and takes none of the others with it", async () => {
  for (const id of "abc") await deliver(updated(id));
  await deliver(updated("d"), "{");
  await deliver(updated("e"));
  await step();
  expect(await names()).toEqual(["HYROX a", "HYROX b", "HYROX c", "HYROX e"]);
  expect((await inbox()).map(({ refused }) => refused)).toEqual([false, false, false, true, false]);
});

test("one that fails as nobody foresaw is tried again alone, and the others are translated at once", async () => {
  await deliver(updated("c"));
  await step();
  // What is kept of an event is not what the program expects, whatever made it so.
  await database.sql`update event_seen set description = 'null', recorded = false`;
  for (const id of "abcde") await deliver({ ...updated(id, `HYROX again ${id}`), minute: -1 });
  await step();
  expect((await names()).toSorted()).toEqual([
    "HYROX again a",
    "HYROX again b",
    "HYROX again d",
    "HYROX again e",
    "HYROX c",
  ]);
  expect((await inbox()).map(({ failures }) => failures)).toEqual([0, 0, 0, 1, 0, 0]);
  for (let n = 0; n < 200; n += 1) {
    await step();
    clock.forward(5 * SECOND);
  }
  expect((await inbox()).map(({ refused }) => refused)).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
  ]);
});

test("who has to translate them one by one says after each that it goes on", async () => {
  await deliver(updated("c"));
  await step();
  await database.sql`update event_seen set description = 'null', recorded = false`;
  for (const id of "abcd") await deliver({ ...updated(id, `HYROX again ${id}`), minute: -1 });
  const translate = translator({ ...{ sql: database.sql, filter: hyrox, pace, clock, logger } });
  let told = 0;
  await translate(() => {
    told += 1;
  });
  expect(told).toBe(4);
});

/** All that translating writes, but for the numbers that PostgreSQL gives. */
async function written() {
  const { sql } = database;
  return {
    facts: await sql`select idempotency_key, event_type, payload from outbox order by 1`,
    seen: await sql`select * from event_seen order by account, event_id`,
    // When a count may begin counts from the newest of the requests that come together, as at the door.
    recountRequests: await sql`
      select account, event_id, hinted_at, done from count_hint order by account, event_id
    `,
    inbox: await sql`
      select translated_at is not null as translated, refused_at is not null as refused, reason
      from inbox order by delivery_id
    `,
  };
}

test("many in one transaction say what they say one after the other", async () => {
  const sent = fc.record({
    account: fc.constantFrom("DACH", "DACH", "FRANCE", null),
    type: fc.constantFrom("event.updated", "event.created", "event.deleted"),
    id: fc.constantFrom("a", "b", "c"),
    name: fc.constantFrom("HYROX one", "HYROX two", "Yoga"),
    minute: fc.constantFrom(-2, -1, 0),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { minLength: 2, maxLength: 8 }),
      fc.integer({ min: 2, max: 8 }),
      async (all, together) => {
        const outcomes = [];
        for (const most of [1, together]) {
          await clear();
          for (const one of all) await deliver(one);
          while ((await step(most)) === "more");
          outcomes.push(await written());
        }
        expect(outcomes[1]).toEqual(outcomes[0]);
      },
    ),
    { numRuns: runs(8) },
  );
});
