import { expect, test } from "bun:test";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, changesUnder, projections } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { projections as ofFacts } from "../tables/log-projections.ts";
import { changesWith } from "./event-changes.ts";
import { withDerived } from "./projections.ts";
import { countLeft } from "./refill-derived.ts";

const at = (hour: number) => new Date(Date.UTC(2026, 1, 1, hour)).toISOString();
const described = (hour: number, priceMinor = 9_900 + 100 * hour) =>
  eventUpdated({
    ...{ eventId: "berlin", updatedAt: at(hour), observedAt: at(hour) },
    ticketTypes: [ticketType({ priceMinor, amount: 1_000 })],
  });
const counted = (hour: number) =>
  salesCounted({
    ...{ eventId: "berlin", countedAt: at(hour), observedAt: at(hour) },
    ticketTypes: [typeCount({ sold: hour })],
  });

/** How many rows of changes are written and deleted until a fact is applied. */
const writtenBy = (sql: Pool, fact: NewFact) =>
  sql.begin(async (tx) => {
    const before = await countWritten(tx);
    for (const { apply } of projections) await apply(tx, [asRead(fact)]);
    const after = await countWritten(tx);
    return { written: after.written - before.written, deleted: after.deleted - before.deleted };
  });

/** By this session, of which PostgreSQL has not reported all to others. */
async function countWritten(sql: Sql) {
  const [counts] = await sql<{ written: number; deleted: number }[]>`
    select (n_tup_ins + n_tup_upd)::int as written, n_tup_del::int as deleted
    from pg_stat_xact_user_tables where relname = 'event_change'
  `;
  return counts ?? { written: 0, deleted: 0 };
}

const HOURS = [1, 2, 3, 4, 5, 6, 7, 8];

test("a late fact that makes no change otherwise writes none", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, [...HOURS.map((hour) => described(2 * hour)), counted(17)]);
  const before = await changesUnder(sql);
  expect(before).toHaveLength(HOURS.length - 1);
  const written = await writtenBy(sql, counted(5));
  expect(written).toEqual({ written: 0, deleted: 0 });
  expect(await changesUnder(sql)).toEqual(before);
});

test("a late description that cuts a change in two writes the two, and no other that stands behind", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(
    sql,
    HOURS.map((hour) => described(2 * hour)),
  );
  const written = await writtenBy(sql, described(7));
  expect(written).toEqual({ written: 2, deleted: 1 });
  const prices = (await changesUnder(sql)).map(
    ({ previousValue, newValue }) => `${previousValue.value} ${newValue.value}`,
  );
  expect(prices.slice(2, 5)).toEqual(["105 106", "106 107", "107 109"]);
});

test("where one flow type runs behind the other, only its first fact goes through the past to come there", async () => {
  const { sql } = await reusedDatabase();
  const long = { atOnce: 300, mostInPage: 20, staysAfter: 1_000, nearWithin: 5 };
  const settings = { policy: defaultPolicy, derivations: [changesWith(long)] };
  const apply = (fact: NewFact) =>
    sql.begin((tx) => withDerived(ofFacts, settings).apply(tx, [asRead(fact)]));
  // In time, one after the other: each goes on from the last.
  for (let hour = 1; hour <= 60; hour += 1) await apply(described(hour));
  expect(await countLeft(sql, settings)).toBe(0);
  // More of the past is behind its place than a page goes through.
  await apply(counted(50));
  expect(await countLeft(sql, settings)).toBe(1);
  await changesUnder(sql, settings);
  for (let hour = 51; hour <= 70; hour += 1) {
    await apply(counted(hour));
    await apply(described(hour + 10));
    expect(await countLeft(sql, settings)).toBe(0);
  }
});
