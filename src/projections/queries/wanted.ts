import type { EventRow, TicketTypeRow } from "../tables/shown-row-types.ts";

/**
 * What the values of a column are, so that a cursor holds nothing else. `money` is an amount within the row's
 * currency, and a place's key of it both: `EUR 109.9`.
 */
export type KeyKind = "text" | "count" | "number" | "instant" | "flag" | "money";

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
  /** What it was sold for. */
  value: "money",
} as const satisfies Record<Exclude<keyof EventRow, "childEventIds">, KeyKind>;

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
  price: "money",
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
  /** What it was sold for. */
  value: "money",
} as const satisfies Record<keyof TicketTypeRow, KeyKind>;

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

/**
 * Up to where a client knows the rows: transactions before `position` were committed, and statuses were
 * those of `at`. A moment alone knows less: what began before it may have been committed later.
 */
export interface Since {
  position?: string | undefined;
  at: Date;
}

/** A list as of its snapshot, and what a client needs to ask for what changes afterwards. */
export interface ListPage<Row, RowIds> {
  rows: Row[];
  /** The place of the last row, where the list goes on. */
  next: Place | null;
  /** Of the rows that changed since those that are in the list no more; on a first page alone. */
  removed: RowIds[];
  /** By which clock statuses were told. */
  at: Date;
  /** Every transaction below it is in what was read. */
  position: string;
  /** Tells databases apart: another one's positions say nothing here. */
  database: string;
}

export interface TicketTypeIds {
  eventId: string;
  ticketTypeId: string;
}

/** An event that is there, and whose it is. */
export interface NamedEvent {
  eventId: string;
  region: string;
}

export interface NamedTicketType extends NamedEvent {
  ticketTypeId: string;
}

/** What is wanted of a sorted list; by the event's date unless it says otherwise. */
export interface ListWanted<Name extends string> extends RowFilters {
  limit: number;
  sort?: Sort<Name> | undefined;
  /** Only what comes behind this place. */
  after?: Place | undefined;
  /** As it was at this instant, and not as it is now. */
  asOf?: Date | undefined;
  /** Only what changed since, and what went. */
  since?: Since | undefined;
}

export type EventsWanted = ListWanted<EventSort>;
export type TicketTypesWanted = ListWanted<TicketTypeSort>;
