import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../../test/support/facts.ts";
import type { TicketType } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { describedChanges } from "./described.ts";
import type { Known, Step } from "./event-past.ts";

const men = ticketType();
const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN | Saturday" });
const at = new Date("2026-03-01T10:00:00.000Z");

function changesOf(before: TicketType[], after: TicketType[]) {
  const { ticketTypes, underShops: shops, ...head } = eventUpdated({ ticketTypes: before }).payload;
  const known: Known = {
    ...{ head, types: ticketTypes, shops, counts: [], formerCategories: new Map() },
    isCounted: false,
  };
  const described = { observedAt: at, source: "poll", heads: [], types: after, shops: [] };
  const step: Step = { at, described: [described], counts: [], isCounted: false, source: "poll" };
  const { countedClasses } = defaultPolicy;
  return describedChanges(known, [step], { countedClasses, overrides: undefined }).map(
    ({ field, previousValue, newValue }) => `${field}: ${previousValue} to ${newValue}`,
  );
}

test("ticket types are called by their names, though several changed at once", () => {
  const dearer = [men, women].map((type) => ({ ...type, priceMinor: 10_950 }));
  expect(changesOf([men, women], dearer)).toEqual([
    "price of HYROX MEN | Saturday: 99 to 109.5",
    "price of HYROX WOMEN | Saturday: 99 to 109.5",
  ]);
});

test("two of one name that changed in the same are told apart by their ids", () => {
  const twin = { ...women, name: men.name };
  const dearer = [men, twin].map((type) => ({ ...type, priceMinor: 10_950 }));
  expect(changesOf([men, twin], dearer)).toEqual([
    "price of HYROX MEN | Saturday (men): 99 to 109.5",
    "price of HYROX MEN | Saturday (women): 99 to 109.5",
  ]);
  // One of them alone, or each in something else, nobody takes for the other's.
  expect(
    changesOf(
      [men, twin],
      [
        { ...men, priceMinor: 10_950 },
        { ...twin, amount: 200 },
      ],
    ),
  ).toEqual([
    "price of HYROX MEN | Saturday: 99 to 109.5",
    "amount of HYROX MEN | Saturday: 100 to 200",
  ]);
});
