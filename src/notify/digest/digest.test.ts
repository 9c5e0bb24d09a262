import { expect, test } from "bun:test";
import type { ChangeRow, EventRow, LaunchRow, Pace } from "../../projections/queries/row-types.ts";
import { goneNotices } from "../notices/by-time.ts";
import { concerning } from "../notices/concerning.ts";
import { type DigestGiven, digestOf } from "./digest.ts";
import { digestHtml } from "./digest-html.ts";
import { digestText, digestTitle } from "./digest-text.ts";

const now = new Date("2026-11-18T06:30:00.000Z");

// The casts: the digest reads these of a row and nothing else.
const row = (eventId: string, more: Partial<EventRow> = {}) =>
  ({
    ...{ eventId, eventName: `HYROX ${eventId}`, region: "DACH", percentSold: 62.1 },
    ...{ totalAvailable: 3_411, timezone: "Europe/Berlin", status: "ON_SALE", presale: false },
    ...{ countComplete: true, countedAt: now.toISOString() },
    ...more,
  }) as EventRow;
const pace = (last24Hours: number, pointsAhead?: number, last7Days = last24Hours * 7) =>
  ({ last24Hours, last7Days, usual: pointsAhead === undefined ? null : { pointsAhead } }) as Pace;
const launch = (more: Partial<LaunchRow>) =>
  ({
    ...{ eventId: "nice", eventName: "HYROX Nice", region: "FRANCE", timezone: "Europe/Paris" },
    ...{ salesLaunchDate: "2026-11-20T11:00:00.000Z", isReady: true, problems: [] },
    ...more,
  }) as LaunchRow;

const nothing: DigestGiven = {
  ...{ day: "2026-11-18", now, events: [], paces: new Map(), changes: [], notices: [] },
  ...{ launches: [], problems: [] },
  readUntil: { accounts: new Map(["DACH", "ITALY"].map((region) => [region, now])), rows: now },
};

test("a digest says what is wrong, what sold against what is usual, what changed and what launches", () => {
  const types = [{ ticketTypeId: "a", ticketName: "MEN" }];
  const digest = digestOf({
    ...nothing,
    events: [row("Berlin"), row("Rome", { region: "ITALY", percentSold: 20, totalAvailable: 800 })],
    paces: new Map([
      ["Berlin", pace(12, undefined, 70)],
      ["Rome", pace(1_240, -4.06, 7_630)],
    ]),
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
  expect(digestText(digest)).toBe(`HYROX on 2026-11-18: 1,252 sold in 24 hours

Wrong
• the key of FRANCE: Vivenu refuses it.

Sold in 24 hours, and what is sold against what is usual by now
• All together: 1,252. A day of the last 7 had 1,100 in the mean.
• HYROX Rome (ITALY): 1,240, 20 % sold, −4.1 points, 800 left
• HYROX Berlin (DACH): 12, 62.1 % sold, 3,411 left

What changed (1 in all, here the grave ones)
• Sold out: HYROX Berlin (DACH) · 0 left, 12 before

What launches next
• 2026-11-20 12:00 Europe/Paris: HYROX Nice (FRANCE), not ready: no price (1 ticket type)`);
});

test("points ahead of what is usual are rounded by their digits, as the sheet shows them", () => {
  const ahead = (points: number) =>
    digestText(
      digestOf({ ...nothing, events: [row("Rome")], paces: new Map([["Rome", pace(5, points)]]) }),
    )
      .split("\n")
      .find((line) => line.includes("points"))
      ?.match(/[+−][\d.]+ points/)?.[0];
  // Of 7.35 and 1.15 the numbers that are kept are a little below.
  expect([7.35, -7.35, 1.15, 7.25].map(ahead)).toEqual([
    ...["+7.4 points", "−7.4 points", "+1.2 points", "+7.3 points"],
  ]);
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
  const launches = Array.from({ length: 41 }, () => launch({ status: "ANNOUNCED" }));
  const digest = digestOf({ ...nothing, changes, problems, launches });
  expect(digestText(digest)).toEndWith("\n• and 11 more launches");
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
  expect(digestText(digest)).toContain("• HYROX Berlin (DACH): unknown, 3,411 left");
  expect(digestText(digest)).toContain("• Of 1 event it is not known what was sold.");
  expect(digestText(digestOf(nothing))).toBe(`HYROX on 2026-11-18

Wrong
• Nothing.

Sold in 24 hours, and what is sold against what is usual by now
• No event is on sale.

What changed (0 in all, here the grave ones)
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

test("what sold without being on sale is in the sum, and of what is on sale nothing is left out", () => {
  const others = ["ANNOUNCED", "SALES_CLOSED", "ENDED", "DRAFT"];
  const events = [
    ...Array.from({ length: 1_200 }, (_, n) => row(`e${n}`)),
    ...others.map((status) => row(`sold ${status}`, { status })),
    ...others.map((status) => row(`not ${status}`, { status })),
    row("presale", { status: "ANNOUNCED", presale: true }),
  ];
  const paces = new Map(
    events.map(({ eventId }) => [eventId, pace(eventId.startsWith("not") ? 0 : 2)]),
  );
  const digest = digestOf({ ...nothing, events, paces });
  expect(digest).toMatchObject({ soldInDay: 2 * 1_205, unknownEvents: 0, moreEvents: 1_185 });
  expect(digestTitle(digest)).toBe("HYROX on 2026-11-18: 2,410 sold in 24 hours");
});

test("numbers that are not of this morning are said to be so, and a sum without them is a least one", () => {
  const hours = (n: number) => new Date(now.getTime() - n * 3_600_000);
  const events = [row("Berlin"), row("Rome", { region: "ITALY", countComplete: false })];
  const paces = new Map(events.map(({ eventId }) => [eventId, pace(5)]));
  const of = (accounts: [string, Date | null][], rows: Date | null = now) =>
    digestOf({ ...nothing, events, paces, readUntil: { accounts: new Map(accounts), rows } });
  const fresh = of([
    ["DACH", hours(1)],
    ["ITALY", hours(2)],
  ]);
  expect(fresh.oldNumbers).toEqual([
    "1 event keeps its last complete numbers, for some tickets could not be read: HYROX Rome (of 2026-11-18 06:30 UTC).",
  ]);
  expect(digestTitle(fresh)).toBe("HYROX on 2026-11-18: at least 10 sold in 24 hours");
  for (const text of [digestText(fresh), digestHtml(fresh, null)])
    expect(text).toContain("All together: at least 10. A day of the last 7 had");
  const old = of([
    ["DACH", hours(30)],
    ["ITALY", null],
  ]);
  expect(old.oldNumbers).toEqual([
    "The numbers of DACH are of 2026-11-17 00:30 UTC: nothing of it was read since.",
    "The tickets of ITALY were never read through: its numbers are not complete.",
  ]);
  expect(digestText(old)).toContain(`• ${old.oldNumbers?.[0]}`);
  expect(digestHtml(old, null)).toContain(String(old.oldNumbers?.[0]));
  const held = of([["DACH", now]], hours(9));
  expect(held.oldNumbers).toEqual([
    "All numbers are of 2026-11-17 21:30 UTC: what was recorded since is not in them.",
  ]);
});

test("every grave change is in it, also one that nobody is told of when it happens, and an event that is gone", () => {
  const change = (more: Partial<ChangeRow>): ChangeRow => ({
    ...{ id: "1", eventId: "Berlin", eventName: "HYROX Berlin", region: "DACH", timezone: null },
    ...{ changeType: "ticketType", subjectId: "men", subjectName: "MEN", source: "poll" },
    ...{ fieldName: "class", field: "class of MEN", kind: "text", currency: null },
    isFirstCount: false,
    previousValue: { value: "race", isInstant: false },
    newValue: { value: "addon", isInstant: false },
    ...{ changedAt: "2026-11-17T06:00:00.000Z", severity: "critical" },
    ...more,
  });
  const instant = (value: string) => ({ value, isInstant: true });
  const earlier = change({
    ...{ id: "2", changeType: "event", subjectId: null, subjectName: null, severity: "high" },
    ...{ fieldName: "start", field: "start", kind: "instant" },
    previousValue: instant("2027-04-10T06:00:00.000Z"),
    newValue: instant("2027-04-09T06:00:00.000Z"),
  });
  const slight = change({ id: "3", fieldName: "active", kind: "flag", severity: "medium" });
  const gone = row("Rome", {
    ...{ region: "ITALY", status: "CANCELLED", lastUpdated: "2026-11-17T20:00:00.000Z" },
    eventEndDate: "2027-04-09T06:00:00.000Z",
  });
  const span = { since: new Date("2026-11-17T05:00:00.000Z"), now };
  const notices = goneNotices([gone], [], span);
  const backfilled = change({ id: "4", source: "backfill" });
  const digest = digestOf({
    ...{ ...nothing, notices },
    changes: [change({}), earlier, slight, backfilled],
  });
  expect(digest.changes).toEqual([
    "Cancelled: HYROX Rome (ITALY) · Vivenu does not have it any more",
    "Class: HYROX Berlin (DACH) · MEN: race → addon",
    "Race start: HYROX Berlin (DACH) · 2027-04-10 06:00 UTC → 2027-04-09 06:00 UTC",
  ]);
  expect(digest.changesInDay).toBe(4);
});

test("what is wrong is said to its end, where one reads what to do", () => {
  const problem = `${"Something is wrong, as can be seen. ".repeat(9)}Renew the key in DACH_API.`;
  expect(digestText(digestOf({ ...nothing, problems: [problem] }))).toContain(problem);
});

test("a digest that an older program kept is told as it was", () => {
  const {
    soldPerDay: _,
    unknownEvents: __,
    oldNumbers: ___,
    moreLaunches: ____,
    ...kept
  } = digestOf({
    ...nothing,
    events: [row("Berlin")],
    paces: new Map([["Berlin", pace(12)]]),
  });
  expect(digestText(kept)).toStartWith(
    "HYROX on 2026-11-18: 12 sold in 24 hours\n\nWrong\n• Nothing.",
  );
  expect(digestHtml(kept, null)).toContain("HYROX Berlin");
});
