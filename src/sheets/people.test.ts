import { expect, test } from "bun:test";
import fc from "fast-check";
import { eventColumns } from "./columns.ts";
import { layout, type SheetEvent } from "./layout.ts";
import type { FoundCell, FoundTab, SheetRequest, Spreadsheet } from "./spreadsheet.ts";
import { event, idOf, type Scene, scene, type } from "./testing.ts";

const headers = eventColumns.map(({ header }) => header);
const eventOf = (number: number, sold: number): SheetEvent =>
  event({
    eventId: idOf(number),
    eventName: `HYROX ${number}`,
    totalSold: sold,
    totalAvailable: 1_000 - sold,
    totalCapacity: 1_000,
    percentSold: sold / 10,
  });

/** One thing that a person does; `row` and `column` are taken within what is there. */
type Deed =
  | { do: "insertRow" | "insertColumn" | "hideRow" | "hideColumn"; at: number }
  | { do: "moveRow" | "moveColumn"; at: number; to: number }
  | { do: "deleteRow" | "deleteColumn" | "renameHeader" | "overwrite"; at: number; column: number }
  | { do: "note" | "formula" | "ownRow"; at: number };

const place = fc.nat(14);
const structural: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    do: fc.constantFrom("insertRow", "insertColumn", "hideRow", "hideColumn"),
    at: place,
  }),
  fc.record({ do: fc.constantFrom("moveRow", "moveColumn"), at: place, to: place }),
  fc.record({ do: fc.constantFrom("note", "formula", "ownRow"), at: place }),
);
const anything: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: structural },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("deleteRow", "deleteColumn", "renameHeader", "overwrite"),
      at: place,
      column: place,
    }),
  },
);

let tags = 0;

function requestsOf(deed: Deed, tab: FoundTab): SheetRequest[] {
  const { sheetId, rows } = tab;
  const height = Math.max(2, rows.length);
  const width = Math.max(1, ...rows.map((row) => row.length));
  const range = (dimension: "ROWS" | "COLUMNS", startIndex: number) => ({
    ...{ sheetId, dimension, startIndex },
    endIndex: startIndex + 1,
  });
  /** Below the header, so that it stays the header. */
  const row = (deed.at % (height - 1)) + 1;
  const column = deed.at % width;
  tags += 1;
  switch (deed.do) {
    case "insertRow":
      return [{ insertDimension: { range: range("ROWS", row) } }];
    case "insertColumn":
      return [{ insertDimension: { range: range("COLUMNS", column) } }];
    case "moveRow":
      return [
        {
          moveDimension: {
            source: range("ROWS", row),
            destinationIndex: (deed.to % (height - 1)) + 1,
          },
        },
      ];
    case "moveColumn":
      return [
        { moveDimension: { source: range("COLUMNS", column), destinationIndex: deed.to % width } },
      ];
    case "hideRow":
    case "hideColumn": {
      const hidden = deed.do === "hideRow" ? range("ROWS", row) : range("COLUMNS", column);
      const properties = { hiddenByUser: true };
      return [{ updateDimensionProperties: { range: hidden, properties, fields: "hiddenByUser" } }];
    }
    case "deleteRow":
      return [{ deleteDimension: { range: range("ROWS", row) } }];
    case "deleteColumn":
      return [{ deleteDimension: { range: range("COLUMNS", deed.column % width) } }];
    case "renameHeader":
      return [type(sheetId, 0, deed.column % width, `u${tags}`)];
    case "overwrite":
      return isTag(rows[row]?.[deed.column % width])
        ? []
        : [type(sheetId, row, deed.column % width, "overwritten")];
    case "note":
    case "formula": {
      const own = ownColumn(tab);
      const said = deed.do === "note" ? `u${tags}` : `="u"&${tags}`;
      return isTag(rows[row]?.[own])
        ? []
        : [type(sheetId, 0, own, "Mine"), type(sheetId, row, own, said)];
    }
    case "ownRow":
      return [type(sheetId, height, 2, `u${tags}`), type(sheetId, height, 5, `u${tags + 10_000}`)];
  }
}

function ownColumn({ rows }: FoundTab) {
  const found = rows[0]?.findIndex(({ value }) => value === "Mine") ?? -1;
  return found >= 0 ? found : Math.max(0, ...rows.map((row) => row.length));
}

const isTag = (cell: FoundCell | undefined) => /^u\d+$|^="u"&\d+$/.test(String(cell?.value ?? ""));

/** What is a person's: each thing by its column's header and by the event or the things in its row. */
function belongings({ rows }: FoundTab) {
  return rows
    .flatMap((row) => {
      const ours = row
        .map(({ value }) => /^HYROX (\d+)$/.exec(String(value))?.[1] ?? idNumber(value))
        .find((number) => number !== undefined);
      const theirs = row.filter(isTag).map(({ value }) => value);
      return row.flatMap((cell, column) =>
        isTag(cell) ? `${rows[0]?.[column]?.value} | ${ours ?? theirs} | ${cell.value}` : [],
      );
    })
    .sort();
}

const idNumber = (value: FoundCell["value"]) =>
  /^[0-9a-f]{24}$/.test(String(value)) ? String(Number.parseInt(String(value), 16) - 1) : undefined;

/** Every event on one row, each value under its header. */
function shown({ rows }: FoundTab) {
  const at = headers.map((header) => rows[0]?.findIndex(({ value }) => value === header) ?? -1);
  return rows
    .filter((row) => idNumber(row[at[0] ?? -1]?.value ?? null) !== undefined)
    .map((row) => at.map((column) => row[column]?.value ?? null))
    .sort();
}

const wanted = (events: readonly SheetEvent[]) =>
  (layout({ events, ticketTypes: [] })[0]?.rows ?? []).map((row) => [...row]).sort();

const runs = { numRuns: 15, endOnFailure: true };

async function look(spreadsheet: Spreadsheet) {
  const [tab] = (await spreadsheet.read(["Events"])).tabs;
  if (!tab) throw new Error("no Events");
  return tab;
}

async function doAll(it: Scene, deeds: readonly Deed[]) {
  for (const deed of deeds) {
    const requests = requestsOf(deed, await look(it.spreadsheet));
    // What Google refuses a person, such as a move within itself, is not done.
    if (requests.length > 0) await it.edit(...requests).catch(() => {});
  }
}

/** An empty sheet and a new mirror each time; the server is shared. */
async function begin(it: Scene) {
  const { data } = { data: await it.tab("Events").catch(() => undefined) };
  const sheetId = data?.properties?.sheetId;
  if (typeof sheetId === "number") await it.edit({ deleteSheet: { sheetId } });
  it.rows.events = [0, 1, 2, 3].map((number) => eventOf(number, 10 * number));
  it.rows.ticketTypes = [];
  const mirror = it.mirrorOnto(it.client());
  await mirror.sync();
  await doAll(it, [
    { do: "note", at: 0 },
    { do: "formula", at: 2 },
    { do: "ownRow", at: 0 },
  ]);
  return mirror;
}

test("whatever people do between two syncs, their cells stay and the rows are right", async () => {
  await using it = await scene();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(anything, { minLength: 1, maxLength: 4 }), fc.nat(900)), {
        minLength: 1,
        maxLength: 3,
      }),
      async (rounds) => {
        const mirror = await begin(it);
        for (const [round, [deeds, sold]] of rounds.entries()) {
          await doAll(it, deeds);
          const before = belongings(await look(it.spreadsheet));
          it.rows.events = it.rows.events
            .with(1, eventOf(1, sold))
            .concat(eventOf(10 + round, sold));
          await mirror.sync();
          const after = await look(it.spreadsheet);
          expect(belongings(after)).toEqual(before);
          expect(shown(after)).toEqual(wanted(it.rows.events));
          expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
        }
        expect(mirror.state.cellsPutBack).toBe(0);
      },
    ),
    runs,
  );
}, 30_000);

test("what people move between our read and our write is noticed, put right and counted", async () => {
  await using it = await scene();
  let putBack = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(structural, { minLength: 1, maxLength: 2 }),
      fc.nat(900),
      fc.boolean(),
      async (deeds, sold, isNew) => {
        await begin(it);
        const google = it.client();
        let before: string[] | undefined;
        const mirror = it.mirrorOnto({
          read: google.read,
          async write(requests, readBack) {
            if (!before) {
              await doAll(it, deeds);
              before = belongings(await look(it.spreadsheet));
            }
            return google.write(requests, readBack);
          },
        });
        it.rows.events = it.rows.events.with(1, eventOf(1, sold)).with(3, eventOf(3, sold));
        if (isNew) it.rows.events = [...it.rows.events, eventOf(10, sold)];
        await mirror.sync();
        await mirror.sync();
        const after = await look(it.spreadsheet);
        if (before) expect(belongings(after)).toEqual(before);
        expect(shown(after)).toEqual(wanted(it.rows.events));
        putBack += mirror.state.cellsPutBack;
      },
    ),
    { ...runs, numRuns: 30 },
  );
  expect(putBack).toBeGreaterThan(0);
}, 30_000);
