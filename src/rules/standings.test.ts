import { describe, expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { runs } from "../../test/support/runs.ts";
import { type EventForStatus, statusOf } from "./event-status.ts";
import { standingAt, standingsOf } from "./standings.ts";

// Few instants, so that they meet each other and the clock.
const instant = fc.integer({ min: 0, max: 6 }).map((n) => new Date(Date.UTC(2026, 0, 1 + n)));
const moment = fc.option(instant);
const left = fc.option(fc.constantFrom(0, 5));

const event: fc.Arbitrary<EventForStatus> = fc.record({
  ...{ deleted: fc.boolean(), isParent: fc.boolean(), end: instant },
  ...{ sellStart: moment, sellEnd: moment, visibleAfter: moment },
  ...{ hideInListing: fc.boolean(), anyActiveType: fc.boolean() },
  underShops: fc.array(fc.record({ active: fc.boolean(), sellStart: moment, sellEnd: moment }), {
    maxLength: 2,
  }),
  ...{ availability: left, availableToBuy: left, percentSold: fc.constantFrom(null, 10, 80) },
});
const clock = fc
  .tuple(instant, fc.constantFrom(-1, 0, 1))
  .map(([at, ms]) => new Date(at.getTime() + ms));

describe("the standings of an event", () => {
  test("say at any time what its status is then", () => {
    fc.assert(
      fc.property(event, clock, (one, now) => {
        const { soldOut: _, ...status } = statusOf(one, now);
        expect(standingAt(standingsOf(one), now)).toMatchObject(status);
      }),
      { numRuns: runs(500) },
    );
  });

  test("are told once each, oldest first", () => {
    const sale = {
      ...{ deleted: false, isParent: false, hideInListing: true, anyActiveType: true },
      ...{ visibleAfter: new Date("2026-01-01"), sellStart: new Date("2026-02-01") },
      ...{ sellEnd: new Date("2026-03-01"), end: new Date("2026-04-01"), underShops: [] },
      ...{ availability: 10, availableToBuy: 10, percentSold: 90 },
    };
    expect(
      standingsOf(sale).map(({ from, status, limited }) => [
        from === null ? null : new Date(from).toISOString().slice(0, 10),
        ...[status, limited],
      ]),
    ).toEqual([
      [null, "DRAFT", false],
      ["2026-01-01", "ANNOUNCED", false],
      ["2026-02-01", "ON_SALE", true],
      ["2026-03-01", "SALES_CLOSED", false],
      ["2026-04-01", "ENDED", false],
    ]);
  });

  test("pass over a time that is none", () => {
    const odd = { active: true, sellStart: new Date(Number.NaN), sellEnd: null };
    const standings = standingsOf({
      ...{ deleted: false, isParent: false, hideInListing: false, anyActiveType: true },
      ...{ visibleAfter: null, sellStart: new Date("2026-02-01"), sellEnd: null },
      ...{ end: new Date("2026-04-01"), underShops: [odd] },
      ...{ availability: null, availableToBuy: null, percentSold: null },
    });
    expect(standings.map(({ status }) => status)).toEqual(["ANNOUNCED", "ON_SALE", "ENDED"]);
  });
});
