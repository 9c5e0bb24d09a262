import { describe, expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../../test/support/facts.ts";
import type { EventUpdated, TicketType } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { Known, Step } from "./event-past.ts";
import { soldOutChanges } from "./sold-out-changes.ts";

const men = ticketType();
const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN | Saturday" });
const count = (ticketTypeId: string, sold: number) => ({
  ...{ ticketTypeId, sold, soldUnderShop: 0, soldByUnderShop: null, reserved: 0 },
});

/** An event of these types of which nothing is sold yet. */
function known(types: TicketType[], more: Partial<EventUpdated> = {}): Known {
  const {
    ticketTypes,
    underShops: shops,
    ...head
  } = eventUpdated({ ticketTypes: types, ...more }).payload;
  return {
    ...{ head, types: ticketTypes, shops, formerCategories: new Map(), isCounted: true },
    counts: types.map(({ ticketTypeId }) => count(ticketTypeId, 0)),
  };
}

const day = (n: number) => new Date(`2026-03-0${n}T10:00:00.000Z`);
const step = (at: Date, more: Partial<Step>): Step => ({
  ...{ at, described: [], counts: [], isCounted: false, source: "poll", ...more },
});
const sold = (at: Date, numbers: Record<string, number>) =>
  step(at, { counts: Object.entries(numbers).map(([id, tickets]) => count(id, tickets)) });
const switched = (at: Date, ...types: TicketType[]) =>
  step(at, {
    described: [{ observedAt: at, source: "poll", heads: [], types, shops: [] }],
  });

const changesOf = (past: Known, ...steps: Step[]) =>
  soldOutChanges(past, steps, { from: {}, settings: { policy: defaultPolicy } }).changes.map(
    ({ changedAt, changeType, field, previousValue, newValue, severity }) =>
      [changedAt.getUTCDate(), changeType, field, previousValue, newValue, severity].join(" "),
  );

describe("it is told when an event and its ticket types", () => {
  test("are nearly sold out, sold out, and open again", () => {
    const steps = [10, 80, 100, 100, 98, 90].map((tickets, at) =>
      sold(day(1 + at), { men: tickets }),
    );
    expect(changesOf(known([men]), ...steps)).toEqual([
      "2 nearlySoldOut percentSold 10 80 medium",
      "2 nearlySoldOut percentSold of HYROX MEN | Saturday 10 80 medium",
      "3 soldOut available 20 0 high",
      "3 soldOut available of HYROX MEN | Saturday 20 0 medium",
      // One place in a hundred is enough.
      "5 reopened available 0 2 high",
      "5 reopened available of HYROX MEN | Saturday 0 2 medium",
    ]);
  });

  test("are switched off with places left, and on again, in numbers of what can be bought", () => {
    const off = { ...men, active: false };
    const past = known([men], { sellStart: "2026-02-01T00:00:00.000Z" });
    expect(
      changesOf(past, sold(day(1), { men: 10 }), switched(day(2), off), switched(day(3), men)),
    ).toEqual(["2 paused availableToBuy 90 0 high", "3 reopened availableToBuy 0 90 high"]);
    // Before its launch and after its sale nobody waits for what is switched off.
    for (const window of [
      { sellStart: "2026-03-09T00:00:00.000Z" },
      { sellStart: "2026-02-01T00:00:00.000Z", sellEnd: "2026-03-01T00:00:00.000Z" },
    ])
      expect(
        changesOf(known([men], window), sold(day(1), { men: 10 }), switched(day(2), off)),
      ).toEqual([]);
  });
});

test("nothing is told of an event that is over, nor of one that holds others", () => {
  const steps = [sold(day(1), { men: 50 }), sold(day(4), { men: 100 })];
  expect(changesOf(known([men], { end: day(4).toISOString() }), ...steps)).toEqual([]);
  expect(changesOf(known([men], { end: day(5).toISOString() }), ...steps)).toHaveLength(2);
  expect(changesOf(known([men], { eventType: "GROUP" }), ...steps)).toEqual([]);
});

test("nothing is told of an event that nobody described, whatever was counted of it", () => {
  const undescribed = { ...known([men]), head: undefined };
  expect(changesOf(undescribed, sold(day(1), { men: 100 }))).toEqual([]);
});

test("two ticket types of one name are told apart by their ids, others are called by their names", () => {
  const twins = [men, { ...women, name: men.name }];
  expect(changesOf(known(twins), sold(day(1), { men: 100 }))).toEqual([
    "1 soldOut available of HYROX MEN | Saturday (men)  0 medium",
  ]);
  expect(changesOf(known([men, women]), sold(day(1), { men: 100 }))).toEqual([
    "1 soldOut available of HYROX MEN | Saturday  0 medium",
  ]);
});

test("a count that says what is known is no step, and one that says more is, in whichever number", () => {
  const past = known([men]);
  const half = { ...count("men", 50), reserved: 50 };
  expect(changesOf(past, sold(day(1), { men: 0 }), step(day(2), { counts: [half] }))).toEqual([
    "2 soldOut available  0 high",
    "2 soldOut available of HYROX MEN | Saturday  0 medium",
  ]);
});
