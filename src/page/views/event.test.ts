import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { textOf } from "../../../test/support/page-text.ts";
import {
  changeRow,
  eventRow,
  KEY,
  lastPage,
  noForecast,
  pace,
  salesRow,
  type TestApi,
  testApi,
  ticketTypeRow,
} from "../../../test/support/test-api.ts";
import type { Rows } from "../../api/events/row-reads.ts";
import type { ApiKey } from "../../api/request/callers.ts";
import type { ForecastPage, UnderShopRow } from "../../projections/queries/row-types.ts";
import type { KnownForecast } from "../../rules/forecast/forecast.ts";
import { pages } from "../pages.ts";
import { placesMatrix, shortTypeName } from "./places-matrix.ts";

const now = "2026-02-12T11:00:00.000Z";
const HTML = { accept: "text/html", "x-api-key": KEY };
const HOSTILE = `<svg onload=alert(1)>"'&\u202eevil`;

const pageOf = async (path: string, options: TestApi = {}) => {
  const there = testApi({
    pages: await pages({ clock: { now: () => new Date(now), pause: async () => {} } }),
    ...options,
  });
  const answer = await there.app.request(path, { headers: HTML });
  return { ...there, status: answer.status, html: await answer.text() };
};

/** Every number within an element, by the API's name for it. */
function fieldsIn(html: string): Record<string, string> {
  return Object.fromEntries(
    [
      ...html.matchAll(
        /<data[^>]*? data-field="([\w.]+)" value="([^"]*)"|<data data-field="([\w.]+)"[^>]*? value="([^"]*)"/g,
      ),
    ].map(([, name = "", value = "", other = "", ofOther = ""]) => [
      name || other,
      value || ofOther,
    ]),
  );
}

const valueAt = (row: unknown, name: string): unknown =>
  name.split(".").reduce((of: unknown, key) => Object(of)[key], row);

const usual = {
  shareOfSellingTime: 43,
  percentSold: 58.1,
  usualPercentSold: 66.52,
  pointsAhead: -8.42,
  comparables: ["past"],
};

const curve = (eventId: string, eventName: string, end: number) => ({
  ...{ eventId, eventName, region: "DACH", capacity: 1200 },
  launch: Date.parse("2026-02-03T11:00:00Z"),
  end: Date.parse("2026-09-12T06:00:00Z"),
  points: [
    { at: Date.parse("2026-02-03T11:00:00Z"), percent: 10 },
    { at: Date.parse("2026-02-12T11:00:00Z"), percent: end },
  ],
});

const played: TestApi = {
  events: [eventRow({ oversoldPlaces: 3, reserved: 7 })],
  ticketTypes: [
    ticketTypeRow({ active: true }),
    ticketTypeRow({
      ticketTypeId: "t2",
      ticketName: "HYROX MEN | Sunday",
      sold: 600,
      available: 0,
      percentSold: 100,
    }),
    ticketTypeRow({
      ticketTypeId: "t3",
      ticketName: "SPECTATOR | Saturday",
      class: "spectator",
      inTotals: false,
    }),
  ],
  readPaces: async () => new Map([["e1", pace({ usual, usualUnknown: null })]]),
  readCurves: async () =>
    new Map([
      ["e1", curve("e1", "HYROX Testhausen", 58.4)],
      ["past", curve("past", "HYROX Nice", 95.5)],
    ]),
  changes: [changeRow({ subjectId: "t2", subjectName: "HYROX MEN | Sunday" })],
};

/** Which rows each reader was given by an event's page that somebody with this key opened. */
async function handedOver(key: Partial<ApiKey>) {
  const handed = new Map<string, Rows | undefined>();
  const note = (name: string, known: Rows | undefined) => void handed.set(name, known);
  const digest = createHash("sha256").update(KEY).digest();
  const { status } = await pageOf("/events/e1", {
    ...played,
    keys: { read: async () => [{ name: "default", isAdmin: false, digest, ...key }] },
    async readSales(_eventId, _wanted, known) {
      note("sales", known);
      return { timezone: null, sales: [] };
    },
    async readLevels(_eventId, _wanted, known) {
      note("levels", known);
      return { timezone: null, countedFrom: null, rows: [], next: null };
    },
    async readForecast(_eventId, _wanted, known) {
      note("forecast", known);
      return noForecast;
    },
  });
  expect(status).toBe(200);
  return Object.fromEntries(handed);
}

test("an event's rows are read once for its page, but never worked on as a partner sees them", async () => {
  const { events = [], ticketTypes = [] } = played;
  const rows = { events, ticketTypes };
  expect(await handedOver({})).toEqual({ sales: rows, levels: rows, forecast: rows });
  const none = { sales: undefined, levels: undefined, forecast: undefined };
  expect(await handedOver({ events: ["e1"] })).toEqual(none);
});

test("what changed at once of many ticket types is one mark of the curve", async () => {
  const amountOf = (name: string, changedAt: string) =>
    changeRow({
      ...{ field: "amount", fieldName: "amount", changeType: "ticketType", changedAt },
      ...{ subjectId: name, subjectName: name },
    });
  const { html } = await pageOf("/events/e1", {
    ...played,
    changes: [
      amountOf("MEN", "2026-02-10T11:00:00.000Z"),
      ...["MEN", "WOMEN", "RELAY"].map((one) => amountOf(one, "2026-02-08T11:00:00.000Z")),
    ],
  });
  const marks = [...html.matchAll(/<svg class="mark mark-(\w+)"[^>]*><title>([^<]*)/g)];
  expect(marks.map(([, kind, label]) => [kind, label])).toEqual([
    ["launch", "Launch"],
    ["capacity", "Places of MEN"],
    ["capacity", "Places of 3 ticket types"],
  ]);
});

test("who sees some events is not told that nobody knows what others may know", async () => {
  const digest = createHash("sha256").update(KEY).digest();
  const { html } = await pageOf("/events/e1", {
    ...played,
    keys: { read: async () => [{ name: "default", isAdmin: false, digest, events: ["e1"] }] },
    readPaces: async () =>
      new Map([["e1", pace({ usual: null, usualUnknown: "tooFewComparables" })]]),
  });
  expect(html).toContain("Fewer than three of the events that this key sees");
  expect(html).not.toContain("nobody knows");
});

test("one that was cancelled is compared with nothing, and nobody is asked to choose", async () => {
  const { html } = await pageOf("/events/e1", {
    ...played,
    readPaces: async () => new Map([["e1", pace({ usual: null, usualUnknown: "cancelled" })]]),
  });
  expect(html).toContain("It was cancelled, so it is compared with none.");
  expect(html).not.toContain("Choose others");
});

test("every number on an event's page is the API's", async () => {
  const { html, read } = await pageOf("/events/e1", played);
  const row = await read("/api/events/e1");
  const head = html.slice(html.indexOf('<dl class="figures"'), html.indexOf("</dl>"));
  const fields = fieldsIn(head);
  expect(Object.keys(fields).sort()).toEqual([
    ...["charityAvailable", "pace.last24Hours", "pace.last7Days", "pace.usual.pointsAhead"],
    ...["percentSold", "totalAvailable", "totalCapacity", "totalSold"],
  ]);
  for (const [name, value] of Object.entries(fields))
    expect(value).toBe(String(valueAt(row, name)));
  const { ticketTypes } = await read<{ ticketTypes: { ticketTypeId: string }[] }>(
    "/api/events/e1/ticket-types",
  );
  for (const type of ticketTypes) {
    const from = html.indexOf(`id="every-${type.ticketTypeId}"`);
    const line = fieldsIn(html.slice(from, html.indexOf("</tr>", from)));
    expect(Object.keys(line)).toContain("soldUnderShop");
    for (const [name, value] of Object.entries(line))
      expect(value).toBe(String(valueAt(type, name)));
  }
});

test("what is sold out looks so, also where its last places are reserved", async () => {
  const gone = { percentSold: 99.6, available: 0, sold: 597, reserved: 3 };
  const sunday = { ticketTypeId: "t2", ticketName: "HYROX MEN | Sunday" };
  const { html } = await pageOf("/events/e1", {
    ...played,
    ticketTypes: [ticketTypeRow(gone), ticketTypeRow({ ...sunday, percentSold: 99.6 })],
  });
  const barOf = (of: string) => /class="bar ([\w-]*)"/.exec(html.slice(html.indexOf(of)))?.[1];
  expect([barOf('id="type-t1"'), barOf('id="type-t2"')]).toEqual(["is-gone", "is-nearly"]);
});

test("an event says what it is compared with, how far behind it is, and what sold out", async () => {
  const { html } = await pageOf("/events/e1", played);
  expect(html).toContain("points against usual");
  expect(html).toContain("−8");
  expect(html).toContain("<bdi>HYROX Nice</bdi>");
  expect(html).toContain("95.5 % at the end");
  expect(html).toContain("<bdi>HYROX MEN | Sunday</bdi> <b>sold out</b>");
  expect(html).toContain("3 oversold");
  expect(html).toContain("in 2 ticket types; 1 more is not in the totals");
  expect(html).toContain('href="/changes?eventId=e1&amp;days=all"');
});

test("a hostile name is text wherever an event shows it", async () => {
  const { html } = await pageOf("/events/e1", {
    ...played,
    events: [eventRow({ eventName: HOSTILE, location: HOSTILE })],
    ticketTypes: [ticketTypeRow({ ticketName: HOSTILE })],
    changes: [changeRow({ subjectName: HOSTILE })],
    readCurves: async () => new Map([["e1", { ...curve("e1", HOSTILE, 5), eventName: HOSTILE }]]),
  });
  expect(html).toContain("&lt;svg onload=alert(1)&gt;");
  expect(html).not.toContain("<svg onload");
});

test("what is not known is said in words: not counted, not launched, nothing to compare with", async () => {
  const unknown = await pageOf("/events/e1", {
    events: [
      eventRow({ totalSold: null, totalCapacity: null, percentSold: null, countedAt: null }),
    ],
    ticketTypes: [ticketTypeRow()],
  });
  expect(unknown.html).toContain("Not counted yet");
  expect(unknown.html).not.toContain(">0 places");
  expect(unknown.html).not.toContain(" 0 places");
  const group = await pageOf("/events/e1", { events: [eventRow({ status: "GROUP" })] });
  expect(group.html).toContain("It holds other events");
  expect((await pageOf("/events/e1", { events: [eventRow()] })).html).toContain(
    "Fewer than three events like it are over",
  );
});

test("one that launched in this hour says what it sold in it, and not that it is yet to launch", async () => {
  const { html } = await pageOf("/events/e1", {
    events: [eventRow({ salesLaunchDate: "2026-02-12T10:48:00.000Z" })],
    readPaces: async () =>
      new Map([
        ["e1", pace({ last7Days: 0, hourSoFar: 981, perDay: 0, usualUnknown: "notLaunched" })],
      ]),
  });
  expect(html).toContain("981 sold in this hour, 499 left.");
  expect(html).toContain("It launched in this hour, and is compared when that is over.");
  expect(html).not.toMatch(/has not launched|in the last 7 days/);
});

test("an event that is not there, or not for this key, is 404, and a parameter of no meaning is named", async () => {
  expect((await pageOf("/events/nowhere", played)).status).toBe(404);
  expect((await pageOf("/events/%00", played)).status).toBe(404);
  const odd = await pageOf("/events/e1?x=moon", played);
  expect(odd.status).toBe(400);
  expect(odd.html).toContain("must be one of date, launch, race");
});

test("what it is to be compared with and is not there is 404 by name, as in the API", async () => {
  const path = "/events/e1?comparables=past1,nobody,%00";
  const site = { ...played, events: [eventRow(), eventRow({ eventId: "past1" })] };
  const { status, html } = await pageOf(path, site);
  expect(status).toBe(404);
  expect(html).toContain("There is no such event: nobody");
  expect((await pageOf("/events/e1?comparables=past1", site)).status).toBe(200);
  const then = await pageOf(`${path}&as_of=2026-02-11T11:00:00.000Z`, site);
  expect(then.html).toContain("There was no such event at 2026-02-11T11:00:00.000Z: nobody");
});

test.each(["launch", "race"])(
  "the curve is drawn along the %s too, in places as well",
  async (x) => {
    const { html } = await pageOf(`/events/e1?x=${x}&y=places`, played);
    expect(html).toContain('class="line-own"');
    expect(html).toContain(">1,200</text>");
    expect(html).not.toMatch(/NaN|undefined/);
  },
);

test("a sale of more than a year has each of its days in the curve's table, with its year", async () => {
  const at = (month: number) => Date.parse("2025-01-09T11:00:00Z") + month * 30.5 * 86_400_000;
  const long = {
    ...curve("e1", "HYROX Testhausen", 0),
    ...{ launch: at(0), end: at(20) },
    points: Array.from({ length: 14 }, (_, n) => ({ at: at(n), percent: n })),
  };
  const { html } = await pageOf("/events/e1", {
    ...played,
    changes: [],
    readCurves: async () => new Map([["e1", long]]),
    readLevels: async () => ({ timezone: null, countedFrom: null, rows: [], next: null }),
  });
  const table = html.slice(html.indexOf('id="curve"'), html.indexOf("</table>"));
  const days = [...table.matchAll(/<th scope="row">([^<]*)/g)].map(([, day]) => day);
  expect(days).toHaveLength(14);
  expect([days[0], days[12]]).toEqual(["9 Jan 2025", "10 Jan 2026"]);
});

test("an earlier moment is not called now in the curve", async () => {
  const note = async (path: string) =>
    /class="chart-note"[^>]*>\s*([^<\s]*)/.exec((await pageOf(path, played)).html)?.[1];
  expect(await note("/events/e1")).toBe("now");
  expect(await note("/events/e1?as_of=2026-02-10T10:00:00Z")).toBe("then");
});

test("the curve of an earlier moment is of the places that there were, as the figures are", async () => {
  const { html } = await pageOf("/events/e1?as_of=2026-02-12T10:00:00Z", {
    ...played,
    // It has 1,200 by now.
    events: [eventRow({ totalCapacity: 1_000, percentSold: 70.1 })],
    readLevels: async () => undefined,
  });
  const figure = html.slice(html.indexOf('id="curve"'), html.indexOf("</figure>"));
  expect(/<desc[^>]*>([^<]*)/.exec(figure)?.[1]).toStartWith("70.1 % sold after 8 of");
  expect(figure).toContain(">1,000</text>");
});

test("a division is the same one whether a day stands with its date or without", () => {
  const { days, rows } = placesMatrix(
    ["HYROX DOUBLES MEN | Saturday, 17 April 2027", "HYROX DOUBLES MEN | Sunday"].map(
      (ticketName, n) => ticketTypeRow({ ticketTypeId: `t${n}`, ticketName }),
    ),
    6,
  );
  expect(days).toEqual(["Saturday", "Sunday"]);
  expect(rows.map(({ division }) => division)).toEqual(["Doubles men"]);
  expect(
    ["CHARITY | HYROX PRO DOUBLES WOMEN | Friday", "HYROX Mixed Relay", "Saturday"].map(
      shortTypeName,
    ),
  ).toEqual(["Charity, pro doubles women, Friday", "Mixed Relay", "Saturday"]);
});

test("a curve that is read in places says when it is sold out where all places are", async () => {
  const { html } = await pageOf("/events/e1?y=places", {
    ...played,
    readForecast: async () => forecastPage(known),
  });
  const place = (name: string) =>
    new RegExp(`<text class="${name}"[^>]* y="([\\d.]+%)"`).exec(html)?.[1];
  expect(place("chart-forecast-end")).toBe(place("chart-capacity-label") ?? "");
});

test("what is left stands by division and day, from the first day on, charity below", () => {
  const type = (ticketName: string, more = {}) => ticketTypeRow({ ticketName, ...more });
  const { days, rows } = placesMatrix(
    [
      type("CHARITY | HYROX MEN | Saturday", {
        class: "charity",
        capacity: 18,
        sold: 16,
        available: 2,
      }),
      type("CHARITY | HYROX DOUBLES MIXED | Saturday", {
        class: "charity",
        capacity: 12,
        sold: 10,
        available: 2,
      }),
      type("HYROX MEN | Sunday", { capacity: 150, sold: 122, available: 26 }),
      type("HYROX MEN | Saturday", { capacity: 150, sold: 150, available: 0 }),
      type("HYROX PRO WOMEN | Friday"),
      type("Open Race"),
      type("SPECTATOR | Saturday", { inTotals: false }),
      type("HYROX WOMEN | Sunday", { removed: true }),
    ],
    5,
  );
  expect(days).toEqual(["Friday", "Saturday", "Sunday", ""]);
  expect(
    rows.map(({ division, places }) => [division, ...places.map((one) => one?.available ?? "-")]),
  ).toEqual([
    ["Men", "-", 0, 26, "-"],
    ["Pro women", 188, "-", "-", "-"],
    ["Open Race", "-", "-", "-", 188],
    ["Charity", "-", 4, "-", "-"],
  ]);
});

const forecastPage = (forecast: ForecastPage["forecast"]): ForecastPage => ({
  ...{ forecast, history: "stored", at: new Date(now), sold: 701, capacity: 1200 },
  ...{ timezone: "Europe/Berlin", comparables: ["past"] },
  trial: null,
});

const known: KnownForecast = {
  ...{ known: true, method: "A", stretch: "7-13", comparables: 9 },
  final: { expected: 1200, low: 1200, high: 1200 },
  sellsOut: "likely",
  soldOutAt: {
    expected: Date.parse("2026-04-12T10:00:00Z"),
    low: Date.parse("2026-04-06T10:00:00Z"),
    high: Date.parse("2026-04-29T10:00:00Z"),
  },
};

test("a forecast says a day and between which days it is 8 of 10 times, in the view, its curve and the list", async () => {
  const told = { ...played, readForecast: async () => forecastPage(known) };
  const { html } = await pageOf("/events/e1", told);
  expect(html).toContain("Most likely 12 April. 8 of 10 times between 6 April and 29 April.");
  expect(html).toContain("From how 9 comparable events went on from here.");
  expect(html).toContain('class="line-forecast"');
  const list = await pageOf("/", {
    ...told,
    events: [eventRow()],
    readSellOuts: async () => new Map([["e1", forecastPage(known)]]),
  });
  expect(list.html).toContain('datetime="2026-04-12T10:00:00.000Z">12 Apr</time>');
  expect(list.html).toContain("6–29 Apr");
});

test("a forecast whose range is one day says that day once", async () => {
  const at = (time: string) => Date.parse(`2026-04-12T${time}:00Z`);
  const soldOutAt = { expected: at("10:00"), low: at("08:00"), high: at("21:00") };
  const told: TestApi = {
    ...played,
    readForecast: async () => forecastPage({ ...known, soldOutAt }),
    readSellOuts: async () => new Map([["e1", forecastPage({ ...known, soldOutAt })]]),
  };
  const { html } = await pageOf("/events/e1", told);
  expect(html).toContain("Most likely 12 April. 8 of 10 times on 12 April.");
  expect(textOf((await pageOf("/", told)).html).match(/12 Apr/g)).toHaveLength(1);
});

test("a range that has no end is said to have none, and not as a day that was moved", async () => {
  const at = (day: string) => Date.parse(`2026-${day}T10:00:00Z`);
  const soldOutAt = { expected: at("04-12"), low: at("03-22"), high: null };
  const html = await pageOf("/", {
    ...played,
    readSellOuts: async () => new Map([["e1", forecastPage({ ...known, soldOutAt })]]),
  });
  expect(textOf(html.html)).toContain("12 Apr 22 Mar or later");
});

test("the day that an event sells out is one of its own calendar, wherever one looks from", async () => {
  const told: TestApi = {
    ...played,
    readForecast: async () => forecastPage(known),
    readSellOuts: async () => new Map([["e1", forecastPage(known)]]),
  };
  const { app } = await pageOf("/events/e1", told);
  // It is the 13th there when it is noon in Berlin.
  const headers = { ...HTML, cookie: "tz=Pacific%2FKiritimati" };
  const shown = async (path: string) => (await app.request(path, { headers })).text();
  expect(await shown("/events/e1")).toContain(
    "Most likely 12 April. 8 of 10 times between 6 April",
  );
  expect(await shown("/events/e1")).toMatch(/class="chart-forecast-end"[^>]*>12 Apr</);
  expect(await shown("/")).toContain(">12 Apr</time>");
});

test("a forecast that nobody can stand for says why there is none, and what is known instead", async () => {
  const { html } = await pageOf("/events/e1", {
    ...played,
    readForecast: async () =>
      forecastPage({
        ...{
          known: false,
          reason: "tooFewComparables",
          stretch: "7-13",
          comparables: 3,
          wave: null,
        },
      }),
  });
  expect(html).toContain("Not known yet.");
  expect(html).toContain("Fewer than 8 past events are like it.");
  expect(html).toContain("140 sold in the last 7 days, 499 left.");
  expect(html).not.toContain('class="line-forecast"');
});

test("undershops are told with what they sold, and of an earlier moment not at all", async () => {
  const options: TestApi = {
    events: [eventRow()],
    readUnderShops: async (eventId) => [
      {
        ...{ eventId, eventName: "HYROX Frankfurt", region: "DACH", timezone: "Europe/Berlin" },
        ...{ eventDate: now, underShopId: "club", underShopName: HOSTILE, active: false },
        ...{ inventoryStrategy: "independent", allocation: 1_200, sold: 812, left: 388 },
        ...{ salesStart: "2026-02-03T11:00:00.000Z", salesEnd: null },
      },
    ],
  };
  const [event = eventRow()] = options.events ?? [];
  const { html } = await pageOf(`/events/${event.eventId}`, options);
  const row = html.slice(html.indexOf('id="shop-club"'));
  const shop = row.slice(0, row.indexOf("</tr>"));
  expect(fieldsIn(shop)).toEqual({ allocation: "1200", sold: "812", left: "388" });
  expect(shop).toContain("&lt;svg onload=alert(1)&gt;");
  for (const words of ["has places held for it", "switched off", "from 3 Feb"])
    expect(shop).toContain(words);
  const past = await pageOf(`/events/${event.eventId}?as_of=2026-02-10T10:00:00Z`, options);
  expect(past.html).not.toContain("shop-club");
});

test("many undershops are folded away with what they sold together, and a few stand open", async () => {
  const shop = (n: number, sold: number | null): UnderShopRow => ({
    ...{ eventId: "e1", eventName: "HYROX Frankfurt", region: "DACH", timezone: "Europe/Berlin" },
    ...{ eventDate: now, underShopId: `club-${n}`, underShopName: `Club ${n}`, active: true },
    ...{ inventoryStrategy: "shared", allocation: null, sold, left: null },
    ...{ salesStart: null, salesEnd: null },
  });
  const shown = async (shops: UnderShopRow[]) => {
    const { html } = await pageOf("/events/e1", { ...played, readUnderShops: async () => shops });
    return /<(?:details|section)[^>]*id="undershops"[\s\S]*?(?:<\/summary>|<\/h2>)/.exec(html)?.[0];
  };
  const sixty = Array.from({ length: 60 }, (_, n) => shop(n, 30));
  expect(textOf((await shown(sixty)) ?? "").trim()).toBe("Undershops 60, 1,800 sold");
  const unknown = [...sixty.slice(1), shop(0, null)];
  expect(textOf((await shown(unknown)) ?? "").trim()).toBe("Undershops 60");
  expect(await shown(sixty)).toStartWith("<details");
  expect(await shown(sixty.slice(0, 12))).toStartWith("<section");
});

test("what was tried of forecasts is told as a table, and as a sentence while it is under way", async () => {
  const score = (finalError: number) => ({
    ...{ restError: 20, finalError, pinball: 2, held: 81.2, led: [] },
  });
  const of = { method: "B" as const, events: 12 };
  const { html } = await pageOf("/how/forecast", {
    readBacktest: async () => ({
      ...{ history: "stored", pastEvents: 24 },
      trials: [
        {
          ...{ ...of, stretch: "7-13", isGood: true, reason: null },
          scores: { B: score(8.24), line: score(15.8), pace: score(8.7) },
        },
        { ...of, stretch: "0", events: 0, scores: {}, isGood: false, reason: "tooFewTested" },
      ],
    }),
  });
  const words = html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  expect(words).toContain("24 past events, forecast again");
  expect(words).toContain("7–13 12 these and the last week 8.2 % 15.8 % 8.7 % 81 of 100 yes");
  expect(words).toContain("0 0 no: fewer than 8 tested");
  const early = await pageOf("/how/forecast");
  expect(early.html).toContain("look again in a minute");
});

const pastEvent = (eventId: string, ended: string) =>
  eventRow({
    ...{ eventId, eventName: `HYROX ${eventId}`, status: "ENDED" },
    ...{ eventDate: ended, eventEndDate: ended },
  });

test("what can be chosen to compare with was over at the moment that is shown, and what is compared with is among it", async () => {
  const all = [
    pastEvent("Lyon", "2026-01-10T18:00:00.000Z"),
    pastEvent("Turin", "2026-02-11T18:00:00.000Z"),
  ];
  const offered = async (path: string) => {
    const { html } = await pageOf(path, {
      ...played,
      lists: {
        events: async ({ statuses, asOf }) => ({
          ...lastPage,
          rows: statuses?.includes("ENDED")
            ? all.filter(({ eventEndDate }) => new Date(eventEndDate) <= (asOf ?? new Date(now)))
            : [],
        }),
        ticketTypes: async () => ({ ...lastPage, rows: [] }),
      },
    });
    return [...html.matchAll(/name="comparables" value="([^"]*)"( checked)?/g)].map(
      ([, id, isChosen]) => (isChosen ? `${id} chosen` : id),
    );
  };
  expect(await offered("/events/e1")).toEqual(["past chosen", "Lyon", "Turin"]);
  expect(await offered("/events/e1?as_of=2026-02-10T10:00:00Z")).toEqual(["past chosen", "Lyon"]);
});

test.each([
  ["2026-02-11T11:00:00.000Z", "11–13 Feb 2026 · today, day 2 of 3"],
  ["2026-02-12T07:00:00.000Z", "12–13 Feb 2026 · today, day 1 of 2"],
  ["2026-02-13T07:00:00.000Z", "13 Feb 2026 · in 1 day"],
])("a race that began at %s says which of its days it is", async (eventDate, said) => {
  const { html } = await pageOf("/events/e1", {
    events: [eventRow({ eventDate, eventEndDate: "2026-02-13T17:00:00.000Z" })],
  });
  expect(textOf(html).replace(/ ?· ?/g, " · ")).toContain(said);
});

test.each([
  ["CANCELLED", "It was cancelled."],
  ["PAUSED", "Paused: places are left, and none can be bought now."],
  ["GROUP", undefined],
] as const)("when it sells out is not promised of an event that is %s", async (status, said) => {
  const { html } = await pageOf("/events/e1", { ...played, events: [eventRow({ status })] });
  const [, part] = /<section class="side-part" id="forecast">(.*?)<\/section>/.exec(html) ?? [];
  expect(part && textOf(part).trim()).toBe(said && `When it sells out ${said}`);
  const facts = textOf(/<p class="facts">(.*?)<\/p>/.exec(html)?.[1] ?? "");
  expect(facts.includes(" days")).toBe(status !== "CANCELLED");
});

test("a race is over when its last day is", async () => {
  const days = { eventDate: "2026-02-10T07:00:00.000Z", eventEndDate: "2026-02-11T23:00:00.000Z" };
  const { html } = await pageOf("/events/e1", { events: [eventRow({ ...days, status: "ENDED" })] });
  expect(textOf(html)).not.toMatch(/today|day \d of/);
});

test("what was sold by hour says how much of it the hour sold that is not over, which no pace counts", async () => {
  const { html } = await pageOf("/events/e1?as_of=2026-02-12T10:30:00.000Z", {
    ...played,
    readSales: async () => ({
      timezone: "Europe/Berlin",
      sales: [
        salesRow({ hour: "2026-02-12T10:00:00.000Z", newSales: 2 }),
        salesRow({ hour: "2026-02-11T16:00:00.000Z", newSales: 7 }),
      ],
    }),
  });
  expect(textOf(html)).toContain("By hour, last 7 days: 9 sold, 2 of them this hour");
});

test("hours of a sale that is over are the last of the sale, and not those since", async () => {
  const { html } = await pageOf("/events/e1", {
    ...played,
    events: [
      eventRow({
        ...{ status: "ENDED", salesEndDate: "2025-11-20T17:00:00.000Z" },
        ...{ salesLaunchDate: "2025-06-01T10:00:00.000Z" },
        ...{ eventDate: "2025-11-22T08:00:00.000Z", eventEndDate: "2025-11-23T17:00:00.000Z" },
      }),
    ],
    readSales: async (_eventId, { from }) => ({
      timezone: "Europe/Berlin",
      sales: [
        salesRow({ hour: "2025-11-20T16:00:00.000Z", newSales: 7 }),
        salesRow({ hour: "2025-11-13T17:00:00.000Z", newSales: 5 }),
      ].filter(({ hour }) => from === undefined || (hour ?? "") >= from),
    }),
  });
  const text = textOf(html);
  expect(text).toContain("By hour, the last 7 days of the sale, to 20 Nov 2025: 12 sold");
  const [, rows = ""] = /Sold by hour[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(html) ?? [];
  const hours = [...rows.matchAll(/<th scope="row">([^<]*)<\/th><td>([^<]*)/g)];
  expect(hours.length).toBe(168);
  expect(hours.at(0)?.slice(1)).toEqual(["Thu 13, 18:00", "5"]);
  expect(hours.at(-1)?.slice(1)).toEqual(["Thu 20, 17:00", "7"]);
});

test("what the hour sold that is not over comes on top of the last 24 hours, and is said so", async () => {
  const { html } = await pageOf("/events/e1", {
    events: [eventRow()],
    readPaces: async () => new Map([["e1", pace({ last24Hours: 107, hourSoFar: 1_105 })]]),
  });
  expect(textOf(html)).toContain("last 24 h, 1,105 more this hour +107");
});

test("what is over has no last day and no last week, and a date alone is by nobody's clock", async () => {
  const texts = async (row: Partial<ReturnType<typeof eventRow>>) =>
    textOf((await pageOf("/events/e1", { events: [eventRow(row)] })).html);
  const over = await texts({
    ...{ status: "ENDED", eventDate: "2026-02-07T08:00:00.000Z" },
    eventEndDate: "2026-02-08T17:00:00.000Z",
  });
  expect(over).toContain("of 1,200 places 701");
  expect(over).not.toMatch(/last 24 h|last 7 days|Europe\/Berlin/);
  const onSale = await texts({ salesEndDate: "2026-09-01T10:00:00.000Z" });
  expect(onSale).toContain("on sale until 1 Sep, 12:00 Europe/Berlin");
  expect(onSale).toMatch(/last 24 h.* last 7 days/);
});
