import { expect, test } from "bun:test";
import { eventUpdated } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { readUnshown } from "./shown.ts";
import { readUnplaced } from "./unplaced.ts";

test("events whose rows cannot be made are named, and those whose rows are yet to be made are not", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(
    sql,
    ["c", "b", "a", "made"].map((eventId) => eventUpdated({ eventId })),
  );
  await sql`update event_shown set document = null, fault = null where event_id = 'b'`;
  await sql`
    update event_shown set document = null, fault = 'TypeError' where event_id in ('a', 'c')
  `;
  expect([...(await readUnshown(sql))]).toEqual([
    { eventId: "a", reason: "TypeError", account: "DACH" },
    { eventId: "c", reason: "TypeError", account: "DACH" },
  ]);
});

test("whether a program from before described an event is looked at every two seconds while none is found", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [eventUpdated({ eventId: "a" })]);
  const after = (ms: number) => readUnplaced(sql, new Date(Date.UTC(2026, 2, 1, 10) + ms));
  expect(await after(0)).toEqual([]);
  await sql`delete from event_shown`;
  expect(await after(1_999)).toEqual([]);
  expect(await after(2_000)).toEqual(["a"]);
  expect(await after(2_001)).toEqual(["a"]);
});
