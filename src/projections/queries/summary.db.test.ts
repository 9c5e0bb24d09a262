import { expect, test } from "bun:test";
import { asRead, eventUpdated, salesCounted, typeCount } from "../../../test/support/facts.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { projectionsFor } from "../derived/projections.ts";
import { keptIn } from "./lists.ts";
import { readSummary } from "./summary.ts";

test("numbers of several events are as old as the oldest of their counts, and one that was never counted adds none", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const countOf = (eventId: string, countedAt: string, sold: number) =>
    salesCounted({ eventId, countedAt, ticketTypes: [typeCount({ sold })] });
  const facts = [
    ...["e1", "e2", "e3"].map((eventId) => eventUpdated({ eventId })),
    countOf("e1", "2026-02-03T10:00:00.000Z", 5),
    countOf("e2", "2026-02-05T10:00:00.000Z", 7),
  ].map((fact) => asRead(fact));
  await sql.begin(async (tx) => {
    for (const { apply } of projectionsFor({ policy: defaultPolicy })) await apply(tx, facts);
  });
  const parts = await readSummary(sql, {}, keptIn(sql, new Date("2026-02-06T10:00:00Z")));
  expect(parts).toMatchObject([
    { events: 3, counted: 2, totalSold: 12, countedAt: "2026-02-03T10:00:00+00:00" },
  ]);
});
