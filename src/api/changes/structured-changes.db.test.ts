import { beforeAll, describe, expect, test } from "bun:test";
import {
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyKept, changesUnder } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { testApi } from "../../../test/support/test-api.ts";
import type { EventUpdated, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { readChanges } from "../../projections/queries/change-list.ts";
import { readEventPage, readTicketTypePage } from "../../projections/queries/lists.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { ShownChange } from "./change-schema.ts";

const NOW = new Date("2026-04-01T00:00:00.000Z");
const men = ticketType({ amount: 100 });
const seats = ticketType({ ticketTypeId: "seats", name: "SPECTATOR | Sunday", amount: 10 });
const partners = underShop({ sellStart: "2026-02-12T11:00:00.000Z" });

const described = (day: number, said: Partial<EventUpdated> = {}) =>
  eventUpdated({
    ...{ eventId: "berlin", name: "HYROX Berlin", ticketTypes: [men, seats] },
    underShops: [partners],
    updatedAt: `2026-03-0${day}T10:00:00.000Z`,
    observedAt: `2026-03-0${day}T10:00:00.000Z`,
    ...said,
  });
const counted = (eventId: string, day: number, sold: number) =>
  salesCounted({
    ...{ eventId, countedAt: `2026-03-0${day}T12:00:00.000Z` },
    ticketTypes: [typeCount({ sold }), typeCount({ ticketTypeId: "seats" })],
  });

const history: NewFact[] = [
  described(1),
  counted("berlin", 1, 85),
  described(2, { ticketTypes: [{ ...men, priceMinor: 10_950 }, seats] }),
  described(3, {
    ticketTypes: [
      { ...men, priceMinor: 10_950 },
      { ...seats, name: "SPECTATOR | Saturday" },
    ],
    underShops: [{ ...partners, sellStart: "2026-02-13T11:00:00.000Z" }],
    sellStart: "2026-02-13T11:00:00.000Z",
    hideInListing: true,
  }),
  described(4, {
    ticketTypes: [{ ...men, priceMinor: 10_950 }],
    ticketTypeIds: ["men"],
    underShops: [{ ...partners, sellStart: "2026-02-13T11:00:00.000Z" }],
    sellStart: "2026-02-13T11:00:00.000Z",
    hideInListing: true,
  }),
  counted("berlin", 5, 100),
  eventUpdated({ ...{ eventId: "lyon", name: "HYROX Lyon", account: "FRANCE" } }),
  counted("lyon", 6, 96),
];

let sql: Pool;
const options = { policy: defaultPolicy, now: NOW };
const api = () =>
  testApi({
    clock: { now: () => NOW, pause: async () => {} },
    readChanges: (wanted) => readChanges(sql, wanted),
    lists: {
      events: (wanted) => readEventPage(sql, wanted, options),
      ticketTypes: (wanted) => readTicketTypePage(sql, wanted, options),
    },
  });

const changesAt = async (query = "") => {
  const { changes } = await api().read<{ changes: ShownChange[] }>(`/api/changes${query}`);
  return changes;
};

/** Oldest first, those of one instant by what they are of. */
const told = async (query = "") =>
  (await changesAt(query))
    .map((change) =>
      [
        ...[change.changedAt.slice(8, 10), change.eventId],
        ...[change.ticketTypeId ?? change.underShopId ?? "-", change.field],
        ...[change.was, change.is].map((value) => JSON.stringify(value)),
      ].join(" "),
    )
    .sort();

const ALL = [
  '01 berlin - percentSold null {"percent":85}',
  '01 berlin men percentSold null {"percent":85}',
  '02 berlin men price {"money":99} {"money":109.5}',
  '03 berlin - hideInListing {"flag":false} {"flag":true}',
  '03 berlin - sellStart {"instant":"2026-02-12T11:00:00.000Z"} {"instant":"2026-02-13T11:00:00.000Z"}',
  '03 berlin partners sellStart {"instant":"2026-02-12T11:00:00.000Z"} {"instant":"2026-02-13T11:00:00.000Z"}',
  '03 berlin seats name {"text":"SPECTATOR | Sunday"} {"text":"SPECTATOR | Saturday"}',
  '04 berlin seats removed {"text":"SPECTATOR | Saturday"} null',
  '05 berlin - available {"places":15} {"places":0}',
  '05 berlin men available {"places":15} {"places":0}',
  '06 lyon - percentSold null {"percent":96}',
  '06 lyon men percentSold null {"percent":96}',
];

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  for (const fact of history) await applyKept(sql, [fact]);
});

describe("a change", () => {
  test("says whose it is, of what, and what it was and is, each with its kind", async () => {
    expect(await told()).toEqual(ALL);
    const [price] = await changesAt("?field=price");
    expect(price).toMatchObject({
      ...{ eventId: "berlin", eventName: "HYROX Berlin", changeType: "ticketType" },
      ...{ ticketTypeId: "men", ticketTypeName: "HYROX MEN | Saturday" },
      ...{ underShopId: null, underShopName: null },
      ...{ field: "price", kind: "money", currency: "EUR", severity: "medium" },
      ...{ was: { money: 99 }, is: { money: 109.5 }, previousValue: 99, newValue: 109.5 },
      ...{ label: "price of HYROX MEN | Saturday", isFirstCount: false },
    });
    const [shop] = await changesAt("?changeType=underShop");
    expect(shop).toMatchObject({
      ...{ underShopId: "partners", underShopName: "Partners", ticketTypeId: null },
      ...{ ticketTypeName: null, kind: "instant", currency: null },
    });
  });

  test("that a first count found is marked, and can be left out", async () => {
    const changes = await changesAt();
    const marked = changes.filter(({ isFirstCount }) => isFirstCount);
    expect(marked.map(({ eventId, field }) => `${eventId} ${field}`).sort()).toEqual([
      ...["berlin percentSold", "berlin percentSold", "lyon percentSold", "lyon percentSold"],
    ]);
    expect(await told("?firstCounts=false")).toEqual(
      ALL.filter((line) => !line.includes("null {")),
    );
    expect(await told("?firstCounts=true")).toEqual(ALL);
  });

  test("has an id of letters that an address can hold, and no two have the same", async () => {
    const ids = (await changesAt()).map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(new Set(ids).size).toBe(ALL.length);
  });
});

describe("ids stay what they are", () => {
  const idsNow = async () =>
    Object.fromEntries((await changesAt()).map(({ id, ...change }) => [id, change]));

  test("when the log is read in another order", async () => {
    const before = await idsNow();
    ({ sql } = await reusedDatabase());
    for (const fact of history.toReversed()) await applyKept(sql, [fact]);
    expect(await idsNow()).toEqual(before);
  });

  test("when rows of an older program are filled in the background, and are readable before", async () => {
    const before = await idsNow();
    await sql`
      update event_change
      set change_id = null, subject_id = null, subject_name = null, currency = null
    `;
    await sql`update derived_event set digest = 'of an older program' where derivation = 'changes'`;
    const old = await changesAt();
    expect(old.map(({ field, is }) => [field, is])).toEqual(
      Object.values(before).map(({ field, is }) => [field, is]),
    );
    expect(new Set(old.map(({ id }) => id)).size).toBe(ALL.length);
    await changesUnder(sql);
    expect(await idsNow()).toEqual(before);
  });
});

describe("GET /api/changes leaves out", () => {
  test.each<[string, (line: string) => boolean]>([
    ["?eventId=lyon,berlin", () => true],
    ["?region=france,dach", () => true],
    ["?region=FRANCE", (line) => line.includes("lyon")],
    ["?ticketTypeId=seats", (line) => line.includes("seats")],
    ["?ticketTypeId=seats,men&eventId=berlin", (line) => /berlin (seats|men)/.test(line)],
    ["?field=price,sellstart", (line) => /price|sellStart/.test(line)],
    ["?severity=high,critical", (line) => /- sellStart|- available/.test(line)],
    ["?changeType=soldOut,underShop", (line) => /available|partners/.test(line)],
    ["?class=race", (line) => line.includes(" men ")],
    ["?class=spectator", (line) => line.includes(" seats ")],
    ["?q=lyon", (line) => line.includes("lyon")],
    ["?q=berlin%20spectator", (line) => line.includes(" seats ")],
    ["?since=2026-03-03T00:00:00Z&until=2026-03-05T00:00:00Z", (line) => /^0[34]/.test(line)],
    ["?as_of=2026-03-02T10:00:00Z", (line) => /^0[12]/.test(line)],
  ])("all but those of %s", async (query, fits) => {
    expect(await told(query)).toEqual(ALL.filter(fits));
  });

  test("nothing of an event that is there, and of a name that is not there it says so", async () => {
    expect(await told("?eventId=berlin&q=lyon")).toEqual([]);
    // Undershops are no ticket types, whatever they are called.
    const answer = await api().get("/api/changes?ticketTypeId=men,partners");
    expect(await answer.json()).toMatchObject({
      detail: "There is no such ticket type: partners.",
    });
  });

  test("nothing of another query's cursor: it refuses it", async () => {
    const { nextCursor } = await api().read<{ nextCursor: string }>("/api/changes?limit=1");
    const answer = await api().get(`/api/changes?limit=1&field=price&cursor=${nextCursor}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ name: "cursor" }] });
  });

  test.each([
    ["?since=2026-03-03T00:00:00Z&until=2026-03-03T00:00:00Z", "until"],
    ["?as_of=2026-05-01T00:00:00Z", "as_of"],
    ["?field=prize", "field"],
    ["?firstCounts=no", "firstCounts"],
  ])("nothing where it is asked for %s: that is a mistake", async (query, name) => {
    const answer = await api().get(`/api/changes${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ name }] });
  });
});

test("a table of changes has a column for each kind of value", async () => {
  const csv = await (await api().get("/api/changes?field=price&format=csv")).text();
  const [names = "", values = ""] = csv.split("\r\n");
  const row = Object.fromEntries(
    names.split(",").map((name, index) => [name, values.split(",")[index]]),
  );
  expect(row).toMatchObject({
    ...{ field: "price", kind: "money", "was.money": "99", "is.money": "109.5" },
    ...{ "was.places": "", "is.text": "", currency: "EUR", ticketTypeId: "men" },
  });
});
