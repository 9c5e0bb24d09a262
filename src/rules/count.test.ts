import { expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { type CountableTicket, countTickets, type TypeTally } from "./count.ts";

const ticket = (changed: Partial<CountableTicket> = {}): CountableTicket => ({
  ticketId: "k1",
  ticketTypeId: "men",
  status: "VALID",
  createdAt: "2026-02-12T11:00:03.210Z",
  origin: "yourticket",
  hasTrigger: false,
  hasTransaction: true,
  realPrice: 119,
  currency: "EUR",
  addOnNames: [],
  ...changed,
});
const tallyOf = (tickets: Partial<CountableTicket>[], secondary?: ReadonlySet<string>) =>
  countTickets(tickets.map(ticket), ["men"], secondary).ticketTypes[0];

test("a type without a ticket is counted as 0, not left out", () => {
  const { ticketTypes } = countTickets([], ["men", "women"]);
  expect(ticketTypes.map(({ ticketTypeId, sold }) => [ticketTypeId, sold])).toEqual([
    ["men", 0],
    ["women", 0],
  ]);
});

test("only valid tickets, personalised or not, are sold", () => {
  const statuses = ["VALID", "DETAILSREQUIRED", "RESERVED", "INVALID", "INVALID", "BLANK"];
  expect(tallyOf(statuses.map((status) => ({ status })))).toMatchObject({
    sold: 2,
    reserved: 1,
    invalid: 2,
    blank: 1,
    newSalesByHour: { "2026-02-12T11": 2 },
  });
});

test("a status that Vivenu does not document counts as unknown and as nothing else", () => {
  const { ticketTypes } = countTickets([ticket({ status: "LIMBO" })], ["men"]);
  const [none] = countTickets([], ["men"]).ticketTypes;
  expect(ticketTypes).toEqual(none ? [{ ...none, unknown: 1 }] : []);
});

test("a type that the event does not list is counted by its id", () => {
  const { ticketTypes } = countTickets([ticket({ ticketTypeId: "gone" }), ticket()], ["men"]);
  expect(ticketTypes.map(({ ticketTypeId, sold }) => [ticketTypeId, sold])).toEqual([
    ["men", 1],
    ["gone", 1],
  ]);
});

test("a transfer, rebooking or upgrade takes over a place and is no new sale", () => {
  const tally = tallyOf([
    {},
    { origin: "transfer", createdAt: "2026-03-01T08:00:00.000Z" },
    { origin: "rebooking", createdAt: "2026-03-01T08:59:59.999Z" },
    { origin: "upgrade", createdAt: "2026-03-01T10:30:00+01:00" },
  ]);
  expect(tally).toMatchObject({
    sold: 4,
    replaced: 3,
    newSalesByHour: { "2026-02-12T11": 1 },
    replacementsByHour: { "2026-03-01T08": 2, "2026-03-01T09": 1 },
  });
});

test("so does one that was made of another ticket, whatever its origin; a subscription's takes none over", () => {
  const made = { hasOriginTicket: true };
  const counted = (changed: Partial<CountableTicket>) => tallyOf([{ ...made, ...changed }]);
  for (const origin of ["yourticket", undefined, "transfer"])
    expect(counted({ origin })).toMatchObject({ sold: 1, replaced: 1, newSalesByHour: {} });
  expect(counted({ origin: "subscription" })).toMatchObject({ sold: 1, replaced: 0 });
});

test("complimentary is what was given away, not a partner's place and not a replacement", () => {
  const complimentary = (changed: Partial<CountableTicket>, secondary?: ReadonlySet<string>) =>
    tallyOf([changed], secondary)?.complimentary;
  expect(complimentary({ realPrice: 0 })).toBe(1);
  expect(complimentary({ hasTransaction: false })).toBe(1);
  expect(complimentary({ realPrice: undefined, hasTransaction: undefined })).toBe(0);
  expect(complimentary({ realPrice: 0, hasTrigger: true })).toBe(0);
  expect(complimentary({ realPrice: 0 }, new Set(["men"]))).toBe(0);
  expect(complimentary({ realPrice: 0, origin: "rebooking" })).toBe(0);
  expect(complimentary({ realPrice: 0, status: "INVALID" })).toBe(0);
});

test("undershops, partners and the Flex add-on are counted of what is sold", () => {
  const marks = { underShopId: "htc", hasTrigger: true, addOnNames: ["Photo", "FLEX Add-On"] };
  expect(tallyOf([marks, { ...marks, status: "INVALID" }])).toMatchObject({
    sold: 1,
    soldUnderShop: 1,
    triggered: 1,
    flexAddOns: 1,
  });
  expect(tallyOf([{ addOnNames: ["Reflex mat"] }])?.flexAddOns).toBe(0);
});

test("every currency on the tickets is named once", () => {
  const currencies = ["NOK", "EUR", undefined, "NOK"];
  expect(
    countTickets(
      currencies.map((currency) => ticket({ currency })),
      [],
    ).currencies,
  ).toEqual(["EUR", "NOK"]);
});

test("currencies in use are those of tickets that are not cancelled, of all where there are no others", () => {
  const inUse = (...tickets: [status: string, currency: string | undefined][]) =>
    countTickets(
      tickets.map(([status, currency]) => ticket({ status, currency })),
      [],
    ).currenciesInUse;
  const cancelled: [string, string][] = [
    ["INVALID", "SEK"],
    ["INVALID", "DKK"],
  ];
  expect(inUse(["VALID", "NOK"], ["RESERVED", "EUR"], ["BLANK", undefined], ...cancelled)).toEqual([
    ...["EUR", "NOK"],
  ]);
  expect(inUse(["VALID", undefined], ...cancelled)).toEqual(["DKK", "SEK"]);
});

test("a ticket that is given away says in what an event sells only where no ticket with a price does", () => {
  const inUse = (...tickets: Partial<CountableTicket>[]) =>
    countTickets(tickets.map(ticket), []).currenciesInUse;
  const free = { realPrice: 0, currency: "EUR" };
  const refunded = { status: "INVALID", currency: "SEK" };
  expect(inUse({ currency: "NOK" }, free)).toEqual(["NOK"]);
  expect(inUse({ realPrice: 0, regularPrice: 119, currency: "NOK" }, free)).toEqual(["NOK"]);
  expect(inUse(free, refunded)).toEqual(["EUR"]);
  expect(inUse({ currency: "NOK" }, { currency: "DKK" }, free)).toEqual(["DKK", "NOK"]);
});

const anyTicket = fc
  .record({
    ticketTypeId: fc.constantFrom("men", "women", "gone"),
    status: fc.constantFrom("VALID", "DETAILSREQUIRED", "RESERVED", "INVALID", "BLANK", "LIMBO"),
    createdAt: fc.constantFrom("2026-02-12T11:00:03.210Z", "2026-02-12T12:00:00.000Z"),
    origin: fc.constantFrom(undefined, "yourticket", "transfer"),
    underShopId: fc.constantFrom(undefined, "htc"),
    hasTrigger: fc.boolean(),
    realPrice: fc.constantFrom(0, 119, 1.005),
    regularPrice: fc.constantFrom(undefined, 129.9),
    currency: fc.constantFrom(undefined, "EUR", "JPY"),
    addOnNames: fc.constantFrom<string[][]>([], ["Flex"]),
  })
  .map(ticket);

test("the counts of two halves add up to the count of the whole", () => {
  fc.assert(
    fc.property(fc.array(anyTicket), fc.array(anyTicket), (one, other) => {
      const ids = ["men", "women", "gone"];
      const halves = [countTickets(one, ids), countTickets(other, ids)];
      const whole = countTickets([...one, ...other], ids);
      expect(whole.ticketTypes.map(flat)).toEqual(
        ids.map((_, index) =>
          added(halves.flatMap((half) => half.ticketTypes[index] ?? []).map(flat)),
        ),
      );
    }),
  );
});

test("every ticket is in exactly one column, and every sold one in exactly one hour", () => {
  fc.assert(
    fc.property(fc.array(anyTicket), (tickets) => {
      const total = added(countTickets(tickets, ["men"]).ticketTypes.map(flat));
      const of = (...names: string[]) => names.reduce((sum, name) => sum + (total[name] ?? 0), 0);
      expect(of("sold", "reserved", "invalid", "blank", "unknown")).toBe(tickets.length);
      const hours = Object.keys(total).filter((name) => name.includes("T"));
      expect(of(...hours)).toBe(of("sold"));
    }),
  );
});

function flat(tally: TypeTally): Record<string, number> {
  const { ticketTypeId: _, newSalesByHour, replacementsByHour, unknown, ...counted } = tally;
  const { soldByUnderShop = {}, reservedByUnderShop = {}, values, ...numbers } = counted;
  return {
    ...numbers,
    ...prefixed("through", soldByUnderShop),
    ...prefixed("reserved through", reservedByUnderShop),
    ...Object.assign(
      {},
      ...Object.entries(values).map(([currency, value]) => prefixed(currency, { ...value })),
    ),
    ...(unknown !== undefined && { unknown }),
    ...prefixed("new", newSalesByHour),
    ...prefixed("replaced", replacementsByHour),
  };
}

const prefixed = (prefix: string, hours: Record<string, number>) =>
  Object.fromEntries(Object.entries(hours).map(([hour, number]) => [`${prefix} ${hour}`, number]));

function added(records: Record<string, number>[]) {
  const total: Record<string, number> = {};
  for (const record of records)
    for (const [name, number] of Object.entries(record)) total[name] = (total[name] ?? 0) + number;
  return total;
}

test("what undershops sold and reserved is told of each, in the order of their ids", () => {
  const through = (underShopId: string | undefined, alike = 1, status = "VALID") => ({
    ...{ underShopId, alike, status },
  });
  const tally = tallyOf([
    ...[through("partner", 5), through("htc", 7), through("htc", 3), through(undefined, 3)],
    ...[through("htc", 4, "INVALID"), through("htc", 2, "RESERVED")],
    ...[through("club", 1, "RESERVED"), through(undefined, 6, "RESERVED")],
  ]);
  expect(tally).toMatchObject({ sold: 18, soldUnderShop: 15 });
  expect(JSON.stringify(tally?.soldByUnderShop)).toBe('{"htc":10,"partner":5}');
  expect(tally?.reserved).toBe(9);
  expect(JSON.stringify(tally?.reservedByUnderShop)).toBe('{"club":1,"htc":2}');
  const none = tallyOf([through(undefined), through(undefined, 1, "RESERVED")]);
  expect(none).not.toHaveProperty("soldByUnderShop");
  expect(none).not.toHaveProperty("reservedByUnderShop");
});
