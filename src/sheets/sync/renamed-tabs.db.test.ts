import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, ticketType, type } from "../../../test/support/sheet.ts";
import type { SheetRequest } from "../google/spreadsheet.ts";
import { defaultLayout } from "../layout/layout.ts";

const titles = async ({ played }: Scene) => {
  const page = await (await fetch(`${played.url}/sheets`)).text();
  const links = page.matchAll(/<a href="[^"]*gid=\d+"(?: aria-current="page")?>([^<]+)<\/a>/g);
  return [...links].map(([, title]) => title);
};

const rename = (sheetId: number, title: string): SheetRequest => ({
  updateSheetProperties: { properties: { sheetId, title }, fields: "title" },
});

const sold = (totalSold: number) => [event({ totalSold })];
const nothing = { cells: 0, requests: 0 };

test("a tab that somebody renames is kept up to date under its new name, and no other is made", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(rename(sheetId, "Races of '26"), type(sheetId, 1, 25, "mine"));
  it.rows.events = [...sold(101), event({ eventId: idOf(1) })];
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Races of &#39;26", "Ticket Types"]);
  expect((await it.show("'Races of ''26'!H2:H3")).flat()).toEqual(["101", "100"]);
  expect(await it.show("'Races of ''26'!Z2")).toEqual([["mine"]]);
  expect(await it.mirror.sync()).toEqual(nothing);
  it.rows.events = sold(102);
  const afterRestart = it.mirrorOnto(it.client());
  await afterRestart.sync();
  expect(await it.show("'Races of ''26'!H2")).toEqual([["102"]]);
  await it.edit(rename(sheetId, "Races"));
  it.rows.events = sold(103);
  await afterRestart.sync("changed");
  expect(await it.show("Races!H2")).toEqual([["103"]]);
  expect(await titles(it)).toEqual(["Races", "Ticket Types"]);
});

/** Somebody does something right before our first write. */
function racing(it: Scene, ...requests: SheetRequest[]) {
  const google = it.client();
  let isDone = false;
  return it.mirrorOnto({
    ...google,
    async write(...given) {
      if (!isDone) await it.edit(...requests);
      isDone = true;
      return google.write(...given);
    },
  });
}

test.each<[string, (sheetId: number) => SheetRequest, string, string[]]>([
  ["renamed", (sheetId) => rename(sheetId, "Races"), "Races", ["Races", "Ticket Types"]],
  ["deleted", (sheetId) => ({ deleteSheet: { sheetId } }), "Events", ["Ticket Types", "Events"]],
])(
  "a tab that is %s between our read and our write is right after the same sync, and there once",
  async (_, deed, title, left) => {
    await using it = await scene();
    await it.mirror.sync();
    const mirror = racing(it, deed(await it.sheetId("Events")));
    it.rows.events = sold(101);
    it.rows.ticketTypes = [ticketType({ sold: 101 })];
    await mirror.sync();
    expect(await it.show(`${title}!H2`)).toEqual([["101"]]);
    expect(await it.show("Ticket Types!I2")).toEqual([["101"]]);
    expect(await titles(it)).toEqual(left);
    expect(await mirror.sync()).toEqual(nothing);
  },
);

test("a tab that somebody gives the old name of ours stays theirs", async () => {
  await using it = await scene();
  await it.mirror.sync();
  await it.edit(rename(await it.sheetId("Events"), "Races"), {
    addSheet: { properties: { sheetId: 77, title: "Events" } },
  });
  await it.edit(type(77, 0, 0, "mine"));
  it.rows.events = sold(101);
  for (const mirror of [it.mirror, it.mirrorOnto(it.client())]) await mirror.sync();
  expect(await it.show("Events")).toEqual([["mine"]]);
  expect(await it.show("Races!H2")).toEqual([["101"]]);
});

test("two tabs of ours that swap their names keep what they are", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const [events, types] = [await it.sheetId("Events"), await it.sheetId("Ticket Types")];
  await it.edit(rename(events, "x"), rename(types, "Events"), rename(events, "Ticket Types"));
  it.rows.events = sold(101);
  it.rows.ticketTypes = [ticketType({ sold: 55 })];
  for (const mirror of [it.mirror, it.mirrorOnto(it.client())]) {
    await mirror.sync();
    expect(await mirror.sync()).toEqual(nothing);
  }
  expect(await it.show("Ticket Types!H1:H3")).toEqual([["Total Sold"], ["101"]]);
  expect(await it.show("Events!I1:I3")).toEqual([["Sold"], ["55"]]);
});

test("where a tab of ours got the name of one that was deleted, that one is not made and is named", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const types = await it.sheetId("Ticket Types");
  await it.edit({ deleteSheet: { sheetId: await it.sheetId("Events") } }, rename(types, "Events"));
  it.rows.ticketTypes = [ticketType({ sold: 55 })];
  it.rows.events = sold(101);
  await it.mirror.sync();
  expect(it.mirror.state.taken).toEqual(["Events"]);
  expect(await titles(it)).toEqual(["Events"]);
  expect(await it.show("Events!I1:I3")).toEqual([["Sold"], ["55"]]);
  await it.edit(rename(types, "Types"));
  await it.mirror.sync();
  expect(it.mirror.state.taken).toEqual([]);
  expect(await it.show("Events!H2")).toEqual([["101"]]);
});

test("a copy of a tab is its maker's, also when the original is gone and when it got the original's name", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit({ duplicateSheet: { sourceSheetId: sheetId, newSheetId: 77 } });
  it.rows.events = sold(101);
  await it.mirror.sync();
  expect(await it.show("Copy of Events!H2")).toEqual([["100"]]);
  expect(await it.show("Events!H2")).toEqual([["101"]]);
  await it.edit({ deleteSheet: { sheetId } });
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Copy of Events", "Ticket Types", "Events"]);
  expect(await it.show("Copy of Events!H2")).toEqual([["100"]]);
  // Whoever puts a copy in the place of the tab means it to be the tab.
  await it.edit({ deleteSheet: { sheetId: await it.sheetId("Events") } }, rename(77, "Events"));
  it.rows.events = sold(102);
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Events", "Ticket Types"]);
  expect(await it.show("Events!H2")).toEqual([["102"]]);
  await it.edit(rename(77, "Races"));
  it.rows.events = sold(103);
  await it.mirror.sync();
  expect(await it.show("Races!H2")).toEqual([["103"]]);
  expect(await it.mirror.sync()).toEqual(nothing);
});

test("a tab that was moved or hidden is kept up to date where it is, and stays so", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit({
    updateSheetProperties: {
      properties: { sheetId, index: 1, hidden: true, tabColor: { red: 1 } },
      fields: "index,hidden,tabColor",
    },
  });
  it.rows.events = sold(101);
  await it.mirror.sync();
  expect(await titles(it)).toEqual(["Ticket Types", "Events"]);
  const { properties } = await it.tab("Events");
  expect(properties).toMatchObject({ hidden: true, index: 1, tabColor: { red: 1 } });
  expect(await it.show("Events!H2")).toEqual([["101"]]);
});

test("another title in SHEET_TITLES takes over a tab that has been given it already, and else makes one", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(rename(sheetId, "Races"));
  const called = (events: string) => ({
    settings: { ...defaultLayout, titles: { ...defaultLayout.titles, events } },
  });
  it.rows.events = sold(101);
  await it.mirrorOnto(it.client(), called("Races")).sync();
  expect(await titles(it)).toEqual(["Races", "Ticket Types"]);
  expect(await it.show("Races!H2")).toEqual([["101"]]);
  await it.mirrorOnto(it.client(), called("Others")).sync();
  expect(await titles(it)).toEqual(["Races", "Ticket Types", "Others"]);
});

test("a tab from before is marked once, and one that the owner keeps us from in part not at all", async () => {
  await using it = await scene();
  const bare = { properties: { sheetId: 77, title: "Events" } };
  await it.edit({ addSheet: bare });
  const kept = {
    range: { sheetId: 77, startColumnIndex: 40 },
    editors: { users: ["o@example.org"] },
  };
  await it.edit({
    updateSheetProperties: {
      properties: { sheetId: 77, gridProperties: { columnCount: 50 } },
      fields: "gridProperties.columnCount",
    },
  });
  await it.edit({ addProtectedRange: { protectedRange: { ...kept, protectedRangeId: 9 } } });
  await it.mirror.sync();
  expect((await it.tab("Events")).developerMetadata ?? []).toHaveLength(0);
  await it.edit({ deleteProtectedRange: { protectedRangeId: 9 } });
  for (const _ of [1, 2, 3]) await it.mirror.sync();
  expect((await it.tab("Events")).developerMetadata).toHaveLength(1);
});

test("a chart on a tab of its own that has a title of ours is left alone, is named, and stops no other", async () => {
  await using it = await scene();
  await it.edit({ addSheet: { properties: { title: "Events", sheetType: "OBJECT" } } });
  await it.mirror.sync();
  expect(it.mirror.state.taken).toEqual(["Events"]);
  expect(await titles(it)).toEqual(["Sheet1", "Events", "Ticket Types"]);
  expect((await it.show("Ticket Types!D2")).flat()).toEqual([idOf(100)]);
  expect(await it.mirror.sync()).toEqual(nothing);
});
