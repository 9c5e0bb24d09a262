import type { EventUpdated, Fact, NewFact } from "../../src/contracts/index.ts";
import {
  eventDeleted,
  eventUpdated,
  pollFinished,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "./facts.ts";
import { fc } from "./fast-check.ts";

// Few values, so that versions, times and keys meet.
const eventId = fc.constantFrom("e1", "e2");
const account = fc.constantFrom("DACH", "DACH", "DACH", "ITALY");
const source = fc.constantFrom("webhook" as const, "poll" as const);
const time = fc.integer({ min: 0, max: 4 }).map((n) => `2026-02-0${n + 1}T10:00:00.000Z`);
const few = fc.integer({ min: 0, max: 3 });
const hour = fc.constantFrom("2026-02-01T10", "2026-02-01T11");
const byHour = fc.dictionary(hour, few, { maxKeys: 2, noNullPrototype: true });

/** No date that an event can have: it is left out and named. */
const ODD_INSTANT = "0026-02-01T10:00:00.000Z";

const ofTwo = <Item>(id: string, item: (id: string) => fc.Arbitrary<Item>) =>
  fc
    .record({ one: fc.option(item(`${id}1`)), two: fc.option(item(`${id}2`)) })
    .map(({ one, two }) => [one, two].flatMap((found) => found ?? []));

const types = ofTwo("t", (ticketTypeId) =>
  fc
    .record({
      ...{ amount: few.map((n) => 10 + n), active: fc.boolean() },
      categoryRef: fc.constantFrom(null, null, "c1"),
      places: fc.option(few, { nil: undefined }),
    })
    .map(({ places, ...said }) =>
      ticketType({
        ...{ ticketTypeId, ...said },
        name: `HYROX MEN ${ticketTypeId}`,
        allocations:
          places === undefined ? [] : [{ underShopId: "s1", amount: places, active: true }],
      }),
    ),
);
const shops = ofTwo("s", (underShopId) =>
  fc
    .record({
      active: fc.boolean(),
      sellStart: fc.constantFrom(null, null, ODD_INSTANT, "2026-02-03T10:00:00.000Z"),
      customerTags: fc.subarray(["gold", "crew"]),
      amount: fc.option(few, { nil: undefined }),
    })
    .map(({ amount, ...said }) =>
      underShop({
        ...{ underShopId, ...said },
        ...(amount !== undefined && { categoryAmounts: [{ ref: "c1", amount }] }),
      }),
    ),
);
const counts = ofTwo("t", (ticketTypeId) =>
  fc
    .record({
      ...{ sold: few, reserved: few, newSales: byHour, replacements: byHour },
      soldByUnderShop: fc.option(fc.record({ s1: few }), { nil: undefined }),
      value: fc.option(
        fc.dictionary(
          fc.constantFrom("EUR", "GBP"),
          few.map((n) => ({ tickets: 5 + n, paid: 100 * n, list: 120 * n })),
          { maxKeys: 2, noNullPrototype: true },
        ),
        { nil: undefined },
      ),
    })
    .map(({ soldByUnderShop, value, ...numbers }) =>
      typeCount({
        ...{ ticketTypeId, ...numbers },
        ...(soldByUnderShop && { soldByUnderShop }),
        ...(value && { value }),
      }),
    ),
);

const updated = fc
  .record({
    ...{ eventId, account, source, observedAt: time, updatedAt: fc.option(time) },
    ...{ ticketTypes: types, underShops: shops, name: fc.constantFrom("a", "b") },
    ticketTypeIds: fc.constantFrom<string[]>(["t1"], ["t1", "t2"]),
    categories: fc.constantFrom<EventUpdated["categories"][]>(
      [],
      [],
      [{ ref: "c1", name: "Singles", amount: 12 }],
    ),
  })
  .map(eventUpdated);
const deleted = fc.record({ eventId, account, observedAt: time }).map(eventDeleted);
const counted = fc
  .record({
    ...{ eventId, countedAt: time, complete: fc.boolean(), ticketTypes: counts },
    part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  })
  .map(salesCounted);
const changed = fc
  .record({
    ...{ eventId, countedAt: time, ticketTypes: counts },
    part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  })
  .map(salesChanged);
const polled = fc.record({ account, startedAt: time }).map(pollFinished);

export const anyFact: fc.Arbitrary<NewFact> = fc.oneof(
  { weight: 4, arbitrary: updated },
  { weight: 1, arbitrary: deleted },
  { weight: 3, arbitrary: counted },
  { weight: 2, arbitrary: changed },
  { weight: 1, arbitrary: polled },
);

/** A description that was forgotten and recorded again: the same fact, seen at another time. */
export const withRecordedAgain = (facts: NewFact[]) =>
  fc.record({ again: fc.subarray(facts), source, observedAt: time }).map((seen) => [
    ...facts,
    ...seen.again.flatMap((fact) => {
      if (fact.eventType !== "event.updated.0" || fact.payload.updatedAt === null) return [];
      const { source, observedAt } = seen;
      return { ...fact, payload: { ...fact.payload, source, observedAt } };
    }),
  ]);

/** The same facts in another order, some of them twice, cut into pages. */
export const delivered = (facts: Fact[]) =>
  fc
    .record({
      shuffled: fc.shuffledSubarray(facts, { minLength: facts.length }),
      repeated: fc.subarray(facts),
      cuts: fc.array(fc.integer({ min: 0, max: facts.length * 2 }), { maxLength: 5 }),
    })
    .chain(({ shuffled, repeated, cuts }) => {
      const all = [...shuffled, ...repeated];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((sequence) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), sequence.length];
        return places.slice(1).map((to, n) => sequence.slice(places[n], to));
      });
    });
