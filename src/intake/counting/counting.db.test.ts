import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Answerer, scripted } from "../../../test/fixtures/vivenu/scripted.ts";
import page from "../../../test/fixtures/vivenu/tickets.page.json";
import type { TestDatabase } from "../../../test/support/database.ts";
import { emptyRows } from "../../../test/support/given.ts";
import {
  clientFor,
  EVENT_ID,
  eventJson,
  eventOf,
  handClock,
  logger,
  MEN,
  MINUTE,
  NOON,
  never,
  project,
  readCounts,
  readFacts,
  WOMEN,
} from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { isFailure } from "../../lib/failure.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { recordEvent } from "../events/record-event.ts";
import { takeFullCount } from "./full-count.ts";

interface Listed {
  _id: string;
  ticketTypeId: string;
  status?: string;
  createdAt?: string;
  origin?: string;
  realPrice?: number;
  transactionId?: string;
  underShopId?: string;
}

let database: TestDatabase;
let vivenu: ReturnType<typeof scripted>;
let client: VivenuClient;
/** What the list of tickets answers. */
let tickets: (Listed | (typeof page.rows)[number])[];
let total: number | undefined;

const answer: Answerer = (_request, url) => {
  if (url.pathname === `/api/events/${EVENT_ID}`) return Response.json(eventJson());
  const found = tickets
    .map((ticket) => ({
      ...{ eventId: EVENT_ID, status: "VALID", createdAt: "2026-02-12T11:30:00.000Z" },
      ...{ updatedAt: "2026-02-12T11:30:00.000Z", secret: "a-secret", email: "a@example.com" },
      ...ticket,
    }))
    .filter(
      ({ createdAt }) =>
        createdAt >= (url.searchParams.get("start") ?? "") &&
        createdAt <= (url.searchParams.get("end") ?? "9"),
    );
  const alone = /^\/api\/tickets\/(.+)$/.exec(url.pathname)?.[1];
  if (alone !== undefined) {
    const ticket = found.find(({ _id }) => _id === alone);
    return ticket ? Response.json(ticket) : new Response("", { status: 404 });
  }
  const skip = Number(url.searchParams.get("skip"));
  const rows = found.slice(skip, skip + Number(url.searchParams.get("top")));
  return Response.json({ rows, total: total ?? found.length });
};

beforeAll(async () => {
  database = await reusedDatabase();
  vivenu = scripted((...request) => answer(...request));
  client = clientFor({ baseUrl: vivenu.url });
});
afterAll(async () => {
  await vivenu[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tickets = [];
  total = undefined;
  await emptyTables(
    database.sql,
    `
    count_seen, event_seen, ticket_state, ticket_unread, running_count, account_reading,
      ticket_reading, ticket_reading_page, outbox
  `,
  );
  await emptyRows(database.sql);
});

const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

async function count(minutes: number, event: VivenuEvent = eventOf()) {
  const { sql } = database;
  const until = at(minutes);
  await sql.begin((tx) =>
    recordEvent(tx, { account: "DACH", source: "poll", event, observedAt: until }),
  );
  return takeFullCount({
    ...{
      sql,
      client,
      eventId: EVENT_ID,
      until,
      pageSize: 1_000,
      clock: handClock(until),
      logger,
      signal: never,
    },
  });
}

const counts = () => readCounts(database.sql);
const latest = async (ticketTypeId: string) =>
  (await counts()).at(-1)?.ticketTypes.find((type) => type.ticketTypeId === ticketTypeId);

/** What the product shows of the facts. */
async function shown() {
  const { sql } = database;
  await project(sql, (await readFacts(sql)).toReversed());
  const { events, ticketTypes } = await readRows(sql, { now: NOON, policy: defaultPolicy });
  const typeOf = (id: string) => ticketTypes.find(({ ticketTypeId }) => ticketTypeId === id);
  return { event: events[0], typeOf };
}

test("the fixture's tickets come to the reference's counts", async () => {
  tickets = page.rows;
  expect(await count(0)).toEqual({ ticketsRead: 9, recorded: true, unreadable: 0, left: [] });
  const [fact] = await counts();
  expect(fact).toMatchObject({
    idempotencyKey: `sales.counted/DACH/${EVENT_ID}/${NOON.toISOString()}`,
    account: "DACH",
    source: "poll",
    observedAt: NOON.toISOString(),
    countedAt: NOON.toISOString(),
    complete: true,
    ticketsRead: 9,
    expectedTotal: 9,
    currencies: ["EUR"],
    part: { number: 1, of: 1 },
  });
  const typeOf = (ending: string) =>
    fact?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId.endsWith(ending));
  expect(fact?.ticketTypes).toHaveLength(10);
  expect(typeOf("101")).toMatchObject({ sold: 2, soldUnderShop: 1, reserved: 1 });
  expect(typeOf("102")).toMatchObject({ sold: 1, replaced: 1, invalid: 1 });
  expect(typeOf("103")).toMatchObject({ sold: 1 });
  expect(typeOf("104")).toMatchObject({ sold: 1, triggered: 1, complimentary: 0 });
  expect(typeOf("108")).toMatchObject({ sold: 1, complimentary: 1 });
  expect(typeOf("109")).toMatchObject({ sold: 1 });
  const flex = fact?.ticketTypes.map(({ flexAddOns }) => flexAddOns) ?? [];
  expect(flex.reduce((sum, tickets) => sum + tickets)).toBe(1);
  const newOn12th = (fact?.ticketTypes ?? [])
    .filter(({ ticketTypeId }) => /10[1-3578]$/.test(ticketTypeId))
    .flatMap(({ newSales }) => Object.entries(newSales))
    .filter(([hour]) => hour.startsWith("2026-02-12"));
  expect(newOn12th.reduce((sum, [, sold]) => sum + sold, 0)).toBe(2);
});

test("no fact names a holder, a secret or a barcode", async () => {
  tickets = page.rows;
  await count(0);
  const text = JSON.stringify(await readFacts(database.sql));
  for (const { _id, secret, barcode, email, name } of page.rows)
    for (const trace of [_id, secret, barcode, email, name])
      if (trace) expect(text).not.toContain(`"${trace}"`);
  const kept = await database.sql`select ticket_types::text as text from count_seen`;
  expect(kept[0]?.text).not.toContain("secret");
});

describe("a count is recorded", () => {
  test("once, and not again while it says the same", async () => {
    tickets = [{ _id: "t1", ticketTypeId: MEN }];
    expect((await count(0)).recorded).toBe(true);
    expect((await count(1)).recorded).toBe(false);
    expect((await count(2)).recorded).toBe(false);
    expect(await counts()).toHaveLength(1);
  });

  test("also when nothing was sold yet: zero is a number", async () => {
    expect((await count(0)).recorded).toBe(true);
    expect((await shown()).event).toMatchObject({ totalSold: 0, percentSold: 0 });
    expect((await count(1)).recorded).toBe(false);
  });

  test("after one sale, with the hour that changed and no other", async () => {
    tickets = [
      { _id: "t1", ticketTypeId: MEN },
      { _id: "t2", ticketTypeId: WOMEN },
    ];
    await count(0);
    tickets.push({ _id: "t3", ticketTypeId: MEN, createdAt: "2026-02-12T13:00:00.000Z" });
    expect((await count(1)).recorded).toBe(true);
    expect(await latest(MEN)).toMatchObject({ sold: 2, newSales: { "2026-02-12T13": 1 } });
    expect(await latest(WOMEN)).toMatchObject({ sold: 1, newSales: {} });
    tickets.push({ _id: "t4", ticketTypeId: MEN, createdAt: "2026-02-12T13:59:59.999Z" });
    await count(2);
    expect(await latest(MEN)).toMatchObject({ sold: 3, newSales: { "2026-02-12T13": 2 } });
    const { typeOf } = await shown();
    expect(typeOf(MEN)?.sold).toBe(3);
    expect(typeOf(WOMEN)?.sold).toBe(1);
  });

  test("when a ticket only changes its status", async () => {
    tickets = [{ _id: "t1", ticketTypeId: MEN, status: "RESERVED" }];
    await count(0);
    tickets = [{ _id: "t1", ticketTypeId: MEN, status: "DETAILSREQUIRED" }];
    expect((await count(1)).recorded).toBe(true);
    expect(await latest(MEN)).toMatchObject({ sold: 1, reserved: 0 });
    tickets = [{ _id: "t1", ticketTypeId: MEN, status: "VALID" }];
    expect((await count(2)).recorded).toBe(false);
  });
});

test("a refund lowers what is sold, in its hour as well", async () => {
  tickets = [
    { _id: "t1", ticketTypeId: MEN },
    { _id: "t2", ticketTypeId: MEN },
  ];
  await count(0);
  tickets = [
    { _id: "t1", ticketTypeId: MEN },
    { _id: "t2", ticketTypeId: MEN, status: "INVALID" },
  ];
  await count(1);
  expect(await latest(MEN)).toMatchObject({
    sold: 1,
    invalid: 1,
    newSales: { "2026-02-12T11": 1 },
  });
  tickets = tickets.map((ticket) => ({ ...ticket, status: "INVALID" }));
  await count(2);
  expect(await latest(MEN)).toMatchObject({
    sold: 0,
    invalid: 2,
    newSales: { "2026-02-12T11": 0 },
  });
  expect((await shown()).typeOf(MEN)?.sold).toBe(0);
});

test("a type that neither the event nor a ticket names any more goes to 0, once", async () => {
  const gone = "68f0000000000000000001ff";
  tickets = [{ _id: "t1", ticketTypeId: gone }];
  await count(0);
  tickets = [];
  expect((await count(1)).recorded).toBe(true);
  expect(await latest(gone)).toMatchObject({ sold: 0, newSales: { "2026-02-12T11": 0 } });
  expect((await count(2)).recorded).toBe(false);
  tickets = [{ _id: "t1", ticketTypeId: gone }];
  expect((await count(3)).recorded).toBe(true);
  expect(await latest(gone)).toMatchObject({ sold: 1, newSales: { "2026-02-12T11": 1 } });
});

test("a type that the event takes on or lets go is news by itself only when it is new", async () => {
  const [men, ...others] = eventJson().tickets;
  await count(0, eventOf({ tickets: others }));
  expect((await count(1, eventOf({ tickets: [men, ...others] }))).recorded).toBe(true);
  expect((await count(2, eventOf({ tickets: others }))).recorded).toBe(false);
});

test("a partner's free place is not a gift, whether or not the currency is known", async () => {
  const [type] = eventJson().tickets;
  const partner = { ...type, price: 0, ignoreForMaxAmounts: true, name: "Second person" };
  tickets = [{ _id: "t1", ticketTypeId: MEN, realPrice: 0 }];
  await count(0, eventOf({ tickets: [partner], cartAutomationRules: [], groups: [] }));
  expect(await latest(MEN)).toMatchObject({ sold: 1, complimentary: 0 });
});

test("tickets that are older than their event count as well", async () => {
  tickets = [{ _id: "t1", ticketTypeId: MEN, createdAt: "2019-05-01T10:00:00.000Z" }];
  await count(0);
  expect(await latest(MEN)).toMatchObject({ sold: 1, newSales: { "2019-05-01T10": 1 } });
});

test("two counts at the same time leave what the later one says", async () => {
  tickets = [{ _id: "t1", ticketTypeId: MEN }];
  await Promise.all([1, 2, 3, 4].map((minute) => count(minute)));
  tickets.push({ _id: "t2", ticketTypeId: MEN });
  await Promise.all([8, 7, 6, 5].map((minute) => count(minute)));
  expect((await shown()).typeOf(MEN)?.sold).toBe(2);
});

test("tickets that were not read completely are no count", async () => {
  tickets = [{ _id: "t1", ticketTypeId: MEN }];
  total = 2;
  const failure = await count(0).catch((error) => error);
  expect(isFailure(failure, "unavailable")).toBe(true);
  expect(failure.message).toContain("not read completely");
  expect(await counts()).toEqual([]);
});

test("tickets in a status that is not known count as unknown, and are neither sold nor lost", async () => {
  tickets = [
    { _id: "t1", ticketTypeId: MEN, status: "SOMETHINGNEW" },
    { _id: "t2", ticketTypeId: MEN },
  ];
  await count(0);
  expect((await counts()).at(-1)).toMatchObject({ complete: true, ticketsRead: 2 });
  expect(await latest(MEN)).toMatchObject({ sold: 1, unknown: 1 });
  expect((await count(1)).recorded).toBe(false);
  tickets = [
    { _id: "t1", ticketTypeId: MEN },
    { _id: "t2", ticketTypeId: MEN },
  ];
  expect((await count(2)).recorded).toBe(true);
  const men = await latest(MEN);
  expect(men).toMatchObject({ sold: 2 });
  expect(men).not.toHaveProperty("unknown");
});

describe("a ticket that cannot be read", () => {
  const readable = { _id: "t1", ticketTypeId: MEN };
  const broken = { _id: "t2", ticketTypeId: 7 as unknown as string };

  test("makes its event's count incomplete, and all others are counted", async () => {
    tickets = [readable];
    await count(0);
    tickets = [readable, broken, { _id: "t3", ticketTypeId: WOMEN }];
    expect(await count(1)).toEqual({ ticketsRead: 2, recorded: true, unreadable: 1, left: [] });
    expect((await counts()).at(-1)).toMatchObject({
      ...{ complete: false, ticketsRead: 2, expectedTotal: 3 },
    });
    expect(await latest(WOMEN)).toMatchObject({ sold: 1 });
    const { typeOf } = await shown();
    expect([typeOf(MEN)?.sold, typeOf(WOMEN)?.sold]).toEqual([1, 0]);
  });

  test("is told once, again when anything changes, and when it can be read", async () => {
    tickets = [readable, broken];
    expect((await count(0)).recorded).toBe(true);
    expect((await count(1)).recorded).toBe(false);
    tickets.push({ _id: "t3", ticketTypeId: MEN });
    expect((await count(2)).recorded).toBe(true);
    tickets.pop();
    expect((await count(3)).recorded).toBe(true);
    tickets = [readable, { ...broken, ticketTypeId: WOMEN }];
    expect((await count(4)).recorded).toBe(true);
    expect((await count(5)).recorded).toBe(false);
    expect((await counts()).map(({ complete }) => complete)).toEqual([false, false, false, true]);
    const { typeOf } = await shown();
    expect([typeOf(MEN)?.sold, typeOf(WOMEN)?.sold]).toEqual([1, 1]);
  });

  test("is not counted as what it was before", async () => {
    tickets = [readable, { ...broken, ticketTypeId: MEN }];
    await count(0);
    tickets = [readable, broken];
    await count(1);
    expect(await latest(MEN)).toMatchObject({ sold: 1 });
    expect((await counts()).at(-1)?.complete).toBe(false);
  });
});

describe("of a ticket type that two undershops sell", () => {
  const HTC = "68f000000000000000000601";
  const PARTNER = "68f000000000000000000611";
  const [template] = eventJson().underShops;
  const shop = (_id: string, inventoryStrategy: string) => ({
    ...{ ...template, _id, inventoryStrategy },
    tickets: [
      { _id: `${_id}r`, baseTicket: MEN, name: "MEN", price: 119, amount: 20, active: true },
    ],
  });
  const men = eventJson().tickets.filter(({ _id }) => _id === MEN);
  const event = eventOf({
    tickets: men.map((type) => ({ ...type, amount: 100 })),
    underShops: [shop(HTC, "independent"), shop(PARTNER, "global")],
  });
  const sell = (count: number, underShopId?: string) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ _id: `${underShopId ?? "direct"}-${at}`, ticketTypeId: MEN },
      ...(underShopId && { underShopId }),
    }));

  test("each one's sales are held to its own strategy", async () => {
    tickets = [...sell(10, HTC), ...sell(5, PARTNER), ...sell(3)];
    await count(0, event);
    expect(await latest(MEN)).toMatchObject({
      ...{ sold: 18, soldUnderShop: 15, soldByUnderShop: { [HTC]: 10, [PARTNER]: 5 } },
    });
    const { event: row, typeOf } = await shown();
    // 100 places, of which the partner's 5 and 3 sold directly are gone.
    expect(typeOf(MEN)).toMatchObject({
      capacity: 100,
      sold: 18,
      soldUnderShop: 15,
      available: 92,
    });
    expect(row).toMatchObject({ totalSold: 18, totalAvailable: 92 });
  });

  test("what one has reserved is held to its strategy as well, so that nobody is told that the type is gone", async () => {
    const reserve = (count: number, underShopId: string) =>
      sell(count, underShopId).map((one) => ({ ...one, _id: `${one._id}r`, status: "RESERVED" }));
    tickets = [...sell(85), ...reserve(18, HTC), ...reserve(5, PARTNER)];
    await count(0, event);
    expect(await latest(MEN)).toMatchObject({
      ...{ sold: 85, reserved: 23, reservedByUnderShop: { [HTC]: 18, [PARTNER]: 5 } },
    });
    const { event: row, typeOf } = await shown();
    // 100 places, of which 85 are sold and 5 reserved: the other 18 are of the shop's own 20.
    expect(typeOf(MEN)).toMatchObject({ sold: 85, reserved: 23, available: 10 });
    expect(row).toMatchObject({ totalAvailable: 10, reserved: 23 });
    tickets = [...sell(85), ...reserve(18, HTC)];
    expect((await count(60, event)).recorded).toBe(true);
    expect((await shown()).typeOf(MEN)).toMatchObject({ reserved: 18, available: 15 });
  });

  test("a count of before that was told is told anew, once", async () => {
    tickets = [...sell(10, HTC), ...sell(5, PARTNER), ...sell(3)];
    await count(0, event);
    await database.sql`
      update count_seen set ticket_types = (
        select jsonb_agg(type - 'soldByUnderShop') from jsonb_array_elements(ticket_types) as type
      )
    `;
    expect((await count(60, event)).recorded).toBe(true);
    expect((await count(120, event)).recorded).toBe(false);
    expect(await latest(MEN)).toMatchObject({ soldByUnderShop: { [HTC]: 10 }, newSales: {} });
  });

  test("that they sold nothing more is told as well", async () => {
    tickets = [...sell(1, HTC), ...sell(1)];
    await count(0, event);
    tickets = sell(1);
    await count(60, event);
    expect(await latest(MEN)).toMatchObject({ sold: 1, soldUnderShop: 0 });
    expect(await latest(MEN)).not.toHaveProperty("soldByUnderShop");
    expect((await shown()).typeOf(MEN)).toMatchObject({ available: 99 });
  });
});
