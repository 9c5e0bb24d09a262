import { describe, expect, test } from "bun:test";
import { eventUpdated, factIdAt } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import type { Pool } from "../database/connect.ts";
import { readActs } from "../database/dead-letter.ts";
import { enqueue, readDue, readOutboxState, refuse } from "../datacore/outbox.ts";
import { noteEventFailure } from "../intake/store/event-failures.ts";
import {
  digestOfBody,
  keep,
  readInboxState,
  refuseDelivery,
  takeWaiting,
} from "../intake/store/inbox.ts";
import { systemClock } from "../lib/clock.ts";
import { countDeadLetters, keepDeadLetters } from "../projections/consumer/dead-letters.ts";
import { describeActs, describeDeadLetters, problemsOf } from "./dead-letter-words.ts";
import { dropDeadLetters, listDeadLetters, releaseRefused } from "./dead-letters.ts";
import { WrongUsage } from "./run/outcome.ts";

const clock = systemClock;
const by = "ada@laptop";
const FACT = factIdAt("2026-03-01T10:00:00Z");

async function takeOne(sql: Pool) {
  const taking = { at: clock.now(), most: 1, mostBytes: 1 };
  const [delivery] = await sql.begin((tx) => takeWaiting(tx, taking));
  return delivery;
}

/** One of each queue: a webhook, a fact that Flowcore refused, a fact of the log. */
async function fill(sql: Pool) {
  const now = clock.now();
  const body = Buffer.from("the body's own words");
  await keep(sql, [
    {
      ...{ account: "DACH", type: "event.updated", receivedAt: now },
      ...{ digest: digestOfBody(body), compressed: body },
    },
  ]);
  const deliveryId = (await takeOne(sql))?.deliveryId ?? "";
  await refuseDelivery(sql, { deliveryId, failures: 0, at: now, reason: "RangeError" });
  await enqueue(sql, [eventUpdated()], now);
  const [waiting] = await readDue(sql, clock.now(), 10);
  await refuse(sql, waiting?.outboxId ?? "", now, "no such event type");
  const where = { flowType: "vivenu.event.0", timeBucket: "20260301100000", nextAttemptAt: null };
  const read = { factId: FACT, eventType: "event.updated.0", account: "FRANCE" };
  await keepDeadLetters(sql, [{ ...where, ...read, reason: "PostgreSQL: 22008" }], now);
}

const states = async (sql: Pool) => ({
  inbox: (await readInboxState(sql)).refused,
  outbox: (await readOutboxState(sql)).refused,
  facts: await countDeadLetters(sql),
});

test("what is set aside is listed from every queue: id, account, type, reason and when", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const listed = await listDeadLetters({ sql });
  expect(listed.map(({ at: _, ...letter }) => letter)).toMatchObject([
    { id: "delivery-1", account: "DACH", type: "event.updated", reason: "RangeError" },
    { id: "outbox-1", account: "DACH", type: "event.updated.0", reason: "no such event type" },
    { id: FACT, account: "FRANCE", type: "event.updated.0", reason: "PostgreSQL: 22008" },
  ]);
  expect(listed.every(({ state, lastAct }) => state === "dead" && lastAct === null)).toBe(true);
  const text = describeDeadLetters(listed);
  for (const word of ["delivery-1  DACH  event.updated", FACT, "RangeError", "22008"])
    expect(text).toContain(word);
  expect(text).not.toContain("own words");
  expect(problemsOf(listed, 1).map(({ account }) => account)).toEqual(["DACH", "FRANCE"]);
});

test("what was refused on its way is tried again after a fix", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const done = await releaseRefused({ sql, clock }, { by });
  expect(done).toEqual([
    { id: "delivery-1", outcome: "released", reason: null },
    { id: "outbox-1", outcome: "released", reason: null },
  ]);
  expect(await states(sql)).toEqual({ inbox: 0, outbox: 0, facts: 1 });
  expect(await readDue(sql, clock.now(), 10)).toHaveLength(1);
  expect(await takeOne(sql)).toMatchObject({ failures: 0 });
});

test("one is released by its id, and the others stay", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  await releaseRefused({ sql, clock }, { ids: ["outbox-1"], by });
  expect(await states(sql)).toEqual({ inbox: 1, outbox: 0, facts: 1 });
});

describe("what is dropped", () => {
  test("degrades nothing any more, and is listed only where all are", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await fill(sql);
    await dropDeadLetters({ sql, clock }, { ids: ["delivery-1", FACT], by });
    expect(await states(sql)).toEqual({ inbox: 0, outbox: 1, facts: 0 });
    expect((await listDeadLetters({ sql })).map(({ id }) => id)).toEqual(["outbox-1"]);
    const all = await listDeadLetters({ sql }, { all: true });
    expect(all.map(({ id, state }) => [id, state])).toEqual([
      ["delivery-1", "dropped"],
      ["outbox-1", "dead"],
      [FACT, "dropped"],
    ]);
    expect(all[0]?.lastAct).toMatchObject({ act: "drop", outcome: "dropped", by });
  });

  test("is all of it, where all is said", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await fill(sql);
    expect(await dropDeadLetters({ sql, clock }, { by })).toHaveLength(3);
    expect(await states(sql)).toEqual({ inbox: 0, outbox: 0, facts: 0 });
    expect(await listDeadLetters({ sql })).toEqual([]);
  });

  test("is wanted again when it is released by its id", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await fill(sql);
    await dropDeadLetters({ sql, clock }, { by });
    expect(await releaseRefused({ sql, clock }, { by })).toEqual([]);
    await releaseRefused({ sql, clock }, { ids: ["delivery-1"], by });
    expect(await takeOne(sql)).toMatchObject({
      deliveryId: "1",
    });
  });

  test("is not put again by who says the same: its key is remembered", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await fill(sql);
    await dropDeadLetters({ sql, clock }, { by });
    await enqueue(sql, [eventUpdated()], clock.now());
    expect(await readDue(sql, clock.now(), 10)).toEqual([]);
  });
});

test("every act is written down: who, what, when, and what came of it", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  await releaseRefused({ sql, clock }, { ids: ["outbox-1"], by });
  await dropDeadLetters({ sql, clock }, { ids: [FACT], by: "grace" });
  const acts = await readActs(sql, 10);
  expect(acts.map(({ at: _, ...act }) => act)).toEqual([
    { id: FACT, act: "drop", outcome: "dropped", reason: null, by: "grace" },
    { id: "outbox-1", act: "release", outcome: "released", reason: null, by },
  ]);
  expect(describeActs(acts)).toContain("drop by grace at 2");
});

test("events that fail are listed among the others, and their next try is now where somebody says so", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const key = { account: "DACH", eventId: "68f000000000000000000001", work: "count" as const };
  const error = new TypeError("a name");
  await noteEventFailure(sql, key, { error, at: clock.now() });
  const [id = "", ...others] = (await listDeadLetters({ sql })).map((letter) => letter.id);
  expect([id, others]).toEqual(["event-DACH-68f000000000000000000001", []]);
  const [before] = await sql`select next_attempt_at from event_failure`;
  expect(before?.nextAttemptAt > clock.now()).toBe(true);
  const done = await releaseRefused({ sql, clock }, { ids: [id], by });
  expect(done).toEqual([{ id, outcome: "released", reason: null }]);
  const [after] = await sql`select next_attempt_at from event_failure`;
  expect(after?.nextAttemptAt > clock.now()).toBe(false);
  expect(dropDeadLetters({ sql, clock }, { ids: [id], by })).rejects.toThrow(
    "VIVENU_EXCLUDE_EVENTS",
  );
  expect(await dropDeadLetters({ sql, clock }, { by })).toEqual([]);
});

test("an id that is none is a wrong call, and one that is not set aside is missing", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  for (const id of ["the-first", "delivery-x", "outbox-", `${FACT}0`])
    expect(listDeadLetters({ sql }, { ids: [id] })).rejects.toThrow(WrongUsage);
  expect(dropDeadLetters({ sql, clock }, { ids: ["delivery-2"], by })).rejects.toThrow(
    "set-aside list",
  );
  expect(releaseRefused({ sql, clock }, { ids: [FACT], by })).rejects.toThrow("set-aside retry");
});
