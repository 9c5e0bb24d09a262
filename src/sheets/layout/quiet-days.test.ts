import { expect, test } from "bun:test";
import { event } from "../../../test/support/found-tab.ts";
import { quietDays } from "./quiet-days.ts";
import type { SheetDay, SheetRows } from "./sheet-rows.ts";

const day = (date: string, totalSold: number): SheetDay => ({
  ...{ eventId: "e1", eventName: "HYROX Anytown", region: "DACH", day: date },
  ...{ newSales: 1, totalSold, percentSold: totalSold / 3, daysToEvent: 9 },
});
const shown = [day("2026-03-02", 30), day("2026-03-04", 60)];
const rowsOf = (more: Partial<SheetRows> = {}): SheetRows => ({
  ...{ events: [event()], ticketTypes: [], salesByDay: shown },
  ...{ days: { unreadable: [] }, ...more },
});
const numbersOn = (date: string, rows = rowsOf()) => {
  const found = quietDays(rows)("e1", date);
  return found && [found.newSales, found.totalSold, found.percentSold, found.daysToEvent];
};

test("on a day between two others nothing was sold, and the totals are those of the day before", () => {
  expect(numbersOn("2026-03-03")).toEqual([0, 30, 10, 29]);
  expect(numbersOn("2026-03-05")).toEqual([0, 60, 20, 27]);
});

test("a day that is told in its week's row by now is empty, and says where", () => {
  const week = { ...day("2026-02-20", 20), days: 7 };
  const rows = rowsOf({ salesByDay: [week, ...shown] });
  const toldIn = (date: string) => quietDays(rows)("e1", date);
  expect(toldIn("2026-02-26")).toMatchObject({
    ...{ newSales: null, totalSold: null, percentSold: null, days: 0, daysToEvent: 34 },
    knownBy: "in the row of 2026-02-20",
  });
  expect(toldIn("2026-02-27")).toMatchObject({ newSales: 0, totalSold: 20 });
});

test("before the first sale there is nothing", () => {
  expect(numbersOn("2026-03-02")).toEqual([0, 0, 0, 30]);
  const unlimited = rowsOf({ events: [event({ totalCapacity: null })] });
  expect(numbersOn("2026-03-01", unlimited)).toEqual([0, 0, null, 31]);
});

test.each<[string, Partial<SheetRows>]>([
  ["of an event whose days could not be read", { days: { unreadable: ["e1"] } }],
  ["of an event that is not counted yet", { events: [event({ totalSold: null })] }],
  ["of an event that is not listed", { events: [event({ eventId: "e2" })] }],
])("of a day that is %s nobody knows", (_, more) => {
  expect(numbersOn("2026-03-01", rowsOf(more))).toBeUndefined();
});

test("where nobody says which days could be read, nobody knows of any", () => {
  const { days: _, ...rows } = rowsOf();
  expect(numbersOn("2026-03-03", rows)).toBeUndefined();
});
