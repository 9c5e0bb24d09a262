import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { holding } from "../../../test/support/holding.ts";
import {
  deliveryOf,
  EVENT_ID,
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
import { emptyTables } from "../../../test/support/reused-database.ts";
import { postponeDelivery, readInboxState, refuseDelivery, takeWaiting } from "../store/inbox.ts";
import { lockEvent } from "../store/locks.ts";
import { acceptance, pack } from "./accept.ts";
import { type TranslatorOptions, translator } from "./translate.ts";

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

const OTHER = "68f0000000000000000000ff";

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE).toISOString();

async function deliver(changes: Record<string, unknown>) {
  const body = deliveryOf("event.updated", { event: eventJson(changes) });
  const from = { account: "DACH", type: "event.updated", receivedAt: clock.now(), eventIds: [] };
  const accept = acceptance({ sql: database.sql, pace, withinMs: 8_000 });
  await accept({ ...from, body: await pack(Buffer.from(body)) }, never);
}

/** Translates for as long as the clock's `forMs`, looking every five seconds. */
async function translateFor(forMs: number, options: Partial<TranslatorOptions> = {}) {
  const step = translator({ sql: database.sql, filter: hyrox, pace, clock, logger, ...options });
  const until = clock.now().getTime() + forMs;
  for (;;) {
    while ((await step()) === "more");
    if (clock.now().getTime() >= until) return;
    clock.forward(5 * SECOND);
  }
}

const names = async () =>
  (await readPayloads(database.sql, "event.updated.0")).map(({ name }) => name);

const inbox = async () => [
  ...(await database.sql<{ failures: number; reason: string | null; refused: boolean }[]>`
    select failures, reason, refused_at is not null as refused from inbox order by delivery_id
  `),
];

/** What is kept of an event is not what the program expects, whatever made it so. */
const spoil = (eventId: string) => database.sql`
  update event_seen set description = 'null', recorded = false where event_id = ${eventId}
`;

test("a delivery that throws what nobody foresaw stops nobody behind it", async () => {
  await deliver({ updatedAt: at(1) });
  await translateFor(0);
  await spoil(EVENT_ID);
  await deliver({ name: "HYROX older", updatedAt: at(0) });
  await deliver({ _id: OTHER, name: "HYROX next" });
  await translateFor(0);
  expect(await names()).toContain("HYROX next");
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 1, failing: 1, refused: 0 });
});

test("an event that is delivered twice with an instant of year 26 stops nobody behind it", async () => {
  for (const name of ["HYROX once", "HYROX twice"])
    await deliver({ name, updatedAt: "0026-12-01T10:00:00.000Z" });
  await deliver({ _id: OTHER, name: "HYROX next" });
  await translateFor(0);
  expect(await names()).toContain("HYROX next");
  await translateFor(15 * MINUTE);
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, failing: 0 });
});

test("it is tried five times with growing pauses, and is then a dead letter with the error's class", async () => {
  await deliver({ updatedAt: at(1) });
  await translateFor(0);
  await spoil(EVENT_ID);
  await deliver({ name: "HYROX a name that no reason repeats", updatedAt: at(0) });
  await translateFor(2 * MINUTE);
  expect((await inbox())[1]).toEqual({ failures: 3, reason: "TypeError", refused: false });
  await translateFor(15 * MINUTE);
  expect((await inbox())[1]).toEqual({ failures: 5, reason: "TypeError", refused: true });
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, failing: 0, refused: 1 });
});

test("one that succeeds at a later try is a delivery like any other", async () => {
  await deliver({ updatedAt: at(1) });
  await translateFor(0);
  const [kept] = await database.sql`select description from event_seen`;
  await spoil(EVENT_ID);
  await deliver({ name: "HYROX older", updatedAt: at(0) });
  await translateFor(0);
  await database.sql`update event_seen set description = ${kept?.description}`;
  await translateFor(5 * SECOND);
  expect(await names()).toContain("HYROX older");
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, failing: 0, refused: 0 });
});

test("a body that cannot even be unpacked is a dead letter, and stops nobody behind it", async () => {
  await deliver({ name: "HYROX torn" });
  await database.sql`update inbox set body = substring(body from 1 for 40)`;
  await deliver({ _id: OTHER, name: "HYROX next" });
  await translateFor(20 * MINUTE);
  expect(await names()).toEqual(["HYROX next"]);
  expect((await inbox())[0]).toMatchObject({ failures: 5, refused: true });
});

test("a delivery that hangs at a lock is given up, and the others pass", async () => {
  await using session = await holding(database, (tx) => lockEvent(tx, "DACH", EVENT_ID));
  await deliver({});
  await deliver({ _id: OTHER, name: "HYROX next" });
  // The other one has it too, on a machine that stalls for two seconds.
  await translateFor(0, { limitMs: 4_000 });
  expect(await names()).toEqual(["HYROX next"]);
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 1, failing: 1, refused: 0 });
  await session.release();
  await translateFor(5 * SECOND);
  expect(await names()).toHaveLength(2);
});

test("a try that is given up as it ends is noted once, and not where it had done its work", async () => {
  await deliver({});
  const [waiting] = await takeWaiting(database.sql, { at: clock.now(), most: 1, mostBytes: 1 });
  const deliveryId = waiting?.deliveryId ?? "";
  const failed = { deliveryId, failures: 0, at: clock.now(), reason: "PostgreSQL: 57014" };
  await postponeDelivery(database.sql, { ...failed, nextAt: clock.now() });
  await postponeDelivery(database.sql, { ...failed, nextAt: clock.now() });
  expect(await inbox()).toEqual([{ failures: 1, reason: failed.reason, refused: false }]);
  await translateFor(0);
  await refuseDelivery(database.sql, { ...failed, failures: 1 });
  expect(await readInboxState(database.sql)).toMatchObject({ waiting: 0, failing: 0, refused: 0 });
  expect(await names()).toHaveLength(1);
});

test("one that goes on hanging while others pass is a dead letter", async () => {
  await using _session = await holding(database, (tx) => lockEvent(tx, "DACH", EVENT_ID));
  await deliver({});
  const options = { limitMs: 500 };
  await translateFor(5 * MINUTE, options);
  await deliver({ _id: OTHER, name: "HYROX next" });
  // The limit is not for this one, which may be slow on a busy machine.
  await translateFor(0);
  await translateFor(15 * MINUTE, options);
  expect((await inbox())[0]).toMatchObject({ failures: 5, refused: true });
});

test("while nothing passes it may be everybody's fault, so that the tries go on", async () => {
  await using session = await holding(database, (tx) => lockEvent(tx, "DACH", EVENT_ID));
  await deliver({});
  await translateFor(45 * MINUTE, { limitMs: 500 });
  expect((await inbox())[0]).toMatchObject({ refused: false });
  await session.release();
  await translateFor(10 * MINUTE);
  expect(await names()).toHaveLength(1);
});
