import { expect, test } from "bun:test";
import type { SheetsFaultSettings } from "../../../sandbox/sheets/faults.ts";
import { isTurn, runs } from "../../../test/support/runs.ts";
import {
  event,
  idOf,
  type Scene,
  scene,
  spreadsheetId,
  steppedClock,
  ticketType,
  type,
} from "../../../test/support/sheet.ts";
import { defaultLayout, tabNames } from "../layout/layout.ts";
import type { MirrorOptions } from "./mirror.ts";

const copy = "copy";
const wanted = Object.values(defaultLayout.titles).map((title) => ({ title }));

/** All tabs, with as many ticket types as make several parts where parts are small. */
function season(version: number) {
  const numbers = [0, 1, 2];
  const named = { eventId: idOf(0), eventName: "HYROX Anytown", region: "DACH" };
  return {
    events: numbers.map((number) => event({ eventId: idOf(number), totalSold: version })),
    ticketTypes: Array.from({ length: 12 }, (_, number) =>
      ticketType({ ticketTypeId: idOf(100 + number), sold: version, available: 900 - version }),
    ),
    overview: numbers.map((number) => ({
      ...{ ...named, eventId: idOf(number), timezone: null, status: "ON_SALE", sold: version },
      ...{ left: 900 - version, percentSold: 1, last24Hours: 1, last7Days: 1, previous7Days: 1 },
      ...{ pointsAhead: -1.5, daysToRace: 30, nextLaunch: null, sinceYesterday: null },
      sellsOut: { expected: null, low: null, high: null, words: "not by the race" },
      ...{ value: null, currency: "EUR", curve: [0, version, 900] },
    })),
    underShops: numbers.map((number) => ({
      ...{ ...named, timezone: null, eventDate: "2026-04-01T10:00:00Z" },
      ...{ underShopId: `shop${number}`, underShopName: `Shop ${number}`, active: true },
      ...{ inventoryStrategy: "dependent", allocation: 900, sold: version },
      ...{ left: 900 - version, salesStart: null, salesEnd: null },
    })),
    allChanges: numbers.map((number) => ({
      ...{ ...named, timezone: null, changeType: "event", source: "poll", severity: "medium" },
      ...{ id: `change${number}`, subjectId: null, subjectName: null, fieldName: "name" },
      ...{ field: "name", kind: "text" as const, changedAt: "2026-01-10T09:00:00Z" },
      previousValue: { value: version, isInstant: false },
      newValue: { value: version + 1, isInstant: false },
    })),
    changes: numbers.map((number) => ({
      ...{ ...named, timezone: null, changeType: "event", source: "poll", severity: "medium" },
      ...{ field: `name ${number}`, changedAt: "2026-01-10T09:00:00Z" },
      previousValue: { value: version, isInstant: false },
      newValue: { value: version + 1, isInstant: false },
    })),
    salesByDay: numbers.map((number) => ({
      ...{ ...named, day: `2026-02-0${number + 1}`, newSales: version },
      ...{ totalSold: version, percentSold: 1, daysToEvent: 30 },
    })),
    status: [{ item: "Facts set aside", value: version, at: null }],
  };
}

type Grids = Record<string, string[]>;

/** Every tab of both spreadsheets, a text for each row, by who has its tokens already. */
function onlooker(it: Scene) {
  const clients = [spreadsheetId, copy].map((id) => ({ id, client: it.client({ id }) }));
  return async () => {
    const grids: Grids = {};
    for (const { id, client } of clients)
      for (const { title, rows } of (await client.read(wanted)).tabs)
        grids[`${id} ${title}`] = rows.map((row) => JSON.stringify(row.map(({ value }) => value)));
    return grids;
  };
}

/** As after a restart: nothing is known but what is configured. One failure does not stop the other. */
async function run(it: Scene, more: Partial<MirrorOptions>) {
  const outcomes: string[] = [];
  for (const id of [spreadsheetId, copy])
    await it
      .mirrorOnto(it.client({ id, timeoutMs: 10_000 }), more)
      .sync()
      .catch((error) => outcomes.push(error.kind));
  return outcomes;
}

async function wipe(it: Scene) {
  for (const id of [spreadsheetId, copy]) {
    const { tabs } = await it.client({ id }).read(wanted);
    if (tabs.length > 0)
      await it.editIn(id, ...tabs.map(({ sheetId }) => ({ deleteSheet: { sheetId } })));
  }
}

/** Somebody types over our cells, deletes a row and a header. */
async function spoil(it: Scene) {
  const oops = { userEnteredValue: { stringValue: "oops" } };
  for (const id of [spreadsheetId, copy]) {
    const { tabs } = await it.client({ id }).read(wanted);
    const deeds = tabs.flatMap(({ sheetId, rows }) => {
      const start = { sheetId, rowIndex: 1, columnIndex: 1 };
      const last = { startIndex: rows.length - 1, endIndex: rows.length };
      return [
        { updateCells: { start, rows: [{ values: [oops, oops] }], fields: "userEnteredValue" } },
        { deleteDimension: { range: { sheetId, dimension: "ROWS", ...last } } },
      ];
    });
    await it.editIn(id, ...deeds);
  }
}

/** How each call may fail: before it is carried out, and after. */
const ways: Record<"before" | "after", ((skip: number) => SheetsFaultSettings)[]> = {
  before: ([429, 500, "timeout"] as const).map((status) => (skip) => ({
    failBefore: { status, skip, next: 1, holdMs: 5 },
  })),
  after: ([500, "reset"] as const).map((status) => (skip) => ({
    failAfter: { status, skip, next: 1, holdMs: 5 },
  })),
};

/** One call fails in one way and the next in another; every call in every way where there is time for it. */
const turns = (of: keyof typeof ways) => Math.min(ways[of].length, runs(1));

const isStruck = ({ played }: Scene) =>
  Object.values(played.faults.read().injected).some((times) => times > 0);

interface Case {
  /** Makes what the run under fire finds. */
  prepare: (it: Scene) => Promise<unknown>;
  isChanged: boolean;
  more: Partial<MirrorOptions>;
  /** Each spreadsheet is written in one request, so that a tab is wholly the one or the other. */
  isWhole: boolean;
}

const cases: Record<string, Case> = {
  "the first fill": { prepare: wipe, isChanged: false, more: {}, isWhole: true },
  "the first fill in parts": {
    prepare: wipe,
    isChanged: false,
    more: { maxBytes: 20_000 },
    isWhole: false,
  },
  "an update": { prepare: async () => {}, isChanged: true, more: {}, isWhole: true },
  "an update in parts": {
    prepare: async () => {},
    isChanged: true,
    more: { maxBytes: 2_000 },
    isWhole: false,
  },
  "a heal": { prepare: spoil, isChanged: false, more: {}, isWhole: true },
};

for (const [name, { prepare, isChanged, more, isWhole }] of Object.entries(cases))
  test(`${name} of all tabs and a copy survives a failure at every call, before and after it`, async () => {
    await using it = await scene({ clock: steppedClock(), copies: [copy] });
    for (const id of [spreadsheetId, copy]) await it.editIn(id, type(0, 0, 0, "mine"));
    const look = onlooker(it);
    let version = 1;
    const calls: Record<keyof typeof ways, number[]> = { before: [], after: [] };
    Object.assign(it.rows, season(version));
    expect(await run(it, {})).toEqual([]);
    for (const when of ["before", "after"] as const)
      for (let turn = 0; turn < turns(when); turn += 1)
        for (let skip = 0; ; skip += 1) {
          // Of many parts each is as the next.
          if (!isWhole && !isTurn(skip, 2)) continue;
          // The sheets are as the last turn has left them: as the rows say.
          await prepare(it);
          if (isChanged) version += 1;
          Object.assign(it.rows, season(version));
          const old = await look();
          const nth = isWhole ? skip : Math.floor(skip / 2);
          const way = ways[when][(turn + nth) % ways[when].length];
          if (way) it.played.faults.set(way(skip));
          const outcomes = await run(it, more);
          const wasStruck = isStruck(it);
          it.played.faults.clear();
          const between = await look();
          expect(await run(it, more)).toEqual([]);
          const now = await look();
          expect(Object.keys(now)).toHaveLength(2 * tabNames.length);
          for (const [tab, rows] of Object.entries(between)) {
            const [was, is] = [old[tab] ?? [], now[tab] ?? []];
            expect(rows.length).toBeGreaterThanOrEqual(was.length);
            if (isWhole) expect([was, is]).toContainEqual(rows);
            else expect(rows.filter((row) => !was.includes(row) && !is.includes(row))).toEqual([]);
          }
          // A connection that is cut may be tried again by the runtime itself.
          expect(outcomes).toEqual(wasStruck && outcomes.length > 0 ? ["unavailable"] : []);
          if (!wasStruck) {
            calls[when].push(skip);
            break;
          }
        }
    // A token, a look and a write for each of the two at the least.
    expect(Math.min(...calls.before)).toBeGreaterThanOrEqual(6);
    expect(Math.min(...calls.after)).toBeGreaterThanOrEqual(isWhole ? 2 : 4);
  });
