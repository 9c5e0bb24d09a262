import { expect, test } from "bun:test";
import { idOf, type Scene, scene, steppedClock, type } from "../../../test/support/sheet.ts";
import type { ValueKind } from "../../rules/changed-fields.ts";
import { defaultLayout } from "../layout/layout.ts";
import type { ChangedCell, SheetListedChange } from "../layout/sheet-rows.ts";
import { TAKEN } from "./sync-tabs.ts";

const cellOf = (value: ChangedCell["value"], isInstant = false) => ({ value, isInstant });

const change = (number: number, more: Partial<SheetListedChange> = {}): SheetListedChange => ({
  ...{ id: `c${number}`, eventId: idOf(0), eventName: "HYROX Anytown", region: "DACH" },
  ...{ timezone: "Europe/Berlin", changeType: "ticketType", source: "webhook" },
  ...{ subjectId: idOf(100), subjectName: "HYROX MEN | Saturday", severity: "medium" },
  ...{ fieldName: "amount", field: "amount of HYROX MEN | Saturday", kind: "places" },
  previousValue: cellOf(100),
  newValue: cellOf(1_200),
  changedAt: `2026-03-0${number}T09:00:00Z`,
  ...more,
});

const of = (number: number, kind: ValueKind, more: Partial<SheetListedChange>): SheetListedChange =>
  change(number, { kind, ...more });

const shown = async (it: Scene) => await it.show("Changes!A2:M20");

test("each change is a row that says when, of what, what, and both values as what they are", async () => {
  await using it = await scene();
  const event = { changeType: "event", subjectId: null, subjectName: null };
  it.rows.allChanges = [
    change(6),
    of(5, "percent", {
      ...{ changeType: "nearlySoldOut", fieldName: "percentSold" },
      ...{ previousValue: cellOf(79.5), newValue: cellOf(81.25) },
    }),
    of(4, "money", {
      ...{ fieldName: "price", previousValue: cellOf(99), newValue: cellOf(1_099.5) },
    }),
    of(3, "instant", {
      ...event,
      ...{ fieldName: "sellStart", severity: "critical" },
      previousValue: cellOf(null),
      newValue: cellOf("2026-04-01T09:00:00Z", true),
    }),
    of(2, "flag", {
      ...{ changeType: "underShop", subjectId: "shop", subjectName: "Partners" },
      ...{ fieldName: "active", previousValue: cellOf(true), newValue: cellOf(false) },
    }),
  ];
  await it.mirror.sync();
  expect((await it.show("Changes!A1:L1"))[0]).toEqual([
    ...["When (Etc/GMT)", "Event", "Region", "Ticket Type", "Ticket Type ID", "What"],
    ...["Was", "Is", "How Grave", "Source", "Event ID", "Change ID"],
  ]);
  const men = ["HYROX MEN | Saturday", idOf(100)];
  expect((await shown(it)).map((row) => [row[0], ...row.slice(3, 9)])).toEqual([
    ["2026-03-06 09:00", ...men, "Amount", "100", "1,200", "medium"],
    ["2026-03-05 09:00", ...men, "Nearly sold out", "79.50%", "81.25%", "medium"],
    ["2026-03-04 09:00", ...men, "Price", "99.00", "1,099.50", "medium"],
    ["2026-03-03 09:00", "", "", "Sales start", "", "2026-04-01 11:00", "critical"],
    ["2026-03-02 09:00", "Partners", "", "Switched on of an undershop", "yes", "no", "medium"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("the newest stands on top, and what people wrote beside older ones stays beside them", async () => {
  await using it = await scene();
  it.rows.allChanges = [change(2), change(1)];
  await it.mirror.sync();
  await it.edit(type(await it.sheetId("Changes"), 2, 12, "ask Ben"));
  it.rows.allChanges = [change(4), change(3), change(2)];
  await it.mirror.sync();
  expect((await shown(it)).map((row) => [row[11], row[12] ?? ""])).toEqual([
    ...[
      ["c4", ""],
      ["c3", ""],
      ["c2", ""],
    ],
    // One that is not among the newest any more stays where it is.
    ["c1", "ask Ben"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a header that names another clock is renamed, and is the same column", async () => {
  await using it = await scene();
  it.rows.allChanges = [change(1)];
  await it.mirror.sync();
  const settings = { ...defaultLayout, timezone: "Europe/Oslo" };
  const mirror = it.mirrorOnto(it.client(), { settings });
  await mirror.sync();
  expect((await it.show("Changes!A1:M2")).map((row) => [row[0], row.length])).toEqual([
    ["When (Europe/Oslo)", 12],
    ["2026-03-01 10:00", 12],
  ]);
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a tab of that title that somebody has had for years is left alone, and Status says so", async () => {
  await using it = await scene({ clock: steppedClock() });
  it.rows.allChanges = [change(1)];
  it.rows.status = [];
  await it.edit({ addSheet: { properties: { title: "Changes" } } });
  await it.edit(type(await it.sheetId("Changes"), 0, 0, "What we changed", "Who"));
  await it.mirror.sync();
  expect(await it.show("Changes")).toEqual([["What we changed", "Who"]]);
  expect(await it.show("Status!A3:B3")).toEqual([
    ["Tab not written: Changes", "another tab has this title; SHEET_TITLES gives ours another one"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("that a tab is written again is said also by a process that never said it was not", async () => {
  await using it = await scene({ clock: steppedClock() });
  it.rows.allChanges = [change(1)];
  it.rows.status = [];
  await it.edit({ addSheet: { properties: { title: "Changes" } } });
  const theirs = await it.sheetId("Changes");
  await it.edit(type(theirs, 0, 0, "What we changed", "Who"));
  await it.mirror.sync();
  expect(await it.show("Status!A3:B3")).toMatchObject([["Tab not written: Changes", TAKEN]]);
  const properties = { sheetId: theirs, title: "Ours of old" };
  await it.edit({ updateSheetProperties: { properties, fields: "title" } });
  const next = it.mirrorOnto(it.client());
  await next.sync();
  it.rows.status = [{ item: "Version", value: "2", at: null }];
  await next.sync();
  expect(await it.show("Status!A2:B9")).toContainEqual([
    "Tab not written: Changes",
    "it is written again",
  ]);
});

test("a price in either tab of changes has the decimals of its currency", async () => {
  await using it = await scene();
  const price = { fieldName: "price", previousValue: cellOf(12.5), newValue: cellOf(12.125) };
  const dinars = of(2, "money", { ...price, currency: "KWD" });
  const yen = { previousValue: cellOf(9_900), newValue: cellOf(12_000), currency: "JPY" };
  it.rows.allChanges = [of(3, "money", { ...price, ...yen }), dinars];
  it.rows.changes = [dinars];
  await it.mirror.sync();
  expect(await it.show("Changes!G2:H3")).toEqual([
    ["9,900", "12,000"],
    ["12.500", "12.125"],
  ]);
  expect(await it.show("Sales Date Changes!F2:G2")).toEqual([["12.500", "12.125"]]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
