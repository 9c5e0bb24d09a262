import { expect, test } from "bun:test";
import { eventUpdated, salesCounted } from "../../../test/support/facts.ts";
import { applyEach, changesUnder } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { readStanding } from "./change-rows.ts";
import { readWindows } from "./windows.ts";

const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;
const described = (n: number, more: Parameters<typeof eventUpdated>[0] = {}) =>
  eventUpdated({ eventId: "e", name: `name ${n}`, updatedAt: day(n), observedAt: day(n), ...more });
const counted = (n: number, eventId = "e") => salesCounted({ eventId, countedAt: day(n) });

test("a long past is read so many facts at a time, from the oldest on", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, [
    ...[1, 2, 3, 4, 5, 6].map((n) => described(n)),
    ...[7, 8, 9].map((n) => counted(n)),
  ]);
  const untilOf = async (after: string | null) => {
    const starts = [{ eventId: "e", after: after === null ? null : new Date(after) }];
    const [window] = await readWindows(sql, starts, 2);
    return window?.until?.toISOString() ?? null;
  };
  expect(await untilOf(null)).toBe(day(3));
  expect(await untilOf(day(3))).toBe(day(6));
  expect(await untilOf(day(6))).toBe(day(9));
  expect(await untilOf(day(9))).toBeNull();
});

test("each event's window ends by its own facts", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, [...[1, 2, 3].map((n) => described(n)), counted(4, "other")]);
  const starts = ["e", "other", "unknown"].map((eventId) => ({ eventId, after: null }));
  expect(await readWindows(sql, starts, 1)).toEqual([
    { eventId: "e", after: null, until: new Date(day(2)) },
    { eventId: "other", after: null, until: null },
    { eventId: "unknown", after: null, until: null },
  ]);
});

test("of two descriptions of one time in every respect the same one always says who told of the change", async () => {
  const facts = [
    described(1),
    described(2, { source: "webhook", idempotencyKey: "a" }),
    described(2, { source: "poll", idempotencyKey: "b" }),
  ];
  for (const sequence of [facts, facts.toReversed()]) {
    const { sql } = await reusedDatabase();
    await applyEach(sql, sequence);
    expect(await changesUnder(sql)).toMatchObject([{ field: "name", source: "poll" }]);
  }
});

test("what was found in a window is told to the microsecond, in one without ends all of it", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, [described(1), described(2), described(3)]);
  await sql`update event_change set origin_at = origin_at + interval '1 microsecond'`;
  await sql`update event_change set changed_at = origin_at`;
  const standing = async (after: string | null, until: string | null) => {
    const dateOf = (at: string | null) => (at === null ? null : new Date(at));
    const window = { eventId: "e", after: dateOf(after), until: dateOf(until) };
    const found = (await readStanding(sql, [window])).get("e") ?? [];
    return found.map(({ at }) => at).sort();
  };
  const [second, third] = ["2026-02-02 10:00:00.000001+00", "2026-02-03 10:00:00.000001+00"];
  expect(await standing(null, null)).toEqual([second, third]);
  expect(await standing(day(2), null)).toEqual([second, third]);
  expect(await standing(day(2), day(3))).toEqual([second]);
  expect(await standing(null, day(2))).toEqual([]);
});
