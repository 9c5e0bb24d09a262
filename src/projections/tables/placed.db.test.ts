import { expect, test } from "bun:test";
import { emptyDatabase, freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventDeleted,
  eventUpdated,
  ticketType,
  underShop,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyEach, applyPages, readAllRows } from "../../../test/support/given.ts";
import {
  CHANGES_ONLY,
  keepAsBefore,
  makeCurrentRows,
  migrateBefore,
} from "../../../test/support/older-program.ts";
import { SEED } from "../../../test/support/seed.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";

/* Facts in a log that an older program read: it believed every clock. */

const PLACED = "0024_projections_placed.sql";
const TABLES = [
  ...["event_version", "event_head_version", "ticket_type_version", "under_shop_version"],
  ...["event", "ticket_type", "under_shop"],
];

const day = (n: number) => `2026-02-${String(n).padStart(2, "0")}T10:00:00.000Z`;
const AHEAD = "2031-01-01T00:00:00.000Z";

/** A database with rows as the program before this migration left them. */
async function leftByOlder(facts: readonly NewFact[]) {
  const old = await emptyDatabase();
  await migrateBefore(old.sql, CHANGES_ONLY);
  await keepAsBefore(old.sql, facts);
  await migrateBefore(old.sql, PLACED);
  await makeCurrentRows(old.sql);
  return old;
}

async function contents(sql: Pool) {
  const tables: Record<string, unknown> = {};
  for (const table of TABLES) {
    const rows = await sql<{ row: unknown }[]>`
      select to_jsonb(t) as row from ${sql(table)} t order by 1
    `;
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

const nameIn = async (sql: Pool) => (await sql`select name from event`)[0]?.name;

test("after an upgrade the next reading is the newest, whatever a clock of 2031 said before it", async () => {
  await using old = await leftByOlder([
    eventUpdated({ name: "A", updatedAt: day(1), observedAt: day(1) }),
    eventUpdated({ name: "by a wrong clock", updatedAt: AHEAD, observedAt: day(2) }),
    eventUpdated({ name: "B", updatedAt: day(3), observedAt: day(3) }),
  ]);
  const { sql } = old;
  expect(await nameIn(sql)).toBe("by a wrong clock");
  await migrate(sql);
  expect(await nameIn(sql)).toBe("B");
  const types = [ticketType({ amount: 250 })];
  const later = { name: "C", updatedAt: null, observedAt: day(4), ticketTypes: types };
  await applyEach(sql, [eventUpdated(later)]);
  const { events } = await readAllRows(sql);
  expect(events).toMatchObject([{ eventName: "C", totalCapacity: 250 }]);
});

const someTypes = fc
  .subarray(["men", "women", "mixed"], { minLength: 1 })
  .chain((ids) =>
    fc.tuple(...ids.map((id) => fc.constantFrom(100, 200).map((amount) => ({ id, amount })))),
  )
  .map((types) => types.map(({ id, amount }) => ticketType({ ticketTypeId: id, amount })));

const someShops = fc
  .subarray(["partners", "clubs"])
  .chain((ids) =>
    fc.tuple(...ids.map((id) => fc.boolean().map((active) => ({ underShopId: id, active })))),
  )
  .map((shops) => shops.map(underShop));

/** Small pools: versions that collide are where the order matters. */
const someFact = (eventId: string) =>
  fc.oneof(
    {
      arbitrary: fc
        .integer({ min: 1, max: 9 })
        .map((n) => eventDeleted({ eventId, observedAt: day(n) })),
      weight: 1,
    },
    {
      arbitrary: fc
        .record({
          name: fc.constantFrom("A", "B"),
          source: fc.constantFrom("poll" as const, "webhook" as const),
          observedAt: fc.integer({ min: 1, max: 9 }).map(day),
          updatedAt: fc.option(
            fc.oneof(
              fc.integer({ min: 1, max: 9 }).map(day),
              fc.constantFrom(AHEAD, "2030-01-01T00:00:00.000Z", "0026-02-01T10:00:00.000Z"),
            ),
          ),
          // As intake writes them: in order.
          unreadable: fc.constantFrom(undefined, ["createdAt"], ["createdAt", "visibleAfter"]),
          ticketTypes: someTypes,
          underShops: someShops,
        })
        .map(({ unreadable, ...said }) =>
          eventUpdated({ eventId, ...said, ...(unreadable && { unreadable: [...unreadable] }) }),
        ),
      weight: 6,
    },
  );

const ids = Array.from({ length: 60 }, (_, n) => `68f0000000000000000001${10 + n}`);

test("after an upgrade the rows are those that a replay of the same facts makes", async () => {
  const facts = ids.flatMap((eventId, n) =>
    fc
      .sample(fc.array(someFact(eventId), { minLength: 2, maxLength: 8 }), {
        seed: SEED + n,
        numRuns: 1,
      })
      .flat(),
  );
  const distinct = [...new Map(facts.map((fact) => [fact.payload.idempotencyKey, fact])).values()];
  await using old = await leftByOlder(distinct);
  await using fresh = await freshDatabase();
  await applyPages(fresh.sql, [distinct.map((fact) => asRead(fact))]);
  const right = await contents(fresh.sql);
  expect(await contents(old.sql)).not.toEqual(right);
  await migrate(old.sql);
  expect(await contents(old.sql)).toEqual(right);
});
