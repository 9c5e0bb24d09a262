import { expect, test } from "bun:test";
import {
  EVENT_ID,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyEach, changesUnder, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { EventUpdated, NewFact } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readAccountCounts } from "./account-counts.ts";
import { readChanges, readNewestChanges } from "./change-list.ts";
import { salesByDayReader } from "./sales-by-day.ts";

const version = (day: number, said: Partial<EventUpdated> = {}) =>
  eventUpdated({
    updatedAt: `2026-02-0${day}T10:00:00.000Z`,
    observedAt: `2026-02-0${day}T10:00:01.000Z`,
    ...said,
  });

const men = ticketType();
const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" });

const history: NewFact[] = [
  version(1),
  version(2, { sellStart: "2026-02-20T11:00:00.000Z", source: "webhook" }),
  version(3, { sellStart: "2026-02-20T11:00:00.000Z", ticketTypes: [men, women] }),
  version(4, {
    sellStart: "2026-02-20T11:00:00.000Z",
    ticketTypes: [{ ...men, priceMinor: 10_900 }, women],
    underShops: [underShop({ sellStart: "2026-02-10T11:00:00.000Z" })],
  }),
];

const after = async <Read>(facts: NewFact[], read: (sql: Sql) => Promise<Read>) => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  return read(sql);
};
type Sql = Awaited<ReturnType<typeof reusedDatabase>>["sql"];

const readAllChanges = (sql: Sql) => changesUnder(sql);

test("each change between two versions is told once, with what it was and what it is", async () => {
  const changes = await after(history, readAllChanges);
  const told = changes.map(({ field, previousValue, newValue, severity, source, changedAt }) => [
    changedAt.slice(0, 10),
    field,
    previousValue.value,
    newValue.value,
    severity,
    source,
  ]);
  expect(told).toEqual([
    [
      "2026-02-02",
      "sellStart",
      "2026-02-12T11:00:00.000Z",
      "2026-02-20T11:00:00.000Z",
      "critical",
      "webhook",
    ],
    ["2026-02-03", "added of HYROX WOMEN", null, "HYROX WOMEN", "medium", "poll"],
    ["2026-02-04", "price of HYROX MEN | Saturday", 99, 109, "medium", "poll"],
    ["2026-02-04", "sellStart of Partners", null, "2026-02-10T11:00:00.000Z", "medium", "poll"],
  ]);
  expect(changes[0]).toMatchObject({
    eventId: EVENT_ID,
    region: "DACH",
    changeType: "event",
    newValue: { isInstant: true },
  });
  expect((await after(history, (sql) => readNewestChanges(sql, { limit: 1 }))).length).toBe(1);
});

test("a launch date that changes without a new time of change is told, whichever is read first", async () => {
  const launch = "2026-02-20T11:00:00.000Z";
  const moved = version(1, { sellStart: launch, observedAt: "2026-02-03T07:00:00.000Z" });
  for (const facts of [
    [version(1), moved],
    [moved, version(1)],
  ])
    expect(await after(facts, readAllChanges)).toMatchObject([
      {
        field: "sellStart",
        previousValue: { value: "2026-02-12T11:00:00.000Z" },
        newValue: { value: launch },
        severity: "critical",
        changedAt: "2026-02-03T07:00:00.000Z",
      },
    ]);
});

test("what comes later is told, also what is older, and of one event by itself", async () => {
  const { sql } = await reusedDatabase();
  const [first, second, third, fourth] = history;
  const other = version(2, { eventId: "other", maxAmount: 5 });
  const told: number[] = [];
  for (const fact of [fourth, first, third, second, other]) {
    if (fact) await applyEach(sql, [fact]);
    const { rows } = await readChanges(sql, { eventIds: [EVENT_ID], limit: 100 });
    const all = await readNewestChanges(sql, { limit: 100 });
    expect(rows).toHaveLength(all.length);
    told.push(all.length);
  }
  expect(told).toEqual([0, 4, 4, 4, 4]);
  expect((await readChanges(sql, { eventIds: ["other"], limit: 100 })).rows).toEqual([]);
});

test("a description in parts is one version and no change", async () => {
  const both = { ticketTypeIds: ["men", "women"] };
  const facts = [
    version(1, { ...both, ticketTypes: [men, women] }),
    version(2, { ...both, ticketTypes: [men], part: { number: 1, of: 2 } }),
    version(2, { ...both, ticketTypes: [women], part: { number: 2, of: 2 } }),
  ];
  expect(await after(facts, readAllChanges)).toEqual([]);
});

const at = (hour: string, sold: number, newSales: Record<string, number>) =>
  salesCounted({ countedAt: hour, ticketTypes: [typeCount({ sold, newSales })] });

const sales = [
  version(1),
  at("2026-03-01T02:00:00.000Z", 10, {
    "2026-02-27T22": 3,
    "2026-02-27T23": 4,
    "2026-02-28T10": 3,
  }),
  at("2026-03-02T02:00:00.000Z", 12, { "2026-03-01T12": 2, "2026-02-27T22": 2 }),
];

const NOW = new Date("2026-03-05T12:00:00Z");

/** Those without sales stand apart. */
const selling = <Day extends { newSales: number }>(days: readonly Day[]) =>
  days.filter(({ newSales }) => newSales > 0);

const readDays = async (sql: Sql) =>
  selling(
    await salesByDayReader(sql)({
      rows: await readAllRows(sql),
      countedClasses: ["race", "other"],
      ...{ days: 90, now: NOW },
    }),
  );

test("a day is the event's own, and its total leads to the event's", async () => {
  const days = await after(sales, readDays);
  expect(
    days.map(({ day, newSales, totalSold, percentSold, daysToEvent }) => [
      ...[day, newSales, totalSold, percentSold, daysToEvent],
    ]),
  ).toEqual([
    // 22:00 UTC is 23:00 in Berlin, and 23:00 UTC is the next day.
    ["2026-02-27", 2, 3, 3, 218],
    ["2026-02-28", 7, 10, 10, 217],
    ["2026-03-01", 2, 12, 12, 216],
  ]);
});

test("a timezone that nobody knows is UTC, and costs no other event its days", async () => {
  const newSales = { "2026-02-27T23": 4 };
  const sold = (eventId: string, timezone: string) => [
    eventUpdated({ eventId, timezone }),
    salesCounted({ eventId, ticketTypes: [typeCount({ sold: 4, newSales })] }),
  ];
  const facts = [...sold("berlin", "Europe/Berlin"), ...sold("mars", "Mars/Olympus")];
  const days = await after([...facts, ...sold("none", "")], readDays);
  expect(days.map(({ eventId, day, newSales }) => [eventId, day, newSales])).toEqual([
    ["berlin", "2026-02-28", 4],
    ["mars", "2026-02-27", 4],
    ["none", "2026-02-27", 4],
  ]);
});

test("who reads the days again sees a new count, another timezone and another class", async () => {
  const { sql } = await reusedDatabase();
  const read = salesByDayReader(sql);
  const daysAfter = async (facts: NewFact[], classes: readonly string[] = ["race"]) => {
    await applyEach(sql, facts);
    const rows = await readAllRows(sql);
    const options = { rows, countedClasses: classes, days: 90, now: NOW };
    const found = await read(options);
    expect(found).toEqual(await salesByDayReader(sql)(options));
    return selling(found).map(({ day, newSales, totalSold }) => [day, newSales, totalSold]);
  };
  expect(await daysAfter(sales)).toEqual([
    ["2026-02-27", 2, 3],
    ["2026-02-28", 7, 10],
    ["2026-03-01", 2, 12],
  ]);
  const later = at("2026-03-03T02:00:00.000Z", 15, { "2026-03-01T12": 5 });
  expect((await daysAfter([later])).at(-1)).toEqual(["2026-03-01", 5, 15]);
  const moved = await daysAfter([version(2, { timezone: "America/Los_Angeles" })]);
  expect(moved.map(([day]) => day)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(moved[0]).toEqual(["2026-02-27", 6, 7]);
  expect(await daysAfter([], ["charity"])).toEqual([]);
});

test("neither knows in what order facts arrived, nor how often", async () => {
  const facts = [...history, ...sales.slice(1)];
  const changes = await after(facts, readAllChanges);
  const days = await after(facts, readDays);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
      async (shuffled) => {
        expect(await after(shuffled, readAllChanges)).toEqual(changes);
        expect(await after(shuffled, readDays)).toEqual(days);
      },
    ),
    { numRuns: runs(4) },
  );
});

test("when an account was last counted is when its newest complete count was", async () => {
  const counts = await after(
    [...sales, salesCounted({ countedAt: "2026-03-09T02:00:00.000Z", complete: false })],
    readAccountCounts,
  );
  expect(counts.map((count) => ({ ...count }))).toEqual([
    { account: "DACH", events: 1, countedAt: new Date("2026-03-02T02:00:00.000Z") },
  ]);
});

test("a word that matters and a type that leaves the totals are told with before and after", async () => {
  const facts = [
    version(1),
    version(2, { name: "HYROX Testville ABGESAGT" }),
    version(3, {
      name: "HYROX Testville ABGESAGT",
      ticketTypes: [{ ...men, name: "BESUCHER | HYROX" }],
    }),
  ];
  const changes = await after(facts, readAllChanges);
  expect(
    changes.map(({ changeType, field, previousValue, newValue, severity }) => [
      ...[changeType, field, previousValue.value, newValue.value, severity],
    ]),
  ).toEqual([
    ["event", "name", "HYROX Testville", "HYROX Testville ABGESAGT", "critical"],
    ["ticketType", "class of BESUCHER | HYROX", "race", "spectator", "critical"],
    [
      "ticketType",
      "name of BESUCHER | HYROX",
      "HYROX MEN | Saturday",
      "BESUCHER | HYROX",
      "critical",
    ],
  ]);
  const classes = { men: "race" as const };
  const said = await after(facts, (sql) => changesUnder(sql, { policy: defaultPolicy, classes }));
  expect(said.map(({ field }) => field)).toEqual(["name", "name of BESUCHER | HYROX"]);
});

test("a day without sales is a day, from the launch on to today", async () => {
  const { sql } = await reusedDatabase();
  const [first] = sales;
  await applyEach(
    sql,
    first ? [first, at("2026-03-03T02:00:00.000Z", 3, { "2026-03-01T12": 3 })] : [],
  );
  const rows = await readAllRows(sql);
  const days = await salesByDayReader(sql)({
    ...{ rows, countedClasses: ["race"], days: 90, now: NOW },
  });
  // The launch is of 12 February, twelve o'clock in Berlin.
  expect(days).toHaveLength(22);
  expect(days[0]).toMatchObject({ day: "2026-02-12", newSales: 0, daysSinceLaunch: 0 });
  expect(days.at(-1)).toMatchObject({ day: "2026-03-05", newSales: 0, daysSinceLaunch: 21 });
});

test("where counts know it a day says what it had sold at its end and what was refunded", async () => {
  const { sql } = await reusedDatabase();
  const counts = [
    at("2026-03-01T02:00:00.000Z", 10, { "2026-02-27T12": 10 }),
    // Five more by two o'clock in the night of the 2nd, one of them after midnight in Berlin.
    at("2026-03-02T02:00:00.000Z", 15, { "2026-03-01T12": 4, "2026-03-01T23": 1 }),
    // Three of the ten were refunded.
    at("2026-03-03T20:00:00.000Z", 12, { "2026-02-27T12": 7 }),
  ];
  await applyEach(sql, [version(1), ...counts]);
  const rows = await readAllRows(sql);
  const options = { rows, countedClasses: ["race"], days: 90, now: NOW };
  const days = await salesByDayReader(sql)(options);
  const shown = days.filter(({ day }) => day > "2026-02-26");
  expect(
    shown.map((row) => [
      ...[row.day, row.newSales, row.replacements, row.refunds, row.totalSold, row.knownBy],
    ]),
  ).toEqual([
    ["2026-02-27", 7, 0, null, 7, "creation"],
    ["2026-02-28", 0, 0, null, 7, "creation"],
    ["2026-03-01", 4, 0, null, 14, "counts"],
    ["2026-03-02", 1, 0, 0, 15, "counts"],
    ["2026-03-03", 0, 0, 3, 12, "counts"],
    ["2026-03-04", 0, 0, 0, 12, "counts"],
    ["2026-03-05", 0, 0, 0, 12, "counts"],
  ]);
});

test("where there is not room for all days, old ones are told in weeks, and none twice", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, sales);
  const rows = await readAllRows(sql);
  const options = { rows, countedClasses: ["race"], now: NOW };
  const read = (days: number) => salesByDayReader(sql)({ ...options, days });
  const [all, few] = [await read(90), await read(16)];
  expect(few.map(({ days }) => days)).toEqual([...Array(7).fill(1), 7, ...Array(8).fill(1)]);
  expect(few[7]).toMatchObject({ day: "2026-02-19", daysSinceLaunch: 7, daysToEvent: 226 });
  const sumOf = (days: typeof all) => days.reduce((sum, { newSales }) => sum + newSales, 0);
  expect([sumOf(few), few.at(-1)?.totalSold]).toEqual([sumOf(all), all.at(-1)?.totalSold]);
});
