import { expect, test } from "bun:test";
import { eventUpdated, typeCount } from "../../../test/support/facts.ts";
import { applyEach, readAllRows } from "../../../test/support/given.ts";
import { readCounts, readFacts } from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { recordCount } from "./record-count.ts";

const EVENT = eventUpdated().payload.eventId;
const at = (minute: number, ms = 0) => new Date(Date.UTC(2026, 2, 1, 10, minute, 0, ms));

const record = (sql: Pool, minute: number, sold: number) =>
  sql.begin((tx) =>
    recordCount(tx, "DACH", {
      ...{ eventId: EVENT, countedAt: at(minute).toISOString(), complete: true, currencies: [] },
      ...{ ticketsRead: 1, expectedTotal: 1, ticketTypes: [typeCount({ sold })] },
    }),
  );

test("a count that began earlier but is recorded later knows all that was known, and so is the newer", async () => {
  const { sql } = await reusedDatabase();
  expect(await record(sql, 5, 5)).toBe(true);
  expect(await record(sql, 3, 6)).toBe(true);
  expect(await record(sql, 5, 7)).toBe(true);
  const counts = await readCounts(sql);
  expect(counts.map(({ countedAt }) => countedAt)).toEqual(
    [at(5), at(5, 1), at(5, 2)].map((time) => time.toISOString()),
  );
  const facts = [eventUpdated(), ...(await readFacts(sql))];
  for (const sequence of [facts, facts.toReversed()]) {
    await applyEach(sql, sequence);
    const [type] = (await readAllRows(sql)).ticketTypes;
    expect(type?.sold).toBe(7);
  }
});

test("one that says nothing new is no fact, and the next is held against the newest all the same", async () => {
  const { sql } = await reusedDatabase();
  await record(sql, 5, 5);
  expect(await record(sql, 3, 5)).toBe(false);
  expect(await record(sql, 4, 6)).toBe(true);
  const counts = await readCounts(sql);
  expect(counts.map(({ countedAt }) => countedAt)).toEqual(
    [at(5), at(5, 1)].map((time) => time.toISOString()),
  );
});
