import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import type { NewFact } from "../contracts/index.ts";
import { isFailure } from "../lib/failure.ts";
import { confirm, deleteConfirmedBefore, enqueue, readDue, readOutboxState } from "./outbox.ts";

const now = new Date("2026-03-01T10:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a fact that is enqueued twice is on its way once", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, [eventUpdated(), eventUpdated()], now);
  await enqueue(sql, [eventUpdated()], later(1_000));
  const due = await readDue(sql, later(2_000), 10);
  expect(due.map(({ fact }) => fact)).toEqual([eventUpdated()]);
});

test("a fact that a replica enqueued whose clock is ahead is due at once for one whose clock is right", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, [eventUpdated()], new Date(Date.now() + 600_000));
  // Some room for what this clock and PostgreSQL's may be apart.
  expect(await readDue(sql, new Date(Date.now() + 5_000), 10)).toHaveLength(1);
});

test("a fact is known by its key after it arrived, until the key is forgotten", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const fact = eventUpdated();
  await enqueue(sql, [fact], now);
  await confirm(sql, [fact.payload.idempotencyKey], later(1));
  await enqueue(sql, [fact], later(2));
  expect(await readDue(sql, later(9), 10)).toEqual([]);
  expect(await deleteConfirmedBefore(sql, later(1))).toBe(0);
  expect(await deleteConfirmedBefore(sql, later(2))).toBe(1);
  await enqueue(sql, [fact], later(3));
  expect(await readDue(sql, later(9), 10)).toHaveLength(1);
});

const many = Array.from({ length: 400 }, (_, n) =>
  ticketType({ ticketTypeId: `type ${n}`, name: "x".repeat(100) }),
);
const { name: _name, ...nameless } = eventUpdated().payload;

test.each([
  ["too large", eventUpdated({ ticketTypes: many })],
  // The cast: a fact as it would be if the type checker had been kept from looking.
  [
    "without what its contract asks for",
    { eventType: "event.updated.0", payload: nameless } as NewFact,
  ],
  ["with NUL in it", eventUpdated({ name: "a\u0000b" })],
  ["with half a character in it", eventUpdated({ name: "cut off \ud83d" })],
])("a fact %s is refused as malformed, and none of its company is enqueued", async (_, bad) => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const refusal = await refusalOf(enqueue(sql, [eventUpdated({ name: "good" }), bad], now));
  expect(isFailure(refusal, "malformed")).toBe(true);
  expect(await readOutboxState(sql)).toMatchObject({ waiting: 0 });
});

test("a fact may hold any whole text", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const fact = eventUpdated({ name: 'C:\\u0000 \\ud83d "😀" é' });
  await enqueue(sql, [fact], now);
  expect((await readDue(sql, now, 1))[0]?.fact).toEqual(fact);
});

test("facts are enqueued in their caller's transaction", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const undone = sql.begin(async (tx) => {
    await enqueue(tx, [eventUpdated()], now);
    throw new Error("something else failed");
  });
  await expect(undone).rejects.toThrow("something else failed");
  expect(await readOutboxState(sql)).toEqual({
    waiting: 0,
    oldestWaitingAt: null,
    failing: 0,
    refused: 0,
  });
});

test("the state says how much waits and since when", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, [eventUpdated({ name: "second" })], later(5_000));
  await enqueue(sql, [eventUpdated({ name: "first" })], now);
  expect(await readOutboxState(sql)).toEqual({
    waiting: 2,
    oldestWaitingAt: now,
    failing: 0,
    refused: 0,
  });
});
