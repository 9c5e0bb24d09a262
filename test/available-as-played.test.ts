import { expect, test } from "bun:test";
import type { EventDocument } from "../sandbox/vivenu/documents.ts";
import { stockOf } from "../sandbox/vivenu/stock.ts";
import { typeCountsOf } from "../src/intake/counting/record-count.ts";
import { describe as describeEvent } from "../src/intake/events/describe.ts";
import { numbersOfEvent } from "../src/projections/tables/event-capacity.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import { countTickets } from "../src/rules/count.ts";
import { VivenuEvent } from "../src/vivenu/wire.ts";
import { fc } from "./support/fast-check.ts";
import { runs } from "./support/runs.ts";

const TYPES = ["men", "women", "charity", "photo"];
const SHOPS = ["htc", "partner", "gone"];

const few = fc.nat({ max: 9 });
const row = fc.record({ baseTicket: fc.constantFrom(...TYPES), amount: few, active: fc.boolean() });
const anyEvent = fc.record({
  types: fc.tuple(
    ...TYPES.map((_id) =>
      fc.record({
        ...{ _id: fc.constant(_id), name: fc.constant(`HYROX ${_id}`), price: fc.constant(99) },
        ...{ amount: few, active: fc.constant(true), ignoreForMaxAmounts: fc.boolean() },
        categoryRef: fc.option(fc.constantFrom("race", "extra"), { nil: undefined }),
      }),
    ),
  ),
  categories: fc.tuple(
    ...["race", "extra"].map((ref) =>
      fc.record({
        ...{ _id: fc.constant(`id-of-${ref}`), ref: fc.constant(ref), name: fc.constant(ref) },
        amount: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
      }),
    ),
  ),
  maxAmount: fc.nat({ max: 40 }),
  shops: fc.tuple(
    ...["htc", "partner"].map((_id) =>
      fc.record({
        ...{ _id: fc.constant(_id), name: fc.constant(_id), active: fc.boolean() },
        inventoryStrategy: fc.constantFrom("independent", "subsidiary", "global", undefined),
        tickets: fc.uniqueArray(row, { maxLength: 3, selector: ({ baseTicket }) => baseTicket }),
      }),
    ),
  ),
  taken: fc.array(
    fc.record({
      typeId: fc.constantFrom(...TYPES),
      shopId: fc.option(fc.constantFrom(...SHOPS)),
      count: fc.integer({ min: 1, max: 4 }),
      status: fc.constantFrom("VALID", "DETAILSREQUIRED", "RESERVED"),
    }),
    { maxLength: 12 },
  ),
});

/** As Vivenu gives it; what the played one reads of it is all that matters here. */
const documentOf = ({ types, categories, shops, maxAmount }: Drawn): EventDocument => ({
  ...{ _id: "hyrox-testville", sellerId: "seller", name: "HYROX Testville" },
  ...{ start: "2026-10-10T05:00:00.000Z", end: "2026-10-11T20:00:00.000Z" },
  ...{ createdAt: "2026-01-12T09:26:13.000Z", updatedAt: "2026-02-03T14:05:41.512Z" },
  ...{ maxAmount, maxAmountPerOrder: 8 },
  // The casts: what is drawn as absent is absent.
  categories: categories as EventDocument["categories"],
  tickets: types as EventDocument["tickets"],
  underShops: shops.map(({ tickets, ...shop }) => ({
    ...shop,
    tickets: tickets.map((one, n) => ({ ...one, _id: `row-${n}`, name: "", price: 99 })),
  })) as EventDocument["underShops"],
});

type Drawn = typeof anyEvent extends fc.Arbitrary<infer Value> ? Value : never;

test("of every ticket type as many are left as the played Vivenu would still sell in its public shop", () => {
  fc.assert(
    fc.property(anyEvent, (drawn) => {
      const document = documentOf(drawn);
      const event = describeEvent(VivenuEvent.parse(JSON.parse(JSON.stringify(document))), "EUR");
      const tally = countTickets(
        drawn.taken.map(({ typeId, shopId, count, status }, n) => ({
          ...{ ticketId: `t${n}`, ticketTypeId: typeId, status, alike: count, addOnNames: [] },
          ...{ createdAt: "2026-02-12T11:00:03.210Z", hasTrigger: false },
          underShopId: shopId ?? undefined,
        })),
        TYPES,
      );
      const { capacity } = numbersOfEvent(
        {
          ...{ event, types: event.ticketTypes, shops: event.underShops },
          ...{ classes: new Map(), counts: typeCountsOf(tally) },
        },
        defaultPolicy,
      );
      const stock = stockOf(document, [...drawn.taken]);
      expect(
        capacity.ticketTypes.map(({ ticketTypeId, available }) => [ticketTypeId, available]),
      ).toEqual(
        event.ticketTypes.map(({ ticketTypeId }) => [ticketTypeId, stock.of(ticketTypeId)]),
      );
    }),
    { numRuns: runs(500) },
  );
});
