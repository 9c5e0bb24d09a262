/** The parts of Vivenu's EventResource that the played Vivenu itself reads or writes. */
export interface EventDocument {
  [field: string]: unknown;
  _id: string;
  sellerId: string;
  name: string;
  start: string;
  end: string;
  createdAt: string;
  updatedAt: string;
  sellStart?: string;
  sellEnd?: string;
  hideInListing?: boolean;
  visibleAfter?: string;
  maxAmount: number;
  maxAmountPerOrder: number;
  timezone?: string;
  locationCountry?: string;
  eventType?: string;
  categories: { _id: string; name: string; ref: string; amount?: number }[];
  tickets: TicketType[];
  underShops: UnderShop[];
}

export interface TicketType {
  [field: string]: unknown;
  _id: string;
  name: string;
  price: number;
  amount: number;
  active: boolean;
  categoryRef?: string;
  ignoreForMaxAmounts?: boolean;
}

export interface UnderShop {
  [field: string]: unknown;
  _id: string;
  name: string;
  active: boolean;
  sellStart?: string;
  sellEnd?: string;
  inventoryStrategy?: "independent" | "subsidiary" | "global";
  maxAmount?: number;
  /** By the `_id` of the event's category. */
  categories?: { _id: string; baseCategoryId: string; amount: number }[];
  tickets: {
    _id: string;
    baseTicket: string;
    name: string;
    price: number;
    amount: number;
    active: boolean;
  }[];
}

/** By the id of a paid type: the type of the free tickets that come with it, and how many. */
export type Partners = Record<string, { typeId: string; name: string; count: number }>;

export interface StoredEvent {
  id: string;
  region: string;
  currency: string;
  partners: Partners;
  document: EventDocument;
}

export type TicketStatus = "VALID" | "INVALID" | "RESERVED" | "DETAILSREQUIRED" | "BLANK";

/** A ticket as it is kept; its holder's name, secrets and the like are drawn from the id on the way out. */
export interface TicketRow {
  id: string;
  region: string;
  eventId: string;
  ticketTypeId: string;
  ticketName: string;
  status: TicketStatus;
  createdAt: Date;
  updatedAt: Date;
  origin: "yourticket" | "pos" | "rebooking" | "upgrade" | "transfer" | null;
  underShopId: string | null;
  originTicketId: string | null;
  /** The ticket that this one came with, free of charge. */
  triggeredBy: string | null;
  /** Missing on tickets that nobody paid for. */
  transactionId: string | null;
  regularPrice: number;
  realPrice: number;
  flex: boolean;
  /** Number of a made-up person; missing until the ticket is personalised. */
  holder: number | null;
  batch: string | null;
  batchCounter: number | null;
}

/** What takes a place: sold or held. */
export const TAKEN: readonly TicketStatus[] = ["VALID", "DETAILSREQUIRED", "RESERVED"];
