import type { EventDocument, Partners, TicketRow } from "../documents.ts";

export type DayStyle = "weekday" | "weekdayAndDate" | "none";

/** How one event's organiser writes names: real seasons mix all of these. */
export interface NameStyle {
  days: DayStyle;
  relay: "MENS RELAY" | "MEN RELAY";
  spectator: "SPECTATOR" | "ZUSCHAUER" | "Spectators";
  partner: "ATHLETE 2" | "ATHLETE2" | "ATHLETEN 2";
  members: "TEAM MEMBERS" | "TEAM MEMBER";
  charity: "before" | "after";
  /** A blank behind some names, as typed by hand. */
  trailingBlanks: boolean;
}

export interface ShopSpec {
  name: string;
  tag: string;
  strategy: "independent" | "subsidiary" | "global";
  /** Minutes from the moment the season is made; undefined: as the event. */
  opensInMinutes?: number;
  closesInMinutes?: number;
  /** Of each covered type's amount. */
  share: number;
  /** Of the allocation. */
  filled: number;
}

export interface EventSpec {
  key: string;
  region: string;
  /** `{year}` becomes the year of the first race day. */
  name: string;
  city: string;
  venue: string;
  country: string;
  timezone: string;
  currency: string;
  price: number;
  days: 1 | 2 | 3;
  startsInDays: number;
  /** Minutes from the moment the season is made; undefined: a draft without a sell start. */
  sellsInMinutes?: number;
  sellEndsInMinutes?: number;
  /** Race places over all types, and how many of them are gone. */
  places: number;
  filled: number;
  /** What people want of it in all, times its places: what is gone then follows from the time, and not from `filled`. */
  demand?: number;
  /** `singles` are those that no partner comes with. */
  divisions: "full" | "compact" | "singles";
  names: NameStyle;
  /** Whether categories carry amounts, and whether Race carries less than its types together. */
  categories: "none" | "sums" | "tight";
  /** Below the sum of the types: the event's own limit binds. */
  maxAmountShare?: number;
  shops: readonly ShopSpec[];
  hidden?: boolean;
  visibleAfterInMinutes?: number;
  /** Partner tickets without automation rules: their names alone tell. */
  partnersByNameOnly?: boolean;
  /** Complimentary tickets that were imported in one go and so share one createdAt. */
  massImport?: number;
}

/** An event that is none of HYROX's: gift cards, volunteers' meetings, somebody else's race. */
export interface OtherSpec {
  key: string;
  region: string;
  name: string;
  city: string;
  country: string;
  timezone: string;
  currency: string;
  typeName: string;
  price: number;
  amount: number;
  sold: number;
  startsInDays: number;
}

/** What a season is made from: the same for the same seed, but for its dates. */
export interface Moment {
  seed: number;
  now: Date;
}

/** One event of the season with everything that was ever sold for it. */
export interface PlannedEvent {
  region: string;
  currency: string;
  partners: Partners;
  document: EventDocument;
  tickets: TicketRow[];
}
