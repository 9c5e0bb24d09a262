import type { Change, ChangedValue, Severity } from "../../rules/changes.ts";

/** One event as people see it: in the sheet, in the API, on the page. Times are ISO instants. */
export interface EventRow {
  eventId: string;
  region: string;
  eventName: string;
  /** Vivenu's: SINGLE, RECURRENCE; GROUP and ROOT hold others and have no numbers of their own. */
  eventType: string;
  /** The events that it holds. */
  childEventIds: string[];
  eventDate: string;
  eventEndDate: string;
  timezone: string | null;
  location: string | null;
  salesLaunchDate: string | null;
  salesEndDate: string | null;
  status: string;
  /** An undershop sells before the public launch. */
  presale: boolean;
  /** On sale, and 80 % or more are gone. */
  limited: boolean;
  currency: string | null;
  /** Null where it holds other events. */
  totalCapacity: number | null;
  /** Null until the event was counted once. */
  totalSold: number | null;
  totalAvailable: number | null;
  /** What is left of the ticket types that are switched on; 0 while there is no public sale. */
  availableToBuy: number | null;
  /** What makes capacity = sold + reserved + heldForUnderShops + available - oversoldPlaces. */
  reserved: number | null;
  heldForUnderShops: number | null;
  oversoldPlaces: number | null;
  /** 0 to 100 with two decimals; above 100 where more was sold than there is. */
  percentSold: number | null;
  oversold: number | null;
  countedAt: string | null;
  /** False when a newer count could not read every ticket; null until there is any count. */
  countComplete: boolean | null;
  lastUpdated: string;
}

/** One ticket type of one event. */
export interface TicketTypeRow {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  ticketTypeId: string;
  ticketName: string;
  /** race, charity, spectator, secondary, addon, ... */
  class: string;
  active: boolean;
  /** The event no longer has it. */
  removed: boolean;
  /** In major units of `currency`; null until the currency is known. */
  price: number | null;
  currency: string | null;
  capacity: number | null;
  sold: number | null;
  soldDirect: number | null;
  soldUnderShop: number | null;
  allocatedUnderShop: number;
  reserved: number | null;
  complimentary: number | null;
  replaced: number | null;
  available: number | null;
  /** 0 while it is switched off or its event has no public sale, whatever is left of it. */
  availableToBuy: number | null;
  oversold: number | null;
  lastUpdated: string;
}

/** One thing that changed: in how an event is described, or in what is left of it. */
export interface ChangeRow {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  /** Whose description changed, or what became of its places. */
  changeType: ChangeType;
  /** What the two values are. Of changes to a ticket type or an undershop it names which. */
  field: string;
  previousValue: ChangedCell;
  newValue: ChangedCell;
  /** When the newer description was first observed, or when what is left was so. */
  changedAt: string;
  source: string;
  severity: Severity;
}

export type ChangeType = Change["subject"] | "nearlySoldOut" | "soldOut" | "paused" | "reopened";

export interface ChangedCell {
  value: ChangedValue;
  isInstant: boolean;
}

/** What an event sold in one hour or on one day of its own calendar: of it all, or of one ticket type. */
export interface SalesRow {
  /** When the hour begins; null where the row is a day. */
  hour: string | null;
  /** As `2026-03-01`. */
  date: string;
  /** Null where the row is of all that the event's totals hold. */
  ticketTypeId: string | null;
  ticketName: string | null;
  newSales: number;
  /** By transfer, rebooking or upgrade, which take over a place sold before. */
  replacements: number;
  /** At the end of the hour or day; of the newest one today's. Null until it was counted. */
  totalSold: number | null;
}
