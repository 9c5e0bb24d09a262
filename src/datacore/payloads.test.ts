import { describe, expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../test/support/facts.ts";
import { fc } from "../../test/support/fast-check.ts";
import { contracts, type EventType } from "../contracts/index.ts";
import { payloadReader } from "./payloads.ts";

const TYPES = 20;

const typeIds = Array.from({ length: TYPES }, (_, n) => `type-${n}`);
const sold = (changed: Record<number, unknown> = {}, eventId = "an-event") => ({
  ...salesCounted({ eventId }).payload,
  ticketTypes: typeIds.map((ticketTypeId, n) => ({
    ...typeCount({ ticketTypeId, soldByUnderShop: { partners: n } }),
    ...(n in changed && Object(changed[n])),
  })),
});
const described = (changed: Record<number, unknown> = {}) => ({
  ...eventUpdated().payload,
  ticketTypes: typeIds.map((ticketTypeId, n) => ({
    ...ticketType({ ticketTypeId }),
    ...(n in changed && Object(changed[n])),
  })),
});

/** As it comes from the wire: nothing but what JSON can say. */
const sent = (payload: unknown, text = JSON.stringify(payload)): unknown => JSON.parse(text);

const asContract = (eventType: EventType, payload: unknown) => {
  const { success, data, error } = contracts[eventType].payload.safeParse(payload);
  return success ? { success, data } : { success, issues: error.issues };
};
const asRead = (read: ReturnType<typeof payloadReader>, eventType: EventType, payload: unknown) => {
  const { success, data, error } = read(eventType, payload);
  return success ? { success, data } : { success, issues: error.issues };
};

describe("a payload that says mostly what the one before said", () => {
  test("is what its contract makes of it, whatever was read before", () => {
    const oddity = fc.oneof(
      fc.record({ sold: fc.constantFrom(1, 2, -1, 1.5, null, "3") }),
      fc.record({ amount: fc.constantFrom(1, -2, null), name: fc.constantFrom("a", 7) }),
      fc.constantFrom(
        ...[{ unheardOf: 1 }, { soldByUnderShop: { partners: 99 } }, { soldByUnderShop: [] }],
        ...[{ newSales: { "2026-02-12T11": 1 } }, { newSales: { noon: 1 } }, { newSales: [] }],
        ...[{ ticketTypeId: "" }, { ticketTypeId: "another" }, { allocations: {} }],
      ),
    );
    const changes = fc.dictionary(fc.nat({ max: TYPES - 1 }).map(String), oddity, { maxKeys: 2 });
    const facts = fc.array(fc.tuple(fc.boolean(), changes), { maxLength: 12 });
    fc.assert(
      fc.property(facts, (said) => {
        const read = payloadReader();
        for (const [isCount, changed] of said) {
          const eventType = isCount ? "sales.counted.0" : "event.updated.0";
          const payload = sent(isCount ? sold(changed) : described(changed));
          expect(asRead(read, eventType, payload)).toEqual(asContract(eventType, payload));
        }
      }),
    );
  });

  test("shares the items that are the same, so that they need not be compared again", () => {
    const read = payloadReader();
    const itemsOf = (payload: unknown) => {
      const { data } = read("sales.counted.0", payload);
      return Object(data).ticketTypes as unknown[];
    };
    const before = itemsOf(sent(sold()));
    const after = itemsOf(sent(sold({ 7: { sold: 1 } })));
    const shared = after.filter((item, index) => item === before[index]);
    expect(shared).toHaveLength(TYPES - 1);
  });

  test("is not taken for another by a number that no JSON can write, a key of its own, or its order", () => {
    const text = JSON.stringify(described());
    const odd = [
      text.replace('"priceMinor":9900', '"priceMinor":null'),
      text.replace('"priceMinor":9900', '"priceMinor":1e400'),
      text.replace('"active":true', '"active":true,"__proto__":{}'),
      text.replace('"allocations":[]', '"allocations":{}'),
      text
        .replace('"active":true,', "")
        .replace('"allocations":[]', '"allocations":[],"active":true'),
      text.replace('"active":true', '"active":true,"toString":1'),
      text.replace('"active":true,', ""),
    ];
    for (const before of odd)
      for (const after of odd) {
        const read = payloadReader();
        read("event.updated.0", sent({}, before));
        const payload = sent({}, after);
        expect(asRead(read, "event.updated.0", payload)).toEqual(
          asContract("event.updated.0", payload),
        );
      }
  });

  test("costs no more memory the more events there are", () => {
    const read = payloadReader({ items: 3 * TYPES });
    const firstOf = (eventId: string): unknown =>
      Object(read("sales.counted.0", sent(sold({}, eventId))).data).ticketTypes[0];
    const first = firstOf("event-0");
    expect(firstOf("event-0")).toBe(first);
    for (const n of [1, 2, 3]) firstOf(`event-${n}`);
    expect(firstOf("event-0")).not.toBe(first);
  });
});

test.each<[string, unknown]>([
  ["is missing", undefined],
  ["is null", null],
  ["is a text", "longer than a list that is worth to be looked up"],
  ["is an object that says how long it is", { length: 20 }],
])("a list that %s breaks the contract, and nothing else", (_, ticketTypes) => {
  const read = payloadReader();
  const payload = sent({ ...sold(), ticketTypes });
  expect(asRead(read, "sales.counted.0", payload)).toEqual(asContract("sales.counted.0", payload));
  expect(read("sales.counted.0", payload).success).toBe(false);
  expect(read("sales.counted.0", sent(sold())).success).toBe(true);
});
