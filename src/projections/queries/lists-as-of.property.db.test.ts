import { expect, test } from "bun:test";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { rowsMemory } from "../tables/remembered-rows.ts";
import { type InstantAsOf, tablesAsOf } from "./as-of.ts";
import { readEventPage, readTicketTypePage } from "./lists.ts";
import { readEventPageAt, readTicketTypePageAt } from "./lists-as-of.ts";
import {
  type EventSort,
  type EventsWanted,
  eventSorts,
  type Place,
  ticketTypeSorts,
} from "./wanted.ts";

const policy = { policy: defaultPolicy };
const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;
const DAYS = 4;

// Few values, so that many events share a key, and some have none.
const moment = fc.integer({ min: 1, max: DAYS }).map(day);
const few = fc.integer({ min: 0, max: 3 });
const eventId = fc.constantFrom(...Array.from({ length: 12 }, (_, n) => `e${n}`));
const updated = fc
  .record({
    ...{ eventId, at: moment, start: fc.constantFrom(day(5), day(6)), n: few },
    name: fc.constantFrom("HYROX Oslo", "HYROX Århus", "HYROX Paris"),
    account: fc.constantFrom("DACH", "ITALY"),
    sellStart: fc.option(fc.constantFrom(day(1), day(3))),
    eventType: fc.constantFrom("SINGLE", "GROUP"),
  })
  .map(({ at, n, ...said }) =>
    eventUpdated({
      ...{ ...said, updatedAt: at, observedAt: at, end: day(7), sellEnd: day(6) },
      ticketTypes: ["t1", "t2", "t3"]
        .slice(0, 1 + (n % 3))
        .map((ticketTypeId) => ticketType({ ticketTypeId, amount: 2 + n, active: n !== 1 })),
    }),
  );
const counted = fc.record({ eventId, countedAt: moment, sold: few }).map(({ sold, ...of }) =>
  salesCounted({
    ...of,
    ticketTypes: ["t1", "t2"].map((id) => typeCount({ ticketTypeId: id, sold })),
  }),
);

/** Seldom each, so that what all of them leave is not nothing. */
const maybe = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const filters = fc.record({
  regions: maybe(fc.constantFrom(["DACH"], ["DACH", "ITALY"])),
  statuses: maybe(fc.constantFrom(["ON_SALE"], ["SOLD_OUT", "ANNOUNCED", "GROUP"])),
  classes: maybe(fc.constant(["race"])),
  eventTypes: maybe(fc.constant(["SINGLE"])),
  words: maybe(fc.constantFrom(["oslo"], ["hyrox", "par"])),
  fromDay: maybe(fc.constant("2026-02-06")),
  percentSoldMin: maybe(fc.constant(50)),
  active: maybe(fc.boolean()),
  isCurrent: maybe(fc.boolean()),
  ids: maybe(fc.constantFrom(["e1", "e2", "t1"], ["e3", "e4", "e5", "e6", "t2"])),
});
const limit = fc.integer({ min: 1, max: 4 });
const isDescending = fc.boolean();
const sortOf = <Name extends string>(names: Record<Name, unknown>) =>
  // The cast: they are its names.
  fc.option(fc.record({ by: fc.constantFrom(...(Object.keys(names) as Name[])), isDescending }), {
    nil: undefined,
  });
const question = fc.record({
  ...{ filters, limit, isOfTypes: fc.boolean() },
  ...{ ofEvents: sortOf(eventSorts), ofTypes: sortOf(ticketTypeSorts) },
});

/** Page by page to the end. */
async function walk<Row>(read: (after?: Place) => Promise<{ rows: Row[]; next: Place | null }>) {
  const pages: Row[][] = [];
  let after: Place | undefined;
  do {
    const { rows, next } = await read(after);
    pages.push(rows);
    after = next ?? undefined;
  } while (after);
  return pages;
}

const facts = fc.array(fc.oneof({ weight: 3, arbitrary: updated }, counted), {
  minLength: 20,
  maxLength: 40,
});
const dayNumber = fc.integer({ min: 1, max: DAYS });
const questions = fc.array(question, { minLength: 8, maxLength: 8 });

test("a list as of an instant has the pages of one that is made of all events of then", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const memory = rowsMemory();
  let [seen, more] = [0, 0];
  await fc.assert(
    fc.asyncProperty(facts, dayNumber, questions, async (said, n, asked) => {
      await emptyRows(sql);
      await applyPages(sql, [said.map((fact) => asRead(fact))]);
      const now = new Date(day(n));
      const options = { ...policy, now };
      const readRevision = async () => undefined;
      const whole = await tablesAsOf(sql, { ...policy, readRevision })(now);
      const kept = await tablesAsOf(sql, { ...policy, memory, readRevision })(now);
      for (const one of asked) {
        // One keeps what the questions before had made, the other begins with each.
        const instants = [kept, await tablesAsOf(sql, { ...policy, memory, readRevision })(now)];
        const expected = await pagesOf(one, whole, false);
        for (const instant of instants) expect(await pagesOf(one, instant, true)).toEqual(expected);
        seen += expected.flat().length;
        more += expected.length > 1 ? 1 : 0;
      }

      const tables = await whole.tables("ticket types");
      // The cast: they are its names.
      for (const by of Object.keys(eventSorts) as EventSort[]) {
        const wanted = { limit: 3, sort: { by, isDescending: n % 2 === 0 } };
        const { rows } = await readEventPage(sql, wanted, { ...options, tables });
        const narrow = await readEventPageAt(sql, wanted, { ...options, instant: kept });
        expect(narrow.rows).toEqual(rows);
      }

      function pagesOf(
        {
          isOfTypes,
          filters: wanted,
          limit: most,
          ofEvents,
          ofTypes,
        }: typeof question extends fc.Arbitrary<infer Asked> ? Asked : never,
        instant: InstantAsOf,
        isNarrow: boolean,
      ): Promise<unknown[][]> {
        const of = { ...wanted, limit: most };
        if (isOfTypes)
          return walk(async (after) => {
            const page = { ...of, after, ...(ofTypes && { sort: ofTypes }) };
            return isNarrow
              ? readTicketTypePageAt(sql, page, { ...options, instant })
              : readTicketTypePage(sql, page, {
                  ...{ ...options, tables: await instant.tables("ticket types") },
                });
          });
        return walk(async (after) => {
          const page: EventsWanted = { ...of, after, ...(ofEvents && { sort: ofEvents }) };
          return isNarrow
            ? readEventPageAt(sql, page, { ...options, instant })
            : readEventPage(sql, page, { ...options, tables: await instant.tables("events") });
        });
      }
    }),
    {
      numRuns: 1 + runs(4),
      examples: [fixed(fc.tuple(facts, dayNumber, questions), 7)],
    },
  );
  expect([seen > 20, more > 3]).toEqual([true, true]);
});
