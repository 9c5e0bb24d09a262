import { z } from "zod";
import { contract, envelope, Hour, Id, Instant, Minor, Part } from "./contract.ts";

const Tickets = z.int().nonnegative();

/**
 * Of sold tickets that say both prices and their currency: sums in its minor units. They are Vivenu's own
 * figures, which may hold fees and of upgrades the difference only, so they are no accounts.
 */
const Value = z.object({
  /** How many these are. Never so few that a sum says what one of them cost. */
  tickets: Tickets,
  /** What they were sold for (`realPrice`). */
  paid: Minor,
  /** Before discounts (`regularPrice`). */
  list: Minor,
});

const TicketTypeCount = z.object({
  ticketTypeId: Id,
  /** Tickets that are VALID or DETAILSREQUIRED, of every origin and shop. */
  sold: Tickets,
  /** Of `sold`: through undershops. */
  soldUnderShop: Tickets,
  /**
   * Of `soldUnderShop`: through which, by the undershop's id; only those that sold. Absent for none,
   * and in counts of before it was counted.
   */
  soldByUnderShop: z.record(z.string().min(1), Tickets).optional(),
  /** Of `sold`: given away. */
  complimentary: Tickets,
  /** Of `sold`: by transfer, rebooking, upgrade or resale, which take over a place sold before. */
  replaced: Tickets,
  /** Of `sold`: added to somebody's cart by another ticket. */
  triggered: Tickets,
  /** Of `sold`: with the Flex add-on. */
  flexAddOns: Tickets,
  /**
   * Of `sold`: their value by currency, of at least five tickets each. Absent in counts of before it was
   * counted; empty where there are too few.
   */
  value: z.record(z.string().length(3), Value).optional(),
  /** Not sold: reserved and unpaid, cancelled, printed in advance. */
  reserved: Tickets,
  /** Of `reserved`: through which undershops, as in `soldByUnderShop`. */
  reservedByUnderShop: z.record(z.string().min(1), Tickets).optional(),
  invalid: Tickets,
  blank: Tickets,
  /** In a status that Vivenu does not document, so that nobody knows what they are; absent for none. */
  unknown: Tickets.optional(),
  /**
   * For every UTC hour whose number is not what the count before said: of the tickets sold now, how
   * many were created in it, replacements apart. Always an hour's whole number, so the newest wins.
   */
  newSales: z.record(Hour, Tickets),
  replacements: z.record(Hour, Tickets),
});

/**
 * One event's tickets, all of them, at one instant, of all its ticket types. Nothing here names a
 * ticket's holder: the log is kept for ever. Long hourly histories are split over parts, by ticket type.
 */
const SalesCounted = z.object({
  ...envelope,
  eventId: Id,
  part: Part,
  /** When the reading began; orders two counts. */
  countedAt: Instant,
  /** A count that is not complete is never shown as one. */
  complete: z.boolean(),
  ticketsRead: Tickets,
  /** What Vivenu said there were. */
  expectedTotal: Tickets,
  /** ISO 4217 codes seen on the tickets. */
  currencies: z.array(z.string().length(3)),
  ticketTypes: z.array(TicketTypeCount),
});

/**
 * What differs in an event's tickets from what the log said before, between two counts that name all
 * its types: the ticket types whose numbers or hours changed, each whole. It is a fact of its own, for
 * a reader of counts takes a type that a count does not name for one that the event does not have.
 */
const SalesChanged = SalesCounted.extend({
  /** Every ticket was read; a count that could not is recorded as a count. */
  complete: z.literal(true),
});

/** One account's poll: what it read and what it could not. */
const PollFinished = z.object({
  ...envelope,
  startedAt: Instant,
  finishedAt: Instant,
  /** True when the list of events and every event's tickets were read whole. */
  complete: z.boolean(),
  eventsRead: z.int().nonnegative(),
  eventsCounted: z.int().nonnegative(),
  ticketsRead: Tickets,
  requests: z.int().nonnegative(),
  failures: z.array(
    z.object({
      /** Null where the account itself could not be read. */
      eventId: z.string().nullable(),
      kind: z.string(),
      reason: z.string().max(500),
    }),
  ),
});

export const salesCounted = contract("vivenu.sales.0", "sales.counted.0", SalesCounted);
export const salesChanged = contract("vivenu.sales.0", "sales.changed.0", SalesChanged);
export const pollFinished = contract("vivenu.sales.0", "poll.finished.0", PollFinished);
