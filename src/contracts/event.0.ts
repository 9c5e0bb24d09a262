import { z } from "zod";
import { contract, EventInstant, envelope, Id, Instant, Minor, Part } from "./contract.ts";

/** What Vivenu lets a shop of its own (a presale, a partner) sell of a ticket type. */
const Allocation = z.object({
  underShopId: Id,
  /** Places; null where the shop sets none. */
  amount: z.int().nonnegative().nullable(),
  active: z.boolean(),
});

const TicketType = z.object({
  ticketTypeId: Id,
  name: z.string(),
  /** In the currency's minor units; null until the event's currency is known. */
  priceMinor: Minor.nullable(),
  amount: z.int().nonnegative(),
  active: z.boolean(),
  categoryRef: z.string().nullable(),
  /** A cart automation rule adds it to somebody's cart: a partner's place, not a sale of its own. */
  autoAdded: z.boolean(),
  ignoreForMaxAmounts: z.boolean(),
  conditionalAvailability: z.boolean(),
  hiddenInSelectionArea: z.boolean(),
  allocations: z.array(Allocation),
});

const Category = z.object({
  ref: z.string().min(1),
  name: z.string(),
  /** Places over all its ticket types; null where Vivenu sets no cap. */
  amount: z.int().nonnegative().nullable(),
});

const UnderShop = z.object({
  underShopId: Id,
  name: z.string(),
  active: z.boolean(),
  sellStart: Instant.nullable(),
  sellEnd: Instant.nullable(),
  inventoryStrategy: z.string(),
  /** Places over all its ticket types; 0 and null both mean that it has no cap of its own. */
  maxAmount: z.int().nonnegative().nullable(),
  /** Places that it may sell of categories of the event, over all their ticket types; absent for no limit. */
  categoryAmounts: z
    .array(z.object({ ref: z.string().min(1), amount: z.int().nonnegative() }))
    .min(1)
    .optional(),
  customerTags: z.array(z.string()),
});

/**
 * An event as Vivenu described it, trimmed to what we use. An event too large for one fact comes in
 * parts: each repeats everything but `ticketTypes` and `underShops`, and is whole for those it names.
 */
const EventUpdated = z.object({
  ...envelope,
  eventId: Id,
  part: Part,
  name: z.string(),
  eventType: z.string(),
  /** Of an event that holds others: their ids, sorted; absent where it holds none. */
  childEventIds: z.array(z.string().min(1)).min(1).optional(),
  locationName: z.string().nullable(),
  locationCity: z.string().nullable(),
  locationCountry: z.string().nullable(),
  /** IANA name; null where Vivenu has none. */
  timezone: z.string().nullable(),
  createdAt: Instant.nullable(),
  /** Vivenu's own; orders two descriptions of one event. Null where Vivenu sent none. */
  updatedAt: Instant.nullable(),
  start: EventInstant,
  end: EventInstant,
  /** The public launch. */
  sellStart: Instant.nullable(),
  sellEnd: Instant.nullable(),
  visibleAfter: Instant.nullable(),
  hideInListing: z.boolean(),
  /** Places over all ticket types; 0 and null both mean that Vivenu sets no cap. */
  maxAmount: z.int().nonnegative().nullable(),
  /**
   * ISO 4217: what its tickets name, and without tickets its account's seller's where that is beyond
   * doubt; null while it is not known. Learned anew, it is said anew with the prices in it.
   */
  currency: z.string().length(3).nullable(),
  categories: z.array(Category),
  /** Every ticket type the event has now, also those that other parts hold. */
  ticketTypeIds: z.array(z.string()),
  underShopIds: z.array(z.string()),
  ticketTypes: z.array(TicketType),
  underShops: z.array(UnderShop),
  /**
   * The fields whose times cannot be dates of such an event, and are said as null: `sellStart`, or
   * `underShops.<id>.sellEnd`. Also lists of which an element cannot be read and is left out (`categories[]`), and
   * limits that are no number and are said as null (`maxAmount`, `categories[].amount`). Absent for none.
   */
  unreadable: z.array(z.string()).optional(),
});

/** An event is gone from its account: Vivenu said so, or answered 404 for it. */
const EventDeleted = z.object({
  ...envelope,
  eventId: Id,
  name: z.string().nullable(),
});

export const eventUpdated = contract("vivenu.event.0", "event.updated.0", EventUpdated);
export const eventDeleted = contract("vivenu.event.0", "event.deleted.0", EventDeleted);
