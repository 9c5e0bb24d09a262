import { expect, test } from "bun:test";
import {
  asRead,
  EVENT_ID,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";

/** What was sold of each ticket type at one moment after another. */
type Past = Record<string, number>[];

const TYPES = ["a", "b", "c"];
const at = (moment: number) => new Date(Date.UTC(2026, 2, 1, 2, moment)).toISOString();
const described = eventUpdated({
  observedAt: "2026-02-01T10:00:01.000Z",
  ticketTypes: TYPES.map((id) => ticketType({ ticketTypeId: id, name: `HYROX MEN ${id}` })),
});

const sold = fc.integer({ min: 0, max: 2 });
const past: fc.Arbitrary<Past> = fc.array(fc.record({ a: sold, b: sold, c: sold }), {
  minLength: 1,
  maxLength: 12,
});

/** How each moment is told: what changed only, or everything, although nothing may have changed. */
const telling = fc.constantFrom("whole", "changed", "mixed");

function factsOf(moments: Past, kind: string, mix: readonly boolean[]): NewFact[] {
  return moments.flatMap((now, moment) => {
    const before = moments[moment - 1];
    const isWhole = !before || kind === "whole" || (kind === "mixed" && mix[moment % mix.length]);
    const named = TYPES.filter((id) => isWhole || before?.[id] !== now[id]);
    if (named.length === 0) return [];
    const ticketTypes = named.map((ticketTypeId) =>
      typeCount({ ticketTypeId, sold: now[ticketTypeId] ?? 0 }),
    );
    const said = { countedAt: at(moment), ticketTypes };
    return isWhole ? salesCounted(said) : salesChanged(said);
  });
}

/** The moments at which a type's number became another, by the past itself. */
const changesOf = (moments: Past) =>
  TYPES.flatMap((id) =>
    moments.flatMap((now, moment) =>
      moment > 0 && moments[moment - 1]?.[id] === now[id] ? [] : `${id} ${at(moment)} ${now[id]}`,
    ),
  ).sort();

async function keptChanges(sql: Pool) {
  const rows = await sql<{ ticketTypeId: string; countedAt: Date; sold: number }[]>`
    select ticket_type_id, counted_at, sold from ticket_type_count where event_id = ${EVENT_ID}
  `;
  return rows.map((row) => `${row.ticketTypeId} ${row.countedAt.toISOString()} ${row.sold}`).sort();
}

const cut = (facts: Fact[], sizes: readonly number[]) => {
  const pages: Fact[][] = [];
  for (let rest = facts; rest.length > 0; rest = rest.slice(sizes[pages.length - 1] ?? 1))
    pages.push(rest.slice(0, sizes[pages.length] ?? 1));
  return pages;
};

test("counts leave a row where a number became another and nowhere else, told whole or by what changed, in any order", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fc.assert(
    fc.asyncProperty(
      fc
        .record({ past, telling, mix: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }) })
        .chain(({ past: moments, telling: kind, mix }) => {
          const facts = [described, ...factsOf(moments, kind, mix)].map((fact) => asRead(fact));
          return fc.record({
            moments: fc.constant(moments),
            sequence: fc.shuffledSubarray(facts, { minLength: facts.length }),
            repeated: fc.subarray(facts),
            sizes: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 10 }),
          });
        }),
      async ({ moments, sequence, repeated, sizes }) => {
        await emptyRows(sql);
        await sql.begin((tx) => applyPages(tx, cut([...sequence, ...repeated], sizes)));
        expect(await keptChanges(sql)).toEqual(changesOf(moments));
        const { events, ticketTypes } = await readAllRows(sql);
        const newest = moments.at(-1) ?? {};
        expect(events[0]?.totalSold).toBe(TYPES.reduce((sum, id) => sum + (newest[id] ?? 0), 0));
        for (const row of ticketTypes) {
          const id = row.ticketTypeId;
          expect(row.sold).toBe(newest[id] ?? null);
          const since = moments.findLastIndex((now) => now[id] !== newest[id]) + 1;
          expect(row.lastUpdated).toBe(at(since));
        }
      },
    ),
    { numRuns: runs(20) },
  );
});

test("what changed says nothing of an event that was never counted whole", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const change = salesChanged({
    countedAt: at(5),
    ticketTypes: [typeCount({ ticketTypeId: "a", sold: 7 })],
  });
  const whole = salesCounted({
    countedAt: at(1),
    ticketTypes: TYPES.map((ticketTypeId) => typeCount({ ticketTypeId, sold: 1 })),
  });
  await applyPages(sql, [[asRead(described), asRead(change)]]);
  expect((await readAllRows(sql)).events).toMatchObject([{ totalSold: null, countedAt: null }]);
  await applyPages(sql, [[asRead(whole)]]);
  expect((await readAllRows(sql)).events).toMatchObject([{ totalSold: 9, countedAt: at(5) }]);
});
