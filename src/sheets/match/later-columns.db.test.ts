import { expect, test } from "bun:test";
import { event, fixedColumns, type Scene, scene, type } from "../../../test/support/sheet.ts";
import { moreEventColumns } from "../layout/columns.ts";

const later = moreEventColumns.map(({ header }) =>
  header === "Counted At" ? "Counted At (Etc/GMT)" : header,
);
const shownRow = async (it: Scene, row: number) => (await it.show(`Events!A${row}:AZ${row}`))[0];

test("columns that came later stand to the right of all that there was, and of which nothing is written over", async () => {
  await using it = await scene();
  it.rows.events = [event({ currency: "EUR", reserved: 7 })];
  await it.mirrorOnto(it.client(), { settings: fixedColumns }).sync();
  const sheetId = await it.sheetId("Events");
  // A person has had a column of that name before, with a formula of their own.
  await it.edit(type(sheetId, 0, 11, "Currency"), type(sheetId, 1, 11, "=B2", "a note"));
  await it.mirror.sync();
  const [header, row] = [await shownRow(it, 1), await shownRow(it, 2)];
  expect(header?.slice(0, 13)).toEqual([
    ...["Event ID", "Region", "Event Name", "Event Date", "Sales Launch Date", "Status"],
    ...["Total Capacity", "Total Sold", "Total Available", "Percent Sold", "Last Updated"],
    ...["Currency", ""],
  ]);
  expect((await it.show("Events!L2", "FORMULA"))[0]).toEqual(["=B2"]);
  expect(row?.[12]).toBe("a note");
  expect(header?.slice(13)).toEqual(later);
  expect(row?.[13 + later.indexOf("Currency")]).toBe("EUR");
  expect(row?.[13 + later.indexOf("Reserved")]).toBe("7");
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("one that somebody moved in front is known there, and its cells stay up to date", async () => {
  await using it = await scene();
  it.rows.events = [event({ reserved: 7 })];
  await it.mirror.sync();
  const from = 11 + later.indexOf("Reserved");
  const source = {
    ...{ sheetId: await it.sheetId("Events"), dimension: "COLUMNS" },
    ...{ startIndex: from, endIndex: from + 1 },
  };
  await it.edit({ moveDimension: { source, destinationIndex: 1 } });
  it.rows.events = [event({ reserved: 8 })];
  expect(await it.mirror.sync()).toMatchObject({ cells: 1 });
  expect(await it.show("Events!A1:C2")).toEqual([
    ["Event ID", "Reserved", "Region"],
    [event().eventId, "8", "DACH"],
  ]);
});

test("one that is switched off is not written, and what stands in it is nobody's concern", async () => {
  await using it = await scene();
  await it.mirrorOnto(it.client(), { settings: fixedColumns }).sync();
  expect(await shownRow(it, 1)).toHaveLength(11);
  await it.mirror.sync();
  it.rows.events = [event({ totalSold: 101, reserved: 9 })];
  const off = it.mirrorOnto(it.client(), { settings: fixedColumns });
  expect(await off.sync()).toMatchObject({ cells: 1 });
});
