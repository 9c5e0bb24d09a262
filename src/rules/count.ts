import type { TicketTypeCount } from "../contracts/index.ts";
import { addToValue, type Values } from "./value.ts";

/** What counting needs to know of a ticket, and nothing of who holds it. */
export interface CountableTicket {
  ticketId: string;
  ticketTypeId: string;
  status: string;
  /** ISO. */
  createdAt: string;
  /** Vivenu sends none for back-office and free tickets. */
  origin?: string | undefined;
  underShopId?: string | undefined;
  /** It was made of another ticket, whose place it took. */
  hasOriginTicket?: boolean | undefined;
  /** Another ticket added it to the cart. */
  hasTrigger: boolean;
  /** False where Vivenu sent an empty transaction id, undefined where it sent none. */
  hasTransaction?: boolean | undefined;
  realPrice?: number | undefined;
  /** Before discounts. */
  regularPrice?: number | undefined;
  currency?: string | undefined;
  addOnNames: readonly string[];
  /** How many tickets are just like this one, with it; one where left out. */
  alike?: number | undefined;
}

export interface TypeTally
  extends Omit<
    TicketTypeCount,
    "newSales" | "replacements" | "soldByUnderShop" | "reservedByUnderShop" | "value"
  > {
  /** Of `soldUnderShop` and of `reserved`: through which, by id in its order; absent for none. */
  soldByUnderShop?: Record<string, number>;
  reservedByUnderShop?: Record<string, number>;
  /** Of however few tickets. */
  values: Values;
  /** By UTC hour of creation, `2026-02-12T11`: of the tickets sold now, replacements apart. */
  newSalesByHour: Record<string, number>;
  replacementsByHour: Record<string, number>;
}

export interface Tally {
  /** Every type asked for, in that order, then types that only the tickets name, by id. */
  ticketTypes: TypeTally[];
  /** Sorted codes. */
  currencies: string[];
  /**
   * Those in which tickets have a price that are not cancelled. Where there are none: of those that are
   * given away, and then of all.
   */
  currenciesInUse: string[];
}

/** Counts an event's tickets, each given once. */
export function countTickets(
  tickets: readonly CountableTicket[],
  ticketTypeIds: readonly string[],
  secondaryTypeIds: ReadonlySet<string> = new Set(),
): Tally {
  const counting = countingTickets(ticketTypeIds, secondaryTypeIds);
  counting.add(tickets);
  return counting.tally();
}

/** The same for tickets that are given some at a time. */
export function countingTickets(
  ticketTypeIds: readonly string[],
  secondaryTypeIds: ReadonlySet<string>,
) {
  const tallies = new Map(ticketTypeIds.map((id) => [id, emptyTally(id)]));
  const currencies = new Set<string>();
  const inUse = new Set<string>();
  const priced = new Set<string>();
  const soldThrough = underShops();
  const reservedThrough = underShops();

  function add(tickets: readonly CountableTicket[]) {
    for (const ticket of tickets) {
      const tally = tallies.get(ticket.ticketTypeId) ?? emptyTally(ticket.ticketTypeId);
      tallies.set(ticket.ticketTypeId, tally);
      if (ticket.currency) currencies.add(ticket.currency);
      const { alike = 1 } = ticket;
      const column = columnOf(ticket.status);
      if (ticket.currency && column !== "invalid") {
        inUse.add(ticket.currency);
        if (ticket.realPrice || ticket.regularPrice) priced.add(ticket.currency);
      }
      tally[column] = (tally[column] ?? 0) + alike;
      if (column === "reserved") reservedThrough.add(ticket);
      if (column !== "sold") continue;
      addSold(tally, ticket, secondaryTypeIds);
      soldThrough.add(ticket);
    }
  }

  function tally(): Tally {
    const asked = new Set(ticketTypeIds);
    const unasked = [...tallies.keys()].filter((id) => !asked.has(id)).sort();
    return {
      ticketTypes: [...asked, ...unasked].flatMap((id) => {
        const tally = tallies.get(id);
        if (!tally) return [];
        const soldByUnderShop = soldThrough.of(id);
        const reservedByUnderShop = reservedThrough.of(id);
        return {
          ...tally,
          ...(soldByUnderShop && { soldByUnderShop }),
          ...(reservedByUnderShop && { reservedByUnderShop }),
        };
      }),
      currencies: [...currencies].sort(),
      currenciesInUse: [...([priced, inUse].find(({ size }) => size > 0) ?? currencies)].sort(),
    };
  }

  return { add, tally };
}

/** How many tickets came through which undershop, by ticket type. */
function underShops() {
  const shops = new Map<string, Map<string, number>>();
  return {
    add({ ticketTypeId, underShopId, alike = 1 }: CountableTicket) {
      if (!underShopId) return;
      const ofType = shops.get(ticketTypeId) ?? new Map<string, number>();
      shops.set(ticketTypeId, ofType);
      ofType.set(underShopId, (ofType.get(underShopId) ?? 0) + alike);
    },
    /** In order, so that the same tickets give the same words. */
    of(ticketTypeId: string) {
      const ofType = shops.get(ticketTypeId);
      if (!ofType) return undefined;
      const inOrder = [...ofType].sort(([one], [other]) => (one < other ? -1 : 1));
      return Object.fromEntries(inOrder);
    },
  };
}

/**
 * Reserved and pre-printed tickets are not paid for; a transferred ticket leaves an invalid one. What
 * Vivenu does not document is taken for none of these.
 */
function columnOf(status: string) {
  switch (status) {
    case "VALID":
    case "DETAILSREQUIRED":
      return "sold";
    case "RESERVED":
      return "reserved";
    case "INVALID":
      return "invalid";
    case "BLANK":
      return "blank";
    default:
      return "unknown";
  }
}

/** The statuses that a ticket is sold in, as Vivenu's list of tickets is asked for them. */
export const soldStatuses = ["VALID", "DETAILSREQUIRED"] as const;

export const isSold = ({ status }: Pick<CountableTicket, "status">) => columnOf(status) === "sold";

function addSold(tally: TypeTally, ticket: CountableTicket, secondaryTypeIds: ReadonlySet<string>) {
  const { alike = 1 } = ticket;
  const replaces = isReplacement(ticket);
  const isPartner = ticket.hasTrigger || secondaryTypeIds.has(ticket.ticketTypeId);
  if (ticket.underShopId) tally.soldUnderShop += alike;
  if (replaces) tally.replaced += alike;
  if (ticket.hasTrigger) tally.triggered += alike;
  if (!replaces && !isPartner && wasGivenAway(ticket)) tally.complimentary += alike;
  if (isFlex(ticket)) tally.flexAddOns += alike;
  addToValue(tally.values, ticket);
  const hours = replaces ? tally.replacementsByHour : tally.newSalesByHour;
  const hour = hourOf(ticket.createdAt);
  hours[hour] = (hours[hour] ?? 0) + alike;
}

/**
 * It takes over a place sold before, so its creation is no sale and its price may be the difference. Vivenu
 * has no origin for a ticket that its holder sold on: such a one names the ticket that it was made of. A
 * subscription's does not take that one's place.
 */
const isReplacement = ({ origin, hasOriginTicket }: CountableTicket) =>
  origin === "transfer" ||
  origin === "rebooking" ||
  origin === "upgrade" ||
  (hasOriginTicket === true && origin !== "subscription");

/** The add-on with which its buyer may give it back. */
export const isFlex = ({ addOnNames }: Pick<CountableTicket, "addOnNames">) =>
  addOnNames.some((name) => /\bflex/i.test(name));

const wasGivenAway = ({ realPrice, hasTransaction }: CountableTicket) =>
  realPrice === 0 || hasTransaction === false;

const hourOf = (createdAt: string) => new Date(createdAt).toISOString().slice(0, 13);

const emptyTally = (ticketTypeId: string): TypeTally => ({
  ticketTypeId,
  sold: 0,
  soldUnderShop: 0,
  complimentary: 0,
  replaced: 0,
  triggered: 0,
  flexAddOns: 0,
  reserved: 0,
  invalid: 0,
  blank: 0,
  values: {},
  newSalesByHour: {},
  replacementsByHour: {},
});
