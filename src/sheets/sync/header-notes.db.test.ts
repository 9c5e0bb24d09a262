import { expect, test } from "bun:test";
import { event, type Scene, scene } from "../../../test/support/sheet.ts";
import { defaultLayout } from "../layout/layout.ts";

/** The notes on the headers of a tab, by the header. */
async function notesOn(it: Scene, title = "Events") {
  const [header] = (await it.tab(title)).data?.[0]?.rowData ?? [];
  return Object.fromEntries(
    (header?.values ?? []).flatMap(({ userEnteredValue, note }) =>
      note ? [[userEnteredValue?.stringValue ?? "", note]] : [],
    ),
  );
}

const noteOn = (sheetId: number, columnIndex: number, note: string | undefined) => ({
  updateCells: {
    start: { sheetId, rowIndex: 0, columnIndex },
    rows: [{ values: [{ ...(note && { note }) }] }],
    fields: "note",
  },
});

const LAST_UPDATED = 10;
const oslo = { settings: { ...defaultLayout, timezone: "Europe/Oslo" } };

test("a header whose name cannot say the clock of its times says it in a note", async () => {
  await using it = await scene();
  it.rows.status = [{ item: "Version", value: "1", at: null }];
  await it.mirror.sync();
  const notes = await notesOn(it);
  expect(Object.keys(notes)).toEqual([
    ...["Event Date", "Sales Launch Date", "Last Updated", "End Date"],
  ]);
  expect(notes["Last Updated"]).toContain("one clock, Etc/GMT (SHEET_TIMEZONE)");
  expect(notes["Event Date"]).toContain("the clock of each row's event");
  expect(Object.keys(await notesOn(it, "Status"))).toEqual(["At"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  await it.mirrorOnto(it.client(), oslo).sync();
  expect((await notesOn(it))["Last Updated"]).toContain("one clock, Europe/Oslo");
});

test("a person's own note stays on a header, one that they took away comes back", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const ours = (await notesOn(it))["Last Updated"];
  await it.edit(noteOn(sheetId, LAST_UPDATED, `${ours}\nask Ana`));
  await it.mirrorOnto(it.client(), oslo).sync();
  expect((await notesOn(it))["Last Updated"]).toBe(`${ours}\nask Ana`);
  await it.edit(noteOn(sheetId, LAST_UPDATED, undefined));
  await it.mirror.sync();
  expect((await notesOn(it))["Last Updated"]).toBe(ours as string);
});

test("a note that a race put on another header is taken off, and theirs is there again", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(noteOn(sheetId, LAST_UPDATED - 1, "theirs"));
  const google = it.client();
  let isMoved = false;
  const mirror = it.mirrorOnto(
    {
      ...google,
      async write(requests, readBack) {
        if (!isMoved) {
          isMoved = true;
          const range = { sheetId, dimension: "COLUMNS", startIndex: 0, endIndex: 1 };
          await it.edit({ insertDimension: { range } });
        }
        return google.write(requests, readBack);
      },
    },
    oslo,
  );
  await mirror.sync();
  const notes = await notesOn(it);
  expect(notes["Percent Sold"]).toBe("theirs");
  expect(notes["Last Updated"]).toContain("Europe/Oslo");
});

test("where the owner keeps the headers to themselves there are no notes, and numbers are written", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(...[3, 4, LAST_UPDATED, 18].map((column) => noteOn(sheetId, column, undefined)), {
    addProtectedRange: {
      protectedRange: {
        range: { sheetId, startRowIndex: 0, endRowIndex: 1 },
        editors: { users: ["owner@played.example.com"] },
      },
    },
  });
  it.rows.events = [event({ totalSold: 101 })];
  expect(await it.mirror.sync()).toMatchObject({ cells: 1 });
  expect(await notesOn(it)).toEqual({});
  expect(await it.show("Events!H2")).toEqual([["101"]]);
});
