/** What sold tickets were sold for, as far as Vivenu's own figures say it. */
export interface ShownValue {
  /** In minor units of the currency. */
  paid: number;
  /** Before discounts. */
  list: number;
  /** How many of the sold tickets it is of. */
  tickets: number;
}

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
  /** Of its charity places, which its totals hold unless the operator leaves them out. */
  charityCapacity: number | null;
  charitySold: number | null;
  charityAvailable: number | null;
  /** 0 to 100 with two decimals; above 100 where more was sold than there is. */
  percentSold: number | null;
  oversold: number | null;
  /** Null where it was not counted, and where it is of too few tickets. */
  value: ShownValue | null;
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
  /** The event's. */
  eventDate: string;
  ticketTypeId: string;
  ticketName: string;
  /** race, charity, spectator, secondary, addon, ... */
  class: string;
  /** Whether the event's totals hold it. */
  inTotals: boolean;
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
  /** As an event's: of what is held against its amount. */
  percentSold: number | null;
  /** Null where it was not counted, and where it is of too few tickets. */
  value: ShownValue | null;
  lastUpdated: string;
}
