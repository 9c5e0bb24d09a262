import { expect, test } from "bun:test";
import { cell, event, eventsTab, found, synced } from "../../../test/support/found-tab.ts";
import { layout, type SheetRows } from "../layout/layout.ts";
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

test("a row whose event has another name by now is known by its id", () => {
  const [known, other] = [event({ eventId: idOf(0) }), event({ eventId: idOf(1) })];
  const rows = synced(eventsTab(known, other));
  const renamed = { ...other, eventName: "HYROX Elsewhere", region: "FRANCE" };
  const { requests } = plan([eventsTab(known, renamed)], found(rows));
  expect(written(requests)).toEqual([{ sheetId: 7, rowIndex: 2, columnIndex: 1 }]);
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
