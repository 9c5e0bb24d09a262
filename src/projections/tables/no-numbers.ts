import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";

export const notCounted = { reserved: null, heldForUnderShops: null, oversoldPlaces: null };

/** What an event that holds others sells its children sell: a number here would be in a sum twice. */
export const noNumbers = {
  event: {
    totalCapacity: null,
    totalSold: null,
    totalAvailable: null,
    availableToBuy: null,
    ...notCounted,
    charityCapacity: null,
    charitySold: null,
    charityAvailable: null,
    percentSold: null,
    oversold: null,
    value: null,
    countedAt: null,
    countComplete: null,
  },
  type: {
    capacity: null,
    sold: null,
    soldDirect: null,
    soldUnderShop: null,
    allocatedUnderShop: 0,
    reserved: null,
    complimentary: null,
    replaced: null,
    available: null,
    availableToBuy: null,
    oversold: null,
    percentSold: null,
    value: null,
  },
} satisfies { event: NoNumbersOf<EventRow>; type: NoNumbersOf<TicketTypeRow, "price"> };

/** Each of a row's numbers, so that the compiler misses none that is added. */
type NoNumbersOf<Row, Other extends keyof Row = never> = {
  [K in Exclude<keyof Row, Other> as number extends Row[K] ? K : never]: Extract<Row[K], null> | 0;
} & Partial<Row>;
