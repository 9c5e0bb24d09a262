import { describe, expect, test } from "bun:test";
import { wallClock } from "../../lib/zones.ts";
import type { ChangeRow } from "../../projections/queries/row-types.ts";
import { channelsFor } from "../outbox/rules.ts";
import { digestDay, tellAt, toldDespite } from "../outbox/wall-time.ts";
import { noticesOf } from "./from-changes.ts";
import type { Notice } from "./notice.ts";
import { messageOf } from "./words.ts";

const now = new Date("2026-11-18T12:00:00.000Z");
const options = { now, since: new Date("2026-11-01T00:00:00.000Z") };

let ids = 0;

function change(
  fieldName: string,
  [was, is]: [ChangeRow["previousValue"]["value"], ChangeRow["newValue"]["value"]],
  more: Partial<ChangeRow> = {},
): ChangeRow {
  ids += 1;
  return {
    id: `id-${ids}`,
    ...{ eventId: "e1", eventName: "HYROX Frankfurt", region: "DACH", timezone: "Europe/Berlin" },
    ...{ changeType: "event", subjectId: null, subjectName: null, fieldName, field: fieldName },
    ...{ kind: "instant", currency: null, isFirstCount: false, source: "poll", severity: "medium" },
    previousValue: { value: was, isInstant: false },
    newValue: { value: is, isInstant: false },
    changedAt: "2026-11-18T11:59:00.000Z",
    ...more,
  };
}

const grave = { severity: "critical" } as const;
const ofType = (name: string) =>
  ({ changeType: "ticketType", subjectId: name.toLowerCase(), subjectName: name }) as const;
const price = (name: string, was: number, is: number) =>
  change("price", [was, is], { ...ofType(name), kind: "money", currency: "EUR" });
const told = (changes: ChangeRow[], page?: string) =>
  noticesOf(changes, options).map((notice) => messageOf(notice, page));

describe("of what changed", () => {
  test.each<[string, ChangeRow, string, string[]]>([
    [
      "a launch that gets a date",
      change("sellStart", [null, "2027-01-15T11:00:00.000Z"]),
      "Launch date set: HYROX Frankfurt (DACH)",
      ["2027-01-15 12:00 Europe/Berlin"],
    ],
    [
      "a launch that moves",
      change("sellStart", ["2027-01-15T11:00:00.000Z", "2027-07-18T11:00:00.000Z"]),
      "Launch moved: HYROX Frankfurt (DACH)",
      ["2027-01-15 12:00 Europe/Berlin → 2027-07-18 13:00 Europe/Berlin"],
    ],
    [
      "an event that is sold out",
      change("available", [12, 0], { changeType: "soldOut", kind: "places" }),
      "Sold out: HYROX Frankfurt (DACH)",
      ["0 left, 12 before"],
    ],
    [
      "an event that is nearly so",
      change("percentSold", [79, 95.1], { changeType: "nearlySoldOut", kind: "percent" }),
      "Nearly sold out: HYROX Frankfurt (DACH)",
      ["95.1 % sold"],
    ],
    [
      "an event that has places again",
      change("available", [0, 7], { changeType: "reopened", kind: "places" }),
      "Places again: HYROX Frankfurt (DACH)",
      ["7 left, 0 before"],
    ],
    [
      "places that are added",
      change("amount", [100, 150], { ...ofType("MEN"), kind: "places" }),
      "Places added, 1 ticket type: HYROX Frankfurt (DACH)",
      ["MEN: 100 → 150"],
    ],
    [
      "a name that says cancelled",
      change("name", ["HYROX Frankfurt", "ABGESAGT: HYROX Frankfurt"], { kind: "text", ...grave }),
      "Cancelled: HYROX Frankfurt (DACH)",
      ["HYROX Frankfurt → ABGESAGT: HYROX Frankfurt"],
    ],
    [
      "a name that says postponed",
      change("name", ["HYROX Nice", "HYROX Nice (REPORTÉ)"], { kind: "text", ...grave }),
      "Postponed: HYROX Frankfurt (DACH)",
      ["HYROX Nice → HYROX Nice (REPORTÉ)"],
    ],
    [
      "a race that moves to a later day",
      change("start", ["2027-04-09T05:00:00.000Z", "2027-06-09T05:00:00.000Z"], grave),
      "Postponed: HYROX Frankfurt (DACH)",
      ["2027-04-09 07:00 Europe/Berlin → 2027-06-09 07:00 Europe/Berlin"],
    ],
  ])("%s is told", (_, found, title, lines) => {
    expect(told([found])).toEqual([{ title, lines, link: null }]);
  });

  test("what calls an event off is told where the change is as grave, and as grave as that", () => {
    const kindsOf = (...changes: ChangeRow[]) =>
      noticesOf(changes, options).map(({ kind, severity }) => `${severity} ${kind}`);
    const race: [string, string] = ["2027-01-15T10:30:00.000Z", "2027-01-16T10:30:00.000Z"];
    const name: [string, string] = ["Flex add-on", "Flex add-on: cancel until Friday"];
    for (const severity of ["high", "medium"] as const) {
      expect(kindsOf(change("start", race, { severity }))).toEqual([]);
      expect(kindsOf(change("name", name, { ...ofType("x"), severity }))).toEqual([]);
    }
    expect(kindsOf(change("start", race, { severity: "critical" }))).toEqual([
      "critical postponed",
    ]);
    expect(kindsOf(change("sellStart", race, { severity: "high" }))).toEqual(["high launchMoved"]);
  });

  test("prices that change together are one notice, each in its currency's units", () => {
    const yen = { ...price("YEN", 9_900, 12_000), currency: "JPY" };
    const found = [price("MEN", 99, 104.5), price("WOMEN", 99, 104.5), yen];
    expect(told(found, "https://monitor.example.org")).toEqual([
      {
        title: "Price changed, 3 ticket types: HYROX Frankfurt (DACH)",
        lines: [
          "MEN: 99.00 EUR → 104.50 EUR",
          "WOMEN: 99.00 EUR → 104.50 EUR",
          "YEN: 9900 JPY → 12000 JPY",
        ],
        link: "https://monitor.example.org/events/e1",
      },
    ]);
  });

  test("what a backfill or a first count found, what is a day old, and what was before anybody asked is not", () => {
    const launch: [null, string] = [null, "2027-01-15T11:00:00.000Z"];
    const found = [
      change("sellStart", launch, { source: "backfill" }),
      change("available", [null, 0], { changeType: "soldOut", isFirstCount: true }),
      change("sellStart", launch, { changedAt: "2026-11-17T11:59:59.000Z" }),
    ];
    expect(told(found)).toEqual([]);
    const since = new Date("2026-11-18T11:59:30.000Z");
    expect(noticesOf([change("sellStart", launch)], { now, since })).toEqual([]);
  });

  test("fewer places, a price that becomes known, a presale's window and a better name are not", () => {
    const found = [
      change("amount", [150, 100], ofType("MEN")),
      change("price", [null, 99], ofType("MEN")),
      change("sellStart", [null, "2027-01-15T11:00:00.000Z"], { changeType: "underShop" }),
      change("name", ["CANCELLED HYROX", "HYROX"]),
      change("hideInListing", [true, false]),
    ];
    expect(told(found)).toEqual([]);
  });

  test("a name does what it likes on a line of its own, and no more than twenty lines are told", () => {
    const name = `A\n\u202eB\u0000 <!channel> ${"x".repeat(400)}`;
    const [message] = told([{ ...price("MEN", 1, 2), eventName: name }]);
    expect(message?.title).toStartWith("Price changed, 1 ticket type: A B <!channel> xxx");
    expect(message?.title.length).toBeLessThan(240);
    const many = Array.from({ length: 165 }, (_, n) => price(`T${n}`, 1, 2));
    expect(told(many)[0]?.lines).toHaveLength(21);
    expect(told(many)[0]?.lines.at(-1)).toBe("and 145 more");
  });
});

describe("who is told", () => {
  const notice: Notice = {
    ...{ kind: "soldOut", subject: "event", severity: "high", eventId: "e1", region: "DACH" },
    ...{ eventName: "HYROX", timezone: null, at: now.toISOString(), items: [] },
  };
  const ofAccount: Notice = { ...notice, kind: "keyRefused", subject: "account", eventId: null };

  test("is whoever a rule names that leaves it in, once", () => {
    const to = (rule: object) => channelsFor(notice, [{ to: ["a"], ...rule }]).length === 1;
    expect(to({})).toBe(true);
    expect([to({ regions: ["DACH"] }), to({ regions: ["ITALY"] })]).toEqual([true, false]);
    expect([to({ events: ["e1"] }), to({ events: ["e2"] })]).toEqual([true, false]);
    expect([to({ kinds: ["soldOut"] }), to({ kinds: ["paused"] })]).toEqual([true, false]);
    expect([to({ of: ["event"] }), to({ of: ["ticketType"] })]).toEqual([true, false]);
    const least = (["medium", "high", "critical"] as const).map((severity) => to({ severity }));
    expect(least).toEqual([true, true, false]);
    expect(channelsFor(notice, [{ to: ["a", "b"] }, { to: ["b", "c"] }])).toEqual(["a", "b", "c"]);
    expect(channelsFor(ofAccount, [{ to: ["a"], events: ["e1"] }])).toEqual([]);
  });
});

describe("quiet hours", () => {
  const quiet = { from: "22:00", to: "07:00", zone: "Europe/Berlin", despite: "critical" } as const;
  const until = (at: string, hours: Parameters<typeof tellAt>[2] = quiet) =>
    tellAt({ severity: "high" }, new Date(at), hours).toISOString();

  test("hold back until they are over, but not what is grave enough", () => {
    expect(until("2026-11-18T20:59:59.000Z")).toBe("2026-11-18T20:59:59.000Z");
    expect(until("2026-11-18T21:00:00.000Z")).toBe("2026-11-19T06:00:00.000Z");
    expect(until("2026-11-19T05:59:59.999Z")).toBe("2026-11-19T06:00:00.000Z");
    expect(until("2026-11-19T06:00:00.000Z")).toBe("2026-11-19T06:00:00.000Z");
    const night = new Date("2026-11-18T23:00:00.000Z");
    expect(tellAt({ severity: "critical" }, night, quiet)).toEqual(night);
    expect(tellAt({ severity: "critical" }, night, { ...quiet, despite: null })).not.toEqual(night);
  });

  test("end when the clock is put forward where their end is left out", () => {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
    const early = { ...quiet, to: "02:30" };
    expect(until("2026-03-28T23:00:00.000Z", early)).toBe("2026-03-29T01:00:00.000Z");
  });

  test("are there again in an hour that is there twice", () => {
    // Berlin goes from 03:00 back to 02:00 on 25 October 2026, at 01:00 UTC.
    const early = { ...quiet, to: "02:30" };
    expect(until("2026-10-24T23:00:00.000Z", early)).toBe("2026-10-25T00:30:00.000Z");
    expect(until("2026-10-25T01:10:00.000Z", early)).toBe("2026-10-25T01:30:00.000Z");
  });
});

/** By the time that it is in UTC: when it is quiet, and when the day's digest is due, minute by minute of a day and a night. */
function minutesOf(
  day: string,
  zone: string,
  { from, to, at }: Record<"from" | "to" | "at", string>,
) {
  const start = Date.parse(`${day}T00:00:00Z`) - 12 * 3_600_000;
  const minutes = Array.from({ length: 48 * 60 }, (_, n) => new Date(start + n * 60_000));
  const hours = { from, to, zone, despite: null };
  const isQuiet = (now: Date) => toldDespite(now, hours) !== undefined;
  const turns = minutes.filter((now, n) => {
    const before = minutes[n - 1];
    const isOfDay = wallClock(now, zone).toISOString().startsWith(day);
    return isOfDay && before !== undefined && isQuiet(before) !== isQuiet(now);
  });
  const due = minutes.find((now) => digestDay(now, { at, zone }) === day);
  const text = (one: Date | undefined) => one?.toISOString().slice(5, 16);
  // What waits is told in the first minute that is not quiet.
  for (const now of minutes.filter(isQuiet))
    expect(isQuiet(tellAt({ severity: "critical" }, now, hours))).toBe(false);
  return { turns: turns.map(text), due: text(due) };
}

const early = { from: "01:15", to: "02:15", at: "02:15" };

test.each([
  [
    "put forward past the end",
    "2027-03-28",
    "Europe/Berlin",
    ["03-28T00:15", "03-28T01:00"],
    "03-28T01:00",
  ],
  [
    ...(["put back over it", "2026-10-25", "Europe/Berlin"] as const),
    ["10-24T23:15", "10-25T00:15", "10-25T01:00", "10-25T01:15"],
    "10-25T00:15",
  ],
  [
    "put forward past the end",
    "2027-03-14",
    "America/New_York",
    ["03-14T06:15", "03-14T07:00"],
    "03-14T07:00",
  ],
  [
    ...(["put back to their beginning", "2026-11-01", "America/New_York"] as const),
    ["11-01T05:15", "11-01T06:00", "11-01T06:15", "11-01T07:15"],
    "11-01T07:15",
  ],
  [
    "put forward past the end by half an hour",
    "2026-10-04",
    "Australia/Lord_Howe",
    ["10-03T14:45", "10-03T15:30"],
    "10-03T15:30",
  ],
  [
    ...(["put back into them by half an hour", "2027-04-04", "Australia/Lord_Howe"] as const),
    ["04-03T14:15", "04-03T15:45"],
    "04-03T15:45",
  ],
])(
  "quiet hours and a digest on a day whose clock is %s (%s, %s) begin, end and come once it is time",
  (_, day, zone, turns, due) => {
    expect(minutesOf(day, zone, early)).toEqual({ turns, due });
  },
);

test("a digest is due from its time on, when the clock is put forward past it, and once a day", () => {
  const at = { at: "02:30", zone: "Europe/Berlin" };
  const days = (instants: string[]) => instants.map((one) => digestDay(new Date(one), at));
  expect(days(["2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"])).toEqual([undefined, "2026-03-29"]);
  expect(days(["2026-10-25T00:29:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z"])).toEqual([
    ...[undefined, "2026-10-25", "2026-10-25"],
  ]);
});
