import { describe, expect, test } from "bun:test";
import { fc } from "../../../test/support/fast-check.ts";
import { EVENT_ID, eventJson, eventOf, NOON } from "../../../test/support/intake.ts";
import { contracts, type NewFact, type TicketTypeCount } from "../../contracts/index.ts";
import { isFailure } from "../../lib/failure.ts";
import { capacityOf } from "../../rules/capacity.ts";
import { classify } from "../../rules/classify.ts";
import { VivenuEvent } from "../../vivenu/wire.ts";
import type { Description } from "../store/events-seen.ts";
import { describe as describeEvent, digestOf, inCurrency } from "./describe.ts";
import { countFacts, eventFacts } from "./fact-parts.ts";

const subject = {
  key: "a-key",
  account: "DACH",
  source: "poll" as const,
  observedAt: NOON.toISOString(),
};

/** Each part fits and is valid against its contract. */
function check(facts: NewFact[]) {
  for (const { eventType, payload } of facts) {
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThanOrEqual(60_000);
    expect(contracts[eventType].payload.parse(payload)).toEqual(payload);
  }
  const keys = facts.map(({ payload }) => payload.idempotencyKey);
  expect(new Set(keys).size).toBe(facts.length);
  expect(keys[0]).toBe("a-key");
}

const updatedPayloads = (facts: NewFact[]) =>
  facts.flatMap(({ eventType, payload }) =>
    eventType === "event.updated.0" && "ticketTypes" in payload && "underShops" in payload
      ? [payload]
      : [],
  );

describe("a time that is written and is none", () => {
  test.each([
    ["soon", null, "unreadable"],
    [1_767_225_600_000, null, "unreadable"],
    // ISO 8601 knows no 30 February and no 31 April; JavaScript takes them for days of the next month.
    ["2026-02-30T10:00:00.000Z", null, "unreadable"],
    ["2026-04-31T10:00:00Z", null, "unreadable"],
    ["2026-02-29T10:00:00Z", null, "unreadable"],
    ["-000001-06-01T00:00:00.000Z", null, "unreadable"],
    ["2028-02-29T10:00:00Z", "2028-02-29T10:00:00.000Z", "read"],
    ["2026-12-01T24:00:00.000Z", "2026-12-02T00:00:00.000Z", "read"],
    ["+010000-01-01T00:00:00.000Z", null, "open"],
    ["", null, "open"],
    [null, null, "open"],
  ])("%p is %p, %s", (written, shown, kind) => {
    const shops = eventJson().underShops;
    const event = eventOf({
      ...{ sellStart: written, visibleAfter: written },
      underShops: shops.map((shop) => ({ ...shop, sellEnd: written })),
    });
    const { sellStart, visibleAfter, underShops, unreadable } = describeEvent(event, "EUR");
    expect([sellStart, visibleAfter]).toEqual([shown, shown]);
    expect(underShops.map(({ sellEnd }) => sellEnd)).toEqual(shops.map(() => shown));
    const named = [
      "sellStart",
      ...shops.map(({ _id }) => `underShops.${_id}.sellEnd`),
      "visibleAfter",
    ];
    expect(unreadable).toEqual(kind === "unreadable" ? named.sort() : undefined);
  });

  test("as its start leaves no event to show", () => {
    expect(() => eventOf({ start: "2026-02-30T10:00:00.000Z" })).toThrow("not a time");
  });
});

describe("the fixture's event", () => {
  const described = describeEvent(eventOf(), "EUR");
  const typeOf = (ending: string) =>
    described.ticketTypes.find(({ ticketTypeId }) => ticketTypeId.endsWith(ending));

  test("is described by what we use of it", () => {
    const { ticketTypes, underShops, categories, ...head } = described;
    expect(head).toEqual({
      eventId: EVENT_ID,
      name: "HYROX Testville 2026",
      eventType: "SINGLE",
      locationName: "Messe Testville",
      locationCity: "Testville",
      locationCountry: "DE",
      timezone: "Europe/Berlin",
      createdAt: "2026-01-12T09:26:13.000Z",
      start: "2026-10-10T05:00:00.000Z",
      end: "2026-10-11T20:00:00.000Z",
      sellStart: "2026-02-12T11:00:00.000Z",
      sellEnd: "2026-10-04T21:59:00.000Z",
      visibleAfter: null,
      hideInListing: false,
      maxAmount: 20_000,
      currency: "EUR",
      ticketTypeIds: ticketTypes.map(({ ticketTypeId }) => ticketTypeId),
      underShopIds: ["68f000000000000000000601"],
    });
    expect(ticketTypes).toHaveLength(10);
    expect(underShops).toEqual([
      {
        underShopId: "68f000000000000000000601",
        name: "HTC presale",
        active: true,
        sellStart: "2026-02-10T11:00:00.000Z",
        sellEnd: "2026-02-11T11:00:00.000Z",
        inventoryStrategy: "independent",
        maxAmount: 240,
        customerTags: ["HTCACCESS-TESTVILLE"],
      },
    ]);
    expect(categories.map(({ name, amount }) => [name, amount])).toEqual([
      ["Race", 3_010],
      ["Charity", 95],
      ["Spectator", 5_000],
      ["Extras", 30_000],
    ]);
  });

  test("has its prices in minor units, and only nothing while the currency is not known", () => {
    expect(typeOf("101")?.priceMinor).toBe(11_900);
    expect(typeOf("10a")?.priceMinor).toBe(2_499);
    expect(typeOf("104")?.priceMinor).toBe(0);
    const unknown = describeEvent(eventOf(), null);
    const free = new Set(eventOf().tickets.flatMap((type) => (type.price === 0 ? type._id : [])));
    expect(free.size).toBeGreaterThan(0);
    for (const { ticketTypeId, priceMinor } of unknown.ticketTypes)
      expect(priceMinor).toBe(free.has(ticketTypeId) ? 0 : null);
    const yen = describeEvent(eventOf(), "JPY");
    expect(yen.ticketTypes[0]?.priceMinor).toBe(119);
  });

  test("knows the partners' places by the cart rules, and what the undershop may sell", () => {
    const added = described.ticketTypes.filter(({ autoAdded }) => autoAdded);
    expect(added.map(({ ticketTypeId }) => ticketTypeId.slice(-3))).toEqual(["104", "106"]);
    const shop = { underShopId: "68f000000000000000000601" };
    expect(typeOf("101")?.allocations).toEqual([{ ...shop, amount: 150, active: true }]);
    expect(typeOf("102")?.allocations).toEqual([{ ...shop, amount: 90, active: false }]);
    expect(typeOf("103")?.allocations).toEqual([]);
  });

  test("takes no ticket type for a partner's place that anybody buys, though a rule offers it for choice", () => {
    const { groups, tickets, cartAutomationRules } = eventJson();
    const offer = (thenType: string | undefined) => {
      const everything = { _id: "everything", name: "", tickets: tickets.map(({ _id }) => _id) };
      const rule = { thenType, thenTargets: [{ _id: "t", thenTargetGroup: "everything" }] };
      const event = eventOf({
        groups: [...groups, everything],
        cartAutomationRules: [...cartAutomationRules, { _id: "r", name: "", ...rule }],
      });
      const { ticketTypes } = describeEvent(event, "EUR");
      return ticketTypes.flatMap(({ ticketTypeId, autoAdded }) =>
        autoAdded ? ticketTypeId.slice(-3) : [],
      );
    };
    expect(offer("chooseFrom")).toEqual(["104", "106"]);
    expect(offer("autoAdd")).toHaveLength(tickets.length);
    expect(offer(undefined)).toHaveLength(tickets.length);
  });

  test("comes to the reference's capacity: 3,010 race places, 95 for charity", () => {
    const classes = classify(described.ticketTypes);
    const ticketTypes = described.ticketTypes.map((type) => ({
      ...type,
      class: classes.get(type.ticketTypeId) ?? "other",
      removed: false,
    }));
    const totalOf = (countedClasses: readonly ("race" | "charity")[]) =>
      capacityOf({ ...described, ticketTypes }, null, {
        countedClasses,
        underShopSales: "direct",
        exemptTypes: "free",
      }).totals.totalCapacity;
    expect(totalOf(["race"])).toBe(3_010);
    expect(totalOf(["charity"])).toBe(95);
    expect(totalOf(["race", "charity"])).toBe(3_105);
  });

  test("is one fact", () => {
    const facts = eventFacts(subject, NOON.toISOString(), described);
    check(facts);
    expect(facts).toHaveLength(1);
    expect(facts[0]?.payload).toMatchObject({ part: { number: 1, of: 1 }, ...described });
  });
});

test("an undershop's limits are of the event's categories; of one that is not there nothing is said", () => {
  const [shop] = eventJson().underShops;
  const limit = (baseCategoryId: string, amount: number) => ({ _id: "x", baseCategoryId, amount });
  const [charity, race] = ["68f000000000000000000502", "68f000000000000000000501"];
  const limited = { ...shop, categories: [limit(charity, 8), limit("gone", 1), limit(race, 120)] };
  const described = describeEvent(eventOf({ underShops: [limited] }), "EUR");
  expect(described.underShops[0]?.categoryAmounts).toEqual([
    { ref: "5f1b1b8e-0001-4a7e-9c55-000000000001", amount: 120 },
    { ref: "5f1b1b8e-0001-4a7e-9c55-000000000002", amount: 8 },
  ]);
});

describe("a description", () => {
  test("is the same in whatever order Vivenu lists things", () => {
    const twice = {
      ...eventJson().underShops[0],
      // Two rows for one ticket type: nothing but their content tells them apart.
      tickets: [1, 2, 3].map((amount) => ({
        baseTicket: "68f000000000000000000101",
        amount,
        active: true,
      })),
      customerTags: ["B", "A", "C"],
    };
    const whole = eventJson({ underShops: [twice, { ...twice, _id: "other", name: "Other" }] });
    const digest = digestOf(describeEvent(eventOf(whole), "EUR"));
    const shuffled = <T>(items: T[]) =>
      fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length });
    fc.assert(
      fc.property(
        shuffled(whole.tickets),
        shuffled(whole.categories),
        shuffled(whole.groups),
        shuffled(twice.tickets),
        shuffled(twice.customerTags),
        (types, categories, groups, rows, customerTags) => {
          const shops = whole.underShops.map((shop) => ({ ...shop, tickets: rows, customerTags }));
          const event = eventOf({
            ...whole,
            ...{ tickets: types, categories, groups, underShops: shops.toReversed() },
          });
          expect(digestOf(describeEvent(event, "EUR"))).toBe(digest);
        },
      ),
    );
  });

  test("is another when anything that we use changes, and the same when nothing does", () => {
    const digest = (changes: Record<string, unknown>) =>
      digestOf(describeEvent(eventOf(changes), "EUR"));
    const same = digest({});
    expect(digest({ updatedAt: NOON.toISOString(), description: "x", meta: { a: 1 } })).toBe(same);
    for (const changes of [
      { name: "HYROX" },
      { sellStart: NOON.toISOString() },
      { maxAmount: 1 },
      { hideInListing: true },
      { timezone: "Europe/Paris" },
      { underShops: [] },
    ])
      expect(digest(changes)).not.toBe(same);
  });

  test("names its children where it has any, and says what it always said where it has none", () => {
    const described = (childEvents: unknown) => describeEvent(eventOf({ childEvents }), "EUR");
    expect(described(["b", "a", "b", eventJson()._id]).childEventIds).toEqual(["a", "b"]);
    for (const none of [[], undefined, [eventJson()._id]])
      expect(described(none)).toEqual(describeEvent(eventOf({}), "EUR"));
    expect("childEventIds" in described([])).toBe(false);
    const many = Array.from({ length: 5_000 }, (_, n) => n.toString(16).padStart(24, "6"));
    const { account, source } = { account: "DACH", source: "poll" as const };
    const subject = { key: "k", account, source, observedAt: NOON.toISOString() };
    for (const { payload } of eventFacts(subject, null, described(many)))
      expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(60_000);
  });

  test("is stored whatever texts hold: no NUL, no half a character, no novel", () => {
    const face = "\u{1f600}";
    const event = eventOf({
      name: `HYROX\u0000 ${"x".repeat(293)}${face}${face}`,
      locationName: "\u0000",
      categories: [{ ref: "r\u0000", name: `\ud83d${"y".repeat(400)}`, amount: 3 }],
    });
    const described = describeEvent(event, "EUR");
    expect(described.name).toBe(`HYROX ${"x".repeat(293)}`);
    expect(describeEvent(eventOf({ name: `${"x".repeat(298)}${face}` }), null).name).toEndWith(
      face,
    );
    expect(described.locationName).toBeNull();
    expect(described.categories[0]?.name).toHaveLength(300);
    expect(JSON.stringify(described)).not.toMatch(/\\u0000|\\ud[89a-f]/);
  });

  test("has no price where no integer can hold it", () => {
    const [type] = eventJson().tickets;
    const described = describeEvent(eventOf({ tickets: [{ ...type, price: 1e300 }] }), "EUR");
    expect(described.ticketTypes[0]?.priceMinor).toBeNull();
    check(eventFacts(subject, null, described));
  });

  test("holds nothing of a person, whatever else the event says", () => {
    const [type] = eventJson().tickets;
    const event = eventOf({
      createdBy: "made.up@example.com",
      contact: { name: "Made Up", email: "made.up@example.com" },
      meta: { phone: "+49 no-4711-made-up" },
      tickets: [{ ...type, meta: { email: "made.up@example.com" } }],
    });
    const [fact] = eventFacts(subject, null, describeEvent(event, "EUR"));
    expect(JSON.stringify(fact)).not.toMatch(/example|Made Up|no-4711-made-up/);
  });
});

describe("an event with 400 ticket types and 200 undershops", () => {
  const id = (kind: number, i: number) => `68f${kind}${String(i).padStart(20, "0")}`;
  const [type] = eventJson().tickets;
  const [shop] = eventJson().underShops;
  const event = eventOf({
    tickets: Array.from({ length: 400 }, (_, i) => ({
      ...type,
      _id: id(1, i),
      name: `HYROX MEN | Grüße ${i} | ${"Saturday ".repeat(10)}`,
    })),
    underShops: Array.from({ length: 200 }, (_, i) => ({
      ...shop,
      _id: id(2, i),
      customerTags: [`HTCACCESS-${i}`, "PARTNERACCESS"],
      tickets: Array.from({ length: 40 }, (_, j) => ({
        baseTicket: id(1, (i + j * 7) % 400),
        amount: j,
        active: true,
      })),
    })),
  });
  const described = describeEvent(event, "EUR");
  const facts = eventFacts(subject, NOON.toISOString(), described);

  test("fits into facts that each are valid", () => {
    check(facts);
    expect(facts.length).toBeGreaterThan(2);
    expect(updatedPayloads(facts).map(({ part }) => part)).toEqual(
      facts.map((_, i) => ({ number: i + 1, of: facts.length })),
    );
  });

  test("is whole in all of them together, and each has the whole head", () => {
    const parts = updatedPayloads(facts);
    expect(parts.flatMap(({ ticketTypes }) => ticketTypes)).toEqual(described.ticketTypes);
    expect(parts.flatMap(({ underShops }) => underShops)).toEqual(described.underShops);
    const { ticketTypes: _types, underShops: _shops, ...head } = described;
    for (const part of parts) expect(part).toMatchObject(head);
    expect(parts[0]?.ticketTypeIds).toHaveLength(400);
    expect(parts[0]?.underShopIds).toHaveLength(200);
  });
});

test("a ticket type that is too large for a fact is refused, not cut", () => {
  const [type] = describeEvent(eventOf(), "EUR").ticketTypes;
  const allocation = { underShopId: "x".repeat(90), amount: 1, active: true };
  const described: Description = {
    ...describeEvent(eventOf(), "EUR"),
    ticketTypes: type ? [{ ...type, allocations: Array(600).fill(allocation) }] : [],
  };
  const split = () => eventFacts(subject, null, described);
  expect(split).toThrow("too large");
  try {
    split();
  } catch (error) {
    expect(isFailure(error, "malformed")).toBe(true);
  }
});

describe("a count", () => {
  const hour = (i: number) => new Date(NOON.getTime() - i * 3_600_000).toISOString().slice(0, 13);
  const hours = (length: number, tickets: number) =>
    Object.fromEntries(Array.from({ length }, (_, i) => [hour(i), tickets]));
  const counted = (ticketTypeId: string, length: number): TicketTypeCount => ({
    ticketTypeId,
    ...{ sold: 7, soldUnderShop: 0, complimentary: 0, replaced: 0, triggered: 0, flexAddOns: 0 },
    ...{ reserved: 0, invalid: 0, blank: 0 },
    newSales: hours(length, 12_345),
    replacements: hours(Math.floor(length / 2), 54_321),
  });
  const count = (ticketTypes: TicketTypeCount[]) => ({
    ...{ eventId: EVENT_ID, countedAt: NOON.toISOString(), complete: true },
    ...{ ticketsRead: 9, expectedTotal: 9, currencies: ["EUR"], ticketTypes },
  });
  const payloads = (facts: NewFact[]) =>
    facts.flatMap(({ eventType, payload }) =>
      eventType === "sales.counted.0" && "countedAt" in payload ? [payload] : [],
    );

  test("of nothing is one fact of nothing", () => {
    const facts = countFacts(subject, count([]));
    check(facts);
    expect(payloads(facts).map(({ ticketTypes }) => ticketTypes)).toEqual([[]]);
  });

  test("with years of hours is split by ticket type, and within one by hours", () => {
    const types = [counted("a", 3 * 365 * 24), counted("b", 10), counted("c", 2_000)];
    const facts = countFacts(subject, count(types));
    check(facts);
    expect(facts.length).toBeGreaterThan(10);
    for (const type of types) {
      const pieces = payloads(facts)
        .flatMap(({ ticketTypes }) => ticketTypes)
        .filter(({ ticketTypeId }) => ticketTypeId === type.ticketTypeId);
      expect(pieces.every(({ sold }) => sold === 7)).toBe(true);
      const named = pieces.flatMap(({ newSales }) => Object.keys(newSales));
      expect(named).toHaveLength(Object.keys(type.newSales).length);
      expect(Object.assign({}, ...pieces.map(({ newSales }) => newSales))).toEqual(type.newSales);
      expect(Object.assign({}, ...pieces.map(({ replacements }) => replacements))).toEqual(
        type.replacements,
      );
    }
  });
});

test.each([
  ["can be read", {}],
  ["cannot be read", { sellStart: "soon" }],
])("an event of which all %s, told in another currency, is what it would have been", (_, times) => {
  const event = VivenuEvent.parse({ ...eventJson(), ...times });
  const prices = Object.fromEntries(event.tickets.map(({ _id, price }) => [_id, price]));
  const kept = shuffledKeys(describeEvent(event, "EUR"));
  const told = inCurrency(kept, prices, "KWD");
  expect(digestOf(told)).toBe(digestOf(describeEvent(event, "KWD")));
});

/** As jsonb gives it back; the cast: the same keys. */
const shuffledKeys = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)),
        )
      : part,
  ) as Value;
