import { expect, test } from "bun:test";
import ICAL from "ical.js";
import { testApi } from "../../../test/support/test-api.ts";
import type { LaunchesWanted, LaunchRow } from "../../projections/queries/launches.ts";

const launch = (more: Partial<LaunchRow> = {}): LaunchRow => ({
  ...{ eventId: "e1", eventName: "HYROX Testhausen", region: "DACH", timezone: "Europe/Berlin" },
  ...{ location: "Halle 1", eventDate: "2026-09-12T22:30:00.000Z", status: "ANNOUNCED" },
  ...{ salesLaunchDate: "2026-02-13T11:00:00.000Z", salesEndDate: null, presale: false },
  ...{ currency: "EUR", totalCapacity: 1200, totalSold: 0, isReady: true, problems: [], moves: [] },
  lastUpdated: "2026-02-01T09:00:00.000Z",
  ...more,
});

function launchesApi(pages: LaunchRow[][]) {
  const asked: LaunchesWanted[] = [];
  const api = testApi({
    async readLaunches(wanted) {
      const index = asked.push(wanted) - 1;
      const rows = pages[index] ?? [];
      const last = rows.at(-1);
      const hasMore = last && index < pages.length - 1;
      return { rows, next: hasMore ? [Date.parse(last.salesLaunchDate), last.eventId] : null };
    },
  });
  return { ...api, asked };
}

const entriesOf = (text: string) =>
  new ICAL.Component(ICAL.parse(text))
    .getAllSubcomponents("vevent")
    .map((component) => new ICAL.Event(component));

test("launches of the last two days are listed unless another window is asked for", async () => {
  const { read, asked } = launchesApi([[launch()], [launch()]]);
  expect(await read<object>("/api/launches")).toEqual({
    launches: [launch()],
    nextCursor: expect.any(String),
  });
  // It is 2026-02-12T11:00Z.
  expect(asked[0]?.from).toEqual(new Date("2026-02-10T11:00:00Z"));
  await read(
    "/api/launches?from=2026-01-01T00:00:00%2B01:00&to=2026-03-01T00:00:00Z&region=france,dach",
  );
  expect(asked[1]).toMatchObject({
    ...{ from: new Date("2025-12-31T23:00:00Z"), to: new Date("2026-03-01T00:00:00Z") },
    regions: ["FRANCE", "DACH"],
  });
});

test("a cursor goes on with the same window and accounts, and is refused elsewhere", async () => {
  const { get, read } = launchesApi([[launch()], [launch()]]);
  const path = "/api/launches?region=dach,france&from=2026-01-01T00:00:00Z";
  const { nextCursor } = await read<{ nextCursor: string }>(path);
  expect((await get(`${path}&limit=5&cursor=${nextCursor}`)).status).toBe(200);
  for (const other of [
    "",
    "&region=dach",
    "&to=2026-05-01T00:00:00Z",
    "&as_of=2026-01-02T00:00:00Z",
  ]) {
    const answer = await get(
      `/api/launches?from=2026-01-01T00:00:00Z${other}&cursor=${nextCursor}`,
    );
    expect([other, answer.status]).toEqual([other, 400]);
    expect(await answer.json()).toMatchObject({
      errors: [{ name: "cursor", reason: expect.stringContaining("is of another query") }],
    });
  }
});

test.each(["/api/launches", "/api/launches.ics"])(
  "a window of %s that ends before it begins is a mistake, and no empty list",
  async (path) => {
    const { get } = launchesApi([]);
    const answer = await get(`${path}?from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ name: "to", reason: "must be later than from" }],
    });
  },
);

test("the calendar holds every page's launches, at their instants in UTC", async () => {
  const { get } = launchesApi([[launch()], [launch({ eventId: "e2" })]]);
  const answer = await get("/api/launches.ics");
  expect(answer.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  const entries = entriesOf(await answer.text());
  expect(entries.map(({ uid }) => uid)).toEqual([
    "launch-e1@vivenu-event-monitor",
    "launch-e2@vivenu-event-monitor",
  ]);
  expect(entries[0]?.startDate.toJSDate()).toEqual(new Date("2026-02-13T11:00:00Z"));
  // The race's day is the one where it is held.
  expect(entries[0]?.description).toContain("Race: 2026-09-13");
});

test("a launch that was moved keeps its entry and says so by its sequence", async () => {
  const moves = [{ from: null, to: "2026-02-12T11:00:00.000Z", at: "2026-01-01T00:00:00.000Z" }];
  const { get } = launchesApi([[launch({ moves, status: "CANCELLED" })]]);
  const [entry] = entriesOf(await (await get("/api/launches.ics")).text());
  expect(entry?.sequence).toBe(1);
  expect(entry?.component.getFirstPropertyValue("status")).toBe("CANCELLED");
});

test("whatever names say, a calendar reads them as they are and nothing else from them", async () => {
  const names = [
    'A; B, C\\n D: "E"',
    "line one\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:other",
    `${"Ü".repeat(200)} 🏃‍♀️`,
    "<img src=x onerror=alert(1)>",
  ];
  const { get } = launchesApi([
    names.map((eventName, index) =>
      launch({ eventName: `\u0007${eventName}`, location: "\u0000", eventId: `e${index}` }),
    ),
  ]);
  const text = await (await get("/api/launches.ics")).text();
  const entries = entriesOf(text);
  expect(
    entries.map(({ summary }) => summary.replace("Sales launch: ", "").replaceAll("\r", "")),
  ).toEqual(names.map((name) => name.replaceAll("\r", "")));
  // RFC 5545: a line has at most 75 octets, and no control characters.
  for (const line of text.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(text).not.toContain("\u0007");
  expect(text).not.toContain("\u0000");
});

test("every line of a calendar ends as RFC 5545 wants it, the last one too, also where there is no launch", async () => {
  const eventName = "one\r\ntwo\rthree\nfour";
  for (const launches of [[], [launch({ eventName, location: eventName })]]) {
    const { get } = launchesApi([launches]);
    const text = await (await get("/api/launches.ics")).text();
    expect(text.slice(-15)).toBe("END:VCALENDAR\r\n");
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  }
});

test("what is not ready is told in the entry, the first ticket types by name", async () => {
  const ticketTypes = Array.from({ length: 7 }, (_, index) => ({
    ...{ ticketTypeId: `t${index}`, ticketName: `HYROX ${index}` },
  }));
  const { get } = launchesApi([
    [launch({ isReady: false, problems: [{ problem: "inactive", ticketTypes }] })],
  ]);
  const [entry] = entriesOf(await (await get("/api/launches.ics")).text());
  expect(entry?.description).toContain(
    "Not ready: switched off: HYROX 0, HYROX 1, HYROX 2, HYROX 3, HYROX 4, 2 more.",
  );
});

test("the window begins with a minute, so that an answer holds for as long", async () => {
  const asked: LaunchesWanted[] = [];
  const { read } = testApi({
    clock: { now: () => new Date("2026-02-12T11:00:59.999Z"), pause: async () => {} },
    async readLaunches(wanted) {
      asked.push(wanted);
      return { rows: [], next: null };
    },
  });
  await read("/api/launches");
  expect(asked[0]?.from).toEqual(new Date("2026-02-10T11:00:00Z"));
});
