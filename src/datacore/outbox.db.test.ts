import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import type { NewFact } from "../contracts/index.ts";
import { isFailure } from "../lib/failure.ts";
import { readUnsentFacts } from "./dead-facts.ts";
import {
  confirm,
  deleteConfirmedBefore,
  enqueue,
  postpone,
  postponeFailing,
  readDue,
  readOutboxState,
  readProbe,
  refuse,
} from "./outbox.ts";

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

const named = (name: string) => eventUpdated({ name });
const nameIn = (fact: NewFact | undefined) =>
  fact && "name" in fact.payload ? fact.payload.name : undefined;
const idOf = (n: number) => String(n);

test("what was read back is off its way, and nothing else is", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, ["a", "b", "c"].map(named), now);
  await confirm(sql, [named("b").payload.idempotencyKey, "of nobody"], later(1));
  const due = await readDue(sql, later(2), 10);
  expect(due.map(({ fact }) => nameIn(fact))).toEqual(["a", "c"]);
  // Read back once more, it keeps the time at which it arrived.
  await confirm(sql, [named("b").payload.idempotencyKey], later(9));
  expect(await deleteConfirmedBefore(sql, later(2))).toBe(1);
});

test("a fact is due at the very instant that it is to be tried again, and not before", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, [named("a")], now);
  await postpone(sql, [{ outboxId: idOf(1), nextAttemptAt: later(1_000) }], "no answer");
  expect(await readDue(sql, later(999), 10)).toEqual([]);
  expect(await readDue(sql, later(1_000), 10)).toHaveLength(1);
});

test("in an outage the least tried asks, the oldest of several, and one that fails by itself only when it is due", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, ["a", "b", "failing"].map(named), now);
  const soon = later(60_000);
  await postponeFailing(sql, { outboxId: idOf(3), at: now, nextAt: soon, reason: "Error" });
  const asks = async (at = now) => nameIn((await readProbe(sql, at))?.fact);
  const noAnswer = (n: number) =>
    postpone(sql, [{ outboxId: idOf(n), nextAttemptAt: soon }], "no answer");
  expect(await asks()).toBe("a");
  await noAnswer(1);
  expect(await asks()).toBe("b");
  await noAnswer(2);
  // The row was written anew behind that of the other, which is older all the same.
  await sql`update outbox set reason = 'still none' where outbox_id = 1`;
  expect(await asks()).toBe("a");
  await confirm(
    sql,
    ["a", "b"].map((name) => named(name).payload.idempotencyKey),
    now,
  );
  expect(await asks()).toBeUndefined();
  expect(await asks(soon)).toBe("failing");
});

test("facts that were not taken are listed newest first, with when the first try failed", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await enqueue(sql, ["a", "b", "c"].map(named), now);
  await refuse(sql, idOf(1), later(5), "Flowcore answered 400");
  const failing = { outboxId: idOf(2), nextAt: later(60), reason: "TypeError" };
  await postponeFailing(sql, { ...failing, at: later(10) });
  await postponeFailing(sql, { ...failing, at: later(20) });
  expect(await readUnsentFacts(sql)).toMatchObject([
    { id: "outbox-2", state: "failing", failures: 2, at: later(10) },
    { id: "outbox-1", state: "dead", at: later(5) },
  ]);
  expect(await readUnsentFacts(sql, { limit: 1 })).toMatchObject([{ id: "outbox-2" }]);
  expect(await readUnsentFacts(sql, { ids: ["outbox-1", "outbox-3"] })).toMatchObject([
    { id: "outbox-1" },
  ]);
});
