import { expect, test } from "bun:test";
import {
  eventRow,
  KEY,
  lastPage,
  pace,
  ringOf,
  type TestApi,
  testApi,
} from "../../../test/support/test-api.ts";
import type { AccountPoll } from "../../api/events/row-reads.ts";
import type { EventRow, LaunchRow, SummaryPart } from "../../projections/queries/row-types.ts";
import { pages } from "../pages.ts";

const now = "2026-02-12T11:00:00.000Z";
const HTML = { accept: "text/html", "x-api-key": KEY };

const pageOf = async (path: string, options: TestApi = {}) => {
  const there = testApi({
    pages: await pages({ clock: { now: () => new Date(now), pause: async () => {} } }),
    ...options,
  });
  const answer = await there.app.request(path, { headers: HTML });
  return { ...there, status: answer.status, html: await answer.text() };
};

const lineOf = (html: string, eventId: string) => {
  const from = html.indexOf(`<tr id="event-${eventId}"`);
  return html.slice(from, html.indexOf("</tr>", from));
};

const part = (status: SummaryPart["status"], more: Partial<SummaryPart> = {}): SummaryPart => ({
  ...{ region: "DACH", status, events: 1, counted: 1, totalCapacity: 1200, totalSold: 701 },
  ...{ totalAvailable: 499, availableToBuy: 499, reserved: 0, heldForUnderShops: 0 },
  ...{ oversoldPlaces: 0, charityCapacity: 60, charitySold: 12, charityAvailable: 48 },
  ...{ countedAt: now, nextLaunch: null, nextRace: null },
  ...more,
});

const usual = (pointsAhead: number) => ({
  ...{ shareOfSellingTime: 43, percentSold: 58.42, usualPercentSold: 58.42 - pointsAhead },
  ...{ pointsAhead, comparables: ["past"] },
});

const season: TestApi = {
  events: [
    eventRow(),
    eventRow({
      eventId: "e2",
      eventName: "HYROX Köln",
      region: "FRANCE",
      totalSold: null,
      percentSold: null,
    }),
    eventRow({
      eventId: "e3",
      eventName: "HYROX Nice",
      status: "ENDED",
      eventDate: "2025-11-01T06:00:00.000Z",
    }),
  ],
  readSummary: async () => [part("ON_SALE", { events: 2 }), part("ENDED")],
  readPaces: async (rows) =>
    new Map(
      rows.map(({ eventId }) => [eventId, pace({ usual: usual(-12.4), usualUnknown: null })]),
    ),
};

test("every number of an event's row is the API's", async () => {
  const { html, read } = await pageOf("/", season);
  const { events } = await read<{ events: { eventId: string; pace: unknown }[] }>("/api/events");
  const names = new Set<string>();
  for (const row of events)
    for (const [, name = "", value = ""] of lineOf(html, row.eventId).matchAll(
      /data-field="([\w.]+)" value="([^"]*)"/g,
    )) {
      names.add(name);
      const there = name.split(".").reduce((of: unknown, key) => Object(of)[key], row);
      expect([row.eventId, name, value]).toEqual([row.eventId, name, String(there ?? "")]);
    }
  expect([...names].sort()).toEqual([
    ...["pace.last24Hours", "pace.last7Days", "pace.usual.pointsAhead", "percentSold"],
    ...["totalAvailable", "totalSold"],
  ]);
});

test("a hundred events, each with a name, numbers and a curve of its own, are 40 KB on their way", async () => {
  let state = 7;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const events = Array.from({ length: 100 }, () =>
    eventRow({
      ...{
        eventId: random(2 ** 30)
          .toString(16)
          .padStart(24, "6"),
        totalSold: random(9_000),
      },
      ...{ eventName: `HYROX ${random(1e9).toString(36)} 2026`, totalAvailable: random(9_000) },
      percentSold: random(10_000) / 100,
      eventDate: new Date(Date.parse(now) + random(3e10)).toISOString(),
    }),
  );
  const curveOf = ({ eventId, eventName }: (typeof events)[number]) => ({
    ...{ eventId, eventName, region: "DACH", capacity: 9_000 },
    ...{ launch: Date.parse("2025-12-12T11:00:00Z"), end: Date.parse("2026-09-12T06:00:00Z") },
    points: Array.from({ length: 40 }, (_, n) => ({
      at: Date.parse("2025-12-12T11:00:00Z") + n * 130_000_000,
      percent: n * 2 + random(200) / 100,
    })),
  });
  const { app, html } = await pageOf("/?sort=eventDate", {
    events,
    readPaces: async () =>
      new Map(
        events.map(({ eventId }) => [
          eventId,
          pace({
            ...{ last24Hours: random(200), last7Days: random(900), usualUnknown: null },
            usual: usual(random(400) / 10 - 20),
          }),
        ]),
      ),
    readCurves: async () => new Map(events.map((event) => [event.eventId, curveOf(event)])),
  });
  expect(html.split('<tr id="event-').length).toBe(101);
  const headers = { ...HTML, "accept-encoding": "gzip" };
  const packed = await app.request("/?sort=eventDate", { headers });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect((await packed.bytes()).byteLength).toBeLessThanOrEqual(40 * 1_024);
});

test("the first sentence says how much is sold of what, what came lately, and who is far behind", async () => {
  const { html } = await pageOf("/", season);
  const [, sentence = ""] = /<p class="sentence"[^>]*>([\s\S]*?)<\/p>/.exec(html) ?? [];
  expect(sentence.replace(/<[^>]*>/g, "")).toStartWith(
    "701 of 1,200 places sold at 1 of 2 events on sale; 60 in the last 24 hours and 2 more this hour. HYROX Testhausen is 12 points behind usual",
  );
  const { html: ofThen } = await pageOf("/?as_of=2026-02-12T10:59:00.000Z", season);
  expect(ofThen.replace(/<[^>]*>/g, "")).toContain(
    "60 in the 24 hours before and 2 more in that hour.",
  );
});

test.each([
  [-20.5, "−20", "HYROX Testhausen is 20 points behind usual"],
  [-9.6, "−10", "HYROX Testhausen is 10 points behind usual"],
  [-9.4, "−9", undefined],
])("the first sentence says as many points as the row does: %p", async (points, shown, said) => {
  const paceOf = pace({ usual: usual(points), usualUnknown: null });
  const { html } = await pageOf("/", {
    ...season,
    readPaces: async (rows) => new Map(rows.map(({ eventId }) => [eventId, paceOf])),
  });
  expect(html.replace(/<[^>]*>/g, " ")).toContain(` ${shown} `);
  const [, sentence = ""] = /<p class="sentence"[^>]*>([\s\S]*?)<\/p>/.exec(html) ?? [];
  const text = sentence.replace(/<[^>]*>/g, "");
  expect(said === undefined ? !text.includes("behind usual") : text.includes(said)).toBe(true);
});

test.each([
  [
    "what is on sale has no count",
    [part("ON_SALE", { events: 2, counted: 0 })],
    "2 events on sale, not counted yet",
  ],
  ["every sale is closed", [part("SALES_CLOSED")], "Nothing is on sale"],
])("the first sentence adds up nothing where %s", async (_, parts, said) => {
  const { html } = await pageOf("/", { ...season, readSummary: async () => parts });
  const [, sentence = ""] = /<p class="sentence"[^>]*>([\s\S]*?)<\/p>/.exec(html) ?? [];
  const text = sentence.replace(/<[^>]*>/g, "");
  expect(text).toContain(said);
  expect(text).not.toContain("0 of 0");
});

test("the first sentence names the event that sold most beyond what there is, until its race is over", async () => {
  const said = async (...rows: Partial<EventRow>[]) => {
    const events = rows.map((row, n) => eventRow({ eventId: `e${n}`, ...row }));
    const { html } = await pageOf("/", { ...season, events });
    const [, sentence = ""] = /<p class="sentence"[^>]*>([\s\S]*?)<\/p>/.exec(html) ?? [];
    return sentence.replace(/<[^>]*>/g, "");
  };
  const one = { eventName: "HYROX Köln", oversoldPlaces: 1, status: "SOLD_OUT" } as const;
  const most = { eventName: "HYROX Nice", oversoldPlaces: 1_026 };
  const over = { oversoldPlaces: 2_000, status: "ENDED" } as const;
  expect(await said(one, over)).toContain("HYROX Köln has 1 oversold place.");
  expect(await said(one, most)).toContain(
    "HYROX Nice has 1,026 oversold places, and 1 other has some as well.",
  );
  expect(await said(one, most, one)).toContain(", and 2 others have some as well.");
  expect(await said({}, over)).not.toContain("oversold");
});

test("the head says the year of a moment that is not of this one", async () => {
  const { html } = await pageOf("/?as_of=2025-06-12T10:59:00.000Z", season);
  expect(html).toMatch(/<summary[^>]*>12 Jun 2025, /);
});

test("the head says when numbers last changed of all that is shown, and not that nothing was counted where nothing is shown", async () => {
  const standing = async (events: ReturnType<typeof eventRow>[]) =>
    /data-live="live"[^>]*>([^<]*)/.exec((await pageOf("/", { events })).html)?.[1];
  const countedAt = "2026-02-12T10:56:00.000Z";
  expect(await standing([eventRow({ status: "ENDED", countedAt })])).toBe("Last change 4 min ago");
  expect(await standing([eventRow({ countedAt: null })])).toBe("Not counted yet");
  expect(await standing([])).toBe("Up to date");
});

test("how many are on sale is one number in the sentence, the choice and the groups", async () => {
  const launched = { eventId: "launched", salesLaunchDate: "2026-02-12T10:00:00.000Z" };
  const { html } = await pageOf("/", {
    events: [
      eventRow(),
      eventRow(launched),
      eventRow({ eventId: "gone", status: "SOLD_OUT" }),
      eventRow({ eventId: "closed", status: "SALES_CLOSED" }),
    ],
    readSummary: async () => [
      part("ON_SALE", { events: 2, counted: 2 }),
      part("SOLD_OUT"),
      part("SALES_CLOSED"),
    ],
  });
  const text = html.replaceAll(/<[^>]*>/g, "");
  expect(text).toContain("at 3 events on sale");
  expect(text).toContain("On sale 3");
  expect(text).toContain("On sale 2 more events, next race first");
  expect(text).toContain("Sale closed 1");
  expect(text).toContain("Sale closed 1 event, the race not over yet");
  const order = ["launched", eventRow().eventId, "gone", "closed"];
  expect(
    order.toSorted((one, other) => html.indexOf(`event-${one}`) - html.indexOf(`event-${other}`)),
  ).toEqual(order);
});

test.each([
  ["alone", [], false],
  ["below others", [eventRow({ eventId: "open" })], true],
])(
  "the columns of past events have names where they stand %s, and one row of names is enough",
  async (_, open, isUnseen) => {
    const past = eventRow({ eventId: "past", status: "ENDED" });
    const { html } = await pageOf("/", {
      events: [...open, past],
      readSummary: async () => [part("ENDED")],
    });
    const table = html.slice(html.indexOf('id="past"'));
    expect(table).toContain("Past events");
    expect(/<thead[^>]*>/.exec(table)?.[0].includes('class="unseen"')).toBe(isUnseen);
  },
);

test("a closed sale whose race is on today is not said to have it to come", async () => {
  const race = { eventDate: "2026-02-11T07:00:00.000Z", eventEndDate: "2026-02-13T17:00:00.000Z" };
  const { html } = await pageOf("/", {
    events: [eventRow({ ...race, status: "SALES_CLOSED" })],
    readSummary: async () => [part("SALES_CLOSED")],
  });
  const text = html.replaceAll(/<[^>]*>/g, "");
  expect(text).toContain("today");
  expect(text).toContain("Sale closed 1 event, the race not over yet");
});

test("a sale that ended within a day of its launch is closed, and launches nothing", async () => {
  const { html } = await pageOf("/", {
    events: [eventRow({ status: "SALES_CLOSED", salesLaunchDate: "2026-02-12T01:00:00.000Z" })],
    readSummary: async () => [part("SALES_CLOSED")],
  });
  const text = html.replaceAll(/<[^>]*>/g, "");
  expect(text).toContain("Sale closed 1 event, the race not over yet");
  expect(text).not.toContain("Launching");
});

test("where the page does not hold all events, a group says how many of its own it shows", async () => {
  const launched = { eventId: "launched", salesLaunchDate: "2026-02-12T10:00:00.000Z" };
  const rows = [eventRow(launched), eventRow(), eventRow({ eventId: "e2", status: "ANNOUNCED" })];
  const cut = { ...lastPage, next: { key: "2026-06-01T06:00:00.000Z", ids: ["e2"] } };
  const { html } = await pageOf("/", {
    lists: {
      events: async ({ statuses }) =>
        statuses?.includes("ENDED") ? { rows: [], ...lastPage } : { rows, ...cut },
      ticketTypes: async () => ({ rows: [], ...lastPage }),
    },
    readSummary: async () => [part("ON_SALE", { events: 70 }), part("ANNOUNCED", { events: 40 })],
  });
  const text = html.replaceAll(/<[^>]*>/g, "");
  expect(text).toContain("On sale 70");
  expect(text).toContain("On sale 1 of 69 more events, next race first");
  expect(text).toContain("To launch 40");
  expect(text).toContain("Announced 1 of 40 events");
});

test("the first sentence names a launch of the next two days that is not ready", async () => {
  const launching = (eventId: string, problems: LaunchRow["problems"] = []): LaunchRow => ({
    ...eventRow({ eventId, eventName: `HYROX ${eventId}`, status: "ANNOUNCED" }),
    salesLaunchDate: "2026-02-13T11:00:00.000Z",
    ...{ isReady: problems.length === 0, problems, moves: [] },
  });
  const said = async (...rows: LaunchRow[]) => {
    const { html } = await pageOf("/", {
      ...season,
      readLaunches: async () => ({ rows, next: null }),
    });
    return html.replace(/<[^>]*>/g, "");
  };
  const noPrice: LaunchRow["problems"] = [{ problem: "noPrice", ticketTypes: [] }];
  expect(await said(launching("a"), launching("b", noPrice))).toContain(
    "2 events launch within 48 hours, and HYROX b is not ready.",
  );
  expect(await said(launching("a", noPrice), launching("b", noPrice))).toContain(
    "2 events launch within 48 hours, and 2 of them are not ready.",
  );
  expect(await said(launching("a"))).toContain("HYROX a launches tomorrow 12:00.");
});

test("from an earlier moment of today a day on is now, and no address of the future", async () => {
  const at = (iso: string) => pageOf(`/?as_of=${iso}`, season);
  const dayOn = (html: string) =>
    /href="([^"]*)">\s*Day ›/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  const today = dayOn((await at("2026-02-12T01:00:00.000Z")).html);
  expect(today).toBe("/");
  const [, lately = ""] = ["", dayOn((await at("2026-02-11T10:59:00.000Z")).html)];
  expect(lately).toBe("/?as_of=2026-02-12T10:59:00.000Z");
  expect((await pageOf(lately, season)).status).toBe(200);
});

test("what is unknown is said in words, and 0 is 0", async () => {
  const { html } = await pageOf("/", {
    ...season,
    events: [
      eventRow({ totalSold: null, percentSold: null }),
      eventRow({ eventId: "e2", totalSold: 0, percentSold: 0 }),
    ],
  });
  expect(lineOf(html, "e1")).toContain("not counted yet");
  expect(lineOf(html, "e2")).toContain("0.0 %");
});

test("the last line adds up what is known, says of how many events that is, and is no 0 where nothing is", async () => {
  const sums = async (...events: ReturnType<typeof eventRow>[]) => {
    const { html } = await pageOf("/?sort=eventDate", {
      events,
      readPaces: async () => new Map([["e1", pace()]]),
    });
    const [line = ""] = /<tfoot[\s\S]*<\/tfoot>/.exec(html) ?? [];
    return [
      /<th[^>]*>([\s\S]*?)<\/th>/.exec(line)?.[1]?.replace(/<[^>]*>/g, ""),
      ...[...line.matchAll(/value="([^"]*)"/g)].map(([, value]) => value),
    ];
  };
  const none = { totalSold: null, totalAvailable: null };
  const group = eventRow({ ...none, eventId: "e3", status: "GROUP" });
  expect(await sums(eventRow(), eventRow({ ...none, eventId: "e2" }))).toEqual([
    ...["2 events, 1 counted", "701", "499", "30", "140"],
  ]);
  expect(await sums(eventRow(), group)).toEqual(["2 events", "701", "499", "30", "140"]);
  expect(await sums(eventRow({ ...none, eventId: "e2" }))).toEqual([
    ...["1 event, 0 counted", "", "", "", ""],
  ]);
});

test("the last line is no less than one of those above it that came in the hour that has begun", async () => {
  const { html } = await pageOf("/?sort=eventDate", {
    events: [eventRow(), eventRow({ eventId: "e2" })],
    readPaces: async () =>
      new Map([
        ["e1", pace()],
        ["e2", pace({ last24Hours: 0, last7Days: 0, hourSoFar: 609 })],
      ]),
  });
  const [last = ""] = /<tfoot[\s\S]*<\/tfoot>/.exec(html) ?? [];
  expect(last).toContain('data-field="sum.last24Hours" value="639">+639<');
  expect(last).toContain('data-field="sum.last7Days" value="749">+749<');
});

test("more sold than there is, is said beside the row, and no bar is longer than all", async () => {
  const { html } = await pageOf("/", {
    events: [eventRow({ percentSold: 102.7, totalAvailable: 0, oversoldPlaces: 26 })],
  });
  const line = lineOf(html, "e1");
  expect(line).toContain("102.7 %");
  expect(line).toContain('data-field="oversoldPlaces" value="26">26</data> oversold');
  expect(line).toContain('width="100%" height="8"');
});

test("nothing found says by which filter, and how to be rid of it", async () => {
  const { html } = await pageOf("/?region=france&percentSoldMin=80", {
    ...season,
    events: [],
    readSummary: async () => [],
  });
  expect(html).toContain("No event is like this.");
  expect(html).toContain("None in France, with 80 % or more sold.");
  expect(html).toContain('href="/">Clear the filters');
  const closed = await pageOf("/?status=sales_closed,ENDED", {
    events: [],
    readSummary: async () => [part("ON_SALE")],
  });
  expect(closed.html).toContain(
    "None whose status is “Sale closed” or “Over”; 1 without the status.",
  );
});

test("links of a view keep what is asked for, as do its CSV and its JSON", async () => {
  const { html, get } = await pageOf("/?region=DACH&sort=-percentSold", season);
  expect(html).toContain('aria-sort="descending"');
  expect(html).toContain('href="/?region=DACH&amp;sort=percentSold"');
  expect(html).toContain('href="/?region=DACH&amp;sort=-last7Days"');
  const [, csv = ""] = /href="(\/api\/events\?[^"]*format=csv)"/.exec(html) ?? [];
  const file = await get(csv.replaceAll("&amp;", "&"));
  expect(file.headers.get("content-type")).toStartWith("text/csv");
  expect((await file.text()).split("\r\n").slice(1, -1).length).toBe(2);
});

test("a list that goes on has a next page with the same filters, and one that is another's is refused", async () => {
  const { html, app } = await pageOf("/?sort=eventName&limit=1", {
    ...season,
    lists: {
      events: async () => ({
        ...lastPage,
        rows: [eventRow()],
        next: { key: "hyrox testhausen", ids: ["e1"] },
      }),
      ticketTypes: async () => ({ ...lastPage, rows: [] }),
    },
  });
  const [, next = ""] = /rel="next" href="([^"]*)"/.exec(html) ?? [];
  const path = next.replaceAll("&amp;", "&");
  expect(path).toStartWith("/?sort=eventName&limit=1&cursor=");
  expect((await app.request(path, { headers: HTML })).status).toBe(200);
  const other = await app.request(path.replace("eventName", "status"), { headers: HTML });
  expect(other.status).toBe(400);
});

test.each<[string, AccountPoll, string]>([
  [
    "never read yet",
    { region: "DACH", completeAt: null, reason: null },
    "The first count is under way.</b> 1 of 2 accounts read",
  ],
  [
    "refused since yesterday",
    { region: "DACH", completeAt: "2026-02-11T08:40:00.000Z", reason: "Vivenu answers 401" },
    "DACH was not read to its end since 11 Feb, 08:40.</b> Vivenu answers 401.",
  ],
])(
  "an account that was %s is said, and the others are not touched by it",
  async (_, account, words) => {
    const well = { region: "FRANCE", completeAt: now, reason: null };
    const { html } = await pageOf("/", { ...season, readAccounts: async () => [account, well] });
    expect(html).toContain(words);
    expect(html).toContain("HYROX Testhausen");
  },
);

test.each([
  ["2026-02-12T10:19:00.000Z", "Launched 41 min ago"],
  ["2026-02-12T08:40:00.000Z", "Launched 2 h ago"],
])(
  "one that launched at %s says so in as few words as its column has room for",
  async (at, said) => {
    const events = [eventRow({ salesLaunchDate: at })];
    expect(lineOf((await pageOf("/", { ...season, events })).html, "e1")).toContain(said);
  },
);

test("an event that is sold out, over, paused or announced says so by a word beside its shape", async () => {
  const statuses = {
    SOLD_OUT: "Sold out",
    ENDED: "Over",
    PAUSED: "Paused",
    SALES_CLOSED: "Sale closed",
  };
  for (const [status, word] of Object.entries(statuses)) {
    const { html } = await pageOf("/?sort=eventName", { events: [eventRow({ status })] });
    expect(lineOf(html, "e1")).toContain(`</svg>${word}</span>`);
  }
});

test.each([
  ["2026-02-12T12:04:00.000Z", "Launches in 1 h 4 min"],
  ["2026-02-12T11:00:59.000Z", "Launches in a minute"],
])(
  "one that launches at %s says when in as few words as its column has room for",
  async (at, said) => {
    const events = [eventRow({ status: "ANNOUNCED", salesLaunchDate: at })];
    expect(lineOf((await pageOf("/", { events })).html, "e1")).toContain(said);
  },
);

test("a partner's key sees its own events alone, hears of no other account, and nothing of operations", async () => {
  const partner: TestApi = {
    ...season,
    keys: {
      read: async () => (await ringOf(KEY).read()).map((key) => ({ ...key, accounts: ["DACH"] })),
    },
    readSummary: async ({ regions }) =>
      [part("ON_SALE"), part("ON_SALE", { region: "FRANCE", totalSold: 99_999 })].filter(
        ({ region }) => regions?.includes(region) ?? true,
      ),
    readAccounts: async () => [
      { region: "FRANCE", completeAt: null, reason: "Vivenu answers 401" },
    ],
  };
  const { html, app } = await pageOf("/", partner);
  expect(html).toContain("HYROX Testhausen");
  expect(html).toContain('<b data-sum="totalSold">701</b>');
  expect(html).not.toMatch(/France|Köln|401/i);
  expect((await app.request("/events/e2", { headers: HTML })).status).toBe(404);
  const operations = await app.request("/operations", { headers: HTML });
  expect(operations.status).toBe(403);
  const refused = await operations.text();
  expect(refused).toContain("This is not for this key.");
  // What stays refused is not offered to be tried again, and nothing leads there.
  expect(refused).not.toContain("Try again");
  expect(html).not.toContain('href="/operations"');
  expect((await pageOf("/", season)).html).toContain('href="/operations"');
});

test("of eight weeks in which nothing comes there is no picture", async () => {
  const { html } = await pageOf("/?sort=eventDate", {
    events: [eventRow({ eventDate: "2027-01-09T06:00:00.000Z" })],
  });
  expect(html).not.toContain('id="ribbon"');
});

test("events can be chosen by how far they are ahead of usual, and nobody else is shown", async () => {
  const paces = new Map([
    ["fast", pace({ usual: usual(12), usualUnknown: null })],
    ["slow", pace({ usual: usual(-9.5), usualUnknown: null })],
    ["new", pace()],
  ]);
  const events = [...paces.keys()].map((eventId) => eventRow({ eventId }));
  const options: TestApi = { events, readPaces: async () => paces };
  const shown = async (query: string) => {
    const { html } = await pageOf(`/?${query}`, options);
    return [...paces.keys()].filter((eventId) => lineOf(html, eventId) !== "");
  };
  expect(await shown("vsUsualMin=5")).toEqual(["fast"]);
  expect(await shown("vsUsualMax=-5&sort=-vsUsual")).toEqual(["slow"]);
  const none = await pageOf("/?vsUsualMin=50", options);
  expect(none.html).toContain("None 50 points against usual or more");
  expect((await pageOf("/?vsUsualMin=5&vsUsualMax=1", options)).status).toBe(400);
});

test("nothing sold in a week is said of what has been on sale for a week", async () => {
  const events = [
    eventRow({ eventId: "new", salesLaunchDate: "2026-02-12T10:30:00.000Z" }),
    eventRow({ eventId: "old", salesLaunchDate: "2026-01-12T10:30:00.000Z" }),
  ];
  const still = pace({ perDay: 0, hourSoFar: 0, until: now });
  const { html } = await pageOf("/?sort=eventDate", {
    events,
    readPaces: async () => new Map(events.map(({ eventId }) => [eventId, still])),
  });
  expect(lineOf(html, "old")).toContain("none in 7 days");
  expect(lineOf(html, "new")).not.toContain("none in 7 days");
});

test("what came in the hour that has begun stands for a day only where it stands for the week as well", async () => {
  const shown = async (last7Days: number) => {
    const { html } = await pageOf("/?sort=eventDate", {
      events: [eventRow()],
      readPaces: async () =>
        new Map([[eventRow().eventId, pace({ last24Hours: 0, last7Days, hourSoFar: 22 })]]),
    });
    const line = lineOf(html, eventRow().eventId);
    return [...line.matchAll(/data-field="(pace\.[\w]+)" value="(-?\d+)"/g)].map(
      ([, name, value]) => `${name} ${value}`,
    );
  };
  expect(await shown(0)).toEqual(["pace.hourSoFar 22", "pace.hourSoFar 22"]);
  expect(await shown(4)).toEqual(["pace.last24Hours 0", "pace.last7Days 4"]);
});

test.each([
  ["2026-02-13T07:00:00.000Z", "1 d"],
  ["2026-02-12T07:00:00.000Z", "today"],
  ["2026-02-11T07:00:00.000Z", "today"],
  ["2026-02-10T07:00:00.000Z", "today"],
])("a race of some days that begins at %s is one of today on each of them", async (at, said) => {
  const events = [eventRow({ eventDate: at, eventEndDate: "2026-02-13T17:00:00.000Z" })];
  const line = lineOf((await pageOf("/?sort=eventDate", { events })).html, "e1");
  expect(line).toContain(`<span class="days">${said}</span>`);
});

test("a form keeps several regions and states as they are, however the address says them", async () => {
  for (const query of ["region=DACH,FRANCE", "region=dach&region=France"]) {
    const { html } = await pageOf(`/?${query}&status=on_sale&status=PAUSED,SOLD_OUT`, season);
    expect(html).toContain('<option value="DACH,FRANCE" selected="">DACH, France</option>');
    expect(html).toContain('name="status" value="on_sale,PAUSED,SOLD_OUT"');
    expect(html).toMatch(/aria-current="true">\s*On sale/);
  }
  const one = await pageOf("/?region=france", season);
  expect(one.html).toContain('<option value="FRANCE" selected="">France</option>');
  const { html } = await pageOf("/?region=DACH&region=FRANCE&percentSoldMin=80", {
    ...season,
    events: [],
    readSummary: async () => [],
  });
  expect(html).toContain("None in DACH, France, with 80 % or more sold.");
});

test("what is not ready for a launch is told one after the other, whatever else is known", async () => {
  const announced = { status: "ANNOUNCED", salesLaunchDate: "2026-02-14T11:00:00.000Z" } as const;
  const of = async (totalCapacity: number | null, ...problems: LaunchRow["problems"]) => {
    const row = eventRow({ ...announced, totalCapacity, totalSold, oversoldPlaces });
    const launch: LaunchRow = {
      ...row,
      ...announced,
      isReady: problems.length === 0,
      problems,
      moves: [],
    };
    const { html } = await pageOf("/", {
      events: [row],
      readLaunches: async () => ({ rows: [launch], next: null }),
    });
    return /<td class="ready"[^>]*>(.*?)<\/td>/.exec(html)?.[1]?.replace(/<[^>]*>/g, "");
  };
  let [totalSold, oversoldPlaces] = [0, 0];
  const types = [{ ticketTypeId: "t1", ticketName: "HYROX MEN" }];
  expect(await of(1_200)).toBe("1,200 places, ready");
  expect(await of(null)).toBe("ready");
  expect(
    await of(
      0,
      { problem: "noPrice", ticketTypes: types },
      { problem: "noCapacity", ticketTypes: types },
    ),
  ).toBe("1 without a price, 1 without places");
  oversoldPlaces = 42;
  expect(await of(1_200)).toBe("1,200 places, ready, 42 oversold");
  totalSold = 192;
  expect(await of(1_200)).toBe("1,200 places, 192 sold, ready, 42 oversold");
});

test("nobody counts days to a race that was called off", async () => {
  const daysOf = async (status: EventRow["status"]) => {
    const { html } = await pageOf("/?sort=eventDate", { events: [eventRow({ status })] });
    return /<span class="days">([^<]*)/.exec(html)?.[1];
  };
  expect(await daysOf("ON_SALE")).toMatch(/^\d+ d$/);
  expect(await daysOf("CANCELLED")).toBe("");
});

test("what is ready for a launch begins where others say how much is sold", async () => {
  const events = [
    eventRow({ eventId: "e1", status: "ANNOUNCED", salesLaunchDate: "2026-12-12T05:00:00.000Z" }),
    eventRow({ eventId: "e2" }),
  ];
  const { html } = await pageOf("/?sort=eventDate", { events });
  const widths = (eventId: string) =>
    [...lineOf(html, eventId).matchAll(/<t[hd][^>]*?(?: colspan="(\d+)")?[^>]*>/g)].map(([cell]) =>
      Number(/colspan="(\d+)"/.exec(cell)?.[1] ?? 1),
    );
  expect(widths("e1")).toEqual([1, 1, 1, 8]);
  const sum = (of: number[]) => of.reduce((total, one) => total + one, 0);
  expect(sum(widths("e1"))).toBe(sum(widths("e2")));
});
