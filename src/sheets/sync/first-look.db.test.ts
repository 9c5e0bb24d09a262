import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";

const titles = async ({ client }: Scene) => {
  const titles = ["Sheet1", "Sheet 1", "Mine", "Events", "Ticket Types"];
  const { tabs } = await client().read(titles.map((title) => ({ title })));
  return tabs.map(({ title }) => title);
};

test("on a fresh spreadsheet our tabs are the only ones, the first one first", async () => {
  await using it = await scene();
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Events", "Ticket Types"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test.each(["Feuille 1", "シート1", "แผ่น1", "Trang tính1"])(
  "an untouched first tab goes also where Google calls it %s",
  async (title) => {
    await using it = await scene();
    const properties = { sheetId: 0, title };
    await it.edit({ updateSheetProperties: { properties, fields: "title" } });
    await it.mirror.sync();
    await expect(it.tab(title)).rejects.toThrow("no tab");
  },
);

const note = { values: [{ note: "buy milk" }] };
const grey = { values: [{ userEnteredFormat: { backgroundColor: { red: 0.5 } } }] };
const start = { sheetId: 0, rowIndex: 7, columnIndex: 3 };
const named = { properties: { sheetId: 0, title: "Mine" }, fields: "title" };
const protectedRange = { range: { sheetId: 0 }, warningOnly: true };

test.each<[string, Parameters<Scene["edit"]>[0]]>([
  ["typed into", type(0, 3, 3, "mine")],
  ["annotated", { updateCells: { start, rows: [note], fields: "note" } }],
  ["coloured", { updateCells: { start, rows: [grey], fields: "userEnteredFormat" } }],
  ["renamed", { updateSheetProperties: named }],
  ["protected", { addProtectedRange: { protectedRange } }],
  ["joined by another", { addSheet: { properties: { title: "Mine" } } }],
])("the first tab that somebody has %s stays", async (_, deed) => {
  await using it = await scene();
  await it.edit(deed);
  const before = await titles(it);
  await it.mirror.sync();
  expect(await titles(it)).toEqual([...before, "Events", "Ticket Types"]);
});

test("header and names stay in sight, and headers have buttons that filter new rows too", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const { properties, basicFilter, filterViews } = await it.tab("Ticket Types");
  expect(properties?.gridProperties).toMatchObject({ frozenRowCount: 1, frozenColumnCount: 2 });
  expect(basicFilter?.range).toMatchObject({ startRowIndex: 0, endColumnIndex: 22 });
  expect(basicFilter?.range?.endRowIndex ?? null).toBeNull();
  expect(filterViews?.map(({ title }) => title)).toEqual(["Races, nearly gone"]);
  it.rows.ticketTypes = [ticketType(), ticketType({ ticketTypeId: idOf(101) })];
  await it.mirror.sync();
  expect((await it.show("Ticket Types!D2:D9")).flat()).toEqual([idOf(100), idOf(101)]);
});

test("rows that come into an empty tab have its colours and are among those that are warned of", async () => {
  await using it = await scene();
  it.rows.events = [];
  await it.mirror.sync();
  it.rows.events = [event(), event({ eventId: idOf(1) })];
  await it.mirror.sync();
  const { conditionalFormats, protectedRanges } = await it.tab("Events");
  const ranges = [
    ...(conditionalFormats ?? []).flatMap((rule) => rule.ranges ?? []),
    ...(protectedRanges ?? []).flatMap(({ range }) => range ?? []),
  ];
  const columns = (await it.show("Events!1:1"))[0]?.length ?? 0;
  expect(protectedRanges).toHaveLength(columns);
  expect(ranges).toHaveLength(columns + 1);
  for (const range of ranges) expect(range.startRowIndex ?? 0).toBe(0);
  const shown = await (await fetch(`${it.played.url}/sheets`)).text();
  expect(shown.match(/background-color:rgb\([0-9,]+\)">33.33%/g)).toHaveLength(2);
});

test("through its view a tab shows races of which little is left, the fullest first", async () => {
  await using it = await scene();
  const sold = (number: number, percentSold: number, more: object = {}) =>
    ticketType({
      ...{ ticketTypeId: idOf(number), ticketName: `Type ${number}`, percentSold, available: 5 },
      ...{ class: "race", inTotals: true, ...more },
    });
  it.rows.ticketTypes = [
    ...[sold(0, 81), sold(1, 97), sold(2, 79.9), sold(3, 100, { available: 0 })],
    ...[sold(4, 95, { inTotals: false }), sold(5, 95)],
  ];
  await it.mirror.sync();
  const [view] = (await it.tab("Ticket Types")).filterViews ?? [];
  const gid = await it.sheetId("Ticket Types");
  const page = `${it.played.url}/sheets?gid=${gid}&view=${view?.filterViewId}`;
  const names = (await (await fetch(page)).text()).matchAll(/>(Type \d)<\/td>/g);
  expect([...names].map(([, name]) => name)).toEqual(["Type 1", "Type 5", "Type 0"]);
});

test.each(["en_GB", "de_DE", "fr_FR", "sv_SE"])(
  "a spreadsheet of the locale %s gets all tabs, and its view shows the same rows",
  async (locale) => {
    await using it = await scene();
    await it.edit({ updateSpreadsheetProperties: { properties: { locale }, fields: "locale" } });
    it.rows.ticketTypes = [79.9, 97].map((percentSold, number) =>
      ticketType({
        ...{ ticketTypeId: idOf(number), ticketName: `Type ${number}`, percentSold, available: 5 },
        ...{ class: "race", inTotals: true },
      }),
    );
    await it.mirror.sync();
    const [view] = (await it.tab("Ticket Types")).filterViews ?? [];
    const gid = await it.sheetId("Ticket Types");
    const page = `${it.played.url}/sheets?gid=${gid}&view=${view?.filterViewId}`;
    const names = (await (await fetch(page)).text()).matchAll(/>(Type \d)<\/td>/g);
    expect([...names].map(([, name]) => name)).toEqual(["Type 1"]);
  },
);

test("what people change of it, or take away, is not made again", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const { filterViews } = await it.tab("Ticket Types");
  const sheetId = await it.sheetId("Ticket Types");
  const gridProperties = { frozenRowCount: 0, frozenColumnCount: 0 };
  await it.edit(
    { clearBasicFilter: { sheetId } },
    { deleteFilterView: { filterId: filterViews?.[0]?.filterViewId ?? -1 } },
    {
      updateSheetProperties: {
        properties: { sheetId, gridProperties },
        fields: "gridProperties(frozenRowCount,frozenColumnCount)",
      },
    },
  );
  it.rows.ticketTypes = [ticketType({ sold: 101 })];
  expect(await it.mirror.sync()).toMatchObject({ cells: 1 });
  const after = await it.tab("Ticket Types");
  expect([after.basicFilter, after.filterViews]).toEqual([undefined, undefined]);
  expect(after.properties?.gridProperties).toMatchObject(gridProperties);
});

test("a tab that somebody has begun already is not arranged anew", async () => {
  await using it = await scene();
  await it.edit(
    { addSheet: { properties: { sheetId: 9, title: "Events" } } },
    type(9, 4, 0, "mine"),
  );
  await it.mirror.sync();
  const { properties, basicFilter } = await it.tab("Events");
  expect(basicFilter).toBeUndefined();
  expect(properties?.gridProperties?.frozenColumnCount ?? 0).toBe(0);
});
