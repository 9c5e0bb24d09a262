import { expect, test } from "bun:test";
import { cell, event, eventsTab, found, synced } from "../../../test/support/found-tab.ts";
import type { Found, FoundCell } from "../google/spreadsheet.ts";
import type { Tab } from "../layout/layout.ts";
import { plan } from "./plan.ts";

const updates = (tab: Tab, there: Found) =>
  plan([tab], there).requests.flatMap(({ updateCells }) => updateCells ?? []);

test("cells hold numbers, the share of 1 that a percentage is, and the event's local time", () => {
  expect(eventsTab(event()).rows).toEqual([
    [
      "e1",
      "DACH",
      "HYROX Anytown",
      46_113.5,
      null,
      "On sale",
      300,
      100,
      200,
      0.3333,
      46_082 + 8 / 24,
    ],
  ]);
});

test("unknown is an empty cell and zero is 0", () => {
  const [row] = eventsTab(event({ totalCapacity: null, totalSold: 0, percentSold: 0 })).rows;
  expect(row?.slice(6, 10)).toEqual([null, 0, 200, 0]);
});

test("a tab that is as it should be needs no request", () => {
  const tab = eventsTab(event(), event({ eventId: "e2", percentSold: null }));
  expect(plan([tab], found(synced(tab)))).toEqual({ requests: [], cells: 0 });
});

test("numbers that differ by floating point alone are the same", () => {
  const tab = eventsTab(event());
  const rows = synced(tab);
  rows[1] = rows[1]?.map((one) =>
    typeof one.value === "number" && one.value !== Math.round(one.value)
      ? { ...one, value: one.value + 1e-10 }
      : one,
  ) as FoundCell[];
  expect(plan([tab], found(rows)).cells).toBe(0);
});

test("only the cells that changed are written, neighbours together", () => {
  const before = eventsTab(event(), event({ eventId: "e2" }));
  const changes = { totalSold: 101, totalAvailable: 199, status: "Sold out" };
  const after = eventsTab(event(), event({ eventId: "e2", ...changes }));
  expect(updates(after, found(synced(before)))).toEqual([
    {
      start: { sheetId: 7, rowIndex: 2, columnIndex: 5 },
      rows: [{ values: [{ userEnteredValue: { stringValue: "Sold out" } }] }],
      fields: "userEnteredValue",
    },
    {
      start: { sheetId: 7, rowIndex: 2, columnIndex: 7 },
      rows: [
        {
          values: [
            { userEnteredValue: { numberValue: 101 } },
            { userEnteredValue: { numberValue: 199 } },
          ],
        },
      ],
      fields: "userEnteredValue",
    },
  ]);
});

test("a value that becomes unknown empties its cell", () => {
  const before = eventsTab(event());
  const after = eventsTab(event({ totalSold: null }));
  expect(updates(after, found(synced(before)))[0]?.rows).toEqual([{ values: [{}] }]);
});

test("rows are found by their id wherever they are, and new ones go below", () => {
  const [first, second, third] = ["e1", "e2", "e3"].map((eventId) => event({ eventId }));
  if (!first || !second || !third) throw new Error("three events");
  const [header = [], one = [], two = []] = synced(eventsTab(first, second));
  const sorted = found([header, two, [], [...one.slice(0, 11), cell("mine")], [cell(null)]]);
  const [update, ...others] = updates(eventsTab(first, second, third), sorted);
  expect(others).toEqual([]);
  expect(update?.start).toEqual({ sheetId: 7, rowIndex: 4, columnIndex: 0 });
  expect(update?.rows).toHaveLength(1);
});

test("a copy of a row further down is left alone", () => {
  const before = eventsTab(event());
  const [header = [], row = []] = synced(before);
  const after = eventsTab(event({ totalSold: 5 }));
  const written = updates(after, found([header, row, row]));
  expect(written.map(({ start }) => start?.rowIndex)).toEqual([1]);
});

test("columns are found by their header wherever they were moved, also below other lines", () => {
  const before = eventsTab(event());
  const rows = synced(before).map((row) => row.toReversed());
  const moved = found([[cell("made by us")], ...rows]);
  expect(plan([before], moved).cells).toBe(0);
  const [update] = updates(eventsTab(event({ totalSold: 5 })), moved);
  expect(update?.start).toEqual({ sheetId: 7, rowIndex: 2, columnIndex: 3 });
});

test("a header that is missing is restored at the right edge, and its cells with it", () => {
  const tab = eventsTab(event());
  const rows = synced(tab).map((row, index) =>
    row.map((one, column) => (column === 9 ? cell(index === 0 ? "my own" : "note") : one)),
  );
  const there = found(rows, { columnCount: 11 });
  const { requests, cells } = plan([tab], there);
  expect(cells).toBe(2);
  expect(requests[0]?.appendDimension).toEqual({ sheetId: 7, dimension: "COLUMNS", length: 1 });
  expect(updates(tab, there).map(({ start, rows: written }) => ({ start, written }))).toEqual([
    {
      start: { sheetId: 7, rowIndex: 0, columnIndex: 11 },
      written: [
        {
          values: [
            {
              userEnteredValue: { stringValue: "Percent Sold" },
              userEnteredFormat: { textFormat: { bold: true } },
            },
          ],
        },
      ],
    },
    {
      start: { sheetId: 7, rowIndex: 1, columnIndex: 11 },
      written: [
        {
          values: [
            {
              userEnteredValue: { numberValue: 0.3333 },
              userEnteredFormat: { numberFormat: { type: "PERCENT", pattern: "0.00%" } },
            },
          ],
        },
      ],
    },
  ]);
});

test("a lost column of ids is filled again without doubling the rows", () => {
  const tab = eventsTab(event(), event({ eventId: "e2", eventName: "HYROX Elsewhere" }));
  const rows = synced(tab).map((row) => row.slice(1));
  expect(
    updates(tab, found(rows)).map(({ start, rows: written }) => [start, written]),
  ).toMatchObject([
    [{ rowIndex: 0, columnIndex: 10 }, [{}]],
    [
      { rowIndex: 1, columnIndex: 10 },
      [
        { values: [{ userEnteredValue: { stringValue: "e1" } }] },
        { values: [{ userEnteredValue: { stringValue: "e2" } }] },
      ],
    ],
  ]);
});

/** Into which rows a plan writes values, but for the columns to the right of all that is there. */
const rowsWritten = (tab: Tab, there: Found, width: number) => {
  const written = updates(tab, there).filter(
    ({ start, fields }) =>
      (start?.columnIndex ?? 0) < width && fields?.includes("userEnteredValue"),
  );
  return [...new Set(written.map(({ start }) => start?.rowIndex))];
};

const [GONE, COMING] = ["68f000000000000000000001", "68f000000000000000000002"];

test("an event that has the names of one that is gone gets a row of its own", () => {
  const before = synced(eventsTab(event({ eventId: GONE })));
  expect(rowsWritten(eventsTab(event({ eventId: COMING })), found(before), 11)).toEqual([2]);
});

test("where the header of the names is lost, no event gets a row that a person filled", () => {
  const first = event({ eventId: GONE });
  const [header = [], row = []] = synced(eventsTab(first));
  const there = found([header.with(2, cell("Race")), row, row.with(0, cell("ours, not yet sold"))]);
  const wanted = eventsTab(first, event({ eventId: COMING }));
  expect(rowsWritten(wanted, there, 11)).toEqual([3]);
});

test("a formula, a text or a foreign format in one of our cells is put right", () => {
  const tab = eventsTab(event());
  const [header = [], row = []] = synced(tab);
  const spoilt = row
    .with(3, cell(46_113.5))
    .with(6, { ...cell("=300"), isFormula: true })
    .with(7, cell("100"));
  const [date, counts] = updates(tab, found([header, spoilt]));
  expect(date?.fields).toBe("userEnteredValue,userEnteredFormat.numberFormat");
  expect(counts?.rows?.[0]?.values).toEqual([
    { userEnteredValue: { numberValue: 300 } },
    { userEnteredValue: { numberValue: 100 } },
  ]);
});

test("another format of the same kind is somebody's choice and stays", () => {
  const tab = eventsTab(event());
  const [header = [], row = []] = synced(tab);
  const chosen = row.with(3, cell(46_113.5, "DATE")).with(6, cell(300, "CURRENCY"));
  expect(plan([tab], found([header, chosen])).cells).toBe(0);
});

test("a tab that is missing is made with its content in the same batch", () => {
  const { requests, cells } = plan([eventsTab(event())], { tabs: [], takenIds: [0, 1001] });
  expect(requests[0]?.addSheet?.properties).toMatchObject({ sheetId: 1002, title: "Events" });
  expect(requests[1]?.updateSheetProperties?.properties?.gridProperties?.frozenRowCount).toBe(1);
  expect(cells).toBe(11 + 10);
});

test("a grid that is too small grows in the batch", () => {
  const events = Array.from({ length: 5 }, (_, index) => event({ eventId: `e${index}` }));
  const { requests } = plan([eventsTab(...events)], found([], { rowCount: 3, columnCount: 5 }));
  expect(requests.flatMap(({ appendDimension }) => appendDimension ?? [])).toEqual([
    { sheetId: 7, dimension: "ROWS", length: 3 },
    { sheetId: 7, dimension: "COLUMNS", length: 6 },
  ]);
});

test("a hundred thousand cells are one rectangle", () => {
  const events = Array.from({ length: 10_000 }, (_, index) => event({ eventId: `e${index}` }));
  const { requests } = plan([eventsTab(...events)], { tabs: [], takenIds: [] });
  const written = requests.flatMap(({ updateCells }) => updateCells ?? []);
  const values = written.filter(({ fields }) => fields !== "note");
  expect(values.map(({ rows }) => rows?.length)).toEqual([1, 10_000]);
  // Of the two dates of an event, and of Last Updated.
  expect(written).toHaveLength(4);
});
