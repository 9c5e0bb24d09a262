import { expect, test } from "bun:test";
import { idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";

const titles = async ({ client }: Scene) => {
  const { tabs } = await client().read(["Sheet1", "Sheet 1", "Mine", "Events", "Ticket Types"]);
  return tabs.map(({ title }) => title);
};

test("on a fresh spreadsheet our tabs are the only ones, the first one first", async () => {
  await using it = await scene();
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Events", "Ticket Types"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

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
