import { expect, test } from "bun:test";
import { fc } from "../../../test/support/fast-check.ts";
import { runs } from "../../../test/support/runs.ts";
import {
  event,
  idOf,
  type Scene,
  scene,
  steppedClock,
  ticketType,
} from "../../../test/support/sheet.ts";
import {
  anything,
  belongings,
  type Deed,
  deed,
  doAll,
  filters,
  type SeenFilter,
  shownEvents,
  struckEvents,
} from "../../../test/support/sheet-people.ts";
import { eventColumns, moreEventColumns } from "../layout/columns.ts";
import { layout, type SheetEvent } from "../layout/layout.ts";
import type { Look } from "./mirror.ts";

const headers = [...eventColumns, ...moreEventColumns].map(({ header, isZoned }) =>
  isZoned ? `${header} (Etc/GMT)` : header,
);
const eventOf = (number: number, sold: number): SheetEvent =>
  event({
    eventId: idOf(number),
    eventName: `HYROX ${number}`,
    totalSold: sold,
    totalAvailable: 1_000 - sold,
    totalCapacity: 1_000,
    percentSold: sold / 10,
    ...{ eventType: "SINGLE", availableToBuy: 900 - sold, reserved: number, charitySold: 1 },
    ...{ heldForUnderShops: 30, oversoldPlaces: 0, currency: "EUR", location: "Hall 1" },
    ...{ eventEndDate: "2026-04-02T10:00:00Z", countedAt: "2026-03-01T08:00:00Z" },
  });

const wanted = (events: readonly SheetEvent[]) =>
  (layout({ events, ticketTypes: [] })[0]?.rows ?? []).map((row) => [...row]).sort();

/** What the tab shows of these events. */
async function shown(it: Scene, events: readonly SheetEvent[]) {
  const ids = new Set<unknown>(events.map(({ eventId }) => eventId));
  const all = shownEvents(await it.tab("Events"), headers);
  return all.filter(([id]) => ids.has(id)).sort();
}

/**
 * The filters that were there, which have under them what they had, and of new events those too. Where
 * no row under a filter can be told any more (its ids and names were deleted), those rows are made anew
 * and only the filter itself has to stay.
 */
function expectKept(after: SeenFilter[], before: SeenFilter[], added: string[]) {
  expect(after.map(({ what }) => what)).toEqual(before.map(({ what }) => what));
  for (const [index, { rows, coversHeader }] of before.entries()) {
    if (!isRecognised(rows)) continue;
    const covered = coversHeader && rows.length > 0 ? [...rows, ...added] : rows;
    expect(after[index]?.rows.toSorted()).toEqual(expect.arrayContaining(covered));
  }
}

/** An empty sheet and a new mirror each time; the server is shared. */
async function begin(it: Scene) {
  const found = await it.tab("Events").catch(() => undefined);
  const sheetId = found?.properties?.sheetId;
  if (typeof sheetId === "number") await it.edit({ deleteSheet: { sheetId } });
  it.rows.events = [0, 1, 2, 3].map((number) => eventOf(number, 10 * number));
  it.rows.ticketTypes = [];
  const mirror = it.mirrorOnto(it.client());
  await mirror.sync();
  await doAll(it, [
    ...[deed("own", 0), deed("formula", 2, 7), deed("ownRow", 0)],
    ...[deed("note", 1, 7), deed("colour", 3, 2), deed("filter", 2, 1)],
  ]);
  return mirror;
}

/** New rows look as somebody coloured the blank ones in whose place they came. */
const withoutColourOf = (number: number, things: readonly string[]) =>
  things.filter((thing) => !thing.includes(`| ${number} | colour`));

const isRecognised = (rows: string[]) => rows.some((name) => /^\d+$/.test(name));

/** A person deletes the columns that name the rows, and then filters what is left. */
const namelessUnderFilter: { deeds: Deed[]; sold: number; gone: number; look: Look }[] = [
  { deeds: [deed("moveRow", 4, 1)], sold: 688, gone: 1, look: "all" },
  {
    deeds: [deed("deleteColumn", 6, 2), deed("deleteColumn", 6, 0), deed("filter", 9, 11)],
    ...{ sold: 283, gone: 2, look: "changed" },
  },
];

test("whatever people do between two syncs, what is theirs stays and the rows are right", async () => {
  await using it = await scene();
  const round = fc.record({
    deeds: fc.array(anything, { minLength: 1, maxLength: 5 }),
    sold: fc.nat(900),
    gone: fc.option(fc.nat(3)),
    look: fc.constantFrom<Look>("all", "changed"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 3 }), async (rounds) => {
      const mirror = await begin(it);
      let all = it.rows.events;
      for (const [number, { deeds, sold, gone, look }] of rounds.entries()) {
        await doAll(it, deeds);
        const before = await it.tab("Events");
        all = all.with(1, eventOf(1, sold)).concat(eventOf(10 + number, sold));
        it.rows.events = all.filter((_, index) => index !== gone);
        await mirror.sync(look);
        const after = await it.tab("Events");
        expect(withoutColourOf(10 + number, belongings(after))).toEqual(belongings(before));
        expectKept(filters(after), filters(before), [String(10 + number)]);
        expect<unknown[][]>(await shown(it, it.rows.events)).toEqual(wanted(it.rows.events));
        expect(struckEvents(after).filter((one) => one !== gone)).toEqual([]);
        expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
      }
      expect(mirror.state.cellsPutBack).toBe(0);
    }),
    { numRuns: runs(8), endOnFailure: true, examples: [[namelessUnderFilter]] },
  );
});

/** Tabs that came later or have several ids: one row an event, so that a row is known by it. */
const named = (number: number) => ({
  ...{ eventId: idOf(number), eventName: `HYROX ${number}`, region: "DACH", timezone: null },
});
const others: Record<
  string,
  (rows: Scene["rows"], numbers: readonly number[], sold: number) => void
> = {
  Overview(rows, numbers, sold) {
    rows.overview = numbers.map((number) => ({
      ...{ ...named(number), status: "ON_SALE", sold, left: 1_000 - sold, percentSold: 1 },
      ...{ last24Hours: sold, last7Days: 7, previous7Days: 8, pointsAhead: -2.5 },
      ...{ daysToRace: 30, nextLaunch: "2026-04-02T10:00:00Z", sinceYesterday: "Price" },
      sellsOut:
        number % 2 === 0
          ? { expected: "2026-04-01T10:00:00Z", low: null, high: null, words: null }
          : { expected: null, low: null, high: null, words: "not by the race" },
      ...{ value: 99.5, currency: "EUR", curve: [0, number, sold] },
    }));
  },
  "Ticket Types"(rows, numbers, sold) {
    rows.ticketTypes = numbers.map((number) =>
      ticketType({ ...named(number), ticketTypeId: idOf(number), sold, class: "race" }),
    );
  },
  Undershops(rows, numbers, sold) {
    rows.underShops = numbers.map((number) => ({
      ...{ ...named(number), eventDate: "2026-04-01T10:00:00Z", active: true, sold, left: 1 },
      ...{ underShopId: idOf(number), underShopName: "Partners", allocation: 900 },
      ...{ inventoryStrategy: "dependent", salesStart: null, salesEnd: null },
    }));
  },
};

/** Of Undershops, the column of their ids and one of names. */
const lostIdAndName = [deed("deleteColumn", 8, 12), deed("renameHeader", 2, 1)];

/** Of Ticket Types, the column of their ids and one that is filled: half of the others are empty by right. */
const lostIdAndFact = [deed("deleteColumn", 1, 3), deed("renameHeader", 1, 6)];

/** What the tab should show, as Google has it. */
const wantedIn = (it: Scene, title: string) => {
  const tab = layout(it.rows).find((one) => one.title === title);
  const formulaOf = ({ points }: { points: readonly number[] }) =>
    `=SPARKLINE({${points.join(";")}})`;
  const rows = (tab?.rows ?? []).map((row) =>
    row.map((value) => (typeof value === "object" && value ? formulaOf(value) : value)),
  );
  return { headers: (tab?.columns ?? []).map(({ header }) => header), rows: rows.sort() };
};

test.each(Object.keys(others))(
  "also in %s what is theirs stays and the rows are right, whatever people do",
  async (title) => {
    await using it = await scene({ clock: steppedClock() });
    const put = (numbers: readonly number[], sold: number) =>
      others[title]?.(it.rows, numbers, sold);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anything, { minLength: 1, maxLength: 5 }),
        fc.nat(900),
        fc.option(fc.nat(3)),
        fc.constantFrom<Look>("all", "changed"),
        async (deeds, sold, gone, look) => {
          const found = await it.tab(title).catch(() => undefined);
          const sheetId = found?.properties?.sheetId;
          if (typeof sheetId === "number") await it.edit({ deleteSheet: { sheetId } });
          put([0, 1, 2, 3], 10);
          const mirror = it.mirrorOnto(it.client());
          await mirror.sync();
          await doAll(it, [deed("own", 0), deed("formula", 2, 4), deed("note", 1, 3)], title);
          await doAll(it, deeds, title);
          const before = belongings(await it.tab(title));
          const numbers = [0, 1, 2, 3, 10].filter((number) => number !== gone);
          put(numbers, sold);
          await mirror.sync(look);
          const after = await it.tab(title);
          expect(withoutColourOf(10, belongings(after))).toEqual(before);
          const { headers: ours, rows } = wantedIn(it, title);
          const ids = new Set<unknown>(numbers.map(idOf));
          const at = ours.indexOf("Event ID");
          const shownRows: unknown[][] = shownEvents(after, ours);
          expect(shownRows.filter((row) => ids.has(row[at])).sort()).toEqual(rows);
          expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
          expect(mirror.state.cellsPutBack).toBe(0);
        },
      ),
      {
        numRuns: runs(3),
        endOnFailure: true,
        examples: [
          [lostIdAndName, 674, null, "changed"],
          [lostIdAndFact, 1, 1, "changed"],
        ],
      },
    );
  },
  120_000,
);

test("what people move between our read and our write is noticed, put right and counted", async () => {
  await using it = await scene();
  let putBack = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anything, { minLength: 1, maxLength: 2 }),
      fc.nat(900),
      fc.boolean(),
      async (deeds, sold, isNew) => {
        await begin(it);
        const google = it.client();
        let before: string[] | undefined;
        const mirror = it.mirrorOnto({
          ...google,
          async write(requests, readBack) {
            if (!before) {
              await doAll(it, deeds);
              before = belongings(await it.tab("Events"));
            }
            return google.write(requests, readBack);
          },
        });
        it.rows.events = it.rows.events.with(1, eventOf(1, sold)).with(3, eventOf(3, sold));
        if (isNew) it.rows.events = [...it.rows.events, eventOf(10, sold)];
        await mirror.sync();
        await mirror.sync();
        const after = withoutColourOf(10, belongings(await it.tab("Events")));
        if (before) expect(after).toEqual(before);
        expect<unknown[][]>(await shown(it, it.rows.events)).toEqual(wanted(it.rows.events));
        expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
        putBack += mirror.state.cellsPutBack;
      },
    ),
    {
      ...{ numRuns: 1 + runs(20), endOnFailure: true },
      // Of what people do by chance most moves nothing that is written.
      examples: [[[deed("moveRow", 1, 4), deed("moveColumn", 1, 3)], 300, false]],
    },
  );
  expect(putBack).toBeGreaterThan(0);
});
