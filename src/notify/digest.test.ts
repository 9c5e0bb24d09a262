import { expect, test } from "bun:test";
import type { ChangeRow, EventRow, LaunchRow, Pace } from "../projections/queries/row-types.ts";
import { concerning } from "./concerning.ts";
import { type DigestGiven, digestOf } from "./digest.ts";
import { digestHtml } from "./digest-html.ts";
import { digestText, digestTitle } from "./digest-text.ts";

const now = new Date("2026-11-18T06:30:00.000Z");

// The casts: the digest reads these of a row and nothing else.
const row = (eventId: string, more: Partial<EventRow> = {}) =>
  ({
    ...{ eventId, eventName: `HYROX ${eventId}`, region: "DACH", percentSold: 62.1 },
    ...{ totalAvailable: 3_411, timezone: "Europe/Berlin" },
    ...more,
  }) as EventRow;
const pace = (last24Hours: number, pointsAhead?: number) =>
  ({ last24Hours, usual: pointsAhead === undefined ? null : { pointsAhead } }) as Pace;
const launch = (more: Partial<LaunchRow>) =>
  ({
    ...{ eventId: "nice", eventName: "HYROX Nice", region: "FRANCE", timezone: "Europe/Paris" },
    ...{ salesLaunchDate: "2026-11-20T11:00:00.000Z", isReady: true, problems: [] },
    ...more,
  }) as LaunchRow;

const nothing: DigestGiven = {
  ...{ day: "2026-11-18", now, events: [], paces: new Map(), changes: [], changesInDay: 0 },
  ...{ launches: [], problems: [] },
};

test("a digest says what is wrong, what sold against what is usual, what changed and what launches", () => {
  const types = [{ ticketTypeId: "a", ticketName: "MEN" }];
  const digest = digestOf({
    ...nothing,
    events: [row("Berlin"), row("Rome", { region: "ITALY", percentSold: 20, totalAvailable: 800 })],
    paces: new Map([
      ["Berlin", pace(12)],
      ["Rome", pace(240, -4.06)],
    ]),
    changesInDay: 31,
    changes: [
      {
        ...{
          id: "1",
          eventId: "Berlin",
          eventName: "HYROX Berlin",
          region: "DACH",
          timezone: null,
        },
        ...{ changeType: "soldOut", subjectId: null, subjectName: null, fieldName: "available" },
        ...{ field: "available", kind: "places", currency: null, isFirstCount: false },
        previousValue: { value: 12, isInstant: false },
        newValue: { value: 0, isInstant: false },
        ...{ changedAt: "2026-11-17T20:00:00.000Z", source: "poll", severity: "high" },
      },
    ],
    launches: [launch({ problems: [{ problem: "noPrice", ticketTypes: types }] })],
    problems: ["the key of FRANCE: Vivenu refuses it."],
  });
  expect(digestText(digest)).toBe(`HYROX on 2026-11-18: 252 sold in 24 hours

Wrong
• the key of FRANCE: Vivenu refuses it.

Sold in 24 hours, and what is sold against what is usual by now
• HYROX Rome (ITALY): 240, 20 % sold, −4.1 points, 800 left
• HYROX Berlin (DACH): 12, 62.1 % sold, 3411 left

What changed (31)
• Sold out: HYROX Berlin (DACH) · 0 left, 12 before

What launches next
• 2026-11-20 12:00 Europe/Paris: HYROX Nice (FRANCE), not ready: no price (1 ticket types)`);
});

test("a launch of an event that was called off is none to wait for", () => {
  const launches = [
    launch({ status: "CANCELLED" }),
    launch({ eventName: "HYROX Rome", status: "ANNOUNCED" }),
  ];
  expect(digestOf({ ...nothing, launches }).launches.map(({ name }) => name)).toEqual([
    "HYROX Rome",
  ]);
});

test("what there is no room for is said to be there, and a grave change is not what gives way", () => {
  const name = (is: string): ChangeRow => ({
    ...{ id: is, eventId: is, eventName: is, region: "DACH", timezone: null, source: "poll" },
    ...{ changeType: "event", subjectId: null, subjectName: null, fieldName: "name" },
    ...{ field: "name", kind: "text", currency: null, isFirstCount: false },
    previousValue: { value: "HYROX", isInstant: false },
    newValue: { value: is, isInstant: false },
    ...{ changedAt: "2026-11-17T20:00:00.000Z", severity: "critical" },
  });
  const soldOut = Array.from({ length: 30 }, (_, n): ChangeRow => {
    return { ...name(`e${n}`), changeType: "soldOut", severity: "high" };
  });
  const changes = [name("HYROX CANCELLED"), ...soldOut];
  const problems = Array.from({ length: 18 }, (_, n) => `wrong ${n}`);
  const digest = digestOf({ ...nothing, changes, changesInDay: 31, problems });
  expect(digest.changes).toHaveLength(21);
  expect(digest.changes[0]).toStartWith("Cancelled: HYROX CANCELLED");
  expect(digest.changes[1]).toStartWith("Sold out: e29 ");
  expect(digest.changes.at(-1)).toBe("and 11 more");
  expect(digest.wrong.at(-1)).toBe("and 3 more");
});

test("a digest of some accounts says what is wrong with these, and with the service", () => {
  const of = (account: string | null, text: string) => ({ account, text });
  const ours = [
    of("DACH", "the key of DACH: Vivenu refuses it."),
    of(null, "PostgreSQL takes no writes."),
    of("DACH", "DACH: sellStart of HYROX (USA, Chicago) cannot be."),
  ];
  const theirs = [
    of("USA", "USA: sellStart of HYROX DACH: the final cannot be."),
    of("FRANCE", "sales of FRANCE: it stands still."),
  ];
  const texts = (some: typeof ours) => some.map(({ text }) => text);
  expect(concerning([...theirs, ...ours], ["DACH"])).toEqual(texts(ours));
  expect(concerning(theirs, undefined)).toEqual(texts(theirs));
});

test("a day on which nothing happened is said to be one, and what is unknown is not 0", () => {
  const digest = digestOf({ ...nothing, events: [row("Berlin", { percentSold: null })] });
  expect(digestTitle(digest)).toBe("HYROX on 2026-11-18");
  expect(digestText(digest)).toContain("• HYROX Berlin (DACH): unknown, 3411 left");
  expect(digestText(digestOf(nothing))).toBe(`HYROX on 2026-11-18

Wrong
• Nothing.

Sold in 24 hours, and what is sold against what is usual by now
• No event is on sale.

What changed (0)
• Nothing grave.

What launches next
• Nothing in 14 days.`);
});

test("its HTML loads nothing, and a hostile name is text in it", () => {
  const eventName = `<img src=x onerror=alert(1)><a href="https://evil.example">`;
  const digest = digestOf({
    ...nothing,
    events: Array.from({ length: 25 }, (_, n) => row(`e${n}`, { eventName })),
    launches: [launch({ eventName })],
    problems: [eventName],
  });
  const page = digestHtml(digest, "https://monitor.example.org");
  expect(page).not.toMatch(/<(img|script|link|iframe|style)|url\(/);
  expect(page.match(/<a /g)).toHaveLength(1);
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(page).toContain("and 5 more events");
});
