import { expect, test } from "bun:test";
import { eventUpdated, salesCounted } from "../../../test/support/facts.ts";
import { applyEach } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { readAccountCounts } from "./account-counts.ts";

const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;

test("an account's numbers are as old as its newest complete count, whatever other accounts were counted", async () => {
  const { sql } = await reusedDatabase();
  const of = { berlin: "DACH", hamburg: "DACH", vienna: "DACH", paris: "FRANCE", nice: "FRANCE" };
  const counted = (eventId: keyof typeof of, n: number, complete = true) =>
    salesCounted({ eventId, account: of[eventId], countedAt: day(n), complete });
  await applyEach(sql, [
    ...Object.entries(of).map(([eventId, account]) => eventUpdated({ eventId, account })),
    ...[counted("berlin", 5), counted("berlin", 3), counted("hamburg", 4)],
    ...[counted("vienna", 9, false), counted("paris", 2), counted("paris", 8, false)],
  ]);
  expect([...(await readAccountCounts(sql))]).toEqual([
    { account: "DACH", events: 2, countedAt: new Date(day(5)) },
    { account: "FRANCE", events: 1, countedAt: new Date(day(2)) },
  ]);
});
