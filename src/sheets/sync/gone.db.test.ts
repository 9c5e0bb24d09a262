import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";

const other = event({ eventId: idOf(1), eventName: "HYROX Elsewhere" });

async function struck({ tab }: Scene, title = "Events", column = 0) {
  const { data } = await tab(title);
  return data?.[0]?.rowData?.map(
    ({ values }) => values?.[column]?.userEnteredFormat?.textFormat?.strikethrough ?? false,
  );
}

const letters = (sheetId: number, rowIndex: number, textFormat: object) => ({
  updateCells: {
    start: { sheetId, rowIndex },
    rows: [{ values: [{ userEnteredFormat: { textFormat } }] }],
    fields: "userEnteredFormat.textFormat",
  },
});

test("what is gone from Vivenu is struck through and stays, and is unstruck when it comes back", async () => {
  await using it = await scene();
  it.rows.events = [event(), other];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 5, 0, "Sum", "", "of mine"));
  it.rows.events = [event({ status: "CANCELLED" })];
  await it.mirror.sync();
  expect(await struck(it)).toEqual([false, true, true, false, false, false]);
  expect(await it.show("Events!A3:C3")).toEqual([[idOf(1), "DACH", "HYROX Elsewhere"]]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  it.rows.events = [event(), other];
  await it.mirrorOnto(it.client()).sync();
  expect(await struck(it)).toEqual([false, false, false, false, false, false]);
  const { data } = await it.tab("Events");
  expect(data?.[0]?.rowData?.[1]?.values?.[0]?.userEnteredFormat?.textFormat).toBeUndefined();
});

test("a ticket type that is gone from the first is struck through in both ids", async () => {
  await using it = await scene();
  it.rows.ticketTypes = [ticketType({ removed: true })];
  await it.mirror.sync();
  expect(await struck(it, "Ticket Types", 0)).toEqual([false, true]);
  expect(await struck(it, "Ticket Types", 3)).toEqual([false, true]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("what a person strikes through stays struck through, before an event goes and after it is back", async () => {
  await using it = await scene();
  it.rows.events = [event(), other];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(letters(sheetId, 1, { strikethrough: true }));
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  for (const events of [[other], [event(), other]]) {
    it.rows.events = events;
    await it.mirror.sync();
    expect(await struck(it)).toEqual([false, true, false]);
  }
});

test("the colour that a person gave an id is kept when its event goes", async () => {
  await using it = await scene();
  it.rows.events = [event(), other];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(letters(sheetId, 1, { foregroundColor: { red: 1 } }));
  it.rows.events = [other];
  await it.mirror.sync();
  const { data } = await it.tab("Events");
  expect(data?.[0]?.rowData?.[1]?.values?.[0]?.userEnteredFormat?.textFormat).toEqual({
    foregroundColor: { red: 1 },
    strikethrough: true,
  });
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("the mark goes along when a person sorts", async () => {
  await using it = await scene();
  it.rows.events = [event(), other];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  it.rows.events = [other];
  await it.mirror.sync();
  const range = { sheetId, startRowIndex: 1, endRowIndex: 3, endColumnIndex: 11 };
  await it.edit({
    sortRange: { range, sortSpecs: [{ dimensionIndex: 0, sortOrder: "DESCENDING" }] },
  });
  expect(await struck(it)).toEqual([false, false, true]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
