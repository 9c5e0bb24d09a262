import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";

const events = (count: number, sold = 0) =>
  Array.from({ length: count }, (_, number) =>
    event({ eventId: idOf(number), eventName: `HYROX ${number}`, totalSold: sold + number }),
  );

/** A filled tab, of which a person wrote down something beside the second event. */
async function begun(it: Scene) {
  it.rows.events = events(4);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 0, 25, "Mine"), type(sheetId, 2, 25, "kept"));
  return sheetId;
}

/** Name and sold of each row that has an id, and what stands beside it. */
async function shown(it: Scene, width = "Z") {
  const rows = await it.show(`Events!A1:${width}60`);
  return rows
    .filter((row) => row.some((value) => /^[0-9a-f]{24}$/.test(String(value))))
    .map((row) => [row[2], row[7]])
    .toSorted();
}

async function expectRight(it: Scene, count: number, sold: number) {
  const wanted = events(count, sold).map((one) => [one.eventName, String(one.totalSold)]);
  expect(await shown(it, "BZ")).toEqual(wanted);
  const beside = (await it.show("Events!A1:Z60")).find((row) => row.includes("kept"));
  expect(beside?.[0]).toBe(idOf(1));
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
}

const rows = (sheetId: number, startIndex: number, endIndex: number) => ({
  range: { sheetId, dimension: "ROWS", startIndex, endIndex },
});

test("a header that was sorted in among the rows is the header there, and no row is doubled", async () => {
  await using it = await scene();
  const sheetId = await begun(it);
  // Enough rows of a person's that it is not among the first.
  const range = { sheetId, startRowIndex: 0, endRowIndex: 18, endColumnIndex: 26 };
  await it.edit(
    ...[9, 10, 11, 12, 13, 14, 15, 16, 17].map((row) => type(sheetId, row, 0, `7 own ${row}`)),
    { sortRange: { range, sortSpecs: [{ dimensionIndex: 0, sortOrder: "ASCENDING" }] } },
  );
  expect((await it.show("Events!A14")).flat()).toEqual(["Event ID"]);
  it.rows.events = events(5, 10);
  await it.mirror.sync();
  await expectRight(it, 5, 10);
});

test("however many lines people put above the header, it is the header", async () => {
  await using it = await scene();
  const sheetId = await begun(it);
  await it.edit({ insertDimension: rows(sheetId, 0, 40) }, type(sheetId, 3, 1, "Status", "Region"));
  it.rows.events = events(5, 10);
  await it.mirror.sync();
  await expectRight(it, 5, 10);
  expect(await it.show("Events!A41:C41")).toEqual([["Event ID", "Region", "Event Name"]]);
});

test("a header row that somebody deletes comes back on top, over the same columns", async () => {
  await using it = await scene();
  const sheetId = await begun(it);
  const column = { sheetId, dimension: "COLUMNS", startIndex: 7, endIndex: 8 };
  await it.edit(
    { moveDimension: { source: column, destinationIndex: 3 } },
    { moveDimension: { source: { ...column, startIndex: 3, endIndex: 4 }, destinationIndex: 8 } },
    { deleteDimension: rows(sheetId, 0, 1) },
  );
  it.rows.events = events(5, 10);
  await it.mirror.sync();
  const head = (await it.show("Events!A1:K1")).flat();
  expect(head.slice(0, 3)).toEqual(["Event ID", "Region", "Event Name"]);
  expect(new Set(head).size).toBe(11);
  await expectRight(it, 5, 10);
});

test("a tab that somebody empties is filled again, and gets no second colours and warnings", async () => {
  await using it = await scene();
  const sheetId = await begun(it);
  const counted = async () => {
    const { conditionalFormats, protectedRanges } = await it.tab("Events");
    return [conditionalFormats?.length, protectedRanges?.length];
  };
  const before = await counted();
  await it.edit({ updateCells: { range: { sheetId }, fields: "userEnteredValue" } });
  await it.mirror.sync();
  expect(await shown(it)).toEqual(events(4).map((one) => [one.eventName, String(one.totalSold)]));
  expect((await it.show("Events!A1:B1")).flat()).toEqual(["Event ID", "Region"]);
  expect(await counted()).toEqual(before);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a header row that is deleted between our read and our write comes back with the same sync", async () => {
  await using it = await scene();
  const sheetId = await begun(it);
  it.rows.events = events(4, 10);
  it.rows.ticketTypes = [ticketType()];
  let isDeleted = false;
  const mirror = it.mirrorOnto({
    ...it.spreadsheet,
    async write(requests, readBack) {
      if (!isDeleted) await it.edit({ deleteDimension: rows(sheetId, 0, 1) });
      isDeleted = true;
      return it.spreadsheet.write(requests, readBack);
    },
  });
  await mirror.sync();
  expect((await it.show("Events!A1:B1")).flat()).toEqual(["Event ID", "Region"]);
  await expectRight(it, 4, 10);
});
