import { expect, test } from "bun:test";
import delivery from "../../test/fixtures/vivenu/event.updated.json";
import vector from "../../test/fixtures/vivenu/signature.json";
import ticketsPage from "../../test/fixtures/vivenu/tickets.page.json";
import { Failure } from "../lib/failure.ts";
import { parseTickets } from "./list-items.ts";
import { Delivery, List, parse, Seller, VivenuEvent } from "./wire.ts";

const raw = delivery.data.event;

test("an event is read from the webhook that brings it", () => {
  const { data, mode, type, sellerId } = Delivery.parse(delivery);
  expect({ mode, type, sellerId }).toEqual({
    mode: "prod",
    type: "event.updated",
    sellerId: "6500a1b2c3d4e5f601020304",
  });
  const event = VivenuEvent.parse(data.event);
  expect(event.tickets).toHaveLength(10);
  expect(event.tickets[3]).toEqual({
    _id: "68f000000000000000000104",
    name: "HYROX DOUBLES MIXED | ATHLETE 2 | Saturday",
    price: 0,
    amount: 10000,
    active: true,
    categoryRef: "5f1b1b8e-0001-4a7e-9c55-000000000004",
    ignoreForMaxAmounts: true,
    conditionalAvailability: true,
    styleOptions: { hiddenInSelectionArea: true },
  });
  expect(event.underShops[0]?.tickets[0]).toEqual({
    baseTicket: "68f000000000000000000101",
    amount: 150,
    active: true,
  });
  expect(event.cartAutomationRules.flatMap(({ thenTargets }) => thenTargets)).toEqual([
    { thenTargetGroup: "68f000000000000000000202" },
    { thenTargetGroup: "68f000000000000000000204" },
  ]);
  expect(event.categories.map(({ amount }) => amount)).toEqual([3010, 95, 5000, 30000]);
  expect(event).toMatchObject({ timezone: "Europe/Berlin", sellStart: "2026-02-12T11:00:00.000Z" });
});

test("the smallest event that Vivenu's schema allows is read, and what is missing is null", () => {
  const { data } = Delivery.parse(JSON.parse(vector.body));
  expect(VivenuEvent.parse(data.event)).toEqual({
    _id: "68f000000000000000000001",
    sellerId: null,
    name: "HYROX Köln",
    eventType: "SINGLE",
    rootId: null,
    childEvents: [],
    locationName: null,
    locationCity: null,
    locationCountry: null,
    timezone: null,
    createdAt: null,
    updatedAt: null,
    start: "2026-10-10T05:00:00.000Z",
    end: "2026-10-11T20:00:00.000Z",
    sellStart: null,
    sellEnd: null,
    visibleAfter: null,
    hideInListing: false,
    maxAmount: 1,
    tickets: [],
    categories: [],
    groups: [],
    cartAutomationRules: [],
    underShops: [],
    unsaid: ["tickets", "categories", "groups", "cartAutomationRules", "underShops"],
  });
});

test("a list that is not there is told from an empty one", () => {
  const said = { tickets: [], categories: [], groups: [], underShops: [] };
  const unsaidOf = (lists: object) => VivenuEvent.parse({ ...raw, ...said, ...lists }).unsaid;
  expect(unsaidOf({ cartAutomationRules: [] })).toEqual([]);
  expect(unsaidOf({ cartAutomationRules: undefined, groups: null, underShops: {} })).toEqual([
    ...(["groups", "cartAutomationRules", "underShops"] as const),
  ]);
});

test("a number in quotes is that number", () => {
  const event = VivenuEvent.parse({
    ...raw,
    maxAmount: "3000",
    tickets: [{ ...raw.tickets[0], price: "24.99", amount: "120" }],
    categories: [{ ref: "race", amount: "90" }],
    underShops: [{ _id: "shop1", tickets: [{ baseTicket: "type1", amount: "0" }] }],
  });
  expect(event).toMatchObject({
    maxAmount: 3000,
    tickets: [{ price: 24.99, amount: 120 }],
    categories: [{ amount: 90 }],
    underShops: [{ tickets: [{ amount: 0 }] }],
  });
  for (const price of ["", " ", "24,99", "1e3", "0x10", "Infinity", "free", true]) {
    const tickets = [{ ...raw.tickets[0], price }];
    expect(VivenuEvent.safeParse({ ...raw, tickets }).success).toBe(false);
  }
});

test("an optional field that cannot be read does not sink its event", () => {
  const event = VivenuEvent.parse({
    ...raw,
    sellerId: 7,
    timezone: "+02:00",
    sellStart: "soon",
    updatedAt: null,
    maxAmount: "many",
    hideInListing: "yes",
    categories: "none",
    underShops: [null, { name: "no id" }, { _id: "shop1", tickets: { a: 1 }, maxAmount: -3 }],
    cartAutomationRules: [{ triggerTargetGroup: 1, thenTargets: null }],
    somethingNew: { nested: true },
  });
  expect(event).toMatchObject({
    sellerId: null,
    timezone: null,
    sellStart: "unreadable",
    updatedAt: null,
    maxAmount: Number.NaN,
    hideInListing: false,
    categories: [],
    underShops: [
      {
        _id: "shop1",
        name: "",
        active: false,
        tickets: [],
        inventoryStrategy: "independent",
        maxAmount: null,
      },
    ],
    cartAutomationRules: [{ triggerTargetGroup: null, thenTargets: [] }],
  });
  expect(event).not.toHaveProperty("somethingNew");
});

test.each(["_id", "name", "start", "end"])("an event without %s cannot be read", (field) => {
  expect(VivenuEvent.safeParse({ ...raw, [field]: undefined }).success).toBe(false);
});

test.each(["_id", "name", "price", "amount", "active"])(
  "an event with a ticket type without %s cannot be read",
  (field) => {
    const tickets = [{ ...raw.tickets[0], [field]: undefined }];
    expect(VivenuEvent.safeParse({ ...raw, tickets }).success).toBe(false);
  },
);

test("places are whole and never negative", () => {
  const amounts = [12.9, -4, 1e15, 0].map((amount) => ({ ...raw.tickets[0], amount }));
  expect(VivenuEvent.parse({ ...raw, tickets: amounts }).tickets.map((t) => t.amount)).toEqual([
    12, 0, 2147483647, 0,
  ]);
});

test("an amount that may be left out is none where it is left out, null or negative, 0 where it is 0, and no number where it is none", () => {
  const amounts = [undefined, null, "many", -1, 0, 12.9];
  const categories = amounts.map((amount, n) => ({ ref: `${n}`, name: "Race", amount }));
  const event = VivenuEvent.parse({ ...raw, maxAmount: -1, categories });
  expect(event.categories.map(({ amount }) => amount)).toEqual([
    ...[null, null, Number.NaN, null, 0, 12],
  ]);
  expect(event.maxAmount).toBeNull();
});

test("times are UTC to the millisecond, however they are written", () => {
  const read = (start: unknown) => VivenuEvent.safeParse({ ...raw, start }).data?.start;
  expect(read("2026-10-10T07:00:00+02:00")).toBe("2026-10-10T05:00:00.000Z");
  expect(read("2026-10-10T05:00:00Z")).toBe("2026-10-10T05:00:00.000Z");
  expect(read("2026-10-10T05:00:00.5")).toBe("2026-10-10T05:00:00.500Z");
  expect(read("2026-10-10")).toBe("2026-10-10T00:00:00.000Z");
  for (const wrong of ["", "1", "tomorrow", "2026-13-01", 1791608400000, null])
    expect(read(wrong)).toBeUndefined();
});

test("text that PostgreSQL cannot store is made storable", () => {
  expect(VivenuEvent.parse({ ...raw, name: "HYROX\u0000 \ud800X" }).name).toBe("HYROX \ufffdX");
});

test("tickets are read with what counting needs", () => {
  const { rows, total } = List.parse(ticketsPage);
  const { read, malformed } = parseTickets(rows);
  expect({ total, read: read.length, malformed }).toEqual({ total: 9, read: 9, malformed: [] });
  expect(read[1]).toEqual({
    _id: "68f000000000000000000802",
    eventId: "68f000000000000000000001",
    ticketTypeId: "68f000000000000000000103",
    status: "VALID",
    createdAt: "2026-02-12T11:00:04.210Z",
    updatedAt: "2026-02-12T11:00:06.210Z",
    origin: "yourticket",
    underShopId: null,
    originTicketId: null,
    realPrice: 219,
    regularPrice: 219,
    currency: "EUR",
    deliveryType: "VIRTUAL",
    type: "SINGLE",
    hasTrigger: false,
    hasEmptyTransaction: false,
    addOns: ["Flex Add-On"],
  });
  expect(read[2]?.hasTrigger).toBe(true);
  expect(read[4]).toMatchObject({ origin: "transfer", originTicketId: read[3]?._id });
  expect(read[6]?.underShopId).toBe("68f000000000000000000601");
  expect(read[7]).toMatchObject({ origin: null, hasEmptyTransaction: true });
});

test("a ticket that says no more than it must is read", () => {
  const { _id, eventId, ticketTypeId, createdAt } = ticketsPage.rows[0] ?? {};
  const least = { _id, eventId, ticketTypeId, createdAt, status: "VALID" };
  expect(parseTickets([least]).read).toMatchObject([
    {
      updatedAt: createdAt,
      hasTrigger: false,
      hasEmptyTransaction: false,
      addOns: [],
      origin: null,
    },
  ]);
});

test("no holder, no secret and no barcode of a ticket gets past the door", () => {
  const rows = ticketsPage.rows.map((row, at) => ({
    ...row,
    company: `Company ${at}`,
    street: `Street ${at}`,
    city: `City ${at}`,
    seat: `Seat ${at}`,
    customMessage: `Message ${at}`,
    extraFields: { gym: `Gym ${at}` },
    personalizations: [{ firstname: `Old ${at}` }],
  }));
  const { read } = parseTickets(rows);
  const text = JSON.stringify(read);
  const kept = new Set(Object.keys(read[0] ?? {}));
  const dropped = rows.flatMap((row) =>
    Object.entries(row)
      .filter(
        ([name]) => !kept.has(name) && !["history", "categoryName", "ticketName"].includes(name),
      )
      .flatMap(([, value]) => stringsIn(value)),
  );
  const telling = dropped.filter((value) => value.length > 2);
  expect(telling.length).toBeGreaterThan(100);
  expect(telling.filter((value) => text.includes(value))).toEqual([]);
  for (const word of ["@", "Athlete", "tstbar", "secret", "barcode", "customer", 'DE"'])
    expect(text).not.toContain(word);
});

test("a ticket with a status that is not known is neither guessed at nor lost", () => {
  const read = (status: unknown) => parseTickets([{ ...ticketsPage.rows[0], status }]);
  expect(read("REFUND_PENDING")).toMatchObject({
    read: [{ status: "REFUND_PENDING" }],
    malformed: [],
  });
  for (const status of ["", 7, null, "Athlete 01", "a@example.com", "X".repeat(41)])
    expect(read(status)).toMatchObject({
      read: [],
      malformed: [{ id: "68f000000000000000000801", reason: expect.stringContaining("status") }],
    });
});

test("of a ticket that cannot be read its event and its times are still known, and no holder", () => {
  const row = { ...ticketsPage.rows[0], ticketTypeId: null };
  expect(parseTickets([row, { ...row, _id: 1, eventId: {}, updatedAt: "soon" }, "none"])).toEqual({
    read: [],
    malformed: [
      {
        id: "68f000000000000000000801",
        eventId: "68f000000000000000000001",
        createdAt: ticketsPage.rows[0]?.createdAt ?? "",
        updatedAt: ticketsPage.rows[0]?.updatedAt ?? "",
        reason: expect.stringContaining("ticketTypeId"),
      },
      {
        id: null,
        eventId: null,
        createdAt: ticketsPage.rows[0]?.createdAt ?? "",
        updatedAt: ticketsPage.rows[0]?.createdAt ?? "",
        reason: expect.any(String),
      },
      { id: null, eventId: null, createdAt: null, updatedAt: null, reason: expect.any(String) },
    ],
  });
});

test("what is wrong is told by the names of fields, not by what is in them", () => {
  const holder = { ...ticketsPage.rows[0], _id: 1, createdAt: "athlete01@example.com" };
  const { malformed } = parseTickets([holder]);
  expect(malformed).toMatchObject([{ id: null, reason: expect.stringContaining("createdAt") }]);
  expect(JSON.stringify(malformed)).not.toContain("athlete01");
});

test("a seller's currency is read, whatever else is in the answer", () => {
  expect(Seller.parse({ _id: "seller1", currency: "nok", ownerMail: "o@example.com" })).toEqual({
    _id: "seller1",
    currency: "NOK",
  });
  expect(Seller.parse({})).toEqual({ _id: null, currency: null });
});

test("a list in another form is not an empty list", () => {
  const read = () => parse(List, { data: [], total: 0 }, { what: "The list of events" });
  expect(read).toThrow(Failure);
  expect(read).toThrow("The list of events cannot be read: rows");
});

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(stringsIn) : [];
}

test("a time without a zone is UTC, whatever zone the machine is in", () => {
  const before = process.env.TZ;
  try {
    process.env.TZ = "Europe/Berlin";
    expect(new Date("2026-02-12T12:00:00").toISOString()).toBe("2026-02-12T11:00:00.000Z");
    const { start, end, sellStart } = VivenuEvent.parse({
      ...raw,
      start: "2026-07-12T12:00:00",
      end: "2026-07-13 12:00:00.500",
      sellStart: "2026-02-12T12:00:00+02:00",
    });
    expect([start, end, sellStart]).toEqual([
      "2026-07-12T12:00:00.000Z",
      "2026-07-13T12:00:00.500Z",
      "2026-02-12T10:00:00.000Z",
    ]);
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});
