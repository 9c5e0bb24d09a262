import { expect, test } from "bun:test";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { type Made, nothingMade } from "./made-rows.ts";
import { madeMemory, makeTypes, type TypesToMake } from "./made-types.ts";
import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";

const few = <Value>(...values: Value[]) => fc.constantFrom(...values);
const number = few(null, 0, 7);

const documentOf = (ticketTypeId: string): fc.Arbitrary<Made<TicketTypeRow>> =>
  fc
    .record({
      ...{ sold: number, available: number, price: number, inTotals: fc.boolean() },
      ...{
        ticketName: few("HYROX MEN", "HYROX WOMEN"),
        lastUpdated: few("2026-01-01", "2026-01-02"),
      },
      value: few(null, { paid: 1, list: 2, tickets: 5 }, { paid: 3, list: 2, tickets: 5 }),
      toBuyWhenShut: few(0 as const, null),
    })
    .map(({ toBuyWhenShut, ...row }) => ({
      toBuyWhenShut,
      // The cast: what is not told apart here is the same for all.
      row: { eventId: "e1", ticketTypeId, class: "race", ...row } as TicketTypeRow,
    }));

const event: fc.Arbitrary<Omit<TypesToMake, "rows">> = fc.record({
  event: fc
    .record({ eventName: few("HYROX Köln", "HYROX Wien"), location: few(null, "Köln") })
    // The cast: as above.
    .map((row) => ({ eventId: "e1", eventDate: "2026-05-01T08:00:00.000Z", ...row }) as EventRow),
  account: few("DACH", "FRANCE"),
  startAt: few("2026-05-01T08:00:00.000Z"),
  deleted: fc.boolean(),
  documents: fc
    .shuffledSubarray(["men", "women", "relay"])
    .chain((ids) => fc.tuple(...ids.map(documentOf))),
});

test("what is remembered of ticket types is what would be made anew, whatever of them or their event changed", () => {
  const history = fc.array(event, { maxLength: 6 });
  const long = fixed(fc.array(event, { minLength: 250, maxLength: 250 }), 1);
  let kept = 0;
  fc.assert(
    fc.property(history, (states) => {
      const memory = madeMemory();
      // An event's next fact leaves most of it as it was.
      for (const state of states.flatMap((each) => [each, structuredClone(each)])) {
        let made = 0;
        const digest = (columns: object) => {
          made += 1;
          return JSON.stringify(columns);
        };
        const given = { ...state, rows: nothingMade() };
        const anew = makeTypes(given, JSON.stringify);
        expect(makeTypes(given, digest, memory)).toEqual(anew);
        if (anew.length > made) kept += 1;
      }
    }),
    { numRuns: 1 + 100, examples: [[long]] },
  );
  expect(kept).toBeGreaterThan(100);
});
