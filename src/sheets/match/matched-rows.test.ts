import { describe, expect, test } from "bun:test";
import { cell, event, eventsTab, found, synced } from "../../../test/support/found-tab.ts";
import { ticketTypeRow } from "../../../test/support/rows.ts";
import type { FoundCell } from "../google/spreadsheet.ts";
import { layout, type SheetRows } from "../layout/layout.ts";
import type { SheetOverview } from "../layout/sheet-rows.ts";
import { plan } from "../sync/plan.ts";

const written = (requests: ReturnType<typeof plan>["requests"]) =>
  requests.flatMap(({ updateCells }) => updateCells?.start ?? []);

/** Like Vivenu's: 24 hexadecimal digits. */
const idOf = (number: number) => String(number).padStart(24, "0");

test("a person's own row that holds an event's name and little else is left alone", () => {
  const known = event({ eventId: idOf(0) });
  const came = event({ eventId: idOf(1), eventName: "HYROX Elsewhere" });
  const rows = [
    ...synced(eventsTab(known)),
    ["", "DACH", "HYROX Elsewhere", "call Ann"].map((text) => cell(text)),
  ];
  const { requests } = plan([eventsTab(known, came)], found(rows));
  expect(written(requests)).toEqual([{ sheetId: 7, rowIndex: 3, columnIndex: 0 }]);
});

test("a row of ours of which somebody deleted the id is known by its names", () => {
  const known = event({ eventId: idOf(0), eventName: "HYROX Elsewhere" });
  const rows = synced(eventsTab(known)).map((row, at) =>
    at === 1 ? row.with(0, cell(null)) : row,
  );
  const { requests } = plan([eventsTab(known)], found(rows));
  expect(written(requests)).toEqual([{ sheetId: 7, rowIndex: 1, columnIndex: 0 }]);
});

test("a row of which neither the id nor the name is left is nobody's, though it is the only one of its region", () => {
  const tab = eventsTab(event({ eventId: idOf(0) }));
  const rows = synced(tab).map((row) => row.toSpliced(2, 1).toSpliced(0, 1));
  const { requests } = plan([tab], found(rows));
  const below = written(requests).filter(({ rowIndex }) => rowIndex !== 0);
  expect(new Set(below.map(({ rowIndex }) => rowIndex))).toEqual(new Set([2]));
});

test("a row whose id somebody merged with the row above it is ours, and not a copy of it whose id a person overwrote", () => {
  const ticketTypes = [0, 1].map((number) =>
    ticketTypeRow({
      ...{ eventId: idOf(1), ticketTypeId: idOf(100 + number) },
      ticketName: `Type ${number}`,
    }),
  );
  const tab = layout({ events: [], ticketTypes }).find(({ title }) => title === "Ticket Types");
  if (!tab) throw new Error("no tab");
  const [header = [], first = [], second = []] = synced(tab);
  const hidden = second.map((one, at) => (at < 3 ? cell(null) : one));
  const rows = [header, first, hidden, second.with(0, cell("my copy"))];
  const merged = [0, 1, 2].map((at) => ({
    rows: { start: 1, end: 3 },
    columns: { start: at, end: at + 1 },
  }));
  const { requests } = plan([tab], found(rows, { title: "Ticket Types", merged }));
  expect(written(requests).map(({ rowIndex }) => rowIndex)).not.toContain(3);
});

const overview = (number: number, more: Partial<SheetOverview> = {}): SheetOverview => ({
  ...{ eventId: idOf(number), eventName: `HYROX ${number}`, region: "DACH", status: "ON_SALE" },
  ...{ timezone: null, sold: 1_200, left: 1_800, percentSold: 40, last24Hours: 30 },
  ...{ last7Days: 240, previous7Days: 310, pointsAhead: -12.5, daysToRace: 215 },
  ...{ nextLaunch: null, sinceYesterday: "Price: HYROX MEN", value: 118_800, currency: "EUR" },
  sellsOut: {
    expected: "2026-07-01T20:00:00Z",
    low: "2026-06-20T10:00:00Z",
    high: null,
    words: null,
  },
  curve: [],
  ...more,
});

const neverCounted = {
  ...{ sold: null, left: null, percentSold: null, last24Hours: null, last7Days: null },
  ...{ previous7Days: null, pointsAhead: null, sinceYesterday: null, value: null, currency: null },
  sellsOut: { expected: null, low: null, high: null, words: "not counted yet" },
};

describe("where others were counted, an event that never was", () => {
  const tabOf = (...rows: SheetOverview[]) => {
    const all = layout({ events: [], ticketTypes: [], overview: rows });
    const tab = all.find(({ name }) => name === "overview");
    if (!tab) throw new Error("no overview");
    return tab;
  };
  const tab = tabOf(overview(1), overview(2), overview(3, neverCounted));
  const idAt = tab.columns.findIndex(({ header }) => header === "Event ID");
  const lowestOf = (places: ReturnType<typeof written>) =>
    Math.max(...places.map(({ rowIndex }) => rowIndex ?? 0));
  const without = (change: (row: FoundCell[], at: number) => FoundCell[]) =>
    found(synced(tab).map(change), { title: "Overview" });

  test("is known by its names where somebody deleted its id", () => {
    const sheet = without((row, at) => (at === 3 ? row.with(idAt, cell(null)) : row));
    const places = written(plan([tab], sheet).requests);
    expect(places).toContainEqual({ sheetId: 7, rowIndex: 3, columnIndex: idAt });
    expect(lowestOf(places)).toBe(3);
  });

  test("is known by its names where the column of ids was deleted", () => {
    const sheet = without((row) => row.toSpliced(idAt, 1));
    const places = written(plan([tab], sheet).requests);
    expect(places).not.toEqual([]);
    expect(lowestOf(places)).toBeLessThan(4);
  });

  test("is not what a person wrote down with its name and one thing more", () => {
    const own = tab.columns.map(({ header }) =>
      cell({ Event: "HYROX 3", Region: "DACH", Status: "call Ann" }[header] ?? null),
    );
    const sheet = without((row, at) => (at === 3 ? own : row));
    const places = written(plan([tab], sheet).requests);
    expect(places).not.toContainEqual(expect.objectContaining({ rowIndex: 3, columnIndex: idAt }));
  });
});

test("a row whose event has another name by now is known by its id", () => {
  const [known, other] = [event({ eventId: idOf(0) }), event({ eventId: idOf(1) })];
  const rows = synced(eventsTab(known, other));
  const renamed = { ...other, eventName: "HYROX Elsewhere", region: "FRANCE" };
  const { requests } = plan([eventsTab(known, renamed)], found(rows));
  expect(written(requests)).toEqual([{ sheetId: 7, rowIndex: 2, columnIndex: 1 }]);
});

test("a row whose event has another name by now is known by its id, though a copy of somebody's has that name", () => {
  const renamed = event({ eventId: idOf(1), eventName: "HYROX Elsewhere" });
  const [header = [], known = [], row = []] = synced(
    eventsTab(event({ eventId: idOf(0) }), event({ eventId: idOf(1) })),
  );
  const copy = row.with(0, cell("to check")).with(2, cell("HYROX Elsewhere"));
  const tab = eventsTab(event({ eventId: idOf(0) }), renamed);
  expect(written(plan([tab], found([header, known, row, copy])).requests)).toEqual([
    { sheetId: 7, rowIndex: 2, columnIndex: 2 },
  ]);
});

test("a changed-at time that comes back a millionth of a second off is the same row", () => {
  const change = {
    ...{ eventId: idOf(0), eventName: "HYROX Anytown", region: "DACH", timezone: "Europe/Berlin" },
    ...{ changeType: "event", field: "name", source: "poll", severity: "medium" },
    previousValue: { value: "HYROX", isInstant: false },
    newValue: { value: "HYROX Anytown", isInstant: false },
  };
  // Another change of the same thing some seconds later: both times must not become one.
  const changes = ["2026-03-01T08:00:07Z", "2026-03-01T08:00:09Z"].map((changedAt) => ({
    ...change,
    changedAt,
  }));
  const rows: SheetRows = { events: [], ticketTypes: [], changes };
  const [tab] = layout(rows).filter(({ name }) => name === "changes");
  if (!tab) throw new Error("no tab of changes");
  const [header = [], ...shown] = synced(tab);
  const off = shown.map((row) =>
    row.map((one) =>
      typeof one.value === "number" ? { ...one, value: one.value + 1e-6 / 86_400 } : one,
    ),
  );
  expect(off).not.toEqual(shown);
  const there = found([header, ...off.toReversed()], { title: tab.title });
  expect(plan([tab], there)).toEqual({ requests: [], cells: 0 });
});

test("a header that is put back stands right of everything that is filled, headed or not", () => {
  const tab = eventsTab(event());
  const [header = [], row = []] = synced(tab);
  const bare = header.with(9, cell("my own"));
  const beside = [...row.with(9, cell("note")), cell(null), cell("a word beside")];
  const below = Array.from({ length: 15 }, (_, at) => cell(at === 14 ? "=1+1" : null));
  const formula = below.map((one) => (one.value === null ? one : { ...one, isFormula: true }));
  expect(written(plan([tab], found([bare, beside])).requests)).toEqual([
    { sheetId: 7, rowIndex: 0, columnIndex: 13 },
    { sheetId: 7, rowIndex: 1, columnIndex: 13 },
  ]);
  expect(written(plan([tab], found([bare, beside, formula])).requests)).toEqual([
    { sheetId: 7, rowIndex: 0, columnIndex: 15 },
    { sheetId: 7, rowIndex: 1, columnIndex: 15 },
  ]);
});
