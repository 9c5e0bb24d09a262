import { expect, test } from "bun:test";
import { freshDatabase } from "../../test/database.ts";
import { typeCount } from "../../test/facts.ts";
import { recordCount } from "./record-count.ts";

const count = (countedAt: string, newSales: Record<string, number>) => ({
  eventId: "68f000000000000000000001",
  countedAt,
  complete: true,
  ticketsRead: 1,
  expectedTotal: 1,
  currencies: [],
  ticketTypes: [typeCount({ sold: 1, newSales })],
});

test("a count that says everything anew says 0 for an hour that fell to nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const record = (said: ReturnType<typeof count>, force: boolean) =>
    sql.begin((tx) => recordCount(tx, "DACH", said, { force, source: "backfill" }));
  await record(
    count("2026-03-01T10:00:00.000Z", { "2026-02-12T11": 2, "2026-02-12T12": 1 }),
    false,
  );
  await record(count("2026-03-02T10:00:00.000Z", { "2026-02-12T12": 1 }), true);
  const facts = await sql<{ payload: { ticketTypes: { newSales: object }[] } }[]>`
    select payload from outbox order by outbox_id
  `;
  expect(facts.map(({ payload }) => payload.ticketTypes[0]?.newSales)).toEqual([
    { "2026-02-12T11": 2, "2026-02-12T12": 1 },
    { "2026-02-12T11": 0, "2026-02-12T12": 1 },
  ]);
});
