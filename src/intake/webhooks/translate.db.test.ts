import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import fixture from "../../../test/fixtures/vivenu/event.updated.json";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  deliveryOf,
  EVENT_ID,
  eventJson,
  eventOf,
  type HandClock,
  handClock,
  hyrox,
  logger,
  MINUTE,
  NOON,
  never,
  pace,
  project,
  readFacts,
  readPayloads,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { eventFilter } from "../events/event-filter.ts";
import { recordEvent } from "../events/record-event.ts";
import { readInboxState } from "../store/inbox.ts";
import { readDueRecounts } from "../store/recount-requests.ts";
import { acceptance, pack } from "./accept.ts";
import { translator } from "./translate.ts";

let database: TestDatabase;
let clock: HandClock;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  clock = handClock();
  await emptyTables(database.sql, "inbox, event_seen, count_hint, outbox");
});

const step = (filter = hyrox) => translator({ sql: database.sql, filter, pace, clock, logger })();

async function deliver(type: string, data: unknown, account: string | null = "DACH") {
  await receive(deliveryOf(type, data), { account, type });
}

const receive = async (body: string | Uint8Array, from: { account: string | null; type: string }) =>
  acceptance({ sql: database.sql, pace, withinMs: 8_000 })(
    { ...from, receivedAt: clock.now(), body: await pack(Buffer.from(body)), eventIds: [] },
    never,
  );

async function translateAll() {
  while ((await step()) === "more");
}

const refusals = async () => {
  const rows = await database.sql<{ reason: string }[]>`
    select reason from inbox where refused_at is not null order by delivery_id
  `;
  return rows.map(({ reason }) => reason);
};

const watch = (account: string) =>
  database.sql.begin((tx) =>
    recordEvent(tx, { account, source: "poll", event: eventOf(), observedAt: NOON }),
  );

test("the fixture's delivery becomes the fact of its event", async () => {
  await receive(JSON.stringify(fixture), { account: "DACH", type: fixture.type });
  await translateAll();
  const [fact] = await readFacts(database.sql);
  expect(fact).toMatchObject({
    eventType: "event.updated.0",
    payload: {
      account: "DACH",
      source: "webhook",
      observedAt: NOON.toISOString(),
      eventId: EVENT_ID,
      name: "HYROX Testville 2026",
      updatedAt: "2026-02-03T14:05:41.512Z",
      sellStart: "2026-02-12T11:00:00.000Z",
    },
  });
  expect(await step()).toBe("idle");
});

test("created, updated and deleted each become what they say, in the order they came", async () => {
  const changed = (name: string, minute: number) => ({
    event: eventJson({ name, updatedAt: new Date(NOON.getTime() + minute * MINUTE).toISOString() }),
  });
  await deliver("event.created", changed("HYROX A", 1));
  await deliver("event.updated", changed("HYROX B", 2));
  await deliver("event.deleted", changed("HYROX B", 2));
  await translateAll();
  const facts = await readFacts(database.sql);
  expect(
    facts.map(({ eventType, payload }) => [eventType, "name" in payload && payload.name]),
  ).toEqual([
    ["event.updated.0", "HYROX A"],
    ["event.updated.0", "HYROX B"],
    ["event.deleted.0", "HYROX B"],
  ]);
});

test("a webhook that comes after its event's deletion revives nothing, but has the event read again", async () => {
  await deliver("event.updated", { event: eventJson() });
  await deliver("event.deleted", { event: eventJson() });
  await deliver("event.updated", { event: eventJson({ name: "HYROX late" }) });
  await translateAll();
  await project(database.sql, (await readFacts(database.sql)).toReversed());
  const [row] = await database.sql`select deleted_at is not null as deleted from event`;
  expect(row).toEqual({ deleted: true });
  const due = clock.forward(pace.debounceMs);
  expect([...(await readDueRecounts(database.sql, due, 9))]).toEqual([
    { account: "DACH", eventId: EVENT_ID, traceparent: null },
  ]);
});

test("an event that a webhook calls gone is looked for: the webhook can be two hours old", async () => {
  await watch("DACH");
  await deliver("event.deleted", { event: eventJson() });
  await translateAll();
  const due = clock.forward(pace.debounceMs);
  expect([...(await readDueRecounts(database.sql, due, 9))]).toEqual([
    { account: "DACH", eventId: EVENT_ID, traceparent: null },
  ]);
});

test("an event that is new is counted soon, though its first sales' webhooks came before it was known", async () => {
  await deliver("event.created", { event: eventJson() });
  await translateAll();
  expect([...(await readDueRecounts(database.sql, clock.now(), 9))]).toEqual([]);
  const due = clock.forward(pace.debounceMs);
  expect([...(await readDueRecounts(database.sql, due, 9))]).toEqual([
    { account: "DACH", eventId: EVENT_ID, traceparent: null },
  ]);
});

test("an event that contradicts what is known is read again, one that is news is not", async () => {
  await watch("DACH");
  await deliver("event.updated", { event: eventJson() });
  await translateAll();
  const due = clock.forward(pace.debounceMs);
  expect([...(await readDueRecounts(database.sql, due, 9))]).toEqual([]);
  await deliver("event.updated", { event: eventJson({ name: "HYROX other" }) });
  await translateAll();
  const later = clock.forward(pace.debounceMs);
  expect(await readDueRecounts(database.sql, later, 9)).toHaveLength(1);
});

test("events that are not watched become nothing", async () => {
  await deliver("event.updated", { event: eventJson({ name: "Gift card" }) });
  await deliver("event.deleted", { event: eventJson({ name: "Gift card" }) });
  await translateAll();
  expect(await readFacts(database.sql)).toEqual([]);
  expect(await refusals()).toEqual([]);
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0 });
});

test("an excluded event records nothing by webhook, whether or not it was watched before", async () => {
  const excluding = eventFilter({ name: "hyrox", include: [], exclude: [EVENT_ID] });
  const translateAllBut = async () => {
    while ((await step(excluding)) === "more");
  };
  await deliver("event.updated", { event: eventJson() });
  await translateAllBut();
  expect(await readFacts(database.sql)).toEqual([]);

  await watch("DACH");
  const before = await readFacts(database.sql);
  clock.forward(MINUTE);
  const updatedAt = clock.now().toISOString();
  await deliver("event.updated", { event: eventJson({ name: "HYROX renamed", updatedAt }) });
  await deliver("event.deleted", { event: eventJson({ updatedAt }) });
  await translateAllBut();
  expect(await readFacts(database.sql)).toEqual(before);
  expect(await readDueRecounts(database.sql, clock.forward(pace.debounceMs), 9)).toHaveLength(0);
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0 });
});

describe("a delivery that does not say whose it is", () => {
  test("is its event's account's", async () => {
    await watch("FRANCE");
    await deliver("event.updated", { event: eventJson({ name: "HYROX new" }) }, null);
    await translateAll();
    const [, fact] = await readPayloads(database.sql, "event.updated.0");
    expect(fact).toMatchObject({ account: "FRANCE", name: "HYROX new" });
  });

  test("is refused with the reason when nobody has its event, or more than one", async () => {
    await deliver("event.updated", { event: eventJson() }, null);
    await translateAll();
    await watch("FRANCE");
    await watch("DACH");
    await deliver("event.updated", { event: eventJson() }, null);
    await translateAll();
    expect(await refusals()).toEqual(
      Array(2).fill(expect.stringContaining("neither key nor seller")),
    );
    expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, refused: 2 });
  });
});

test("what cannot be translated is refused with its reason, and stops nobody behind it", async () => {
  await deliver("event.updated", undefined);
  await deliver("event.updated", {});
  await deliver("event.updated", { event: null });
  await deliver("event.updated", { event: eventJson({ start: "soon" }) });
  await deliver("event.updated", { event: eventJson({ end: "0000-01-01T00:00:00.000Z" }) });
  await deliver("event.updated", { event: eventJson({ underShops: [hugeShop] }) });
  await deliver("event.updated", { event: eventJson() });
  await translateAll();
  const reasons = await refusals();
  expect(reasons).toHaveLength(6);
  expect(reasons[3]).toContain("start");
  expect(reasons[4]).toContain("end: no date that it can have");
  expect(reasons[5]).toContain("too large");
  expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(1);
});

test("an event delivered twice with a time of change in year 26 is taken, and its time is not believed", async () => {
  const event = eventJson({ updatedAt: "0026-12-01T10:00:00.000Z" });
  await deliver("event.updated", { event });
  // Of two that were observed at one instant the content decides, which every new field makes another.
  clock.forward(MINUTE);
  await deliver("event.updated", { event: { ...event, name: "HYROX Again" } });
  await translateAll();
  expect(await refusals()).toEqual([]);
  expect(await readPayloads(database.sql, "event.updated.0")).toMatchObject([
    { updatedAt: null, unreadable: ["updatedAt"] },
    { updatedAt: null, unreadable: ["updatedAt"], name: "HYROX Again" },
  ]);
});

const hugeShop = {
  ...fixture.data.event.underShops[0],
  customerTags: Array.from({ length: 1_000 }, (_, i) => `${i} ${"x".repeat(250)}`),
};

test("while the database refuses, a delivery waits and is nobody's fault", async () => {
  await deliver("event.updated", { event: eventJson() });
  await database.sql`alter table event_seen rename to event_hidden`;
  await expect(step()).rejects.toThrow();
  await database.sql`alter table event_hidden rename to event_seen`;
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 1, refused: 0 });
  await translateAll();
  expect(await readFacts(database.sql)).toHaveLength(1);
});

test("several processes translate each delivery once", async () => {
  for (let i = 0; i < 12; i += 1) {
    const updatedAt = new Date(NOON.getTime() + i * MINUTE).toISOString();
    await deliver("event.updated", { event: eventJson({ name: `HYROX ${i}`, updatedAt }) });
  }
  await Promise.all(Array.from({ length: 4 }, translateAll));
  await translateAll();
  const names = (await readPayloads(database.sql, "event.updated.0")).map(({ name }) => name);
  expect(new Set(names).size).toBe(12);
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, refused: 0 });
});
