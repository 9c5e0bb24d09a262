import { expect, test } from "bun:test";
import { ticketType } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { sameObjects } from "../../../test/support/same-objects.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { EventInRows, SalesColumns } from "./event-state.ts";
import { makeRows, nothingMade } from "./made-rows.ts";

const few = <Value>(...values: Value[]) => fc.constantFrom(...values);
const time = few("2026-01-01T10:00:00.000Z", "2026-01-02T10:00:00.000Z");
const date = time.map((text) => new Date(text));
const ids = ["men", "women", "photo"];

const head = fc.record({
  ...{ name: few("HYROX Köln", "HYROX Wien"), account: few("DACH", "FRANCE"), changedAt: date },
  ...{ eventType: few("SINGLE", "GROUP"), timezone: few(null, "Europe/Berlin"), startAt: date },
  ...{ currency: few(null, "EUR", "JPY"), maxAmount: few(null, 12), deletedAt: few(null) },
  ...{ ticketTypeIds: fc.subarray(ids), sellStart: few(null), sellEnd: few(null) },
  ...{ underShopIds: few([] as string[]), categories: few([]), endAt: date },
});
const type = fc.record({
  name: few("HYROX MEN", "Photo"),
  amount: few(5, 9),
  priceMinor: few(1, 2),
});
const counted = fc.record({ sold: few(1, 4), replaced: few(0, 1), changedAt: date });
const state = fc.record({
  ...{ head, types: fc.tuple(type, type, type), typesChangedAt: fc.tuple(date, date, date) },
  sales: fc.tuple(...ids.map(() => fc.option(counted))),
  countedAt: fc.option(date, { nil: undefined }),
});
type Drawn = typeof state extends fc.Arbitrary<infer Value> ? Value : never;

test("rows of an event that were made before are what would be made anew, whatever of it became otherwise", () => {
  const long = fixed(fc.array(state, { minLength: 300, maxLength: 300 }), 1);
  fc.assert(
    fc.property(fc.array(state, { maxLength: 5 }), (states) => {
      const before = nothingMade();
      const same = sameObjects();
      for (const drawn of states) {
        const event = eventOf(drawn, same);
        const anew = makeRows(event, { policy: defaultPolicy });
        expect(makeRows(event, { policy: defaultPolicy }, before)).toEqual(anew);
      }
    }),
    { numRuns: 1 + 100, examples: [[long]] },
  );
});

/** Of the same row of a table it has the same object. */
function eventOf(
  { head, types, typesChangedAt, sales, countedAt }: Drawn,
  same: ReturnType<typeof sameObjects>,
): EventInRows {
  const described = types.map((one, index) =>
    same({
      type: ticketType({ ...one, ticketTypeId: ids[index] ?? "" }),
      changedAt: typesChangedAt[index] ?? new Date(0),
    }),
  );
  return {
    ...{ countedAt, isCountOld: false, shops: [], formerCategories: new Map() },
    // The cast: what of a head is not told apart here is the same for all.
    event: { eventId: "e1", childEventIds: [], ...head } as unknown as EventInRows["event"],
    types: described.map(({ type }) => type),
    typesChangedAt: new Map(described.map(({ type, changedAt }) => [type.ticketTypeId, changedAt])),
    sales: sales.flatMap((one, index) =>
      one
        ? same<SalesColumns>({
            ...{ ticketTypeId: ids[index] ?? "", soldUnderShop: 0, soldByUnderShop: null },
            ...{ complimentary: 0, reserved: 0, reservedByUnderShop: null, value: null },
            ...one,
          })
        : [],
    ),
  };
}
