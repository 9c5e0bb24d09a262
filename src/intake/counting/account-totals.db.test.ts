import { describe, expect, test } from "bun:test";
import { type ModelTicket, modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  MEN,
  MINUTE,
  NOON,
  never,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { incrementalLoop } from "../polling/incremental-loop.ts";
import { defaultIncrementalPace } from "../polling/launch.ts";
import { poller } from "../polling/poller.ts";
import { defaultIncremental } from "./incremental-settings.ts";

const [BERLIN, PARIS, ROME] = ["a1", "a2", "a3"].map((end) => `68f0000000000000000000${end}`) as [
  string,
  string,
  string,
];

const database = emptiedDatabase();

const isOfFullCount = ({ searchParams: query }: URL) =>
  query.has("event") && query.get("top") !== "1" && query.has("end");

/** A look reads at most what the overlap covers. */
function isOfLook({ searchParams: query }: URL) {
  const [since, until] = ["updatedAt[$gte]", "updatedAt[$lte]"].map((name) =>
    Date.parse(query.get(name) ?? ""),
  ) as [number, number];
  return until - since <= 12 * MINUTE;
}

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => `68f0000000000000000000${(n + 16).toString(16)}`);

/** One account with three events, or those said, of which the first goes on sale after `launchMs`, if at all. */
async function stage({
  launchMs,
  eventIds = [BERLIN, PARIS, ROME],
}: {
  launchMs?: number;
  eventIds?: string[];
} = {}) {
  const clock = handClock();
  const { logger, lines } = recordingLog();
  const model = modelVivenu({ now: clock.now });
  const before = new Date(NOON.getTime() - 60 * 24 * HOUR).toISOString();
  const later = new Date(NOON.getTime() + 90 * 24 * HOUR).toISOString();
  const launch = new Date(NOON.getTime() + (launchMs ?? 0)).toISOString();
  for (const _id of eventIds) {
    const sellStart = _id === eventIds[0] && launchMs !== undefined ? launch : before;
    const dates = { sellStart, start: later, end: later };
    model.putEvent({ ...eventJson(), _id, name: `HYROX ${_id}`, ...dates, underShops: [] });
    for (let n = 0; n < 5; n += 1) model.put({ eventId: _id, ticketTypeId: MEN });
  }
  /** What Vivenu answers in the place of the model, with status 200. */
  const lies = { changes: 0, looks: false, total: undefined as number | undefined, sums: false };
  const asked: URL[] = [];
  const clientOf = (region: string) =>
    clientFor({
      ...{ baseUrl: "https://vivenu.example.com", region, clock },
      fetch: async (address) => {
        const url = new URL(address);
        asked.push(url);
        const ofTickets = url.pathname === "/api/tickets";
        const ofChanges = url.searchParams.has("updatedAt[$gte]");
        if (ofTickets && lies.looks && isOfLook(url)) return Response.json({ rows: [], total: 0 });
        if (ofTickets && ofChanges && lies.changes > 0) {
          lies.changes -= 1;
          return Response.json({ rows: [], total: 0 });
        }
        const isTotal = ofTickets && !ofChanges && url.searchParams.get("top") === "1";
        if (lies.total !== undefined && isTotal)
          return Response.json({ rows: [], total: lies.total });
        if (lies.sums && isTotal && url.searchParams.get("event")?.includes(","))
          return Response.json({ rows: [], total: 1 });
        return model.fetch(address);
      },
    });
  const polling = poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 1_000, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const { step, ended } = incrementalLoop({
    ...{ sql: database.sql, accounts: ["DACH"], clientOf, poller: polling, filter: hyrox },
    ...{ pace: defaultIncrementalPace, clock, logger, signal: never },
  });
  clock.forward(SECOND * 10);
  await polling.pollAccount(clientOf("DACH"), never);
  return {
    ...{ clock, model, lies, asked, lines },
    ticketOf: (eventId: string) =>
      [...model.tickets.values()].find((one) => one.eventId === eventId) as ModelTicket,
    sell(eventId: string, count: number) {
      for (let n = 0; n < count; n += 1) model.put({ eventId, ticketTypeId: MEN });
      clock.forward(3 * SECOND);
    },
    /** As many minutes as are said, with a look wherever one is due. */
    async minutes(count: number, each?: () => void) {
      for (let n = 0; n < count; n += 1) {
        clock.forward(MINUTE);
        each?.();
        await step();
        await ended();
      }
    },
    sold: async (eventId: string) => {
      const [row] = await database.sql`
        select count(*)::int as kept from ticket_state
        where event_id = ${eventId} and status in ('VALID', 'DETAILSREQUIRED')
      `;
      return row?.kept;
    },
    /** How many full counts were begun, by event. */
    fullCounts: () => asked.filter(isOfFullCount).length,
  };
}

describe("a list of changes that is empty, with status 200", () => {
  test("hides no sale of a launch for longer than five minutes", async () => {
    const { lies, sell, minutes, sold } = await stage({ launchMs: 10 * MINUTE });
    await minutes(9);
    lies.changes = Number.POSITIVE_INFINITY;
    let made = 5;
    for (let n = 0; n < 6; n += 1) {
      sell(BERLIN, 4);
      made += 4;
      await minutes(5);
      expect(await sold(BERLIN)).toBe(made);
    }
  });

  test("is read once more where one look at it was empty, and no ticket is read that did not change", async () => {
    const { lies, sell, model, ticketOf, minutes, sold, fullCounts } = await stage();
    await minutes(61);
    lies.changes = 1;
    sell(BERLIN, 4);
    sell(PARIS, 2);
    model.change(ticketOf(ROME)._id, { status: "INVALID" });
    const before = fullCounts();
    await minutes(61);
    expect([await sold(BERLIN), await sold(PARIS), await sold(ROME)]).toEqual([9, 7, 4]);
    expect(fullCounts()).toBe(before);
  });

  test("hides a refund no longer than to the next look, though as many are sold as are refunded", async () => {
    const { lies, sell, model, ticketOf, minutes, sold } = await stage();
    await minutes(61);
    lies.changes = Number.POSITIVE_INFINITY;
    sell(BERLIN, 1);
    model.change(ticketOf(PARIS)._id, { status: "INVALID" });
    await minutes(61);
    expect([await sold(BERLIN), await sold(PARIS)]).toEqual([6, 4]);
  });

  test.each([
    ["first", BERLIN],
    ["second", PARIS],
    ["last", ROME],
  ])(
    "has only the event counted fully that it hides something of, be it the %s",
    async (_, hidden) => {
      const { lies, sell, minutes, asked, sold } = await stage();
      await minutes(61);
      lies.changes = Number.POSITIVE_INFINITY;
      sell(hidden, 4);
      const before = asked.length;
      await minutes(61);
      const read = asked
        .slice(before)
        .filter(({ searchParams: query }) => query.has("event") && query.get("top") !== "1");
      expect(new Set(read.map(({ searchParams }) => searchParams.get("event")))).toEqual(
        new Set([hidden]),
      );
      expect(await sold(hidden)).toBe(9);
    },
  );

  test("hides sales of 25 events no longer than to the third look, for each counts ten of them", async () => {
    const eventIds = many(25);
    const { lies, sell, minutes, sold } = await stage({ launchMs: 10 * MINUTE, eventIds });
    await minutes(9);
    lies.changes = Number.POSITIVE_INFINITY;
    for (const eventId of eventIds) sell(eventId, 1);
    await minutes(16);
    for (const eventId of eventIds) expect(await sold(eventId)).toBe(6);
  });

  test("at each look is made up for at the next check by what is read once more, and nothing is counted fully", async () => {
    const { lies, sell, minutes, sold, fullCounts } = await stage({ launchMs: 10 * MINUTE });
    await minutes(9);
    const before = fullCounts();
    lies.looks = true;
    let made = 5;
    for (let n = 0; n < 4; n += 1) {
      sell(BERLIN, 4);
      made += 4;
      await minutes(5);
      expect(await sold(BERLIN)).toBe(made);
    }
    expect(fullCounts()).toBe(before);
  });
});

test("events that Vivenu has no more, as far as it says, keep what was counted until they are gone", async () => {
  const { model, minutes, sold } = await stage();
  await minutes(61);
  // A key that sees one event of three: neither the others nor their tickets.
  for (const eventId of [BERLIN, PARIS]) {
    model.events.delete(eventId);
    for (const ticket of [...model.tickets.values()])
      if (ticket.eventId === eventId) model.tickets.delete(ticket._id);
  }
  await minutes(125);
  expect([await sold(BERLIN), await sold(PARIS), await sold(ROME)]).toEqual([5, 5, 5]);
});

test("what an account has is asked for in two requests a look where all agrees", async () => {
  const { minutes, asked, lines } = await stage();
  await minutes(61);
  const before = asked.length;
  await minutes(240);
  const totals = asked
    .slice(before)
    .filter(({ searchParams: query }) => query.get("event")?.includes(","));
  expect(totals).toHaveLength(4 * 2);
  expect(lines.filter((line) => line.includes("changes.missed"))).toEqual([]);
});

test("what a hundred events have is asked for of fifty at a time, and of nothing else where all agrees", async () => {
  const eventIds = many(100);
  const { minutes, asked, lines } = await stage({ eventIds });
  await minutes(61);
  const before = asked.length;
  await minutes(60);
  const totals = asked
    .slice(before)
    .filter((url) => url.pathname === "/api/tickets" && url.searchParams.get("top") === "1")
    .map(({ searchParams: query }) => query.get("event")?.split(",").length);
  expect(totals).toEqual([50, 50, 50, 50]);
  expect(lines.filter((line) => line.includes("changes.missed"))).toEqual([]);
});

test("totals that agreed again are counted for soon where they are wrong once more", async () => {
  const { lies, minutes, fullCounts } = await stage({ launchMs: 10 * MINUTE });
  await minutes(9);
  lies.total = 7;
  await minutes(60);
  lies.total = undefined;
  await minutes(120);
  lies.total = 7;
  const before = fullCounts();
  await minutes(30);
  // Of three events: at 5 and 20 minutes, as at first.
  expect(fullCounts() - before).toBe(3 * 2);
});

test("a sum that agreed again is asked for soon where it is wrong once more", async () => {
  const { lies, minutes, lines } = await stage({ launchMs: 10 * MINUTE });
  await minutes(9);
  const missedIn = async (count: number) => {
    lines.splice(0);
    await minutes(count);
    return lines.filter((line) => line.includes("changes.missed")).length;
  };
  lies.sums = true;
  const first = await missedIn(30);
  await missedIn(60);
  lies.sums = false;
  await minutes(120);
  lies.sums = true;
  expect([first, await missedIn(30)]).toEqual([2, 2]);
});

test("tickets that change status between a look and its check have nothing counted anew", async () => {
  const { model, minutes, fullCounts, lines } = await stage({ launchMs: 10 * MINUTE });
  await minutes(8);
  const before = fullCounts();
  // Reserved long before the cutoff, and paid for behind it.
  const reserved = Array.from({ length: 60 }, () =>
    model.put({ eventId: BERLIN, ticketTypeId: MEN, status: "RESERVED" }),
  );
  await minutes(40, () => {
    const [next] = reserved.splice(0, 1);
    if (next) model.change(next._id, { status: "VALID" });
  });
  expect(fullCounts()).toBe(before);
  expect(lines.filter((line) => line.includes("changes.missed"))).toEqual([]);
});

test("a total that is wrong for good has an event counted fully ever more seldom", async () => {
  const { lies, minutes, fullCounts } = await stage({ launchMs: 10 * MINUTE });
  await minutes(9);
  lies.total = 7;
  const before = fullCounts();
  await minutes(120);
  // Of three events: at 5, 20, 50 and 110 minutes, more or less.
  expect(fullCounts() - before).toBeLessThanOrEqual(3 * 6);
  expect(fullCounts() - before).toBeGreaterThanOrEqual(3 * 3);
});

test("changes are read again from where they were read again before, while nothing agrees", async () => {
  const { lies, minutes, asked } = await stage({ launchMs: 10 * MINUTE });
  await minutes(9);
  lies.total = 7;
  const before = asked.length;
  await minutes(120);
  const again = asked.slice(before).flatMap(({ searchParams: query }) => {
    const [since, until] = ["updatedAt[$gte]", "updatedAt[$lte]"].map((name) =>
      Date.parse(query.get(name) ?? ""),
    ) as [number, number];
    // A look reads at most what the overlap covers.
    return until - since > 12 * MINUTE ? since : [];
  });
  expect(again.length).toBeGreaterThan(2);
  expect(new Set(again).size).toBe(again.length);
});

test("a sum that no event is to blame for is asked for ever more seldom, and nothing is counted for it", async () => {
  const { lies, sell, minutes, asked, sold, fullCounts } = await stage({ launchMs: 10 * MINUTE });
  await minutes(9);
  lies.sums = true;
  const before = { asked: asked.length, full: fullCounts() };
  sell(BERLIN, 3);
  await minutes(180);
  const totals = asked
    .slice(before.asked)
    .filter(({ searchParams: query }) => query.has("event") && query.get("top") === "1");
  // Nine each at 5, 20, 50 and 110 minutes.
  expect(totals.length).toBeLessThanOrEqual(5 * 9);
  expect(fullCounts()).toBe(before.full);
  expect(await sold(BERLIN)).toBe(8);
  lies.sums = false;
  await minutes(120);
  expect(await sold(BERLIN)).toBe(8);
});

test("totals that are wrong of every event have ten counted fully at one check, and others at the next", async () => {
  const { lies, minutes, asked } = await stage({ launchMs: 10 * MINUTE, eventIds: many(25) });
  await minutes(9);
  lies.total = 7;
  const before = asked.length;
  await minutes(6);
  const countedSince = () =>
    asked
      .slice(before)
      .filter(isOfFullCount)
      .map(({ searchParams }) => searchParams.get("event"));
  expect(new Set(countedSince()).size).toBe(10);
  await minutes(60);
  expect(new Set(countedSince()).size).toBe(25);
  expect(asked.slice(before).length).toBeLessThan(400);
});

test("events that were counted in vain come last while others are yet to be counted", async () => {
  const { lies, minutes, asked } = await stage({ launchMs: 10 * MINUTE, eventIds: many(45) });
  await minutes(9);
  lies.total = 7;
  const before = asked.length;
  await minutes(29);
  const counted = asked
    .slice(before)
    .filter(isOfFullCount)
    .map(({ searchParams }) => searchParams.get("event"));
  // Ten at the first check, and ten others at the second, when those may be counted again.
  expect(new Set(counted).size).toBe(20);
});

test("a check that Vivenu does not answer leaves what was counted as it is", async () => {
  const { model, lies, sell, minutes, sold } = await stage();
  await minutes(61);
  lies.total = Number.NaN;
  sell(BERLIN, 2);
  await minutes(61);
  expect(await sold(BERLIN)).toBe(7);
  expect(model.tickets.size).toBe(17);
});
