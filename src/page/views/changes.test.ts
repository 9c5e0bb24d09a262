import { expect, test } from "bun:test";
import { textOf } from "../../../test/support/page-text.ts";
import {
  changeRow,
  eventRow,
  KEY,
  ringOf,
  type TestApi,
  testApi,
} from "../../../test/support/test-api.ts";
import type { ChangesWanted } from "../../projections/queries/row-types.ts";
import { pages } from "../pages.ts";

const HTML = { accept: "text/html", cookie: "tz=Europe%2FBerlin" };
const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202eevil`;
const clock = { now: () => new Date("2026-02-12T11:00:00.000Z"), pause: async () => {} };
const shown = await pages({ clock });

const site = (options: TestApi = {}) => testApi({ pages: shown, ...options });

test("each change is one sentence, below its day by the reader's clock", async () => {
  const { get } = site({
    changes: [
      changeRow({
        ...{ changeType: "soldOut", subjectName: "HYROX MEN | Saturday", subjectId: "t1" },
        changedAt: "2026-02-12T09:44:00.000Z",
      }),
      changeRow({
        ...{ changeType: "event", fieldName: "sellStart", field: "sellStart", kind: "instant" },
        ...{ severity: "critical", source: "webhook" },
        previousValue: { value: "2026-03-01T10:00:00.000Z", isInstant: true },
        newValue: { value: "2026-03-03T10:00:00.000Z", isInstant: true },
        // Of the day before in UTC.
        changedAt: "2026-02-11T23:30:00.000Z",
      }),
      changeRow({
        ...{ changeType: "ticketType", fieldName: "price", field: "price", kind: "money" },
        ...{ subjectName: "Women", subjectId: "t2", currency: "CHF", severity: "medium" },
        previousValue: { value: 99, isInstant: false },
        newValue: { value: 104.5, isInstant: false },
        changedAt: "2026-02-11T10:00:00.000Z",
      }),
      changeRow({
        ...{ changeType: "category", fieldName: "amount", field: "amount of Race", kind: "places" },
        ...{ subjectName: "Race", subjectId: "race", severity: "medium" },
        previousValue: { value: 3_000, isInstant: false },
        newValue: { value: null, isInstant: false },
        changedAt: "2026-02-11T09:00:00.000Z",
      }),
    ],
  });
  const text = textOf(await (await get("/changes", HTML)).text());
  expect(text).toContain("Today, 12 Feb 2026 10:44 High HYROX Testhausen DACH");
  expect(text).toContain("HYROX MEN | Saturday sold out : 12 → to 0 left count");
  expect(text).toContain("00:30 Critical HYROX Testhausen");
  expect(text).toContain(
    "Sales start moved later : Sun 1 Mar 2026, 11:00 → to Tue 3 Mar 2026, 11:00 webhook",
  );
  expect(text).toContain("Yesterday, 11 Feb 2026 11:00 Medium");
  expect(text).toContain("Price of Women : CHF 99.00 → to CHF 104.50");
  expect(text).toContain("Amount of category “ Race ”: 3,000 → to no limit");
});

test.each([
  ["put forward", "2026-03-29T22:30:00.000Z", "2026-03-29T10:00:00.000Z", "29 Mar 2026"],
  ["put back", "2026-10-25T22:30:00.000Z", "2026-10-24T10:00:00.000Z", "24 Oct 2026"],
])("yesterday is the day before also where the clock was %s", async (_, now, changedAt, day) => {
  const clock = { now: () => new Date(now), pause: async () => {} };
  const { get } = site({ clock, changes: [changeRow({ changedAt })] });
  expect(textOf(await (await get("/changes", HTML)).text())).toContain(`Yesterday, ${day}`);
});

test("the numbers beside the views are all of the reader's day, and what is grave among however much", async () => {
  // A day of 25 hours has just begun.
  const clock = { now: () => new Date("2026-10-24T22:10:00.000Z"), pause: async () => {} };
  const launches = ["2026-10-25T22:50:00.000Z", "2026-10-25T23:10:00.000Z"].map(
    (salesLaunchDate) => ({
      ...eventRow({ status: "ANNOUNCED" }),
      salesLaunchDate,
      isReady: true,
      problems: [],
      moves: [],
    }),
  );
  const some = (severity: "medium" | "high", count: number) =>
    Array.from({ length: count }, () => changeRow({ severity }));
  const all = [...some("medium", 120), ...some("high", 3)];
  const { get } = site({
    clock,
    readLaunches: async ({ from, to }) => ({
      next: null,
      rows: launches.filter(({ salesLaunchDate: at }) => {
        const launch = new Date(at);
        return (!from || launch >= from) && (!to || launch < to);
      }),
    }),
    readChanges: async ({ severities, limit }) => ({
      rows: all.filter(({ severity }) => severities?.includes(severity) ?? true).slice(0, limit),
      next: null,
    }),
  });
  const html = await (await get("/changes", HTML)).text();
  expect([...html.matchAll(/class="pill[^>]*>([^<]*)/g)].map(([, shown]) => shown)).toEqual([
    ...["1 today", "3"],
  ]);
});

test("changes of all places stand newest first by one clock where the reader's is not known, and dates of events by their own", async () => {
  const { get } = site({
    clock,
    changes: [
      changeRow({
        ...{ timezone: "America/New_York", changedAt: "2026-02-12T00:40:00.000Z" },
        ...{ changeType: "event", fieldName: "sellStart", field: "sellStart", kind: "instant" },
        previousValue: { value: "2026-03-01T15:00:00.000Z", isInstant: true },
        newValue: { value: "2026-03-02T15:00:00.000Z", isInstant: true },
      }),
      changeRow({ timezone: "Pacific/Auckland", changedAt: "2026-02-12T00:30:00.000Z" }),
      changeRow({ timezone: "Pacific/Auckland", changedAt: "2026-02-11T23:20:00.000Z" }),
    ],
  });
  const html = await (await get("/changes", { accept: "text/html" })).text();
  const shownAt = [
    ...html.matchAll(/scope="rowgroup"[^>]*>([^<]*)|<time datetime[^>]*>(\d\d:\d\d)</g),
  ];
  expect(shownAt.map(([, day, time]) => day ?? time)).toEqual([
    ...["Today, 12 Feb 2026", "00:40", "00:30"],
    ...["Yesterday, 11 Feb 2026", "23:20"],
  ]);
  expect(textOf(html)).toContain("At, UTC Weight Event");
  expect(textOf(html)).toContain("Sun 1 Mar 2026, 10:00 → to Mon 2 Mar 2026, 10:00");
});

test.each([
  // Of the next day at each of these places, though not in UTC.
  ["2026-12-01T00:10:00.000Z", "Europe/Zurich", "2026-12-01T23:52:00.000Z", []],
  ["2026-12-01T00:10:00.000Z", "America/Vancouver", "2026-12-01T08:30:00.000Z", []],
  // Of this day there, though of the one before or the next in UTC.
  ["2026-12-01T00:10:00.000Z", "America/Vancouver", "2026-11-30T20:00:00.000Z", ["1 today"]],
  ["2026-12-01T20:00:00.000Z", "Pacific/Auckland", "2026-12-02T09:00:00.000Z", ["1 today"]],
  // The last hour of a day of 25.
  ["2026-10-24T22:10:00.000Z", "Europe/Berlin", "2026-10-25T22:50:00.000Z", ["1 today"]],
])(
  "at %s what launches today in %s is of that place's day where the reader's is not known: %s",
  async (now, timezone, salesLaunchDate, pills) => {
    const launch = {
      ...eventRow({ status: "ANNOUNCED", timezone }),
      ...{ salesLaunchDate, isReady: true, problems: [], moves: [] },
    };
    const at = new Date(salesLaunchDate);
    const { get } = site({
      clock: { now: () => new Date(now), pause: async () => {} },
      readLaunches: async ({ from, to }) => ({
        next: null,
        rows: (!from || at >= from) && (!to || at < to) ? [launch] : [],
      }),
      readChanges: async () => ({ rows: [], next: null }),
    });
    const html = await (await get("/changes", { accept: "text/html" })).text();
    expect([...html.matchAll(/class="pill[^>]*>([^<]*)/g)].map(([, shown]) => shown)).toEqual(
      pills,
    );
  },
);

test("more grave changes than are counted have a plus beside their view's name", async () => {
  const pills = async (count: number) => {
    const all = Array.from({ length: count }, () => changeRow({ severity: "high" }));
    const { get } = site({
      clock,
      readChanges: async ({ limit }) => ({
        rows: all.slice(0, limit),
        next: all.length > limit ? [0, "e1", "available", "c1"] : null,
      }),
    });
    const html = await (await get("/launches", HTML)).text();
    return [...html.matchAll(/class="pill[^>]*>([^<]*)/g)].map(([, shown]) => shown);
  };
  expect(await pills(0)).toEqual([]);
  expect(await pills(99)).toEqual(["99"]);
  expect(await pills(100)).toEqual(["99+"]);
});

test("a form keeps several of what can be chosen as they are, however the address says them", async () => {
  const html = await (
    await site({ events: [eventRow(), eventRow({ eventId: "e2" })] }).get(
      "/changes?region=dach&region=FRANCE&field=sellStart&eventId=e1,e2&severity=HIGH,critical",
      HTML,
    )
  ).text();
  expect(html).toContain('<option value="DACH,FRANCE" selected="">DACH, France</option>');
  expect(html).toContain('<option value="sellStart" selected="">Sales start</option>');
  expect(html).toContain('name="eventId" value="e1,e2"');
  expect(html).toContain('name="severity" value="HIGH,critical"');
  const dates = await (
    await site().get("/changes?field=end,start,sellStart,sellEnd,visibleAfter&severity=HIGH", HTML)
  ).text();
  expect(dates).toMatch(/selected="">Dates</);
  expect(dates).toMatch(/aria-current="true">\s*High/);
});

test("a name's own direction stays within it", async () => {
  const { get } = site({
    changes: [
      changeRow({
        ...{ changeType: "event", fieldName: "name", field: "name", kind: "text" },
        previousValue: { value: HOSTILE, isInstant: false },
        newValue: { value: "Testhausen", isInstant: false },
      }),
      changeRow({ changeType: "soldOut", subjectName: HOSTILE, subjectId: "t1" }),
    ],
  });
  const html = await (await get("/changes", HTML)).text();
  const [, list = ""] = /<main([\s\S]*)<\/main>/.exec(html) ?? [];
  for (const part of list.split("\u202e").slice(0, -1)) expect(part).toMatch(/<bdi>[^<]*$/);
  expect(list.split("\u202e").length).toBeGreaterThan(2);
});

test("of one event it says which, and the way to all that ever changed stays with it", async () => {
  const one = "/changes?eventId=e1";
  const some = await (
    await site({ events: [eventRow()], changes: [changeRow({ eventId: "e1" })] }).get(one, HTML)
  ).text();
  expect(textOf(some)).toContain("Of HYROX Testhausen alone. Of all events");
  const none = await (await site({ events: [eventRow()], changes: [] }).get(one, HTML)).text();
  expect(textOf(none)).toContain("Of 1 event alone. Of all events");
  expect(none).toContain('href="/changes?days=all&amp;eventId=e1"');
});

test("of an event that is not there nothing is said, as in the API, instead of that nothing changed", async () => {
  const { get } = site({ events: [eventRow()] });
  const [page, api] = await Promise.all([
    get("/changes?eventId=e1,typo", HTML),
    get("/api/changes?eventId=e1,typo"),
  ]);
  expect([page.status, api.status]).toEqual([404, 404]);
  expect(textOf(await page.text())).toContain("There is no such event: typo.");
});

test("who sees some accounts only is offered no other one", async () => {
  const partner = async (kept: { accounts?: string[]; events?: string[] }) => {
    const keys = {
      read: async () => (await ringOf(KEY).read()).map((key) => ({ ...key, ...kept })),
    };
    const answer = await site({ keys }).get("/changes", { ...HTML, "x-api-key": KEY });
    return answer.text();
  };
  expect(await partner({})).toContain("France");
  const ofAccount = await partner({ accounts: ["DACH"] });
  expect(ofAccount).toContain('<option value="DACH">');
  expect(ofAccount).not.toContain("France");
  expect(await partner({ events: ["e1"] })).not.toMatch(/France|value="DACH"/);
});

test("a price has as many digits as its currency has", async () => {
  const price = (currency: string, was: number, is: number) =>
    changeRow({
      ...{ changeType: "ticketType", fieldName: "price", field: "price", kind: "money", currency },
      ...{ subjectName: "Women", subjectId: "t2", severity: "medium" },
      previousValue: { value: was, isInstant: false },
      newValue: { value: is, isInstant: false },
    });
  const changes = [price("JPY", 9_900, 12_000), price("KWD", 30.125, 32), price("SEK", 990, 995.5)];
  const text = textOf(await (await site({ changes }).get("/changes", HTML)).text());
  expect(text).toContain("Price of Women : JPY 9,900 → to JPY 12,000");
  expect(text).toContain("Price of Women : KWD 30.125 → to KWD 32.000");
  expect(text).toContain("Price of Women : SEK 990.00 → to SEK 995.50");
});

test("where nothing ever changed, nobody is led to all that ever did", async () => {
  const { get } = site();
  const said = async (path: string) => textOf(await (await get(path, HTML)).text());
  expect(await said("/changes")).toContain("Everything that ever changed");
  const ever = await said("/changes?days=all");
  expect(ever).toContain("Neither descriptions nor what is left, since events were first read.");
  expect(ever).not.toContain("Everything that ever changed");
});

test("filters are the readers' own, and the table of a view is its rows from the API", async () => {
  const asked: ChangesWanted[] = [];
  const { get } = site({
    readChanges: async (wanted) => {
      asked.push(wanted);
      return { rows: [], next: null };
    },
  });
  const path = "/changes?severity=critical&field=price&region=dach&q=k%C3%B6ln&days=30";
  const html = await (await get(path, HTML)).text();
  const [wanted] = asked.filter(({ limit }) => limit === 100);
  expect(wanted).toMatchObject({
    ...{ severities: ["critical"], fields: ["price"], regions: ["DACH"], words: ["KOLN"] },
    since: new Date("2026-01-13T11:00:00.000Z"),
  });
  expect(html).toContain(
    "/api/changes?severity=critical&amp;field=price&amp;region=dach&amp;q=k%C3%B6ln&amp;firstCounts=false&amp;since=2026-01-13T11:00:00.000Z&amp;format=csv",
  );
  expect(textOf(html)).toContain("No change is like this.");
});

test("what cannot be asked for is named, and a cursor of another list is none of these", async () => {
  const { get } = site();
  for (const query of ["severity=grave", "days=3", "cursor=eyJ", "nonsense=1"]) {
    const answer = await get(`/changes?${query}`, HTML);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(query.split("=")[0] ?? "");
  }
});

test("names are text, whatever they say", async () => {
  const { get } = site({
    changes: [
      changeRow({
        ...{ eventName: HOSTILE, subjectName: HOSTILE, subjectId: "t", changeType: "ticketType" },
        ...{ fieldName: "added", kind: "text" },
        newValue: { value: HOSTILE, isInstant: false },
      }),
    ],
  });
  const html = await (await get("/changes", HTML)).text();
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(html).not.toContain("<img");
});
