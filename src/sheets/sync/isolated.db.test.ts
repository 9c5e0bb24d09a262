import { expect, test } from "bun:test";
import { event, idOf, scene, ticketType } from "../../../test/support/sheet.ts";
import type { Spreadsheet } from "../google/spreadsheet.ts";
import { csvFiles, workbook } from "../layout/files.ts";
import { defaultLayout } from "../layout/layout.ts";

const named = (number: number, eventName: string, more: object = {}) =>
  event({ eventId: idOf(number), eventName, ...more });

test("a cell that cannot be worked out stays as it is, all others are written, and it is named", async () => {
  await using it = await scene();
  it.rows.events = [named(0, "HYROX One"), named(1, "HYROX Two")];
  await it.mirror.sync();
  const date = await it.show("Events!D2");
  it.rows.events = [
    named(0, "HYROX One", { eventDate: "no date", totalSold: 120 }),
    named(1, "HYROX Two", { totalSold: 130 }),
    named(2, "HYROX Three", { eventDate: "no date either", totalSold: Number.NaN }),
  ];
  await it.mirror.sync();
  expect(await it.show("Events!D2")).toEqual(date);
  expect(await it.show("Events!H2:H4")).toEqual([["120"], ["130"]]);
  expect(await it.show("Events!C2:C4")).toEqual([["HYROX One"], ["HYROX Two"], ["HYROX Three"]]);
  expect(it.mirror.state.unshown).toEqual([
    `Events, Event Date of ${idOf(0)}`,
    `Events, Event Date of ${idOf(2)}`,
    `Events, Total Sold of ${idOf(2)}`,
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  it.rows.events = [named(0, "HYROX One"), named(1, "HYROX Two"), named(2, "HYROX Three")];
  await it.mirror.sync();
  expect(it.mirror.state.unshown).toEqual([]);
  expect(await it.show("Events!D4")).toEqual(date);
});

test("an event whose rows cannot be worked out is not struck through, for it is not gone", async () => {
  await using it = await scene();
  it.rows.events = [named(0, "HYROX One"), named(1, "HYROX Two")];
  it.rows.ticketTypes = [ticketType(), ticketType({ eventId: idOf(1), ticketTypeId: idOf(101) })];
  await it.mirror.sync();
  it.rows.events = [named(0, "HYROX One")];
  it.rows.ticketTypes = [ticketType()];
  it.rows.unshown = [idOf(1)];
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  it.rows.unshown = [];
  expect((await it.mirror.sync()).cells).toBeGreaterThan(0);
});

/** Of the spreadsheet what a test says of one tab, as if Google answered so. */
const answering = (
  google: Spreadsheet,
  change: (tab: Awaited<ReturnType<Spreadsheet["read"]>>["tabs"][number]) => unknown,
): Spreadsheet => ({
  ...google,
  async read(titles) {
    const found = await google.read(titles);
    // The cast: what no type foresees is what is tried.
    return { ...found, tabs: found.tabs.map((tab) => (change(tab) ?? tab) as typeof tab) };
  },
});

test("a tab at which the program throws stops no other, and is named without the error's words", async () => {
  await using it = await scene();
  await it.mirror.sync();
  it.rows.events = [named(0, "HYROX Renamed")];
  it.rows.ticketTypes = [ticketType({ ticketName: "HYROX RENAMED" })];
  const strange = answering(it.client(), (tab) =>
    tab.title === "Events" ? { ...tab, rows: [null] } : undefined,
  );
  const mirror = it.mirrorOnto(strange);
  await expect(mirror.sync()).rejects.toThrow("the tab Events cannot be written: TypeError");
  expect(await it.show("'Ticket Types'!E2")).toEqual([["HYROX RENAMED"]]);
  expect(mirror.state.lastFailure?.message).toBe("the tab Events cannot be written: TypeError");
  await it.mirror.sync();
  expect(await it.show("Events!C2")).toEqual([["HYROX Renamed"]]);
});

test.each(["read", "write"] as const)(
  "a copy that hangs at a %s is given up, and is written when it answers",
  async (call) => {
    await using it = await scene();
    const google = it.client();
    let hangs = true;
    const hanging: Spreadsheet = {
      ...google,
      read: (titles) => (hangs && call === "read" ? new Promise(() => {}) : google.read(titles)),
      write: (...given) =>
        hangs && call === "write" ? new Promise(() => {}) : google.write(...given),
    };
    const mirror = it.mirrorOnto(hanging, { limitMs: 3_000 });
    await expect(mirror.sync()).rejects.toThrow("it took longer than 3000 ms");
    hangs = false;
    await mirror.sync();
    expect(await it.show("Events!C2")).toEqual([["HYROX Anytown"]]);
  },
);

test("rows that hang are given up, and are read anew at the next look", async () => {
  await using it = await scene();
  let hangs = true;
  const mirror = it.mirrorOnto(it.client(), {
    limitMs: 3_000,
    readRows: () => (hangs ? new Promise(() => {}) : Promise.resolve(it.rows)),
  });
  await expect(mirror.sync()).rejects.toThrow("it took longer than 3000 ms");
  hangs = false;
  await mirror.sync();
  expect(await it.show("Events!C2")).toEqual([["HYROX Anytown"]]);
});

test("a file has every row, and nothing where a cell cannot be worked out", async () => {
  const rows = {
    events: [
      named(0, "HYROX One", { eventDate: "no date" }),
      named(1, "HYROX Two", { totalSold: Number.NaN }),
    ],
    ticketTypes: [],
  };
  const given = { rows, settings: defaultLayout, now: new Date("2026-03-01T12:00:00Z") };
  const text = new TextDecoder().decode(csvFiles(given)[0]?.body);
  const lines = text.split("\n").map((line) => line.split(","));
  expect(lines.slice(1, 3).map(([, , name, date, , , , sold]) => [name, date, sold])).toEqual([
    ["HYROX One", "", "100"],
    ["HYROX Two", "2026-04-01 12:00", ""],
  ]);
  expect((await workbook(given)).body.length).toBeGreaterThan(1_000);
});
