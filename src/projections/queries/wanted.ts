import type { EventRow, TicketTypeRow } from "../tables/row-types.ts";

/** What the values of a column are, so that a cursor holds nothing else. */
export type KeyKind = "text" | "count" | "number" | "instant" | "flag";

/** Every column that events are sorted by: all but lists. */
export const eventSorts = {
  eventId: "text",
  region: "text",
  eventName: "text",
  eventType: "text",
  eventDate: "instant",
  eventEndDate: "instant",
  timezone: "text",
  location: "text",
  salesLaunchDate: "instant",
  salesEndDate: "instant",
  status: "text",
  presale: "flag",
  limited: "flag",
  currency: "text",
  totalCapacity: "count",
  totalSold: "count",
  totalAvailable: "count",
  availableToBuy: "count",
  reserved: "count",
  heldForUnderShops: "count",
  oversoldPlaces: "count",
  charityCapacity: "count",
  charitySold: "count",
  charityAvailable: "count",
  percentSold: "number",
  oversold: "count",
  countedAt: "instant",
  countComplete: "flag",
  lastUpdated: "instant",
} as const satisfies Record<Exclude<keyof EventRow, "childEventIds" | "value">, KeyKind>;

export const ticketTypeSorts = {
  eventId: "text",
  eventName: "text",
  region: "text",
  timezone: "text",
  eventDate: "instant",
  ticketTypeId: "text",
  ticketName: "text",
  class: "text",
  inTotals: "flag",
  active: "flag",
  removed: "flag",
  price: "number",
  currency: "text",
  capacity: "count",
  sold: "count",
  soldDirect: "count",
  soldUnderShop: "count",
  allocatedUnderShop: "count",
  reserved: "count",
  complimentary: "count",
  replaced: "count",
  available: "count",
  availableToBuy: "count",
  oversold: "count",
  percentSold: "number",
  lastUpdated: "instant",
} as const satisfies Record<Exclude<keyof TicketTypeRow, "value">, KeyKind>;

export type EventSort = keyof typeof eventSorts;
export type TicketTypeSort = keyof typeof ticketTypeSorts;

export interface Sort<Name extends string> {
  by: Name;
  isDescending: boolean;
}

/** Where a row stands in a sorted list: its key, in milliseconds where that is an instant, and its ids. */
export interface Place {
  key: string | number | boolean | null;
  ids: readonly string[];
}

/** Which rows are wanted. What is absent leaves nothing out. */
export interface RowFilters {
  regions?: readonly string[] | undefined;
  /** Of the event. */
  statuses?: readonly string[] | undefined;
  classes?: readonly string[] | undefined;
  eventTypes?: readonly string[] | undefined;
  /** As `searchWords` makes them: each is somewhere in the name or the place. */
  words?: readonly string[] | undefined;
  /** The first and the last day of the race, by the event's own calendar. */
  fromDay?: string | undefined;
  toDay?: string | undefined;
  percentSoldMin?: number | undefined;
  percentSoldMax?: number | undefined;
  inTotals?: boolean | undefined;
  active?: boolean | undefined;
  /** What is deleted is left out. */
  isCurrent?: boolean | undefined;
  /** The rows' own. */
  ids?: readonly string[] | undefined;
  /** The events' of ticket types. */
  eventIds?: readonly string[] | undefined;
}

/** What is wanted of a sorted list; by the event's date unless it says otherwise. */
export interface ListWanted<Name extends string> extends RowFilters {
  limit: number;
  sort?: Sort<Name> | undefined;
  /** Only what comes behind this place. */
  after?: Place | undefined;
  /** As it was at this instant, and not as it is now. */
  asOf?: Date | undefined;
}

export type EventsWanted = ListWanted<EventSort>;
export type TicketTypesWanted = ListWanted<TicketTypeSort>;
