import { expect, test } from "bun:test";
import { event, idOf, ticketType } from "../../../test/support/sheet.ts";
import { defaultLayout, layout, type SheetRows } from "../../sheets/layout/layout.ts";
import { rowsSeen } from "./rows-seen.ts";

const change = {
  ...{ timezone: null, changeType: "event", source: "poll", severity: "medium" },
  ...{ field: "name", changedAt: "2026-01-10T09:00:00Z" },
  previousValue: { value: "HYROX", isInstant: false },
  newValue: { value: "HYROX Anytown", isInstant: false },
};

/** Each tab has a row of each event; whoever adds a tab says here what somebody else's row of it is. */
function rowsOf(...regions: string[]): Required<SheetRows> {
  const events = regions.map((region, at) => ({
    ...{ eventId: idOf(at), eventName: `HYROX ${region}`, region },
  }));
  return {
    unshown: events.map(({ eventId }) => eventId),
    days: { unreadable: events.map(({ eventId }) => eventId) },
    events: events.map(event),
    ticketTypes: events.map(ticketType),
    overview: events.map((of) => ({
      ...{ ...of, timezone: null, status: "ON_SALE", sold: 1, left: 9, percentSold: 10 },
      ...{ last24Hours: 1, last7Days: 1, previous7Days: 1, pointsAhead: -1.5, daysToRace: 30 },
      ...{ nextLaunch: null, sinceYesterday: null, value: null, currency: "EUR", curve: [0, 100] },
      sellsOut: { expected: null, low: null, high: null, words: "not by the race" },
    })),
    underShops: events.map((of) => ({
      ...{ ...of, timezone: null, eventDate: "2026-04-01T10:00:00Z", underShopId: "shop" },
      ...{ underShopName: "Clubs", active: true, inventoryStrategy: "independent" },
      ...{ allocation: 9, sold: 1, left: 8, salesStart: null, salesEnd: null },
    })),
    changes: events.map((of) => ({ ...of, ...change })),
    allChanges: events.map((of) => ({
      ...{ ...of, ...change, id: of.eventId, subjectId: null, subjectName: null },
      ...{ fieldName: "name", kind: "text" as const },
    })),
    salesByDay: events.map((of) => ({
      ...{ ...of, day: "2026-02-01", newSales: 1, totalSold: 1, percentSold: 10, daysToEvent: 30 },
    })),
    status: regions.map((region) => ({ item: `Last count of ${region}`, value: "1", at: null })),
  };
}

test("a partner's files have its rows of every tab but the status, and of nobody else's a word", () => {
  const seen = rowsSeen(rowsOf("DACH", "FRANCE"), ({ region }) => region === "DACH");
  const titles = layout(seen).map(({ title, rows }) => [title, rows.length]);
  const { status: _, ...others } = defaultLayout.titles;
  expect(titles).toEqual(Object.values(others).map((title) => [title, 1]));
  expect(JSON.stringify(seen)).not.toContain("FRANCE");
  expect(JSON.stringify(seen)).not.toContain(idOf(1));
});
