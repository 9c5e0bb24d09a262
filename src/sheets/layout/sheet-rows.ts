import type { UnderShopRow } from "../../projections/queries/row-types.ts";
import type { EventRow, TicketTypeRow } from "../../projections/queries/rows.ts";
import type { ValueKind } from "../../rules/changed-fields.ts";

/** Of the rows what cells show, so that a row may carry more than the sheet knows of. */
export type SheetEvent = Pick<
  EventRow,
  | "eventId"
  | "region"
  | "eventName"
  | "eventDate"
  | "timezone"
  | "salesLaunchDate"
  | "status"
  | "totalCapacity"
  | "totalSold"
  | "totalAvailable"
  | "percentSold"
  | "lastUpdated"
> &
  Partial<EventRow>;

export type SheetTicketType = Pick<
  TicketTypeRow,
  | "eventId"
  | "eventName"
  | "region"
  | "timezone"
  | "ticketTypeId"
  | "ticketName"
  | "price"
  | "currency"
  | "capacity"
  | "sold"
  | "available"
  | "lastUpdated"
> &
  Partial<TicketTypeRow> & {
    /** Its event's. */
    status?: string | undefined;
  };

/** How one event sells, in a row. */
export interface SheetOverview {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  status: string;
  sold: number | null;
  left: number | null;
  /** 0 to 100. */
  percentSold: number | null;
  last24Hours: number | null;
  last7Days: number | null;
  previous7Days: number | null;
  /** Points that it is ahead of what is usual by now. */
  pointsAhead: number | null;
  daysToRace: number | null;
  /** Of the public sale or of an undershop; times are ISO instants. */
  nextLaunch: string | null;
  sellsOut: SellsOut;
  /** In a few words. */
  sinceYesterday: string | null;
  /** In major units of `currency`. */
  value: number | null;
  currency: string | null;
  /** How it came to what it has sold, in thousandths of its places at even intervals. */
  curve: readonly number[];
}

/** When an event sells out and between which days, or why that is not known. */
export interface SellsOut {
  expected: string | null;
  low: string | null;
  high: string | null;
  words: string | null;
}

/** One thing that changed: in how an event is described, or in what is left of it. */
export interface SheetChange {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  /** `event`, `ticketType` or `underShop`; `nearlySoldOut`, `soldOut`, `paused` or `reopened`. */
  changeType: string;
  /** Names the ticket type or undershop too, so that two changes of one instant can be told apart. */
  field: string;
  previousValue: ChangedCell;
  newValue: ChangedCell;
  /** Of prices. */
  currency?: string | null;
  /** ISO instant. */
  changedAt: string;
  source: string;
  severity: string;
}

/** A change with what it is of apart, so that whoever reads it need not take sentences to pieces. */
export interface SheetListedChange extends SheetChange {
  id: string;
  /** The ticket type's or the undershop's; null where the event changed. */
  subjectId: string | null;
  subjectName: string | null;
  fieldName: string;
  kind: ValueKind;
}

/** `isInstant` tells a time, which is shown by the event's clock, from a text. */
export interface ChangedCell {
  value: string | number | boolean | null;
  isInstant: boolean;
}

/** One event's sales on one day of its own calendar, or on several that are told together. */
export interface SheetDay {
  eventId: string;
  eventName: string;
  region: string;
  /** As `2026-03-01`; the first of several. */
  day: string;
  /** How many it is of; one where it is left out. */
  days?: number;
  newSales: number | null;
  replacements?: number | null;
  /** Null where no count knows. */
  refunds?: number | null;
  totalSold: number | null;
  /** 0 to 100. */
  percentSold: number | null;
  /** What is told in another row says in which. */
  knownBy?: string;
  daysSinceLaunch?: number | null;
  daysToEvent: number;
}

/** One line of the Status tab. */
export interface StatusItem {
  item: string;
  value: string | number | null;
  /** ISO instant; when what the line tells of took place. */
  at: string | null;
}

/** What a sheet shows. A list that is left out is a tab that is not made. */
export interface SheetRows {
  /** Events that are there, but in none of the lists: what the sheet says of them stays as it is. */
  unshown?: readonly string[];
  events: readonly SheetEvent[];
  ticketTypes: readonly SheetTicketType[];
  /** What is on sale first. */
  overview?: readonly SheetOverview[];
  underShops?: readonly UnderShopRow[];
  changes?: readonly SheetChange[];
  /** Newest first, without what a first count found. */
  allChanges?: readonly SheetListedChange[];
  salesByDay?: readonly SheetDay[];
  /** Of `salesByDay`: the events whose days could not be read. */
  days?: { unreadable: readonly string[] };
  status?: readonly StatusItem[];
}
