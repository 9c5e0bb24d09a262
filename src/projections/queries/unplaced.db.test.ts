import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated, salesCounted } from "../../../test/support/facts.ts";
import { applyKept, NOW } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { shownRefiller } from "../consumer/refill-shown.ts";
import { countToRemake } from "../derived/refill-derived.ts";
import { changedRowsReader } from "./changed-rows.ts";
import { readEventPage, readTicketTypePage } from "./lists.ts";

const policy = { policy: defaultPolicy };
const facts = ["berlin", "paris"].flatMap((eventId) => [
  eventUpdated({ eventId }),
  salesCounted({ eventId }),
]);

/** As a program leaves it that knows nothing of shown rows. */
const describedByAnOlderProgram = (sql: Pool, eventId: string) =>
  sql.begin(async (tx) => {
    await tx`delete from event_shown where event_id = ${eventId}`;
    await tx`delete from ticket_type_shown where event_id = ${eventId}`;
  });

async function listed(sql: Pool, now: Date) {
  const [events, types] = await Promise.all([
    readEventPage(sql, { limit: 10 }, { now, ...policy }),
    readTicketTypePage(sql, { limit: 10 }, { now, ...policy }),
  ]);
  return {
    events: events.rows.map(({ eventId }) => eventId),
    types: types.rows.map(({ eventId }) => eventId),
  };
}

const both = { events: ["berlin", "paris"], types: ["berlin", "paris"] };

test("an event that a program from before described is in every list and in the sheet within seconds, once", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  expect(await listed(sql, NOW)).toEqual(both);
  await describedByAnOlderProgram(sql, "paris");
  const seconds = (n: number) => new Date(NOW.getTime() + n * 1_000);
  expect(await listed(sql, seconds(3))).toEqual(both);
  expect(await listed(sql, seconds(3))).toEqual(both);
  const { events, ticketTypes } = await changedRowsReader(sql, policy)(NOW);
  expect(events.map(({ eventId }) => eventId)).toEqual(both.events);
  expect(ticketTypes.map(({ eventId }) => eventId)).toEqual(both.types);
  await applyKept(sql, [eventUpdated({ eventId: "paris", name: "HYROX Paris" })]);
  expect(await listed(sql, seconds(4))).toEqual(both);
});

test("events whose shown rows are missing or of other settings are counted until they are made", async () => {
  const { sql } = await reusedDatabase();
  const { logger } = recordingLog();
  await applyKept(sql, facts);
  expect(await countToRemake(sql, policy)).toBe(0);
  const step = shownRefiller({ ...{ sql, logger, shown: policy }, check: async () => {} });
  while ((await step()) === "more");
  await describedByAnOlderProgram(sql, "paris");
  expect(await countToRemake(sql, policy)).toBe(1);
  while ((await step()) === "more");
  expect(await countToRemake(sql, policy)).toBe(0);
  const other = { ...policy, classes: { men: "other" as const } };
  expect(await countToRemake(sql, other)).toBe(2);
});

test("an event whose changes a program from before did not make is counted as one to be made anew", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  await sql`delete from derived_event where event_id = 'paris'`;
  expect(await countToRemake(sql, policy)).toBe(1);
});
