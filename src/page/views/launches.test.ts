import { expect, test } from "bun:test";
import { textOf } from "../../../test/support/page-text.ts";
import {
  changeRow,
  eventRow,
  lastPage,
  type TestApi,
  testApi,
  ticketTypeRow,
} from "../../../test/support/test-api.ts";
import type { LaunchRow } from "../../projections/queries/row-types.ts";
import { pages } from "../pages.ts";
import { weeksFrom } from "./launch-calendar.tsx";
import { medianOf } from "./live-launch.tsx";

const HTML = { accept: "text/html", cookie: "tz=Europe%2FBerlin" };
const now = new Date("2026-02-12T11:00:00.000Z");
const clock = { now: () => now, pause: async () => {} };
const shown = await pages({ clock });

const site = (launches: LaunchRow[], options: TestApi = {}) =>
  testApi({
    ...{ pages: shown, clock },
    readLaunches: async ({ from, to, regions }) => ({
      rows: launches.filter(({ salesLaunchDate, region }) => {
        const at = new Date(salesLaunchDate);
        const isWithin = at >= from && (to === undefined || at < to);
        return isWithin && (regions?.includes(region) ?? true);
      }),
      next: null,
    }),
    ...options,
  });

const launchRow = (row: Partial<LaunchRow> = {}): LaunchRow => ({
  ...eventRow({ status: "ANNOUNCED" }),
  salesLaunchDate: "2026-02-13T18:00:00.000Z",
  ...{ isReady: true, problems: [], moves: [] },
  ...row,
});

test("the next launches say when by the reader's clock, and what is in their way", async () => {
  const { get } = site([
    launchRow({
      ...{ eventName: "HYROX Vancouver 2027", timezone: "America/Vancouver" },
      salesLaunchDate: "2026-02-12T18:00:00.000Z",
    }),
    launchRow({
      ...{ eventId: "e2", eventName: "HYROX Zürich 2027", isReady: false, presale: true },
      problems: [{ problem: "noPrice", ticketTypes: [{ ticketTypeId: "t", ticketName: "Men" }] }],
      moves: [
        {
          ...{ from: "2026-02-10T10:00:00.000Z", to: "2026-02-13T18:00:00.000Z" },
          at: "2026-02-01T00:00:00.000Z",
        },
      ],
    }),
  ]);
  const text = textOf(await (await get("/launches", HTML)).text());
  expect(text).toContain("HYROX Vancouver 2027 launches 19:00");
  expect(text).toContain("Today 19:00 in 7 h HYROX Vancouver 2027 DACH");
  expect(text).toContain("ready, 10:00 there");
  expect(text).toContain("Tomorrow 19:00 in 31 h HYROX Zürich 2027");
  expect(text).toContain(
    "1 type without a price , moved later, was 10 Feb, 11:00 , presale: 701 sold",
  );
});

test("days to a launch are those of the calendar, whatever the time of the day", async () => {
  // Now is noon: to the morning of the third day it is less than three times 24 hours.
  const { get } = site([launchRow({ salesLaunchDate: "2026-02-15T09:00:00.000Z" })]);
  const text = textOf(await (await get("/launches", HTML)).text());
  expect(text).toContain("Sun 15 Feb 10:00 in 3 days");
});

test("a launch of the next minute is in a minute, and one that just began is not counted in minutes of none", async () => {
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000).toISOString();
  const coming = site([launchRow({ salesLaunchDate: at(40) })]);
  const html = await (await coming.get("/launches", HTML)).text();
  expect(html).toContain('<span class="muted">in a minute</span>');
  const row = { status: "ON_SALE", salesLaunchDate: at(-20) } as const;
  const begun = site([launchRow(row)], { events: [eventRow(row)] });
  const live = await (await begun.get("/launches", HTML)).text();
  expect(live).toContain("launched just now");
  expect(live).toContain(
    "58.4 % in the first minute. How launches usually run in their first hours is not known yet.",
  );
});

test("what clocks show at the event is said of when it launches, and not of when it was to", async () => {
  const { get } = site([
    launchRow({
      timezone: "America/New_York",
      moves: [
        {
          ...{ from: "2026-02-13T16:00:00.000Z", to: "2026-02-13T18:00:00.000Z" },
          at: "2026-02-01T00:00:00.000Z",
        },
      ],
    }),
  ]);
  expect(textOf(await (await get("/launches", HTML)).text())).toContain(
    "ready, 13:00 there, moved later, was 13 Feb, 17:00",
  );
});

test("an event that was called off launches no more, and who asks for some accounts sees those", async () => {
  const site2027 = site(
    [
      launchRow({ eventId: "e1", eventName: "HYROX Bordeaux 2027", status: "CANCELLED" }),
      launchRow({ eventId: "e2", eventName: "HYROX Nice 2027", region: "FRANCE" }),
      launchRow({ eventId: "e3", eventName: "HYROX Wien 2027", region: "DACH" }),
    ],
    {
      events: [
        eventRow({ eventId: "e4", eventName: "HYROX Lyon 2026", status: "CANCELLED" }),
        eventRow({ eventId: "e5", eventName: "HYROX Series 2026", status: "GROUP" }),
      ].map((row) => ({ ...row, eventDate: "2026-02-20T10:00:00.000Z" })),
    },
  );
  const shownOn = async (path: string) => textOf(await (await site2027.get(path, HTML)).text());
  const all = await shownOn("/launches");
  expect(all).toContain("HYROX Nice 2027 launches");
  expect(all).toContain("HYROX Wien 2027");
  expect(all).not.toMatch(/Bordeaux|Lyon|Series/);
  const ofDach = await shownOn("/launches?region=dach");
  expect(ofDach).toContain("HYROX Wien 2027 launches");
  expect(ofDach).not.toContain("Nice");
});

test("a calendar has four weeks from a Monday, with launches on the reader's days and races on their own", async () => {
  const { get } = site(
    [
      // Of the 16th in Berlin, and still of the 15th in New York.
      launchRow({ eventName: "HYROX Boston 2027", salesLaunchDate: "2026-02-15T23:30:00.000Z" }),
    ],
    {
      events: [
        eventRow({
          ...{ eventName: "HYROX Auckland 2026", timezone: "Pacific/Auckland" },
          // The 21st there, and the 20th in Berlin.
          eventDate: "2026-02-20T19:00:00.000Z",
        }),
      ],
    },
  );
  const html = await (await get("/launches", HTML)).text();
  const days = [...html.matchAll(/<td[^>]*><time datetime="([^"]+)">.*?<\/time>(.*?)<\/td>/g)];
  expect(days).toHaveLength(28);
  expect(days[0]?.[1]).toBe("2026-02-09");
  const on = Object.fromEntries(
    days.map(([, day, entries]) => [day, textOf(entries ?? "").trim()]),
  );
  expect(on["2026-02-16"]).toBe("Boston");
  expect(on["2026-02-21"]).toBe("Auckland");
  expect(html).toContain('href="/api/launches.ics"');
});

test("a race of several days is on each of them, and one that began before the four weeks on those that are left", async () => {
  const asked: (string | undefined)[] = [];
  const race = (name: string, from: string, to: string) =>
    eventRow({ eventId: name, eventName: `HYROX ${name} 2026`, eventDate: from, eventEndDate: to });
  const events = [
    // The last one ends with the Sunday, by the clock of Berlin.
    race("Berlin", "2026-02-20T07:00:00.000Z", "2026-02-22T23:00:00.000Z"),
    race("Wien", "2026-02-07T07:00:00.000Z", "2026-02-09T17:00:00.000Z"),
    race("Rom", "2026-02-27T07:00:00.000Z", "2027-02-28T17:00:00.000Z"),
    race("Oslo", "2026-02-26T07:00:00.000Z", "2026-02-25T17:00:00.000Z"),
  ];
  const { get } = site([], {
    lists: {
      async events({ fromDay }) {
        asked.push(fromDay);
        return { rows: events, ...lastPage };
      },
      ticketTypes: async () => ({ rows: [], ...lastPage }),
    },
  });
  const html = await (await get("/launches", HTML)).text();
  const days = [...html.matchAll(/<td[^>]*><time datetime="([^"]+)">.*?<\/time>(.*?)<\/td>/g)];
  const of = (name: string) =>
    days.flatMap(([, day, entries = ""]) => (entries.includes(`>${name}<`) ? [day] : []));
  expect(of("Berlin")).toEqual(["2026-02-20", "2026-02-21", "2026-02-22"]);
  expect(of("Wien")).toEqual(["2026-02-09"]);
  expect(of("Oslo")).toEqual(["2026-02-26"]);
  // An end of next year is no last day of a race.
  expect(of("Rom")).toHaveLength(7);
  expect(asked).toEqual(["2026-02-03"]);
});

test("weeks of another century are refused, and those of this one are shown", async () => {
  const { get } = site([]);
  const asked = ["9999-12-31", "0001-01-01", "2099-12-31", "2000-01-01"];
  const answers = await Promise.all(asked.map((day) => get(`/launches?from=${day}`, HTML)));
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 200, 200]);
});

test("weeks begin on the Monday before, also over the end of a year", () => {
  expect(weeksFrom("2027-01-03").days[0]).toBe("2026-12-28");
  expect(weeksFrom("2026-12-28").days.at(-1)).toBe("2027-01-24");
});

test("a launch that runs is first: its minutes, what is gone and when it went, and what is left", async () => {
  const launched = { status: "ON_SALE", salesLaunchDate: "2026-02-12T10:19:00.000Z" } as const;
  const { get } = site([launchRow(launched)], {
    events: [eventRow(launched)],
    ticketTypes: [
      ticketTypeRow({ ticketTypeId: "t1", ticketName: "Men", available: 9, capacity: 360 }),
      ticketTypeRow({ ticketTypeId: "t2", ticketName: "Pro men", available: 0, capacity: 80 }),
    ],
    changes: [changeRow({ subjectId: "t2", changedAt: "2026-02-12T10:44:00.000Z" })],
    levels: [
      {
        ...{ at: "2026-02-12T10:40:00.000Z", basis: "count", ticketTypeId: null },
        ...{ ticketName: null, sold: 600, reserved: 0, capacity: 1200, available: 600 },
        percentSold: 50,
      },
    ],
  });
  const html = await (await get("/launches", HTML)).text();
  const text = textOf(html);
  expect(text).toContain("HYROX Testhausen launched 41 min ago");
  expect(text).toContain("701 of 1,200 sold");
  expect(text).toContain(
    "58.4 % after 41 min. How launches usually run in their first hours is not known yet.",
  );
  expect(text).toContain("Pro men sold out 11:44 Men 9 of 360 left");
  expect(text).toContain("11:40 50.0 %");
});

test("of launches that run at one time the newest is shown, and each other is named and a step away", async () => {
  const at = (time: string) =>
    ({ status: "ON_SALE", salesLaunchDate: `2026-02-12T${time}:00.000Z` }) as const;
  const rows = [
    launchRow({ eventId: "e1", eventName: "HYROX Köln 2027", ...at("10:19") }),
    launchRow({ eventId: "e2", eventName: "HYROX Utrecht 2027", ...at("10:50") }),
    launchRow({ eventId: "e3", eventName: "HYROX Lyon 2027", ...at("07:50") }),
  ].sort((a, b) => a.salesLaunchDate.localeCompare(b.salesLaunchDate));
  const { get } = site(rows, {
    events: rows.map(({ eventId, eventName }) => eventRow({ eventId, eventName })),
    levels: [],
  });
  const html = await (await get("/launches", HTML)).text();
  expect(textOf(html)).toContain("HYROX Utrecht 2027 launched 10 min ago");
  expect(textOf(html)).toMatch(
    /Running as well: HYROX Köln 2027 ?, launched 41 min ago, 701 of 1,200 sold/,
  );
  expect(textOf(html)).not.toContain("HYROX Lyon");
  expect(html).toContain('href="/launches?event=e1"');
  const other = textOf(await (await get("/launches?event=e1", HTML)).text());
  expect(other).toContain("HYROX Köln 2027 launched 41 min ago");
  expect(other).toMatch(/Running as well: HYROX Utrecht 2027 ?, launched 10 min ago/);
});

test("usual is the median, minute by minute, as far as three have come", () => {
  const flat = (y: number, until: number) => [
    { x: 0, y },
    { x: until, y },
  ];
  expect(medianOf([flat(10, 5), flat(20, 5)])).toEqual([]);
  const usual = medianOf([flat(10, 5), flat(20, 3), flat(60, 5)]);
  expect(usual.map(({ y }) => y)).toEqual([20, 20, 20, 20]);
});

test("the calendar to subscribe to is of the accounts that the page is of, and always of now", async () => {
  const ics = async (path: string) =>
    /href="(\/api\/launches\.ics[^"]*)"/.exec(await (await site([]).get(path, HTML)).text())?.[1];
  expect(await ics("/launches")).toBe("/api/launches.ics");
  expect(await ics("/launches?region=dach&region=FRANCE&from=2026-02-09")).toBe(
    "/api/launches.ics?region=DACH,FRANCE",
  );
  expect(await ics("/launches?region=DACH&as_of=2026-02-11T10:00:00Z")).toBe(
    "/api/launches.ics?region=DACH",
  );
});

test("a launch that nobody has counted yet says so once, and no number", async () => {
  const launched = { status: "ON_SALE", salesLaunchDate: "2026-02-12T10:58:00.000Z" } as const;
  const notCounted = { totalSold: null, totalCapacity: null, percentSold: null, countedAt: null };
  const { get } = site([launchRow({ ...launched, totalSold: null })], {
    events: [eventRow({ ...launched, ...notCounted })],
    ticketTypes: [ticketTypeRow({ sold: null, available: null, percentSold: null })],
    levels: [],
  });
  const text = textOf(await (await get("/launches", HTML)).text());
  expect(text).toContain("HYROX Testhausen launched 2 min ago");
  // The picture's own words say it as well, for those who do not see it.
  expect(text.match(/Not counted yet/g)).toHaveLength(2);
  expect(text).not.toMatch(/\d of|null|NaN|sold out/);
});

test("the calendar is beside its page as well", async () => {
  const answer = await site([]).get("/launches.ics?region=DACH", HTML);
  expect([answer.status, answer.headers.get("location")]).toEqual([
    308,
    "/api/launches.ics?region=DACH",
  ]);
});
