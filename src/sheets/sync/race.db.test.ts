import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, type } from "../../../test/support/sheet.ts";
import type { SheetRequest, Spreadsheet } from "../google/spreadsheet.ts";

/** A spreadsheet in which somebody does something right before the first write. */
function racing(it: Scene, ...requests: SheetRequest[]): Spreadsheet {
  const google = it.client();
  let isDone = false;
  return {
    ...google,
    async write(own, readBack) {
      if (!isDone) await it.edit(...requests);
      isDone = true;
      return google.write(own, readBack);
    },
  };
}

const column = (sheetId: number, startIndex: number) => ({
  sheetId,
  dimension: "COLUMNS",
  startIndex,
  endIndex: startIndex + 1,
});

async function begin(it: Scene) {
  it.rows.events = [0, 1, 2].map((number) => event({ eventId: idOf(number), totalSold: number }));
  await it.mirror.sync();
  return it.sheetId("Events");
}

test("a formula that a race wrote over comes back as a formula, and names the same cells", async () => {
  await using it = await scene();
  const sheetId = await begin(it);
  // Theirs stands left of Total Sold, so that one more column at the left puts it where we write.
  await it.edit(
    { insertDimension: { range: column(sheetId, 7) } },
    type(sheetId, 0, 7, "Double"),
    type(sheetId, 1, 7, "=I2*2"),
    type(sheetId, 2, 7, "=I3*2"),
    type(sheetId, 3, 7, "=SUM(I2:I4)"),
  );
  const inserted = { insertDimension: { range: column(sheetId, 0) } };
  const above = { ...column(sheetId, 1), dimension: "ROWS" };
  const mirror = it.mirrorOnto(racing(it, inserted, { insertDimension: { range: above } }));
  it.rows.events = [0, 1, 2].map((number) =>
    event({ eventId: idOf(number), totalSold: 10 + number, totalCapacity: 500 }),
  );
  await mirror.sync();
  expect(mirror.state.cellsPutBack).toBeGreaterThan(0);
  expect((await it.show("Events!I1:I5", "FORMULA")).flat()).toEqual([
    ...["Double", "=J3*2", "=J4*2", "=SUM(J3:J5)"],
  ]);
  expect((await it.show("Events!I3:I5")).flat()).toEqual(["20", "22", "33"]);
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a text that begins like a formula comes back as a text", async () => {
  await using it = await scene();
  const sheetId = await begin(it);
  const text = { userEnteredValue: { stringValue: "=1+1" } };
  await it.edit({ insertDimension: { range: column(sheetId, 7) } }, type(sheetId, 0, 7, "Mine"), {
    updateCells: {
      start: { sheetId, rowIndex: 2, columnIndex: 7 },
      rows: [{ values: [text] }],
      fields: "userEnteredValue",
    },
  });
  const mirror = it.mirrorOnto(racing(it, { insertDimension: { range: column(sheetId, 0) } }));
  it.rows.events = it.rows.events.map((one) => ({ ...one, totalSold: 77 }));
  await mirror.sync();
  expect((await it.show("Events!I1:I4")).flat()).toEqual(["Mine", "=1+1"]);
  expect(await (await fetch(`${it.played.url}/sandbox/formulas`)).json()).toEqual([]);
});

test("formats and strikes that a race put on somebody's cells are taken off again", async () => {
  await using it = await scene();
  const sheetId = await begin(it);
  const mine = {
    userEnteredValue: { numberValue: 0.5 },
    userEnteredFormat: { numberFormat: { type: "CURRENCY", pattern: "0.00 €" } },
    note: "mine",
  };
  const marked = {
    userEnteredValue: { stringValue: "mine" },
    userEnteredFormat: { textFormat: { bold: true, foregroundColor: { red: 1 } } },
  };
  const put = (rowIndex: number, columnIndex: number, cell: object) => ({
    updateCells: {
      start: { sheetId, rowIndex, columnIndex },
      rows: [{ values: [cell] }],
      fields: "*",
    },
  });
  await it.edit(
    { insertDimension: { range: column(sheetId, 9) } },
    { insertDimension: { range: column(sheetId, 0) } },
    type(sheetId, 0, 0, "Marked"),
    put(1, 0, marked),
    type(sheetId, 0, 10, "Mine"),
    put(1, 10, mine),
    // A percentage without its format, which we put right.
    put(1, 11, { userEnteredValue: { numberValue: 0.3333 } }),
  );
  // The first event goes: its id, in column B, is to be struck through where "Marked" comes to stand.
  const moved = { source: column(sheetId, 0), destinationIndex: 2 };
  const swapped = { source: column(sheetId, 10), destinationIndex: 12 };
  it.rows.events = it.rows.events.with(0, event({ status: "CANCELLED", totalSold: 0 }));
  const mirror = it.mirrorOnto(racing(it, { moveDimension: moved }, { moveDimension: swapped }));
  await mirror.sync();
  const { data } = await it.tab("Events");
  const [header, row] = data?.[0]?.rowData ?? [];
  const under = (title: string) => {
    const at = header?.values?.findIndex(
      ({ userEnteredValue }) => userEnteredValue?.stringValue === title,
    );
    return row?.values?.[at ?? -1];
  };
  expect(under("Marked")).toMatchObject(marked);
  expect(under("Marked")?.userEnteredFormat?.textFormat?.strikethrough).toBeFalsy();
  expect(under("Mine")).toMatchObject(mine);
  expect(under("Event ID")?.userEnteredFormat?.textFormat?.strikethrough).toBe(true);
  expect(under("Percent Sold")?.userEnteredFormat?.numberFormat?.type).toBe("PERCENT");
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test.each([
  ["only cells", 3],
  ["a new row as well", 4],
])("a row deleted between our read and our write of %s stays deleted", async (_, many) => {
  await using it = await scene();
  const sheetId = await begin(it);
  // Somebody's own row above the last two, with a number where we write: nothing else tells it.
  const above = { sheetId, dimension: "ROWS", startIndex: 2, endIndex: 3 };
  await it.edit({ insertDimension: { range: above } }, type(sheetId, 2, 7, 4711));
  const mirror = it.mirrorOnto(racing(it, { deleteDimension: { range: above } }));
  const sold = [10, 11, 12, 13].slice(0, many);
  it.rows.events = sold.map((totalSold, at) => event({ eventId: idOf(at), totalSold }));
  await mirror.sync();
  await mirror.sync();
  expect((await it.show("Events!H2:H9")).flat()).toEqual(sold.map(String));
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("rows that two people moved up, one behind the other, each get back what we wrote over", async () => {
  await using it = await scene();
  const sheetId = await begin(it);
  // Where we write they have a number each; what tells them apart is a word in a column of their own.
  const row = (startIndex: number) => ({
    ...{ sheetId, dimension: "ROWS", startIndex, endIndex: startIndex + 1 },
  });
  await it.edit(
    ...[type(sheetId, 4, 7, 4), type(sheetId, 4, 11, "Ann")],
    ...[type(sheetId, 5, 7, 5), type(sheetId, 5, 11, "Bob")],
  );
  const [bobUp, annBehind] = [
    { moveDimension: { source: row(5), destinationIndex: 1 } },
    { moveDimension: { source: row(5), destinationIndex: 2 } },
  ];
  const mirror = it.mirrorOnto(racing(it, bobUp, annBehind));
  it.rows.events = [10, 11, 12].map((totalSold, at) => event({ eventId: idOf(at), totalSold }));
  await mirror.sync();
  const shown = (await it.show("Events!H2:L6")).map((cells) => [cells[0], cells[4] ?? ""]);
  expect(shown).toEqual([
    ...[
      ["5", "Bob"],
      ["4", "Ann"],
    ],
    ...[
      ["10", ""],
      ["11", ""],
      ["12", ""],
    ],
  ]);
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("notes in a tab that we fill for the first time stay whole where a column is inserted meanwhile", async () => {
  await using it = await scene();
  const sheetId = 4711;
  const notes = ["call Ann", "and Bob", "on Monday", "or later"];
  await it.edit(
    { addSheet: { properties: { sheetId, title: "Events" } } },
    ...notes.map((note, at) => type(sheetId, at, 0, note)),
  );
  const mirror = it.mirrorOnto(racing(it, { insertDimension: { range: column(sheetId, 0) } }));
  await mirror.sync();
  expect((await it.show("Events!B1:B4")).flat()).toEqual(notes);
  await mirror.sync();
  expect((await it.show("Events!B1:B4")).flat()).toEqual(notes);
  expect((await it.show("Events!C2:Z9")).flat()).toContain(idOf(0));
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
