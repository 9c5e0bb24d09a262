import { describe, expect, test } from "bun:test";
import { type EventForStatus, statusOf } from "./event-status.ts";

const launch = "2026-02-12T11:00:00.000Z";
const salesEnd = "2026-10-04T21:59:00.000Z";
const end = "2026-10-11T20:00:00.000Z";
const presaleStart = "2026-02-10T11:00:00.000Z";
const presaleEnd = "2026-02-11T11:00:00.000Z";

const event = (changed: Partial<EventForStatus> = {}): EventForStatus => ({
  deleted: false,
  isParent: false,
  end,
  sellStart: launch,
  sellEnd: salesEnd,
  visibleAfter: null,
  hideInListing: false,
  anyActiveType: true,
  underShops: [],
  availability: 500,
  availableToBuy: 500,
  percentSold: 50,
  ...changed,
});
const shop = { active: true, sellStart: presaleStart, sellEnd: presaleEnd };
const at = (moment: string, plusMs = 0) => new Date(Date.parse(moment) + plusMs);
const nameAt = (changed: Partial<EventForStatus>, now: Date) =>
  statusOf(event(changed), now).status;

describe("over time", () => {
  test("an event is announced, on sale, closed and over, each from its very instant on", () => {
    expect(nameAt({}, at(launch, -1))).toBe("ANNOUNCED");
    expect(nameAt({}, at(launch))).toBe("ON_SALE");
    expect(nameAt({}, at(salesEnd, -1))).toBe("ON_SALE");
    expect(nameAt({}, at(salesEnd))).toBe("SALES_CLOSED");
    expect(nameAt({}, at(end, -1))).toBe("SALES_CLOSED");
    expect(nameAt({}, at(end))).toBe("ENDED");
  });

  test("without an end of its sale an event sells until it is over", () => {
    expect(nameAt({ sellEnd: null }, at(end, -1))).toBe("ON_SALE");
    expect(nameAt({ sellEnd: null }, at(end))).toBe("ENDED");
  });

  test("a hidden event is a draft until it shows or its sale begins", () => {
    const hidden = { hideInListing: true };
    expect(nameAt(hidden, at(launch, -1))).toBe("DRAFT");
    expect(nameAt(hidden, at(launch))).toBe("ON_SALE");
    const shown = { hideInListing: true, visibleAfter: presaleStart };
    expect(nameAt(shown, at(presaleStart, -1))).toBe("DRAFT");
    expect(nameAt(shown, at(presaleStart))).toBe("ANNOUNCED");
  });

  test("a presale is on while an active undershop's window is open before the launch", () => {
    const presaleAt = (now: Date, shops = [shop]) => {
      const { status, presale } = statusOf(event({ underShops: shops }), now);
      return [status, presale];
    };
    expect(presaleAt(at(presaleStart, -1))).toEqual(["ANNOUNCED", false]);
    expect(presaleAt(at(presaleStart))).toEqual(["ANNOUNCED", true]);
    expect(presaleAt(at(presaleEnd, -1))).toEqual(["ANNOUNCED", true]);
    expect(presaleAt(at(presaleEnd))).toEqual(["ANNOUNCED", false]);
    expect(presaleAt(at(presaleStart), [{ ...shop, active: false }])).toEqual(["ANNOUNCED", false]);
    const withoutEnd = { ...shop, sellEnd: launch };
    expect(presaleAt(at(launch), [withoutEnd])).toEqual(["ON_SALE", false]);
  });

  test("a shop without an end is open until the launch, one without a start is no presale", () => {
    const open = event({ underShops: [{ active: true, sellStart: presaleStart, sellEnd: null }] });
    expect(statusOf(open, at(launch, -1)).presale).toBe(true);
    const unknown = event({ underShops: [{ active: true, sellStart: null, sellEnd: null }] });
    expect(statusOf(unknown, at(launch, -1)).presale).toBe(false);
  });
});

describe("the order of the rules", () => {
  test("what is deleted is cancelled, also when it is over", () => {
    expect(nameAt({ deleted: true }, at(end))).toBe("CANCELLED");
  });

  test("what holds other events is a group of them until it is over, whatever it says of its sale", () => {
    for (const said of [{}, { sellStart: null }, { anyActiveType: false }, { availability: 0 }]) {
      expect(nameAt({ isParent: true, ...said }, at(launch))).toBe("GROUP");
      expect(nameAt({ isParent: true, ...said }, at(end))).toBe("ENDED");
    }
    expect(nameAt({ isParent: true, deleted: true }, at(launch))).toBe("CANCELLED");
  });

  test("what is over has ended, also when it never went on sale", () => {
    expect(nameAt({ anyActiveType: false, sellStart: null }, at(end))).toBe("ENDED");
  });

  test("without an active ticket type or a launch date it is a draft", () => {
    expect(nameAt({ anyActiveType: false }, at(launch))).toBe("DRAFT");
    expect(nameAt({ sellStart: null }, at(launch))).toBe("DRAFT");
  });
});

describe("what is left", () => {
  test("decides between on sale and sold out, and back", () => {
    expect(nameAt({ availability: 0 }, at(launch))).toBe("SOLD_OUT");
    expect(nameAt({ availability: 1 }, at(launch))).toBe("ON_SALE");
  });

  test("is not known before the first count, so the event is on sale", () => {
    const uncounted = statusOf(event({ availability: null, percentSold: null }), at(launch));
    expect(uncounted).toEqual({
      status: "ON_SALE",
      presale: false,
      limited: false,
      soldOut: false,
    });
  });

  test("of which nothing can be bought makes a pause of the sale, and no sell-out", () => {
    expect(nameAt({ availableToBuy: 0 }, at(launch))).toBe("PAUSED");
    expect(nameAt({ availability: 0, availableToBuy: 0 }, at(launch))).toBe("SOLD_OUT");
    expect(nameAt({ availability: null, availableToBuy: 0 }, at(launch))).toBe("PAUSED");
    expect(nameAt({ availableToBuy: 0 }, at(launch, -1))).toBe("ANNOUNCED");
    expect(nameAt({ availableToBuy: 0 }, at(salesEnd))).toBe("SALES_CLOSED");
    expect(statusOf(event({ availableToBuy: 0, percentSold: 90 }), at(launch))).toMatchObject({
      limited: false,
      soldOut: false,
    });
  });

  test("is limited from 80 % on, and only while on sale", () => {
    const limited = (changed: Partial<EventForStatus>, now: Date) =>
      statusOf(event(changed), now).limited;
    expect(limited({ percentSold: 79.99 }, at(launch))).toBe(false);
    expect(limited({ percentSold: 80 }, at(launch))).toBe(true);
    expect(limited({ percentSold: 100, availability: 0 }, at(launch))).toBe(false);
    expect(limited({ percentSold: 90 }, at(salesEnd))).toBe(false);
  });

  test("tells an event that sold out from one whose sale only ended", () => {
    const soldOut = (changed: Partial<EventForStatus>, now: Date) =>
      statusOf(event(changed), now).soldOut;
    expect(soldOut({ availability: 0 }, at(launch))).toBe(true);
    expect(soldOut({ availability: 0 }, at(salesEnd))).toBe(true);
    expect(soldOut({ availability: 3 }, at(salesEnd))).toBe(false);
    expect(soldOut({ availability: 0 }, at(end))).toBe(true);
    expect(soldOut({ availability: 3 }, at(end))).toBe(false);
    expect(soldOut({ availability: 0, deleted: true }, at(end))).toBe(false);
    expect(soldOut({ availability: 0 }, at(launch, -1))).toBe(false);
  });
});

test("time alone walks an event through its life", () => {
  const visibleAfter = "2026-02-01T00:00:00.000Z";
  const whole = event({ underShops: [shop], hideInListing: true, visibleAfter });
  const moments = [visibleAfter, presaleStart, presaleEnd, launch, salesEnd, end];
  const seen = moments.flatMap((moment) => [at(moment, -1), at(moment)]);
  expect(seen.map((now) => statusOf(whole, now)).map((s) => [s.status, s.presale])).toEqual([
    ["DRAFT", false],
    ["ANNOUNCED", false],
    ["ANNOUNCED", false],
    ["ANNOUNCED", true],
    ["ANNOUNCED", true],
    ["ANNOUNCED", false],
    ["ANNOUNCED", false],
    ["ON_SALE", false],
    ["ON_SALE", false],
    ["SALES_CLOSED", false],
    ["SALES_CLOSED", false],
    ["ENDED", false],
  ]);
});

test("an event of which one place can be bought is on sale, and paused when none can", () => {
  const now = at(launch, 1);
  const names = [1, 0, -1].map((availableToBuy) => nameAt({ availableToBuy }, now));
  expect(names).toEqual(["ON_SALE", "PAUSED", "PAUSED"]);
  expect(nameAt({ availableToBuy: null }, now)).toBe("ON_SALE");
});
