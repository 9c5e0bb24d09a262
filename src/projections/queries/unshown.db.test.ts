import { expect, test } from "bun:test";
import { eventUpdated } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { readUnshown } from "./shown.ts";

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
    { eventId: "a", reason: "TypeError" },
    { eventId: "c", reason: "TypeError" },
  ]);
});
