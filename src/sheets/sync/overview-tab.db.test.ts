import { expect, test } from "bun:test";
import { idOf, type Scene, scene, steppedClock, type } from "../../../test/support/sheet.ts";
import type { SheetOverview } from "../layout/sheet-rows.ts";

const overview = (number: number, more: Partial<SheetOverview> = {}): SheetOverview => ({
  ...{ eventId: idOf(number), eventName: `HYROX ${number}`, region: "DACH", status: "ON_SALE" },
  ...{ timezone: "Asia/Tokyo", sold: 1_200, left: 1_800, percentSold: 40, last24Hours: 30 },
  ...{ last7Days: 240, previous7Days: 310, pointsAhead: -12.5, daysToRace: 215 },
  nextLaunch: null,
  sellsOut: {
    expected: "2026-07-01T20:00:00Z",
    ...{ low: "2026-06-20T10:00:00Z", high: null, words: null },
  },
  ...{ sinceYesterday: "Price: HYROX MEN", value: 118_800, currency: "EUR" },
  curve: [0, 120, 260, 400],
  ...more,
});

const CURVE = 6;
const shown = async (it: Scene, range = "A2:T9", render?: string) =>
  it.show(`Overview!${range}`, render);

test("an event's row has its numbers, its dates as days, its changes and a small chart", async () => {
  await using it = await scene();
  const words = "too few past events";
  it.rows.overview = [
    overview(0),
    overview(1, { sellsOut: { expected: null, low: null, high: null, words }, curve: [7] }),
  ];
  await it.mirror.sync();
  const [header] = await shown(it, "A1:T1");
  const [first, second] = await shown(it);
  const cellOf = (row: typeof first, name: string) => row?.[header?.indexOf(name) ?? -1];
  expect(first?.slice(0, CURVE)).toEqual([
    ...["HYROX 0", "DACH", "ON_SALE", "1,200", "1,800", "40.00%"],
  ]);
  expect(first?.slice(CURVE + 1)).toEqual([
    ...["30", "240", "310", "-12.5", "215", "", "2026-07-02", "2026-06-20", ""],
    ...["Price: HYROX MEN", "118,800.00", "EUR", idOf(0)],
  ]);
  expect(cellOf(second, "Sells Out")).toBe(words);
  expect((await shown(it, "G2:G3", "FORMULA")).flat()).toEqual(["=SPARKLINE({0;120;260;400})"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("only the cells that are otherwise are written, a chart among them", async () => {
  await using it = await scene();
  it.rows.overview = [overview(0), overview(1)];
  await it.mirror.sync();
  it.rows.overview = [overview(0, { sold: 1_201 }), overview(1, { curve: [0, 130, 400] })];
  expect(await it.mirror.sync()).toMatchObject({ cells: 2 });
  expect((await shown(it, "G2:G3", "FORMULA")).flat()).toEqual([
    ...["=SPARKLINE({0;120;260;400})", "=SPARKLINE({0;130;400})"],
  ]);
});

test("a chart that somebody typed over comes back, and one of a person's own stays", async () => {
  await using it = await scene();
  it.rows.overview = [overview(0)];
  await it.mirror.sync();
  const sheetId = await it.sheetId("Overview");
  const own = "=SPARKLINE({1;2;3})";
  await it.edit(type(sheetId, 1, CURVE, "1;2"), type(sheetId, 1, 20, own));
  expect(await it.mirror.sync()).toMatchObject({ cells: 1 });
  const row = (await shown(it, "A2:U2", "FORMULA"))[0];
  expect([row?.[CURVE], row?.[20]]).toEqual(["=SPARKLINE({0;120;260;400})", own]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a name that is written like a chart is a text, and so are words", async () => {
  await using it = await scene({ clock: steppedClock() });
  const text = "=SPARKLINE({1;2;3})";
  it.rows.overview = [overview(0, { eventName: text, sinceYesterday: text })];
  await it.mirror.sync();
  const { data } = await it.tab("Overview");
  const cells = data?.[0]?.rowData?.[1]?.values?.map(({ userEnteredValue }) => userEnteredValue);
  expect(cells?.filter((value) => value?.formulaValue)).toHaveLength(1);
  expect(cells?.filter((value) => value?.stringValue === text)).toHaveLength(2);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("money has the decimals of its currency, in new rows, in those that learn it, and not where a person chose", async () => {
  await using it = await scene();
  const sold = (number: number, currency: string | null, value: number | null) =>
    overview(number, { currency, value });
  it.rows.overview = [sold(0, "JPY", 118_800), sold(1, "KWD", 12.125), sold(2, null, null)];
  await it.mirror.sync();
  expect((await shown(it, "R2:R4")).flat()).toEqual(["118,800", "12.125"]);
  it.rows.overview = [sold(0, "JPY", 118_800), sold(1, "KWD", 12.125), sold(2, "BHD", 7.5)];
  await it.mirror.sync();
  expect((await shown(it, "R4")).flat()).toEqual(["7.500"]);
  const sheetId = await it.sheetId("Overview");
  const range = { sheetId, startRowIndex: 1, endRowIndex: 4, startColumnIndex: 17 };
  const numberFormat = { type: "CURRENCY", pattern: "¤#,##0.0" };
  await it.edit({
    repeatCell: {
      range: { ...range, endColumnIndex: 18 },
      cell: { userEnteredFormat: { numberFormat } },
      fields: "userEnteredFormat.numberFormat",
    },
  });
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
